# SPDX-License-Identifier: GPL-2.0-or-later
"""The real program at a real box: a queue is changed and the change undone, by keys alone."""

import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.config.model import BoxConfig, ExtensionConfig, RouteConfig, SipConfig
from appliance.config.queues import AgentConfig, QueueConfig
from appliance.demo.stage import Stage
from tests.scenarios import house
from tests.tui.pty_rig import Terminal
from tests.tui.test_whole_box import seen

CONFIG = BoxConfig(
    language="en",
    sip=SipConfig(enabled=False),
    route=(RouteConfig(called="96900", flow="desk"),),
    extension=(ExtensionConfig(number="1001", line="station:1001"),),
    agent=(AgentConfig(number="8001", extension="1001"),),
    queue=(QueueConfig(name="sales", agents=("8001",), ring_s=20),),
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


def ring_s(stage: Stage) -> float:
    """Return what the file says of the queue."""
    queue = tomllib.loads(stage.file.read_text(encoding="utf-8"))["queue"][0]
    return float(queue.get("ring_s", 15.0))


def test_a_queue_is_changed_and_the_change_undone(folder: Path) -> None:
    with Stage(folder, CONFIG, {"desk": house.DESK}) as stage:
        stage.start()
        with Terminal(stage.paths.control_socket) as terminal:
            seen(stage, terminal, lambda text: "healthy" in text)
            terminal.send(b"9")
            seen(stage, terminal, lambda text: "box.toml" in text)
            terminal.send(b":")
            seen(stage, terminal, lambda text: "Enter: go there" in text)
            terminal.send(b"queue sales")
            seen(stage, terminal, lambda text: "settings     queue sales" in text)
            terminal.send(b"\r")
            seen(stage, terminal, lambda text: 'agents ["8001"]' in text and "Enter: go there" not in text)
            terminal.send(b"\r")
            seen(stage, terminal, lambda text: "[[queue]] sales: nothing is changed" in text)
            terminal.send(b"jjjjj")
            seen(stage, terminal, lambda text: " ring_s = 20" in text)
            terminal.send(b"\r")
            seen(stage, terminal, lambda text: "allowed: a number, 0 or more" in text and "Enter: take it" in text)
            terminal.send(b"33\r")
            seen(stage, terminal, lambda text: "1 key changed, no mistake" in text)
            assert ring_s(stage) == 20, "nothing is in force yet"
            terminal.send(b"x")
            seen(stage, terminal, lambda text: "a  put in force" in text)
            terminal.send(b"a")
            seen(stage, terminal, lambda text: "queue[sales].ring_s: 20.0 -> 33.0" in text)
            terminal.send(b"agents walk far\r")
            seen(stage, terminal, lambda text: "Puts 1 change in force." in text)
            terminal.send(b"y")
            seen(stage, terminal, lambda text: "root: agents" in text and "Esc: no" not in text)
            assert ring_s(stage) == 33
            terminal.send(b"x")
            seen(stage, terminal, lambda text: "z  undo the change of" in text)
            terminal.send(b"z")
            seen(stage, terminal, lambda text: "why, for the history" in text)
            terminal.send(b"they do not\r")
            seen(stage, terminal, lambda text: "Puts the text back" in text)
            terminal.send(b"y")
            seen(stage, terminal, lambda text: "root: they" in text and "Esc: no" not in text)
            assert ring_s(stage) == 20
            terminal.send(b"h")
            text = seen(stage, terminal, lambda text: text.count("root") == 2)
            assert "agents walk far" in text
            assert "they do not" in text
            entries = stage.client.ask(api.ConfigHistory(), api.ConfigHistoryReply).entries
            assert [each.why for each in entries] == ["they do not", "agents walk far"]
