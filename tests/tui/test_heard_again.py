# SPDX-License-Identifier: GPL-2.0-or-later
"""A technician's wish by keys alone, at a real box: find yesterday's call, look at it, and hear it on phone 1001."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.api.messages import Cdr, CdrReply, Ledger, LedgerReply
from appliance.config.model import BoxConfig, ExtensionConfig, RouteConfig, SipConfig
from appliance.config.recordings import RecordingConfig
from appliance.demo.checks import MIN_SCORE, SECOND
from appliance.demo.stage import Stage
from dsp.correlate import find_pieces
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from hw_sim.calls import CallPlan
from hw_sim.script import read_script
from hw_sim.sounds import Library
from hw_sim.wav import read_wav
from tests.scenarios import house
from tests.tui.pty_rig import Terminal
from tests.tui.test_whole_box import seen

CALLER_SAYS = house.speech(4.0, 7)
RINGS = """
flow_version = 1
start = "ring"
[node.ring]
do = "dial"
extension = "1001"
otherwise = "end"
[node.end]
do = "hangup"
"""
DAY_MS = 86_400_000


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


def config(line: str) -> BoxConfig:
    return BoxConfig(
        language="en",
        sip=SipConfig(bind="127.0.0.1", port=free_port(), rtp_first=24000, rtp_last=24199, calls=20),
        extension=(ExtensionConfig(number="1001", line=line, supervisor=True),),
        route=(RouteConfig(called="96900", flow="ring"),),
        recording=RecordingConfig(min_free_mb=50),
    )


def call_of_yesterday(stage: Stage) -> None:
    """Have a call recorded, and let the books say that it was a day ago."""
    talk = read_script("wait answer 15; wait 1; speak caller; wait 6; hangup")
    record = stage.exchange.call(CallPlan("96900", talk, "13800138000"))
    stage.until(lambda: record.ended is not None and stage.quiet(), 60, "the call does not end", every_s=0.5)
    with closing(sqlite3.connect(stage.paths.state / "store.db", timeout=20, isolation_level=None)) as books:
        for table in ("calls", "recordings"):
            books.execute(f"UPDATE {table} SET started_at = started_at - {DAY_MS}")


def calls(stage: Stage) -> list[str]:
    return [row.called for row in stage.client.ask(Cdr(), CdrReply).calls if row.disposition == "answered"]


def test_yesterdays_call_is_found_seen_and_heard_on_a_phone_by_keys_alone(folder: Path) -> None:
    with BaresipPhone(folder / "phone", PhoneOptions("1001")) as phone:
        library = Library(references={"caller": CALLER_SAYS})
        with Stage(folder / "box", config(phone.line), {"ring": RINGS}, library=library) as stage:
            stage.start()
            call_of_yesterday(stage)
            with Terminal(stage.paths.control_socket) as terminal:
                seen(stage, terminal, lambda text: "healthy" in text)
                terminal.send(b"7")
                seen(stage, terminal, lambda text: "1 found" in text)
                terminal.send(b"f")
                seen(stage, terminal, lambda text: "find recordings" in text)
                terminal.send(b"today\r\r138*\r\r\r\r")
                seen(stage, terminal, lambda text: "no such recording" in text)
                terminal.send(b"f")
                seen(stage, terminal, lambda text: "find recordings" in text)
                terminal.send(b"yesterday\rtoday\r138*\r\r\r\r")
                seen(stage, terminal, lambda text: "1 found   since yesterday" in text and "13800138000" in text)
                terminal.send(b"\r")
                text = seen(stage, terminal, lambda text: "parts" in text and "0:02" in text)
                said = next(line for line in text.split("\n") if line.startswith(" caller"))
                assert any(glyph in said for glyph in "▅▆▇█"), text
                terminal.send(b"x")
                seen(stage, terminal, lambda text: "p  play to a phone" in text)
                terminal.send(b"p")
                seen(stage, terminal, lambda text: "phone of a supervisor" in text)
                terminal.send(b"1001\r")
                seen(stage, terminal, lambda text: "1 call" in text)
                stage.until(lambda: len(calls(stage)) == 2 and stage.quiet(), 60, "it is not played", every_s=0.5)
                terminal.send(b"q")
                terminal.process.wait(10)
                assert terminal.process.returncode == 0
            assert stage.client.ask(Ledger(), LedgerReply).balanced
    (heard,) = read_wav(phone.heard()[-1])
    scores = [match.score for match in find_pieces(CALLER_SAYS, heard, SECOND)]
    assert sum(score >= MIN_SCORE for score in scores) >= len(scores) - 1, scores
