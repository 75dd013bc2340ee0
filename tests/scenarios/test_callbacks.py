# SPDX-License-Identifier: GPL-2.0-or-later
"""Call-backs in lockstep: callers hang up and are called in turn, with real keys, sound and books."""

from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from typing import Any, Final

import msgspec

from appliance.api.messages import SetAgent
from appliance.config.callbacks import CallBackConfig
from appliance.config.model import BoxConfig
from appliance.contract.callbacks import CallBackTotal
from appliance.contract.records import AgentStatus
from appliance.store.callbacks import callbacks, totals
from appliance.store.reads import Reads
from dsp.correlate import find
from dsp.g711 import alaw_decode
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_first_call import AGENT_SAYS, CALLER_SAYS, PLAIN, balanced, finish, rows

WORDS: Final = ("callback-offer", "callback-confirm", "callback-ordered", "callback-now", "callback-missed", "goodbye")
WAITS: Final = "wait answer 5; wait 6; key 1; "
ORDERS: Final = (
    WAITS + "hear callback-offer 40; key 2; reply callback-confirm 1; hear callback-ordered 20; wait remote 20"
)
AGENT: Final = "alert; wait 1; answer; hear callback-now 10; wait 12; speak agent; wait remote 60"


def centre(agents: int = 1, **callback: Any) -> BoxConfig:
    """Return a box whose agents are paused, and whose callers may be called back."""
    config = house.call_centre(agents, start="paused")
    rules = CallBackConfig(**callback)
    queues = tuple(
        msgspec.structs.replace(queue, callback=rules, max_wait_s=0, strategy="linear") for queue in config.queue
    )
    return msgspec.structs.replace(config, queue=queues)


def made(tmp_path: Path, agent: str = AGENT, agents: int = 1, **callback: Any) -> LockBox:
    library = house.library("en", WORDS, caller=CALLER_SAYS, agent=AGENT_SAYS)
    stations = {house.extension(n): agent for n in range(1, agents + 1)}
    box = LockBox(tmp_path, centre(agents, **callback), house.HOTLINE, stations, library=library, line=PLAIN)
    return box.start()


def call(box: LockBox, script: str, caller: str) -> CallRecord:
    return box.exchange.call(CallPlan("96900", read_script(script), caller))


def be(box: LockBox, status: AgentStatus, agent: int = 1) -> None:
    for command in box.server.change(SetAgent(house.agent(agent), status))[1]:
        box.switch.execute(command)


def test_a_caller_orders_a_call_back_by_keys_and_talks_with_the_agent_who_was_rung_first(tmp_path: Path) -> None:
    with made(tmp_path) as box:
        box.exchange.subscribe(
            "13800138000", read_script("alert; wait 2; answer; wait 5; speak caller; wait 8; hangup")
        )
        asked = call(box, ORDERS, "13800138000")
        finish(box, asked)
        assert asked.passed, asked.failures
        assert [each.state for each in box.engine.queues()[0].callbacks] == ["waiting"]
        be(box, "ready")
        box.until(lambda: len(box.exchange.records) == 2 and box.exchange.records[1].ended is not None, 90)
        box.run_s(5)
        agent, called = box.bank.records[0], box.exchange.records[1]
        assert agent.passed, agent.failures
        assert find(CALLER_SAYS, alaw_decode(agent.heard)).score > 0.9
        assert find(AGENT_SAYS, alaw_decode(called.heard)).score > 0.9
        books = box.store.reader()
        (row,) = callbacks(books, 9)
        assert (row.result, row.call, row.reached_call, row.calls, row.tries) == ("reached", 1, 2, "2", 0)
        (cdr,) = rows(box, "SELECT direction, called, queue, agent, disposition, served FROM cdr WHERE call = 2")
        assert cdr == {
            "direction": "out", "called": "13800138000", "queue": "service", "agent": house.agent(1),
            "disposition": "answered", "served": 1,
        }  # fmt: skip
        why = Reads(books).choices(2)
        assert [choice.choice.chosen for choice in why] == [(house.agent(1),)], "why the call-back rang this agent"
        assert totals(books) == (CallBackTotal("service", 1, 1, 0, 0, 0),)
        balanced(box)


def killed(box: LockBox, tmp_path: Path, name: str) -> Path:
    """Return a folder with all that a kill -9 of the call server leaves now, and what the switch would repeat."""
    box.store.flush()
    return copytree(box.folder, tmp_path / name)


def test_a_call_back_outlives_a_box_that_is_killed_before_and_in_the_middle_of_a_try(tmp_path: Path) -> None:
    with made(tmp_path / "first") as box:
        finish(box, call(box, ORDERS, "13800138000"))
        second = killed(box, tmp_path, "second")
    with made(second) as box:
        be(box, "ready")
        box.until(lambda: box.bank.records and box.bank.records[0].answered, 20)
        third = killed(box, tmp_path, "third")
    with made(third) as box:
        box.exchange.subscribe("13800138000", read_script("alert; wait 2; answer; wait 9; hangup"))
        box.until(lambda: box.exchange.records and box.exchange.records[0].ended is not None, 60)
        box.run_s(5)
        (row,) = callbacks(box.store.reader(), 9)
        assert (row.result, row.calls, row.tries) == ("reached", "2 3", 0)
        tries = rows(box, "SELECT why FROM callback_tries ORDER BY number")
        assert [each["why"] for each in tries] == ["interrupted", "reached"]
        balanced(box)


def _served(box: LockBox) -> Sequence[int]:
    """Return the calls in the order in which agents were rung for them; of a call-back, the one that asked for it."""
    sql = (
        "SELECT coalesce(c.call, o.call) AS call FROM offers o LEFT JOIN callback_tries t ON t.call = o.call"
        " LEFT JOIN callbacks c ON c.callback = t.callback ORDER BY o.offer"
    )
    return [row["call"] for row in rows(box, sql)]


def test_callers_and_call_backs_are_served_exactly_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    stays = WAITS + "wait remote 600"
    with made(tmp_path, "alert; wait 1; answer; wait 20; hangup", 2, machines=False) as box:
        box.exchange.subscribe("139*", read_script("alert; wait 1; answer; wait remote 60"))
        calls = []
        for n in range(7):
            calls.append(call(box, ORDERS if n % 3 else stays, f"1390000000{n}"))
            box.run_s(2)
        box.until(lambda: len(box.engine.queues()[0].callbacks) == 4 and len(box.engine.queues()[0].waiting) == 3, 120)
        box.run_s(30)
        for agent in (1, 2):
            be(box, "ready", agent)
        box.until(lambda: len(_served(box)) == 7, 400)
        assert _served(box) == list(range(1, 8))
        box.until(lambda: not box.engine.calls(), 120)
        box.run_s(5)
        assert {row.result for row in callbacks(box.store.reader(), 99)} == {"reached"}
        balanced(box)


def test_a_caller_who_is_busy_and_an_answering_machine_are_tried_again(tmp_path: Path) -> None:
    agent = "alert; wait 1; answer; hear callback-now 10; hear callback-missed 60; wait remote 20"
    with made(tmp_path, agent, tries=2, every_s=20) as box:
        box.exchange.subscribe("13800138000", read_script("busy"))
        asked = call(box, ORDERS, "13800138000")
        finish(box, asked)
        be(box, "ready")
        box.until(lambda: len(box.bank.records) == 2 and box.bank.records[1].ended is not None, 120)
        box.run_s(5)
        assert [record.failures for record in box.bank.records] == [[], []]
        (row,) = callbacks(box.store.reader(), 9)
        assert (row.result, row.why, row.tries) == ("given_up", "busy", 2)
        balanced(box)
