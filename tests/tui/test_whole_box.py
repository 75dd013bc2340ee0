# SPDX-License-Identifier: GPL-2.0-or-later
"""The real program at a real box with a line of the simulator: a call is seen, a killed call server is outlived."""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.config.model import BoxConfig, RouteConfig, SipConfig
from appliance.demo.stage import CALL_SERVER, Stage
from hw_sim.calls import CallPlan
from hw_sim.script import read_script
from tests.scenarios import house
from tests.tui.pty_rig import Terminal

CONFIG = BoxConfig(language="en", sip=SipConfig(enabled=False), route=(RouteConfig(called="96900", flow="desk"),))


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


def seen(stage: Stage, terminal: Terminal, what: Callable[[str], object], within_s: float = 30) -> str:
    """Run the exchange until the screen is so."""

    def so() -> object:
        terminal.read(0.001)
        return what(terminal.text)

    stage.until(so, within_s, "the screen never was so", every_s=0.1)
    return terminal.text


def test_a_call_is_followed_and_the_picture_outlives_the_call_server(folder: Path) -> None:
    with Stage(folder, CONFIG, {"desk": house.DESK}) as stage:
        stage.exchange.subscribe("10086", read_script("alert; wait 0.2; answer; wait remote 120"))
        with Terminal(stage.paths.control_socket) as terminal:
            terminal.until(lambda text: "no box answers" in text)
            stage.start()
            seen(stage, terminal, lambda text: "healthy" in text and "1 ok 0/30" in text)
            talk = "wait answer; wait 1; key 1; wait 2; speak tone 1004 -10 60; wait remote 120"
            stage.exchange.call(CallPlan("96900", read_script(talk), "13800138000"))
            terminal.send(b"3")
            text = seen(stage, terminal, lambda text: "talking" in text)
            assert "13800138000" in text
            assert "1/31" in text, "the way outside"
            terminal.send(b"\r")
            text = seen(stage, terminal, lambda text: "SETUP" in text and "CONNECT" in text)
            assert "[in flow desk/main]" in text, "decisions stand between messages of both lines"
            terminal.send(b"\x1b")
            seen(stage, terminal, lambda text: "SETUP" not in text)
            terminal.send(b"2")
            seen(stage, terminal, lambda text: "2/30" in text and text.count("  T") == 2)
            seen(stage, terminal, lambda text: "-10" in text)
            pid = stage.children.pid(CALL_SERVER)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            text = seen(stage, terminal, lambda text: "no answer since" in text)
            assert "2/30" in text, "the last picture stays"
            seen(stage, terminal, lambda text: "no answer since" not in text and "0/30" in text)
            terminal.send(b"3")
            seen(stage, terminal, lambda text: "no call is up" in text)
            terminal.send(b"q")
            terminal.process.wait(10)
            assert terminal.process.returncode == 0
