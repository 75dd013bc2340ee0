# SPDX-License-Identifier: GPL-2.0-or-later
"""Shifts of agents in words: read with every mistake named, and done one thing after the other."""

import numpy as np
import pytest

from hw_sim.calls import CallRecord
from hw_sim.desk import Coded, Person
from hw_sim.errors import ScriptError
from hw_sim.shift import Shift, read_shift
from hw_sim.steps import Pause

ANN = Person("8001", "580217")


def dialled(text: str) -> list[str]:
    read = read_shift(text, ANN)
    return [each.called if isinstance(each, Coded) else f"{each.seconds:g}..{each.most}" for each in read]


def test_a_shift_is_codes_and_pauses() -> None:
    text = "sign_in; wait 5; pause 2 lock=55\nresume lock=55; pause; code 20; keyed *41 4711; dial 0138 3; wait 1..4"
    codes = ["*608001", "5..None", "*622", "*63", "*62", "*6520", "*41", "0138", "1..4.0", "*61"]
    assert dialled(f"{text}; sign_out") == codes
    scripts = [each.script for each in read_shift(text, ANN) if isinstance(each, Coded)]
    assert scripts[0] == "wait answer 5; hear agent-enter-pin 10; key 580217#; hear agent-signed-in 20; wait remote 15"
    assert "key 55#; hear agent-paused" in scripts[1]
    assert "hear enter-number 10; key 4711#; wait remote 40" in scripts[5]
    [own] = read_shift("sign_in", Person("8001"))
    assert own == Coded("*608001", "wait answer 5; hear agent-signed-in 20; wait remote 15"), "no PIN is asked for"


@pytest.mark.parametrize(
    ("text", "number", "problem"),
    [
        ("sign_in; sleep 3", 2, "'sleep' is no step"),
        ("pause 2 3", 1, "too many arguments"),
        ("keyed *41", 1, "too few arguments"),
        ("code x", 1, "'x' has something that is no key"),
        ("wait soon", 1, "'soon' is no number"),
        ("sign_in 580217", 1, "too many arguments"),
        ("resume code=5", 1, "'code' is no option"),
        ("keyed *41 4711 prompt=a;b", 2, "'b' is no step"),
        ('wait 1; pause "2', 2, "no closing quotation"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_may_stand_there(text: str, number: int, problem: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_shift(text, ANN)
    assert (caught.value.number, problem in caught.value.problem) == (number, True), str(caught.value)
    assert caught.value.hint


class Desk:
    """A phone whose calls end when the test says so."""

    def __init__(self) -> None:
        self.records: list[CallRecord] = []
        self.busy = False

    def press(self, coded: Coded) -> CallRecord | None:
        if self.busy:
            return None
        self.records.append(CallRecord("out", coded.called, "1001", "allowed", 0))
        return self.records[-1]


def test_each_thing_waits_for_the_end_of_the_one_before_and_for_a_free_phone() -> None:
    desk = Desk()
    shift = Shift(read_shift("sign_in; wait 5; sign_out", ANN), desk, np.random.default_rng(1))
    shift.tick(0)
    assert [record.called for record in desk.records] == ["*608001"]
    shift.tick(1)
    assert len(desk.records) == 1
    desk.records[0].ended = 100
    shift.tick(2)
    shift.tick(6.9)
    assert len(desk.records) == 1, "it rests"
    desk.busy = True
    shift.tick(7.1)
    assert not shift.over
    desk.busy = False
    shift.tick(7.2)
    assert [record.called for record in desk.records] == ["*608001", "*61"]
    desk.records[1].ended = 200
    desk.records[1].failures.append("step 2 (hear): not heard")
    shift.tick(8)
    assert (shift.over, shift.passed) == (True, False)


def test_a_pause_between_two_times_is_drawn() -> None:
    [rest] = read_shift("wait 2..9", ANN)
    assert isinstance(rest, Pause)
    ends = set()
    for seed in range(20):
        shift = Shift([rest], Desk(), np.random.default_rng(seed))
        now = 0.0
        while not shift.over:
            shift.tick(now)
            now += 0.5
        ends.add(now)
    assert min(ends) >= 2
    assert max(ends) <= 10
    assert len(ends) > 5
