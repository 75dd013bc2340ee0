# SPDX-License-Identifier: GPL-2.0-or-later
"""A supervisor by keys alone, at a real box: an agent talks, is listened to from the board, and the phone hears it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.config.model import BoxConfig, ExtensionConfig, RouteConfig, SipConfig
from appliance.config.queues import AgentConfig, QueueConfig
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

CALLER_SAYS = house.speech(3.0, 11)
FLOW = """
flow_version = 1
start = "wait"
[node.wait]
do = "queue"
queue = "sales"
otherwise = "end"
[node.end]
do = "hangup"
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


def config(agent: str, supervisor: str) -> BoxConfig:
    return BoxConfig(
        language="en",
        sip=SipConfig(bind="127.0.0.1", port=free_port(), rtp_first=24200, rtp_last=24399, calls=20),
        extension=(
            ExtensionConfig(number="1001", line=agent),
            ExtensionConfig(number="1009", line=supervisor, supervisor=True),
        ),
        agent=(AgentConfig(number="8001", name="李娜", extension="1001", start="ready"),),
        queue=(QueueConfig(name="sales", agents=("8001",), announce_agent=False),),
        route=(RouteConfig(called="96900", flow="wait"),),
    )


def test_a_talk_is_listened_to_from_the_board_on_the_supervisors_own_phone(folder: Path) -> None:
    with (
        BaresipPhone(folder / "agent", PhoneOptions("1001")) as agent,
        BaresipPhone(folder / "supervisor", PhoneOptions("1009")) as phone,
        Stage(
            folder / "box",
            config(agent.line, phone.line),
            {"wait": FLOW},
            library=Library(references={"caller": CALLER_SAYS}),
        ) as stage,
    ):
        stage.start()
        talk = read_script("wait answer 15; wait 8; speak caller; wait 1; hangup")
        with Terminal(stage.paths.control_socket, size=(200, 40)) as terminal:
            seen(stage, terminal, lambda text: "healthy" in text)
            record = stage.exchange.call(CallPlan("96900", talk, "13800138000"))
            terminal.send(b"4")
            seen(stage, terminal, lambda text: "T 8001  李娜" in text and "13800138000" in text)
            terminal.send(b"\t\tx")
            seen(stage, terminal, lambda text: "whisper to the agent" in text)
            terminal.send(b"l")
            seen(stage, terminal, lambda text: "your phone (extension)" in text)
            terminal.send(b"1009\r")
            seen(stage, terminal, lambda text: "13800138000 + 1009" in text)
            stage.until(lambda: record.ended is not None and stage.quiet(), 60, "the call does not end", every_s=0.5)
            seen(stage, terminal, lambda text: "T 8001" not in text and "+ 1009" not in text)
            terminal.send(b"q")
            terminal.process.wait(10)
    (heard,) = read_wav(phone.heard()[-1])
    scores = [match.score for match in find_pieces(CALLER_SAYS, heard, SECOND)]
    assert sum(score >= MIN_SCORE for score in scores) >= len(scores) - 1, scores
