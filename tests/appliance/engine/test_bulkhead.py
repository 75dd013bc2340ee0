# SPDX-License-Identifier: GPL-2.0-or-later
"""Bugs anywhere in the engine: each costs the call that it was about, the books close, and nothing else ends."""

import random
from collections.abc import Callable
from inspect import getmembers, isfunction
from types import ModuleType
from typing import Any

import pytest

from appliance.api.messages import Originate
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from appliance.engine import arriving, bulkhead, clearing, engine, events, replacing, restart, spans
from appliance.engine.activities.flow import Flow
from appliance.engine.activities.talk import Talk
from appliance.engine.parts import (
    asking,
    consulting,
    ending,
    features,
    lines,
    offering,
    parking,
    recording,
    staffing,
    transfer,
)
from appliance.engine.parts.activity import Machine
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.search import Search
from appliance.engine.table import ACTIVITIES
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with, closes
from tests.appliance.engine.test_talk import hears, talk
from tests.appliance.engine.test_walk import Walk

MODULES: tuple[ModuleType, ...] = (
    *(arriving, asking, clearing, consulting, ending, features, lines, offering, parking, recording, replacing),
    *(restart, staffing, transfer),
)
MACHINES: tuple[type[Any], ...] = (*ACTIVITIES.values(), Reach, Search)


PURE = {
    "view",
    "node",
    "queue",
    "place",
    "parties",
    "partner",
    "ringing",
    "parked",
    "redials",
    "mix",
    "stretch",
    "whole",
    "legs",
    "can",
    "hears_out",
    "__init__",
}
"""Functions for views; a bug there hits only their readers."""


class Saboteur:
    """A saboteur that makes functions of the engine fail by chance, before or after they did their work."""

    def __init__(self, seed: int, chance: float) -> None:
        self.rng = random.Random(seed)
        self.chance = chance
        self.at_work = False
        self.done = 0

    def spoil(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def spoilt(*args: Any, **named: Any) -> Any:
            before, after = self.rng.random() < self.chance, self.rng.random() < self.chance
            self._fail(before, function)
            result = function(*args, **named)
            self._fail(after, function)
            return result

        return spoilt

    def _fail(self, chosen: bool, function: Callable[..., Any]) -> None:
        if chosen and self.at_work:
            self.done += 1
            raise KeyError(function.__name__, self.done)  # none is told as the repetition of another


@pytest.fixture
def saboteur(monkeypatch: pytest.MonkeyPatch) -> Saboteur:
    """Wrap every function of the modules, wherever it is called from, and every action of the table."""
    found = Saboteur(1, 0.003)
    spoilt: dict[object, Callable[..., Any]] = {}
    for module in MODULES:
        for name, function in getmembers(module, isfunction):
            if function.__module__ in {each.__name__ for each in MODULES}:
                spoilt.setdefault(function, found.spoil(function))
                monkeypatch.setattr(module, name, spoilt[function])
    for machine in MACHINES:
        for name, function in vars(machine).copy().items():
            if isfunction(function) and name not in PURE:
                spoilt.setdefault(function, found.spoil(function))
                monkeypatch.setattr(machine, name, spoilt[function])
    for machine in {each for each in MACHINES if issubclass(each, Machine)}:
        rows = {
            state: {given: (then, spoilt.get(action, action)) for given, (then, action) in row.items()}
            for state, row in machine.TABLE.items()
        }
        monkeypatch.setattr(machine, "TABLE", rows)
    contain = bulkhead.Bulkhead.contain

    def undisturbed(self: bulkhead.Bulkhead, error: Exception, about: object) -> None:
        found.at_work = False
        contain(self, error, about)
        found.at_work = True

    monkeypatch.setattr(bulkhead.Bulkhead, "contain", undisturbed)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_bugs_anywhere_cost_calls_and_never_the_books(saboteur: Saboteur, seed: int) -> None:
    told: list[Exception] = []
    walk = Walk(seed, told.append)
    saboteur.rng.seed(seed)
    saboteur.at_work = True
    for _ in range(4000):
        assert walk.turn()
        if walk.rng.random() < 0.1:
            walk.any_phone()
        if walk.rng.random() < 0.005:
            walk.lose_switch()
    saboteur.at_work = False
    walk.finish()
    walk.audit.idle()
    assert not walk.engine.calls()
    assert walk.engine.next_deadline() is None
    assert len(told) == saboteur.done > 20
    assert walk.audit.troubles["internal"] == saboteur.done
    assert {agent.state for agent in walk.engine.agents()} <= {"idle", "paused", "signed_out"}


Break = Callable[[Any, str], None]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Make a function always raise."""

    def fails(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError("no reason")

    return lambda module, name: monkeypatch.setattr(module, name, fails)


def guarded(**changes: Any) -> Box:
    return Box(box_with(**changes).engine._board.config, guard=lambda _error: None)


def test_a_bug_costs_its_call_and_the_talk_beside_it_goes_on(broken: Break) -> None:
    box = guarded()
    a, b = talk(box)
    c, d = talk(box, "8002")
    broken(Talk, "_arrange")
    box.tell(m.Held(b))
    assert {(clear.leg, clear.cause) for clear in box.commands if isinstance(clear, m.Clear)} == {(a, 41), (b, 41)}
    trouble = box.wrote(r.TroubleNoted)
    assert trouble.kind == "internal"
    assert "call 1 was ended: ZeroDivisionError: no reason at" in trouble.english
    assert "activities/talk.py:" in trouble.english
    assert "Held(leg=1)" in trouble.english
    box.tell(m.Cleared(a, 41), m.Cleared(b, 41))
    closed = box.wrote(r.CallClosed)
    assert (closed.call, closed.disposition, closed.cause, closed.by) == (1, "interrupted", 41, "box")
    assert hears(box) == {c: d, d: c}
    closes(box)


def test_a_key_that_waits_is_not_sent_after_a_bug_ended_its_talk(broken: Break) -> None:
    box = guarded()
    a, b = talk(box)
    box.key(b, "*")
    broken(Talk, "_arrange")
    box.tell(m.Held(b))
    box.tell(m.Cleared(a, 41), m.Cleared(b, 41))
    box.wait(2)
    assert not box.commands
    closes(box)


def test_without_a_guard_a_bug_is_raised(broken: Break) -> None:
    box = box_with()
    _a, b = talk(box)
    broken(Talk, "_arrange")
    with pytest.raises(ZeroDivisionError):
        box.tell(m.Held(b))


@pytest.mark.parametrize(("module", "name"), [(arriving, "_leg"), (lines, "enter"), (Flow, "_perform")])
def test_a_caller_who_meets_a_bug_at_once_is_refused_and_in_the_books(
    broken: Break, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    box = guarded()
    broken(module, name)
    leg = box.call_in()
    monkeypatch.undo()
    assert box.asked(m.Clear) == m.Clear(leg, 41)
    box.tell(m.Cleared(leg, 41))
    assert [(call.disposition, call.cause) for call in box.all(r.CallClosed)] == [("interrupted", 41)]
    box.call_in()
    assert box.asked(m.Answer)
    closes(box)


def test_the_same_event_again_and_again_ends_nothing(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    box = guarded()
    a, b = talk(box)
    broken(spans, "state")
    spoilt: dict[type[Any], Callable[..., Any]] = dict(events.HANDLERS)
    spoilt[m.SpanState] = spans.state
    monkeypatch.setattr(engine, "HANDLERS", spoilt)
    for _ in range(100):
        box.tell(m.SpanState(1, "sim:x", (), in_service=True))
    assert hears(box) == {a: b, b: a}
    assert len([each for each in box.all(r.TroubleNoted) if each.kind == "internal"]) == 1, "told once a minute"


def test_who_asks_gets_an_error_and_the_trouble_is_in_the_books(broken: Break) -> None:
    box = guarded()
    broken(arriving, "originate")
    with pytest.raises(RequestError, match="an error inside the box"):
        box.engine.request(Originate("8001", "8002"), box.now)
    box.tell(m.Heartbeat())
    assert box.wrote(r.TroubleNoted).kind == "internal"
    closes(box)


def test_an_agent_whose_offers_break_costs_one_caller_at_a_time(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    box = guarded(agent=[{"number": "101", "extension": "8001", "start": "ready"}])
    busy = talk(box)
    waiting_now = [box.to_queue() for _ in range(3)]
    broken(Reach, "seek")
    box.tell(*[m.Cleared(leg, 16) for leg in busy])
    assert len([clear for clear in box.commands if isinstance(clear, m.Clear) and clear.leg in waiting_now]) == 1
    assert box.agent("101")[1] == "unreachable"
    box.wait(8)
    assert len(box.engine.queues()[0].waiting) == 2
