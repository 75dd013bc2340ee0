# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps of queues: levels that relax, reserve agents who join, and callers who keep their place through all of it."""

from typing import Any

import msgspec

from appliance.api.messages import SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box, config, reloaded

SKILLS: dict[str, dict[str, int]] = {"101": {"english": 7}, "102": {"english": 4}, "103": {}}


def _box(agents: tuple[str, ...] = ("101", "102", "103"), **queue: Any) -> Box:
    staff = [{"number": n, "extension": f"800{n[-1]}", "start": "ready", "skills": has} for n, has in SKILLS.items()]
    sales = {"name": "sales", "agents": agents, "announce_agent": False, "wrap_up_s": 0, "max_wait_s": 600, **queue}
    return Box(config(agent=staff, queue=[{"pause_after_no_answer": False, "ring_s": 500, **sales}]))


def _set(box: Box, agent: str, status: Any) -> None:
    box.did(box.engine.request(SetAgent(agent, status), box.now))


def _rung(box: Box) -> list[str]:
    return [made.agent for made in box.records if isinstance(made, r.OfferMade)]


RELAXING = [{"after_s": 20, "needs": {"english": 3}}, {"after_s": 40, "needs": {"english": 0}}]


def test_levels_relax_with_the_time_waited() -> None:
    box = _box(needs={"english": 6}, step=RELAXING)
    assert box.to_queue()
    assert _rung(box) == ["101"]
    box.to_queue()
    assert _rung(box) == []
    box.wait(19)
    assert _rung(box) == []
    box.wait(1.1)
    assert _rung(box) == ["102"]
    assert box.wrote(r.QueueChose).choice.step == 1
    box.to_queue()
    box.wait(39)
    assert _rung(box) == []
    box.wait(1.1)
    assert _rung(box) == ["103"]
    choice = box.wrote(r.QueueChose).choice
    assert (choice.step, choice.passed) == (2, {"101": "offered", "102": "offered"})


def test_a_caller_whose_step_fits_nobody_free_holds_up_no_one_behind_who_fits() -> None:
    box = _box(needs={"english": 6}, step=RELAXING)
    box.to_queue()
    first, second = box.to_queue(), box.to_queue()
    box.wait(20.1)
    assert [(made.call, made.agent) for made in box.records if isinstance(made, r.OfferMade)] == [(2, "102")]
    box.wait(20.1)
    assert [(made.call, made.agent) for made in box.records if isinstance(made, r.OfferMade)] == [(3, "103")]
    assert first < second


def test_a_step_that_no_agent_who_is_signed_in_fits_is_passed_at_once() -> None:
    box = _box(needs={"english": 8}, step=RELAXING)
    box.to_queue()
    assert _rung(box) == ["101"], "level 8 is nobody's: the caller begins in the first step"
    assert box.wrote(r.QueueChose).choice.step == 1


def test_steps_are_passed_as_well_when_the_last_agent_who_fits_signs_out() -> None:
    box = _box(needs={"english": 6}, step=RELAXING)
    for agent in ("101", "102"):
        _set(box, agent, "paused")
    box.to_queue()
    assert _rung(box) == []
    _set(box, "101", "signed_out")
    assert _rung(box) == [], "102 is signed in, and fits the next step"
    _set(box, "102", "signed_out")
    assert _rung(box) == ["103"]


def test_the_caller_keeps_the_place_through_all_steps() -> None:
    box = _box(needs={"english": 6}, step=[{"after_s": 20, "needs": {"english": 0}}])
    box.to_queue()
    for agent in ("102", "103"):
        _set(box, agent, "paused")
    for _ in range(2):
        box.to_queue()
    box.wait(60)
    assert [view.waiting for view in box.engine.queues()] == [(1, 2, 3)]
    _set(box, "103", "ready")
    assert [(made.call, made.agent) for made in box.records if isinstance(made, r.OfferMade)] == [(2, "103")]
    assert len(box.all(r.QueueEntered)) == 3


def test_the_reserve_serves_when_a_caller_has_waited_too_long() -> None:
    box = _box(agents=("101",), reserve=["102", "103"], reserve_over_s=30)
    box.to_queue()
    assert _rung(box) == ["101"]
    box.to_queue()
    assert _rung(box) == []
    box.wait(29)
    assert _rung(box) == []
    box.wait(1.1)
    assert _rung(box) == ["102"]
    box.to_queue()
    assert _rung(box) == []
    _set(box, "101", "paused")
    assert _rung(box) == [], "who is paused is signed in"
    box.wait(30.1)
    assert _rung(box) == ["103"]


def test_the_choice_says_who_was_in_reserve() -> None:
    box = _box(agents=("101",), reserve=["102"])
    box.to_queue()
    assert box.wrote(r.QueueChose).choice.passed == {"102": "reserve"}


def test_the_reserve_serves_at_once_when_the_wait_will_be_too_long() -> None:
    box = _box(agents=("101",), reserve=["102"], reserve_over_s=80)
    for _ in range(2):  # each takes 90 s of the agent
        a = box.to_queue()
        b = box.asked(m.Dial).leg
        box.tell(m.Answered(b))
        box.wait(90)
        box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
    box.to_queue()
    assert _rung(box) == ["101"]
    box.to_queue()
    assert _rung(box) == ["102"], "the next one, after a call of 90 s"
    assert box.wrote(r.QueueEntered).predicted == 0


def test_the_reserve_serves_when_no_other_agent_is_signed_in() -> None:
    box = _box(agents=("101",), reserve=["102"])
    _set(box, "101", "paused")
    box.to_queue()
    assert _rung(box) == []
    _set(box, "101", "signed_out")
    assert _rung(box) == ["102"]


def test_a_step_brings_the_reserve_to_its_caller_alone() -> None:
    box = _box(agents=("101",), reserve=["102", "103"], reserve_over_s=500, step=[{"after_s": 20, "reserve": True}])
    for _ in range(3):
        box.to_queue()
    box.wait(19)
    assert [made.agent for made in box.all(r.OfferMade)] == ["101"]
    box.to_queue()
    box.wait(1.1)
    assert [(made.call, made.agent) for made in box.records if isinstance(made, r.OfferMade)] == [
        (2, "102"),
        (3, "103"),
    ]


def test_steps_of_a_changed_configuration_count_for_callers_who_wait() -> None:
    box = _box(needs={"english": 8}, step=[{"after_s": 300, "needs": {"english": 5}}])
    board = box.engine._board
    _set(box, "101", "paused")
    box.to_queue()
    assert _rung(box) == []
    (queue,) = board.config.queue
    steps = config(queue=[{"name": "sales", "step": [{"after_s": 0, "needs": {"english": 0}}]}]).queue[0].step
    changed = msgspec.structs.replace(queue, step=steps)
    box.did(reloaded(box.engine, board.config.extension, box.now, queues=(changed,)))
    assert _rung(box) == ["102"], "no level is needed any more"


def test_the_end_of_a_call_stops_the_timers_of_its_steps() -> None:
    box = _box(agents=("101",), needs={"english": 1}, reserve=["103"], step=[{"after_s": 300, "needs": {"english": 0}}])
    first, second = box.to_queue(), box.to_queue()
    b = box.all(r.OfferMade)[0].leg
    box.tell(m.Cleared(second, 16), m.Cleared(first, 16), m.Cleared(b, 16))
    assert box.engine.next_deadline() is None
