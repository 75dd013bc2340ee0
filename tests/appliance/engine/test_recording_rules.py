# SPDX-License-Identifier: GPL-2.0-or-later
"""Which calls are recorded: rules by queue, agent, line, number, direction and share, read anew when parties change."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from appliance.config.rules import RecordingRuleConfig
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.recording_rules import chosen
from tests.appliance.engine.box import Box, config
from tests.appliance.engine.test_walk import Walk, features


def rules(*each: dict[str, Any], otherwise: str = "none", **more: Any) -> Box:
    return Box(config(recording={"rule": otherwise}, recording_rule=each, **more))


def decided(box: Box) -> list[tuple[str, bool]]:
    return [(each.rule, each.wanted) for each in box.history if isinstance(each, r.RecordingDecided)]


def opened(box: Box) -> list[r.RecordingOpened]:
    return [each for each in box.history if isinstance(each, r.RecordingOpened)]


def plays(box: Box) -> list[m.Play]:
    """Return the sounds that the last step plays."""
    return [each for each in box.commands if isinstance(each, m.Play)]


def talk(box: Box, key: str = "1") -> tuple[int, int]:
    """Bring a caller from outside to the agent of a queue; return both legs."""
    a = box.to_queue(key)
    b = box.asked(m.Dial).leg
    if key == "1":
        box.played(a)
    box.tell(m.Alerting(b), m.Answered(b))
    return a, b


def end(box: Box, *legs: int) -> None:
    box.tell(*[m.Cleared(leg, 16) for leg in legs])
    box.tell(*[m.Recorded(number, 0) for number in list(box.engine._board.recordings)])
    box.audit.idle()


def test_a_rule_for_a_queue_records_from_the_talk_on_and_its_name_is_in_the_books() -> None:
    box = rules({"name": "svc", "queues": ["service"]})
    a = box.to_queue("2")
    assert not opened(box), "the flow and the waiting are not recorded"
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b), m.Answered(b))
    assert [(each.leg, each.rule) for each in opened(box)] == [(a, "svc")]
    assert decided(box) == [("", False), ("svc", True)]
    end(box, a, b)


def test_a_rule_against_an_agent_ends_the_recording_that_runs() -> None:
    box = rules({"name": "union", "agents": ["101"], "record": False}, otherwise="all")
    a, b = talk(box)
    assert [each.rule for each in opened(box)] == [""]
    assert box.asked(m.StopRecord).recording == 1
    assert decided(box) == [("", True), ("union", False)]
    end(box, a, b)


def test_the_first_rule_that_fits_decides() -> None:
    box = rules(
        {"name": "other", "agents": ["103"]},
        {"name": "never", "queues": ["service"], "record": False},
        {"name": "all"},
    )
    a, b = talk(box, "2")
    assert decided(box) == [("all", True), ("never", False)]
    end(box, a, b)


@pytest.mark.parametrize(
    ("rule", "recorded"),
    [
        ({"lines": ["pri:carrier"]}, True),
        ({"lines": ["away"]}, True),
        ({"lines": ["trunk:voip"]}, False),
        ({"numbers": ["0138*"]}, True),
        ({"numbers": ["138*"]}, False),
        ({"numbers": ["13800138000"]}, True),
        ({"numbers": ["8009"]}, True),
        ({"numbers": ["8002", "55*"]}, False),
        ({"direction": "out"}, True),
        ({"direction": "in"}, False),
        ({"direction": "out", "numbers": ["0139*"]}, False),
    ],
)
def test_outgoing_calls_by_line_number_and_direction(rule: dict[str, Any], *, recorded: bool) -> None:
    box = rules({"name": "x", **rule}, trunk_group=[{"name": "away", "lines": ["trunk:voip", "pri:carrier"]}])
    a = box.phone_dials("0013800138000")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b), m.Answered(b))
    assert [each.leg for each in opened(box)] == [a] * recorded
    end(box, a, b)


def test_both_parties_are_told_before_they_talk_and_the_books_say_so() -> None:
    box = rules({"name": "told", "announce": True, "direction": "out"})
    a = box.phone_dials("0013800138000")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b), m.Answered(b))
    told = ("prompt:en/call-recorded",)
    assert {(each.leg, each.sounds) for each in plays(box) if each.sounds == told} == {(a, told), (b, told)}
    assert not box.mixed()
    box.played(a)
    assert box.mixed()
    assert box.wrote(r.RecordingDecided) == r.RecordingDecided(1, "told", wanted=True, announced=True)
    end(box, a, b)


def test_the_notice_comes_before_the_agents_number_and_once_a_call() -> None:
    box = rules({"name": "told", "announce": True})
    a, b = talk(box)
    sounds = plays(box)[-1].sounds
    assert sounds[:2] == ("prompt:en/call-recorded", "prompt:en/agent-number")
    box.played(a)
    box.tell(m.TransferWanted(b, "8009"))
    c = box.asked(m.Dial).leg
    box.tell(m.Cleared(b, 16), m.Alerting(c), m.Answered(c))
    assert box.mixed(), "nothing is said a second time"
    end(box, a, c)


def test_a_transfer_to_a_person_without_a_rule_ends_the_recording() -> None:
    box = rules({"name": "svc", "queues": ["service"]})
    a, b = talk(box, "2")
    box.tell(m.TransferWanted(b, "8009"))
    assert a in {each.leg for each in opened(box)}
    c = box.asked(m.Dial).leg
    box.tell(m.Cleared(b, 16), m.Alerting(c), m.Answered(c))
    assert decided(box)[-1] == ("", False)
    assert len(opened(box)) == 1
    end(box, a, c)


def test_a_call_outside_the_share_is_not_recorded_and_no_later_rule_takes_it() -> None:
    box = rules({"name": "some", "one_in": 3, "direction": "internal"}, {"name": "rest"})
    for _ in range(30):
        a = box.phone_dials("8001")
        b = box.asked(m.Dial).leg
        box.tell(m.Alerting(b), m.Answered(b))
        end(box, a, b)
    assert {each.rule for each in opened(box)} == {"some"}
    assert {each.call for each in opened(box)} == {call for call in range(1, 31) if chosen(call, 3)}


@pytest.mark.parametrize("one_in", [1, 2, 3, 10, 100, 1000])
def test_the_share_is_even_in_any_stretch_of_calls_and_among_every_second_one(one_in: int) -> None:
    for step in (1, 2, 3):
        calls = range(17, 17 + step * 20 * one_in, step)
        assert 17 <= sum(chosen(call, one_in) for call in calls) <= 23


def test_without_rules_nothing_is_decided_in_the_books() -> None:
    box = Box()
    a, b = talk(box)
    box.played(a)
    assert decided(box) == []
    assert [each.rule for each in opened(box)] == [""]
    end(box, a, b)


def test_a_recording_runs_exactly_while_the_last_decision_of_its_call_wants_it() -> None:
    rules = (
        RecordingRuleConfig(name="sales", queues=("sales",), record=False),
        RecordingRuleConfig(name="some", agents=("102", "103"), one_in=2, announce=True),
        RecordingRuleConfig(name="out", direction="out", announce=True),
        RecordingRuleConfig(name="hotline", numbers=("9690*",), one_in=3),
    )
    walk = Walk(12, settings=msgspec.structs.replace(features(12), recording_rule=rules))
    runs: Counter[tuple[str, bool]] = Counter()
    for _ in range(9000):
        walk.turn()
        if walk.rng.random() < 0.1:
            walk.any_phone()
        for call in walk.engine._board.calls.values():
            leg = call.charged
            if call.decided is not None and leg is not None and leg.call is call and leg.state is LegState.ACTIVE:
                assert bool(leg.recording) is call.decided[1], call.decided
                runs[call.decided[:2]] += 1
    assert runs.keys() >= {("sales", False), ("out", True), ("hotline", True), ("hotline", False), ("", True)}
    assert {name for name, _wanted in runs} == {"sales", "some", "out", "hotline", "conference", ""}
