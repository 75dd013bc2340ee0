# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults that a box on the genuine driver must survive by itself: a line that fails, a kill, a driver that goes
away."""

import contextlib
import re
from collections.abc import Iterator

import pytest

from appliance.children.child import NOT_NOW
from appliance.cli.main import main
from appliance.config.model import BoxConfig, RouteConfig, SipConfig
from appliance.demo.stage import CALL_SERVER, SWITCH, Stage
from drivers.span import Alarm
from tests.dahdi.machine import Job, Machine
from tests.dahdi.stage import GuestStage, TooSlowError, at_its_pace
from tests.scenarios import house
from tests.scenarios.test_whole_box import cdrs, dial, subscribe, talking, works_again

CONFIG = BoxConfig(
    language="en", sip=SipConfig(enabled=False), route=(RouteConfig(called="96900", flow="desk"),)
)  # fmt: skip


@pytest.fixture
def stage(machine: Machine, request: pytest.FixtureRequest) -> Iterator[GuestStage]:
    name = re.sub(r"\W|appliance", "", request.node.name.removeprefix("test_"))[:40]  # sockets are in it
    with contextlib.ExitStack() as stack:
        try:
            stage = at_its_pace(machine, lambda: started(machine, name, stack))
        except TooSlowError as error:
            pytest.skip(str(error))
        subscribe(stage)
        dial(stage)
        calls = stage.exchange.records
        stage.until(lambda: len(calls) == 2 and talking(calls[1]), 30, "no talk")
        stage.run_s(1)
        yield stage


def started(machine: Machine, name: str, stack: contextlib.ExitStack) -> GuestStage:
    """A stage with the box up, which `stack` ends."""
    with contextlib.ExitStack() as tried:
        folder = machine.share / f"{name}-{machine.pace:g}"
        stage = tried.enter_context(GuestStage(folder, CONFIG, {"desk": house.DESK}, machine=machine))
        stage.start()
        stack.push(tried.pop_all())
    return stage


def back(stage: GuestStage) -> None:
    """Wait until the box is as after a start; whether the guest is fast enough has been seen before."""
    Stage.start(stage)


def done(stage: GuestStage, job: Job) -> None:
    """Run until a command in the guest has ended well."""
    stage.done(job)
    assert job.status == 0, job.lines


def shown(stage: GuestStage, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the output of `mxbox spans`."""
    capsys.readouterr()
    assert main(["spans", "--socket", str(stage.paths.control_socket)]) == 0
    return capsys.readouterr().out


def test_the_span_is_pulled_in_mid_call_and_comes_back(
    stage: GuestStage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "200")
    assert re.search(r"dynamic .* none .* up .* in service", shown(stage, capsys))
    stage.exchange.cut(1, 5)
    stage.run_s(4)
    assert re.search(r"RED .* cable or far end down", shown(stage, capsys))
    assert [span.alarms for span in stage.status().spans] == [("RED",)]
    assert Alarm.YELLOW in stage.exchange.trunks[0].span.alarms, "the driver does not tell the far end"
    assert stage.status().calls_up == 1, "calls in talk outlive it (T309)"
    stage.until(lambda: stage.exchange.ready, 40, "the line does not come back")
    stage.until(lambda: stage.status().spans[0].in_service, 20, "the D channel does not come back", every_s=0.2)
    works_again(stage)
    assert cdrs(stage)[-1].cause in {41, 101}, "this exchange cleared with its alarm, and says so when it is asked"
    assert "in service" in shown(stage, capsys)


@pytest.mark.parametrize("victim", [SWITCH, CALL_SERVER])
def test_killed_in_mid_call(stage: GuestStage, victim: str) -> None:
    record = stage.exchange.records[0]
    done(stage, stage.box.kill(victim))
    stage.client.close()
    stage.until(lambda: record.ended is not None, 60, "the call hangs")
    back(stage)
    works_again(stage)
    assert cdrs(stage)[-1].disposition == "interrupted"


def test_the_driver_is_unloaded_under_the_box_and_loaded_again(stage: GuestStage) -> None:
    record = stage.exchange.records[0]
    done(stage, stage.box.take_driver_out())
    stage.client.close()
    stage.until(lambda: record.ended is not None, 60, "the call hangs")
    said = f"{SWITCH} ended with status {NOT_NOW}"
    stage.until(lambda: any(said in line for line in stage.box.said), 90, "the switch does not look for its line again")
    assert not stage.exchange.ready
    done(stage, stage.box.put_driver_in())
    stage.until(lambda: stage.exchange.ready, 60, "the line does not come back")
    back(stage)
    works_again(stage)
    assert cdrs(stage)[-1].disposition == "interrupted"
