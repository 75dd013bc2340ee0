# SPDX-License-Identifier: GPL-2.0-or-later
"""The box as its two processes, in real time over TDMoE: killed, cut off, brought back; the books balance."""

import os
import re
import resource
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.api.messages import Cdr, CdrReply, Ledger, LedgerReply, Troubles, TroublesReply
from appliance.config.model import BoxConfig, RouteConfig, SipConfig
from appliance.contract.rows import CdrRow
from appliance.demo.stage import CALL_SERVER, SWITCH, Stage
from appliance.engine.spans import COMING_UP_S
from appliance.switch.main import NICE
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from hw_sim.wav import read_wav
from tests.scenarios import house

CONFIG = BoxConfig(
    language="en", sip=SipConfig(enabled=False), route=(RouteConfig(called="96900", flow="desk"),)
)  # fmt: skip
CAP_SYS_NICE = 23
TALK = "wait answer; wait 1; key 1; wait 2; speak tone 1004 -10 1; wait remote 120"


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


def stage(folder: Path, **options: Any) -> Stage:
    return Stage(folder, CONFIG, {"desk": house.DESK}, **options)


def subscribe(box: Stage) -> None:
    box.exchange.subscribe("10086", read_script("alert; wait 0.2; answer; wait remote 120"))


def dial(box: Stage, script: str = TALK) -> CallRecord:
    return box.exchange.call(CallPlan("96900", read_script(script), "13800138000"))


def talking(record: CallRecord) -> bool:
    return record.answered is not None


def cdrs(box: Stage) -> list[CdrRow]:
    return list(box.client.ask(Cdr(limit=1000), CdrReply).calls)


def balanced(box: Stage) -> None:
    ledger = box.client.ask(Ledger(), LedgerReply)
    assert ledger.balanced, ledger.result


def works_again(box: Stage) -> None:
    """One call more, whole."""
    before = len(box.exchange.records)
    box.settle()
    record = dial(box, "wait answer 10; wait 1; key 1; wait 3; hangup")
    box.until(lambda: record.ended is not None, 30, "the call after it does not end")
    assert record.passed, record.failures
    assert len(box.exchange.records) == before + 2, "the key did not lead outside"
    box.until(box.quiet, 10, "a channel stays busy", every_s=0.2)
    box.run_s(0.5)
    balanced(box)


def goes_before(pid: int | None) -> bool:
    """Return whether a process has its raised priority, if this user may set it."""
    assert pid
    capabilities = re.search(r"CapEff:\s*(\w+)", Path("/proc/self/status").read_text())
    may = resource.getrlimit(resource.RLIMIT_NICE)[0] >= 20 - NICE
    may = may or bool(capabilities and int(capabilities[1], 16) >> CAP_SYS_NICE & 1)
    return os.getpriority(os.PRIO_PROCESS, pid) == NICE or not may


@pytest.mark.parametrize("victim", [SWITCH, CALL_SERVER])
def test_killed_in_mid_call_and_back_by_itself(folder: Path, victim: str) -> None:
    with stage(folder) as box:
        box.start()
        assert goes_before(box.children.pid(SWITCH))
        subscribe(box)
        record = dial(box)
        box.until(lambda: len(box.exchange.records) == 2 and talking(box.exchange.records[1]), 20, "no talk")
        box.run_s(2)
        box.client.close()
        pid = box.children.pid(victim)
        assert pid
        assert record.answered
        talked_s = (box.exchange.now - record.answered) / 50
        os.kill(pid, signal.SIGKILL)
        box.until(lambda: record.ended is not None, 20, "the call hangs")
        box.start()
        box.run_s(1)
        assert [told[1] for told in box.told] == [-signal.SIGKILL]
        works_again(box)
        interrupted = cdrs(box)[-1]
        assert interrupted.disposition == "interrupted"
        told = box.client.ask(Troubles(), TroublesReply).troubles
        assert [row.text for row in told if "is not there" in row.text] == [], "it speaks of no leg that nobody knows"
        said, _heard = read_wav(box.paths.recordings / interrupted.recording)
        assert len(said) / 8000 > talked_s - 1, "more than the last second is lost"


def test_a_call_outlives_a_cut_of_five_seconds_until_the_exchange_says_that_it_did_not(folder: Path) -> None:
    """T309 is 90 s here; this exchange clears with its alarm, and restarts its channels."""
    with stage(folder) as box:
        box.start()
        subscribe(box)
        record = dial(box)
        box.until(lambda: len(box.exchange.records) == 2 and talking(box.exchange.records[1]), 20, "no talk")
        box.run_s(COMING_UP_S)  # what a start brings is not noted
        box.exchange.cut(1, 5)
        box.run_s(3)
        assert [span.alarms for span in box.status().spans] == [("RED",)]
        assert box.status().calls_up == 1
        box.until(lambda: box.exchange.ready, 30, "the line does not come back")
        box.until(lambda: box.status().spans[0].in_service, 10, "the D channel does not come back", every_s=0.2)
        assert record.ended is not None
        works_again(box)
        assert cdrs(box)[-1].cause == 41

        def told() -> list[str]:
            return [row.text for row in box.client.ask(Troubles(), TroublesReply).troubles if row.kind == "span"]

        assert any("RED" in text for text in told())
        box.until(
            lambda: any("in service again" in text for text in told()), 10, "its return is not noted", every_s=0.2
        )


def test_the_exchange_restarts_under_the_box(folder: Path) -> None:
    with stage(folder) as box:
        box.start()
        subscribe(box)
        dial(box)
        box.until(lambda: len(box.exchange.records) == 2 and talking(box.exchange.records[1]), 20, "no talk")
        box.restart_exchange()
        subscribe(box)
        box.until(lambda: box.exchange.ready, 30, "the line does not come back")
        box.until(box.quiet, 20, "a call is left", every_s=0.2)
        works_again(box)
