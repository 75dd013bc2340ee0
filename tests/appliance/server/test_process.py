# SPDX-License-Identifier: GPL-2.0-or-later
"""The call server as a process: real sockets, kill -9, SIGTERM.

The switch's end is its own `Uplink`, turned by the test.
"""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract import switch as m
from appliance.contract.errors import ApiError
from appliance.sounds.kept import kept_dir
from appliance.sounds.setup import make
from appliance.store.store import Store
from appliance.switch.uplink import Uplink

CONFIG = """
language = "en"
[sip]
enabled = false
[[extension]]
number = "1001"
line = "station:1001"
[[agent]]
number = "8001"
extension = "1001"
start = "ready"
[[queue]]
name = "sales"
agents = ["8001"]
[[route]]
called = "96900"
flow = "hotline"
"""

FLOW = """
flow_version = 1
description = "to the queue"
start = "sales"
[node.sales]
do = "queue"
queue = "sales"
otherwise = "end"
[node.end]
do = "hangup"
"""


class Rig:
    """A call server's process and the switch's socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "box.toml"
        self.config.write_text(CONFIG)
        (folder / "flows").mkdir()
        (folder / "flows/hotline.toml").write_text(FLOW)
        (folder / "recordings").mkdir()
        self.uplink = Uplink(folder / "run/switch.sock")
        self.client = Client(folder / "run/control.sock", timeout_s=10)
        self.commands: list[m.AnyCommand] = []
        self.seq = 0
        self.greeting: m.Confirm | None = None
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "appliance.server", str(self.config)], stderr=subprocess.PIPE, text=True
        )

    def greeted(self) -> int:
        """Wait for a call server's greeting; return the number in it."""
        self.client.close()
        self.until(self._listen)
        assert self.greeting is not None
        return self.greeting.seq

    def _listen(self) -> bool:
        self.greeting = self.uplink.greeting()
        return self.greeting is not None

    def tell(self, tick: int, *events: m.AnyEvent) -> None:
        envelopes = []
        for event in events:
            self.seq += not isinstance(event, m.Heartbeat)
            envelopes.append(m.Envelope(self.seq, tick, event))
        self.uplink.send(envelopes)

    def until(self, what: Callable[[], object]) -> None:
        """Run the switch's end until `what()`."""
        end = time.monotonic() + 20
        while not what():
            assert time.monotonic() < end, (self.commands, self.process and self.process.poll())
            self.commands += self.uplink.commands()
            time.sleep(0.005)

    def asked(self, kind: type[m.Command]) -> Callable[[], bool]:
        return lambda: any(isinstance(command, kind) for command in self.commands)

    def logged(self, text: str) -> None:
        """Read the log until it has a line with `text`."""
        assert self.process is not None
        assert self.process.stderr is not None
        assert any(text in line for line in self.process.stderr)

    def end(self, number: int) -> tuple[int, str]:
        assert self.process is not None
        self.process.send_signal(number)
        _out, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    make(kept_dir())
    rig = Rig(tmp_path)
    yield rig
    if rig.process is not None and rig.process.poll() is None:
        rig.process.kill()
        rig.process.communicate()
    rig.client.close()
    rig.uplink.close()


def incoming(leg: int = 2) -> m.Incoming:
    return m.Incoming(leg, "pri:carrier", "96900", m.Party("138"), 1, leg)


def test_events_become_commands_and_books(rig: Rig) -> None:
    rig.start()
    assert rig.greeted() == 0
    rig.tell(10, m.Attached("test", 30), incoming())
    rig.until(rig.asked(m.Answer))
    (call,) = rig.client.ask(api.Calls(), api.CallsReply).calls
    assert (call.caller, call.legs[0].timeslot) == ("138", 2)
    rig.commands.clear()
    rig.tell(100, m.Cleared(2, 16), m.Cleared(1, 16))
    rig.until(lambda: not rig.client.ask(api.Calls(), api.CallsReply).calls)
    rig.tell(200, m.Heartbeat())
    rig.until(lambda: any(isinstance(c, m.Confirm) and c.seq == rig.seq for c in rig.commands))
    (row,) = rig.client.ask(api.Cdr(), api.CdrReply).calls
    assert (row.duration_s, row.cause) == (1.8, 16)
    assert abs(row.started_at - time.time_ns() // 1_000_000) < 60_000
    assert rig.end(signal.SIGTERM)[0] == 0
    assert not (rig.folder / "run/control.sock").exists()
    with pytest.raises(ApiError):
        rig.client.ask(api.Status())


def test_the_switch_goes_and_comes_back(rig: Rig) -> None:
    rig.start()
    rig.greeted()
    rig.tell(10, m.Attached("test", 30), incoming())
    rig.until(rig.asked(m.Answer))
    assert rig.client.ask(api.Status(), api.StatusReply).connected
    path = rig.folder / "run/switch.sock"
    rig.uplink.close()
    rig.until(lambda: not rig.client.ask(api.Status(), api.StatusReply).connected)
    rig.uplink = Uplink(path)
    assert rig.greeted() == rig.seq
    rig.tell(20, m.Cleared(2, 41), m.Attached("test", 30))
    rig.until(lambda: rig.client.ask(api.Status(), api.StatusReply).connected)
    (row,) = rig.client.ask(api.Cdr(), api.CdrReply).calls
    assert (row.disposition, row.duration_s) == ("interrupted", 0.2)


def test_killed_it_goes_on_from_its_books(rig: Rig) -> None:
    rig.start()
    rig.greeted()
    rig.tell(10, m.Attached("test", 30), incoming())
    rig.until(rig.asked(m.Answer))
    assert rig.end(signal.SIGKILL)[0] == -signal.SIGKILL
    rig.until(lambda: not rig.uplink.connected)
    rig.commands.clear()
    rig.start()
    assert rig.greeted() == 2
    rig.tell(60, m.Cleared(2, 41), m.Attached("test", 30))
    rig.until(lambda: rig.client.ask(api.Status(), api.StatusReply).connected)
    (row,) = rig.client.ask(api.Cdr(), api.CdrReply).calls
    assert (row.call, row.disposition, row.duration_s) == (1, "interrupted", 1.0)
    rig.tell(70, incoming(4))
    rig.until(rig.asked(m.Answer))
    assert rig.client.ask(api.Calls(), api.CallsReply).calls[0].call == 2


def test_a_switch_that_talks_nonsense_is_let_go(rig: Rig) -> None:
    rig.start()
    rig.greeted()
    assert rig.uplink._peer is not None
    rig.uplink._peer.sendall(b"\0\0\0\5hello")
    rig.until(lambda: not rig.uplink.connected)
    rig.greeted()
    assert "what is no message: malformed message of 5 bytes (68 65 6c 6c 6f)" in rig.end(signal.SIGTERM)[1]


def test_a_disk_that_refuses_is_shown_and_calls_go_on(rig: Rig) -> None:
    rig.start()
    rig.greeted()
    rig.tell(10, m.Attached("test", 30))
    rig.until(lambda: rig.client.ask(api.Status(), api.StatusReply).healthy)
    holder = sqlite3.connect(rig.folder / "state/store.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    rig.tell(20, incoming())
    rig.until(rig.asked(m.Answer))
    status = rig.client.ask(api.Status(), api.StatusReply)
    assert (status.healthy, status.store.error, status.calls_up) == (False, "database is locked", 1)
    assert status.store.waiting > 0
    rig.logged("the books cannot be written: database is locked; calls go on")
    holder.execute("ROLLBACK")
    holder.close()
    rig.until(lambda: rig.client.ask(api.Status(), api.StatusReply).healthy)  # box time stands still: it retries
    assert len(rig.client.ask(api.Cdr(), api.CdrReply).calls) == 1
    rig.logged("the books are written again")


def test_flows_are_read_again_and_a_broken_one_changes_nothing(rig: Rig) -> None:
    rig.start()
    rig.greeted()
    rig.tell(10, m.Attached("test", 30))
    rig.until(lambda: rig.client.ask(api.Status(), api.StatusReply).connected)
    with ThreadPoolExecutor(1) as other:
        reply = other.submit(rig.client.ask, api.ReloadFlows(), api.FlowsReply)
        rig.until(rig.asked(m.ReadSounds))
        assert not reply.done(), "prompts that the flows name are to be heard first"
        (asked,) = [command for command in rig.commands if isinstance(command, m.ReadSounds)]
        rig.uplink.send([m.Envelope(rig.seq, 11, m.SoundsRead(asked.request))])
        rig.until(reply.done)
        assert reply.result().flows == ("hotline",)
    (rig.folder / "flows/hotline.toml").write_text(FLOW.replace('queue = "sales"', 'queue = "nowhere"'))
    with pytest.raises(ApiError, match=r"hotline\.toml:\d+: node\.sales\.queue.*nowhere"):
        rig.client.ask(api.ReloadFlows())
    rig.tell(20, incoming())
    rig.until(lambda: rig.client.ask(api.Queues(), api.QueuesReply).queues[0].entered == 1)


def test_agents_and_queues_are_read_again(rig: Rig) -> None:
    rig.start()
    rig.greeted()
    rig.config.write_text(
        CONFIG + '[[agent]]\nnumber = "8002"\nname = "Wang"\n[[queue]]\nname = "more"\nagents = ["8002", "8001"]\n'
    )
    assert rig.client.ask(api.ReloadExtensions(), api.ExtensionsReply).extensions == ("1001",)
    agents = rig.client.ask(api.Agents(), api.AgentsReply).agents
    assert {each.agent: each.queues for each in agents} == {"8001": ("sales", "more"), "8002": ("more",)}
    assert [each.queue for each in rig.client.ask(api.Queues(), api.QueuesReply).queues] == ["more", "sales"]
    (rig.folder / "flows/hotline.toml").write_text(FLOW.replace('queue = "sales"', 'queue = "more"'))
    assert rig.client.ask(api.ReloadFlows(), api.FlowsReply).flows == ("hotline",), "flows may name it now"
    rig.config.write_text(CONFIG)
    rig.client.ask(api.ReloadExtensions(), api.ExtensionsReply)
    agents = rig.client.ask(api.Agents(), api.AgentsReply).agents
    assert {each.agent: each.queues for each in agents} == {"8001": ("sales",)}


def test_score_cards_and_quality_plans_are_read_again(rig: Rig) -> None:
    rig.start()
    rig.greeted()
    with pytest.raises(ApiError, match="there is no quality plan weekly"):
        rig.client.ask(api.QualitySample("weekly"), api.QualitySampleReply)
    card = '[[scorecard]]\nname = "service"\n[[scorecard.item]]\nname = "greeting"\n'
    rig.config.write_text(CONFIG + card + '[[quality_plan]]\nname = "weekly"\n')
    rig.client.ask(api.ReloadExtensions(), api.ExtensionsReply)
    assert rig.client.ask(api.QualitySample("weekly"), api.QualitySampleReply).drawn == ()


def test_a_broken_flow_stops_it_with_its_place(rig: Rig) -> None:
    (rig.folder / "flows/hotline.toml").write_text(FLOW.replace('otherwise = "end"', 'otherwise = "nowhere"'))
    rig.start()
    assert rig.process is not None
    _out, errors = rig.process.communicate(timeout=20)
    assert rig.process.returncode == 2
    assert re.search(r"hotline\.toml:\d+: node\.sales", errors)
    assert "nowhere" in errors
    assert "Traceback" not in errors


def test_books_in_use_stop_it_with_a_remedy(rig: Rig) -> None:
    with Store.open(rig.folder / "state/store.db"):
        rig.start()
        assert rig.process is not None
        _out, errors = rig.process.communicate(timeout=20)
    assert rig.process.returncode == 2
    assert "in use by another call server" in errors
    assert os.linesep + "  " in errors


LOOKUP = (
    FLOW.replace('start = "sales"', 'start = "who"')
    + """
[node.who]
do = "lookup"
table = "customers"
key = "{caller}"
found = "sales"
missing = "end"
failed = "end"
"""
)


def test_it_starts_without_the_table_of_a_flow_and_names_it_when_flows_are_read_again(rig: Rig) -> None:
    (rig.folder / "flows/hotline.toml").write_text(LOOKUP)
    rig.start()
    rig.greeted()
    rig.tell(10, m.Attached("test", 30), incoming())
    rig.until(rig.asked(m.Clear))
    troubles = rig.client.ask(api.Troubles(), api.TroublesReply).troubles
    assert [row.kind for row in troubles] == ["ask"]
    assert f"{rig.folder}/tables/customers.csv cannot be read: No such file" in troubles[0].text
    with pytest.raises(ApiError, match=r"hotline\.toml:\d+: node\.who\.table.*customers"):
        rig.client.ask(api.ReloadFlows())
    (rig.folder / "tables").mkdir()
    (rig.folder / "tables/customers.csv").write_text("phone\n138\n")
    rig.tell(20, m.Cleared(2, 16), incoming(4))
    rig.until(rig.asked(m.Dial))
    assert rig.client.ask(api.Queues(), api.QueuesReply).queues[0].entered == 1
