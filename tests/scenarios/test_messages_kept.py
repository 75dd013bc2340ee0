# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages of callers to the processes of a box, in real time: the disk fills, and the switch is killed meanwhile."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.api.messages import Ledger, LedgerReply, Troubles, TroublesReply
from appliance.config.model import BoxConfig, SipConfig
from appliance.config.recordings import RecordingConfig
from appliance.config.voicemail import VoicemailConfig
from appliance.demo.stage import CALL_SERVER, SWITCH, Stage
from appliance.store.database import open_reader
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from hw_sim.wav import read_wav

BOX = "8600"
CONFIG = BoxConfig(
    language="en",
    sip=SipConfig(enabled=False),
    recording=RecordingConfig(rule="none", min_free_mb=0),
    voicemail=(VoicemailConfig(name="orders", number=BOX),),
)
LEFT_BYTES = 32_000
"""Four seconds of a message."""


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A box whose recordings are on a file system of 1 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        made = Stage(Path(folder), CONFIG, {})
        made.paths.recordings.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", made.paths.recordings], check=True)
        try:
            with made:
                made.start()
                yield made
        finally:
            subprocess.run(["umount", "--lazy", made.paths.recordings], check=True)


def speaks(stage: Stage, number: str, seconds: float) -> CallRecord:
    """Call the box; the greeting and the tone take less than six seconds, then so many are spoken."""
    script = f"wait answer 10; wait 6; speak tone 1004 -12 {seconds}; key #; wait remote 15"
    return stage.exchange.call(CallPlan(BOX, read_script(script), number))


def fill(stage: Stage) -> Path:
    """Fill the file system but for four seconds of a message."""
    there = os.statvfs(stage.paths.recordings)
    file = stage.paths.recordings / "filler"
    file.write_bytes(b"x" * (there.f_bavail * there.f_frsize - LEFT_BYTES))
    return file


def messages(stage: Stage) -> dict[str, tuple[float, str]]:
    """Return seconds and fault of each message in the box, by caller; its file must hold as much."""
    with closing(open_reader(stage.paths.store)) as books:
        rows = books.execute("SELECT number, path, samples, error FROM messages WHERE deleted IS NULL").fetchall()
    for _number, path, samples, _error in rows:
        assert len(read_wav(stage.paths.recordings / path)[0]) >= samples > 0
    return {number: (samples / 8000, error) for number, _path, samples, error in rows}


def test_a_full_disk_and_a_kill_meanwhile_cost_no_message_what_was_written_of_it(stage: Stage) -> None:
    filler = fill(stage)
    first = speaks(stage, "13800000001", 30)
    stage.until(lambda: first.ended is not None, 60, "the call does not end")
    assert first.ended_by == "far end", "nothing more of it can be kept"
    second = speaks(stage, "13800000002", 30)
    stage.until(lambda: second.answered, 20, "no answer")
    stage.run_s(7)
    assert "No space left" in messages(stage)["13800000001"][1]
    stage.client.close()
    for victim in (SWITCH, CALL_SERVER):
        os.kill(stage.children.pid(victim) or 0, signal.SIGKILL)
    stage.until(lambda: second.ended is not None, 20, "the call hangs")
    filler.unlink()
    stage.start()
    third = speaks(stage, "13800000003", 3)
    stage.until(lambda: third.ended is not None, 60, "the call does not end")
    assert third.passed, third.failures
    stage.run_s(1)
    kept = messages(stage)
    assert kept["13800000001"][0] >= 2, "a shorter one is none"
    assert kept["13800000003"][0] >= 2.9
    assert kept["13800000003"][1] == ""
    told = [row.text for row in stage.client.ask(Troubles(), TroublesReply).troubles]
    assert any("No space left" in text for text in told)
    ledger = stage.client.ask(Ledger(), LedgerReply)
    assert ledger.balanced, ledger.result.findings
