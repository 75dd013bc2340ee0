# SPDX-License-Identifier: GPL-2.0-or-later
"""Bugs in cards and in the switch: each costs the leg that it was about, and that leg ends once."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from appliance.contract.switch import (
    Answer,
    Answered,
    AnyEvent,
    Attached,
    Clear,
    Cleared,
    Confirm,
    Dial,
    Gain,
    Incoming,
    Mix,
    Party,
    Play,
    Record,
    Trouble,
)
from appliance.i18n import filled
from appliance.switch.bulkhead import MAX_FAILING_TICKS, Bulkhead
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.station import StationCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.recorders import Recorders
from drivers import pri_events as q931
from hw_sim.station import StationBank
from tests.appliance.switch.pri_rig import Rig
from tests.appliance.switch.test_core import Bench, TonePool


class Guarded(Bench):
    """The bench behind a bulkhead. `kept`: the exceptions that it contained."""

    def __init__(self, tmp_path: Path, behaviour: str = "answer; wait 60") -> None:
        self.kept: list[Exception] = []
        self.path = tmp_path / "switch.journal"
        self.begin(behaviour)

    def begin(self, behaviour: str = "answer; wait 60", confirmed: int = 0) -> None:
        journal = Journal(self.path)
        self.bank = StationBank(("1", "2", "3", "4"), behaviour, keep_audio=True)
        self.card = StationCard(self.bank, journal.new_leg)
        recorders = partial(Recorders, disk=InlineDisk(self.path.parent))
        self.switch = Switch([self.card], TonePool(), recorders, journal, bulkhead=Bulkhead(self.kept.append))
        self.events: list[AnyEvent] = [each.event for each in self.switch.attach(Confirm(confirmed))]

    def breaks(self, monkeypatch: pytest.MonkeyPatch, name: str, when: Callable[..., bool]) -> None:
        """Make a method of the card raise, before it does anything, when `when` is true."""
        intact = getattr(self.card, name)

        def spoilt(*args: Any) -> Any:
            if when(*args):
                raise LookupError(name)
            return intact(*args)

        monkeypatch.setattr(self.card, name, spoilt)


def of(events: list[AnyEvent], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_a_command_that_breaks_costs_its_leg_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Guarded(tmp_path)
    bench.talk(1, 3)
    bench.breaks(monkeypatch, "execute", lambda command, _now: command == Answer(1))
    bench.switch.execute(Answer(1))
    events = bench.ticks(1)
    assert of(events, Cleared) == [Cleared(1, 41)]
    (trouble,) = of(events, Trouble)
    assert trouble.kind == "internal"
    text = filled(trouble.text, trouble.values)
    assert text.startswith("leg 1 was ended: LookupError: execute at switch/test_bulkhead.py:")
    assert "Answer(leg=1)" in text
    assert bench.switch.legs == (3,)
    assert of(bench.ticks(20), Cleared) == [], "the card's own word of it is passed over"
    bench.switch.execute(Dial(5, "station:1", "1"))
    assert Answered(5) in bench.ticks(5), "and the station is free again"


def test_without_a_guard_it_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path)
    monkeypatch.setattr(bench.switch.cards[0], "execute", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bench.switch.execute(Dial(1, "station:1", "1"))


def test_a_leg_that_cannot_even_be_cleared_is_gone_for_call_control(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Guarded(tmp_path)
    bench.talk(1)
    bench.breaks(monkeypatch, "execute", lambda _command, _now: True)
    bench.switch.execute(Clear(1))
    bench.switch.execute(Dial(3, "station:2", "2"))
    events = bench.ticks(3)
    assert sorted(of(events, Cleared), key=lambda each: each.leg) == [Cleared(1, 41), Cleared(3, 41)]
    assert bench.switch.legs == ()


def test_an_event_that_cannot_be_written_down_costs_its_call(tmp_path: Path) -> None:
    bench = Guarded(tmp_path)
    bench.talk(1)
    before = bench.switch.peek(Trouble("", "")).seq
    bench.bank.ring("3", 2, "1")  # stands for a station that calls: it has a row
    bench.card._join(2, 2)
    bench.card._refused.append(Incoming(2, "station:3", 1j))  # type: ignore[arg-type]
    events = bench.ticks(2)
    assert of(events, Incoming) == of(events, Cleared) == []
    assert "TypeError" in of(events, Trouble)[0].values["bug"]
    assert bench.switch.legs == (1,)
    assert bench.switch.peek(Trouble("", "")).seq == before + 1, "no number is left out"
    bench.begin(confirmed=before + 1)
    assert of(bench.events, Cleared) == [Cleared(1, 41)], "nor is it told after a restart of a leg that never was"
    assert of(bench.events, Attached)


def test_what_fails_at_every_tick_is_told_once_and_ends_the_switch_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Guarded(tmp_path)
    bench.talk(1)
    bench.breaks(monkeypatch, "signal", lambda _now: True)
    assert len(of(bench.ticks(MAX_FAILING_TICKS), Trouble)) == 1
    with pytest.raises(LookupError):
        bench.ticks(2)


def test_what_fails_now_and_then_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Guarded(tmp_path)
    bench.breaks(monkeypatch, "signal", lambda now: now % 2 == 0)
    assert len(of(bench.ticks(3 * MAX_FAILING_TICKS), Trouble)) == 1


@pytest.mark.parametrize("seed", range(4))
def test_bugs_anywhere_and_every_leg_ends_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    rng = random.Random(seed)
    bench = Guarded(tmp_path, "answer; wait 0.3")
    spoilt = ("_come_in", "_place", "_forget", "_keys")
    spoilt_sound = ("place", "forget", "change", "start", "answered", "pressed", "noticed")
    for name in ("execute", "signal", "receive", "transmit", "row"):
        bench.breaks(monkeypatch, name, lambda *_: rng.random() < 0.02)
    for name in spoilt:
        monkeypatch.setattr(bench.switch, name, _sometimes(rng, getattr(bench.switch, name)))
    for name in spoilt_sound:
        monkeypatch.setattr(bench.switch._sound, name, _sometimes(rng, getattr(bench.switch._sound, name)))
    dialled = list(range(1, 400, 2))
    events: list[AnyEvent] = []
    for leg in dialled:
        bench.switch.execute(Dial(leg, f"station:{rng.randrange(1, 5)}", "x", Party("100")))
        bench.switch.execute(Mix((Gain(leg, max(1, leg - 2)), Gain(max(1, leg - 2), leg))))
        bench.switch.execute(Play(leg, leg, ("prompt:en/tone",)))
        bench.switch.execute(Record(leg, leg, f"{leg}.wav"))
        events += bench.ticks(rng.randrange(10))
        if rng.random() < 0.5:
            bench.switch.execute(Clear(leg))
    monkeypatch.undo()
    for leg in bench.switch.legs:
        bench.switch.execute(Clear(leg))
    events += bench.ticks(50)
    assert len(bench.kept) > 20
    assert sorted(each.leg for each in of(events, Cleared)) == dialled
    assert bench.switch.legs == ()


def _sometimes(rng: random.Random, intact: Callable[..., Any]) -> Callable[..., Any]:
    def spoilt(*args: Any) -> Any:
        if rng.random() < 0.02:
            raise LookupError("before")
        result = intact(*args)
        if rng.random() < 0.02:
            raise LookupError("after")
        return result

    return spoilt


# --- the cards' own: an event of the line tells of one call -----------------------------------------------------------


def test_a_bug_about_one_call_of_a_d_channel_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Exception] = []
    rig = Rig("user").up()
    rig.card._bulkhead = Bulkhead(kept.append)
    leg, call = rig.come_in(3)
    monkeypatch.setitem(rig.card._ON_EVENT, q931.Gone, lambda _card, _event: 1 / 0)
    monkeypatch.setitem(rig.card._ON_EVENT, q931.Setup, lambda _card, _event: 1 / 0)
    rig.far.setup(5, "95555", "1", exclusive=True)
    rig.tick(10)
    assert len(kept) >= 1
    assert [gone.cause for gone in rig.far_told if isinstance(gone, q931.Gone)] == [41], (
        "it is refused, not left waiting"
    )
    assert rig.card.row(leg) is not None
    rig.far.hangup(call, 16)
    rig.tick(10)
    assert leg in [lost.leg for lost in rig.card._bulkhead.lost()]
