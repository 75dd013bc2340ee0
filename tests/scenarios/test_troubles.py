# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults are reported in words, and the other calls go on."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from appliance.api.messages import Ledger, LedgerReply, Troubles, TroublesReply
from appliance.config.model import BoxConfig, RouteConfig, SipConfig
from appliance.config.recordings import RecordingConfig
from appliance.demo.stage import Stage
from appliance.store.ledger import Ledger as Audit
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from hw_sim.wav import read_wav
from tests.scenarios import house
from tests.scenarios.lockbox import EPOCH_MS, LockBox

LOOP = """
flow_version = 1
start = "a"
[node.a]
do = "set"
values = { x = "1" }
next = "b"
[node.b]
do = "set"
values = { x = "2" }
next = "a"
"""
MISSING = """
flow_version = 1
start = "greet"
[node.greet]
do = "play"
prompts = ["no-such-prompt", "welcome"]
next = "end"
[node.end]
do = "hangup"
"""
GOOD = "wait answer; wait 4; key 1; wait 8; hangup"


def lockbox(
    tmp_path: Path, config: BoxConfig, stations: dict[str, str], flows: dict[str, str] | None = None
) -> LockBox:
    files = dict(house.HOTLINE)
    for name, text in (flows or {}).items():
        files[name] = tmp_path / f"{name}.toml"
        files[name].write_text(text)
    return LockBox(tmp_path, config, files, stations, library=house.library("en", ("welcome", "agent-number"))).start()


def dial(box: LockBox | Stage, script: str = GOOD, to: str = "96900") -> CallRecord:
    return box.exchange.call(CallPlan(to, read_script(script), "13800138000"))


def troubles(box: LockBox) -> list[str]:
    return [text for (text,) in box.store.reader().execute("SELECT text FROM troubles ORDER BY trouble")]


def routed(config: BoxConfig, **flows: str) -> BoxConfig:
    routes = tuple(RouteConfig(called=called, flow=flow) for flow, called in flows.items())
    return msgspec.structs.replace(config, route=config.route + routes)


def test_a_flow_that_loops_is_stopped_named_and_harms_no_other_call(tmp_path: Path) -> None:
    config = routed(house.call_centre(1), loop="777")
    with lockbox(tmp_path, config, {"1001": "answers 1"}, {"loop": LOOP}) as box:
        good, looping = dial(box), dial(box, "wait remote 20", "777")
        box.until(lambda: good.ended and looping.ended)
        assert good.passed, good.failures
        assert looping.cause == 41
        assert any("loop" in text for text in troubles(box))


def test_a_missing_prompt_is_named_with_flow_node_and_remedy_and_the_call_goes_on(tmp_path: Path) -> None:
    config = routed(house.call_centre(1), missing="777")
    with lockbox(tmp_path, config, {"1001": "answers 1"}, {"missing": MISSING}) as box:
        good, poor = dial(box), dial(box, "wait answer 5; listen 2; expect welcome; wait remote 20", "777")
        box.until(lambda: good.ended and poor.ended)
        assert good.passed, good.failures
        assert poor.passed, poor.failures
        (text,) = [text for text in troubles(box) if "no-such-prompt" in text]
        assert "missing" in text
        assert "greet" in text


def test_a_phone_that_never_answers_delays_one_caller_only(tmp_path: Path) -> None:
    stations = {"1001": "silent", "1002": "answers 1"}
    with lockbox(tmp_path, house.call_centre(2, ring_s=6), stations) as box:
        first, second = dial(box, "wait answer; wait 4; key 1; wait 20; hangup"), dial(box)
        box.until(lambda: first.ended and second.ended)
        box.run_s(3)
        offers = box.store.reader().execute("SELECT agent, result FROM offers ORDER BY offer").fetchall()
        assert ("2001", "no_answer") in offers
        assert [result for _agent, result in offers].count("answered") >= 1
        assert Audit(box.store.reader(), tmp_path / "recordings", idle=True).check().balanced


def test_an_exchange_that_answers_no_release_keeps_no_phone_in_a_dead_talk(tmp_path: Path) -> None:
    """Q.931 5.3.4: DISCONNECT ends the talk; the channel is idle when T308 is over, and counts until then."""
    with lockbox(tmp_path, house.call_centre(1), {"1001": "alert; wait 1; answer; wait remote 60"}) as box:
        record = dial(box, "wait answer; wait 2; hangup", to="1001")
        link = box.exchange.trunks[0].link
        box.until(lambda: record.answered)
        receive = link.receive
        link.receive = lambda frame: receive(frame[:4] if not frame[2] & 1 else frame)  # type: ignore[method-assign]
        box.until(lambda: box.bank.records[0].ended)
        assert record.answered
        assert (box.bank.records[0].ended or 0) - record.answered < 2.5 * 50
        assert box.switch.legs, "the channel is not idle"
        link.receive = receive  # type: ignore[method-assign]
        box.until(lambda: not box.switch.legs, 10)
        box.run_s(1)
        assert Audit(box.store.reader(), tmp_path / "recordings", idle=True).check().balanced


@pytest.mark.parametrize("jump_s", [3600, -3600])
def test_a_clock_that_jumps_an_hour_changes_labels_and_no_length(tmp_path: Path, jump_s: int) -> None:
    wall = {"offset": 0}

    def jumping(tick: int) -> int:
        return EPOCH_MS + tick * 20 + wall["offset"]

    with LockBox(tmp_path, house.call_centre(1), house.HOTLINE, {"1001": "answers 1"}, wall=jumping).start() as box:
        record = dial(box)
        box.run_s(8)
        wall["offset"] = jump_s * 1000
        box.until(lambda: record.ended)
        box.run_s(3)
        later = dial(box)
        box.until(lambda: later.ended)
        box.run_s(3)
        assert record.passed, record.failures
        for (duration_s, talk_s), far in zip(
            box.store.reader().execute("SELECT duration_s, talk_s FROM cdr ORDER BY call").fetchall(),
            (record, later),
            strict=True,
        ):
            assert far.ended is not None
            assert duration_s == pytest.approx((far.ended - far.started) / 50, abs=0.1)
            assert 0 < talk_s < 10
        labels = [at for (at,) in box.store.reader().execute("SELECT started_at FROM cdr ORDER BY call")]
        assert abs(labels[1] - labels[0] - jump_s * 1000) < 60_000
        assert Audit(box.store.reader(), tmp_path / "recordings", tolerance_s=0.05, idle=True).check().balanced


def test_too_little_space_costs_the_recording_and_no_call(tmp_path: Path) -> None:
    config = msgspec.structs.replace(house.call_centre(1), recording=RecordingConfig(min_free_mb=1 << 40))
    with lockbox(tmp_path, config, {"1001": "answers 1"}) as box:
        record = dial(box)
        box.until(lambda: record.ended)
        box.run_s(3)
        assert record.passed, record.failures
        assert any("min_free_mb" in text for text in troubles(box))
        assert Audit(box.store.reader(), tmp_path / "recordings", idle=True).check().found.keys() <= {"unrecorded"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB for the recordings: 62 s of them."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    yield tmp_path
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_in_mid_call_ends_the_recording_and_keeps_what_it_has(small_disk: Path) -> None:
    config = msgspec.structs.replace(house.call_centre(2), recording=RecordingConfig(min_free_mb=0))
    with lockbox(small_disk, config, {"1001": "answers 1", "1002": "answers 1"}) as box:
        records = [dial(box, "wait answer; wait 4; key 1; wait 60; hangup") for _ in range(2)]
        box.until(lambda: all(record.ended for record in records))
        box.run_s(3)
        for record in records:
            assert record.passed, record.failures
        assert any("No space left" in text for text in troubles(box))
        rows = box.store.reader().execute("SELECT path, samples, error FROM recordings").fetchall()
        assert len(rows) == 2
        for path, samples, _error in rows:
            said, _heard = read_wav(small_disk / "recordings" / path)
            assert len(said) == samples
            assert samples > 20 * 8000


# --- in real time ---------------------------------------------------------------------------------------------------


@pytest.fixture
def stage() -> Iterator[Stage]:
    config = BoxConfig(
        language="en",
        sip=SipConfig(enabled=False),
        route=(RouteConfig(called="96900", flow="desk"),),
        recording=RecordingConfig(min_free_mb=1),
    )
    with tempfile.TemporaryDirectory(prefix="mx") as folder, Stage(Path(folder), config, {"desk": house.DESK}) as made:
        made.start()
        yield made


def test_foreign_frames_and_random_d_channel_octets_disturb_no_call(stage: Stage) -> None:
    rng: Any = np.random.default_rng(3)
    stage.exchange.subscribe("10086", read_script("answers 1"))
    record = dial(stage, "wait answer; wait 2; key 1; wait 6; hangup")
    box_socket = stage.config.span[0].address.removeprefix("tdmoe:").split(",")[0]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:

        def attack() -> bool:
            if record.answered is not None and record.ended is None:
                stranger.sendto(rng.bytes(int(rng.integers(1, 400))), box_socket)
                stranger.sendto(b"\xff" * 12 + b"\xd0\x0d" + rng.bytes(272), box_socket)
                stage.exchange.trunks[0].span.send_frame(rng.bytes(int(rng.integers(4, 60))))
            return record.ended is not None

        stage.until(attack, 60, "the call does not end")
    assert record.passed, record.failures
    stage.until(stage.quiet, 10, "a call is left", every_s=0.2)
    stage.run_s(1.5)
    assert [far.called for far in stage.exchange.records] == ["96900", "10086"]
    status = stage.status()
    assert status.switch is not None
    assert status.switch.cards[0].counters["frames_malformed"] > 100
    assert any("malformed" in row.text for row in stage.client.ask(Troubles(), TroublesReply).troubles)
    again = dial(stage, "wait answer; wait 1; hangup")
    stage.until(lambda: again.ended is not None, 30, "the call does not end")
    assert again.passed
    stage.run_s(1)
    assert stage.client.ask(Ledger(), LedgerReply).balanced


def test_with_the_ready_made_pjsip_in_its_place_the_box_says_so_and_does_not_start(tmp_path: Path) -> None:
    """Whole box; that the real 4-call wheel is recognised is shown in tests/drivers/test_pjsip.py."""
    wheel = tmp_path / "site" / "pjsua2.py"
    wheel.parent.mkdir()
    wheel.write_text("Endpoint = None\n")
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        box = Stage(Path(folder), BoxConfig(language="en"), {})
        box.write()
        environment = {**os.environ, "PYTHONPATH": str(wheel.parent), "LANGUAGE": "en"}
        command = [sys.executable, "-m", "appliance.cli.main", "run", str(box.file)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "is not this box's own PJSIP build" in done.stderr
    assert "make setup" in done.stderr
    assert "Traceback" not in done.stderr
