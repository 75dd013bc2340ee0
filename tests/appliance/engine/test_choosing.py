# SPDX-License-Identifier: GPL-2.0-or-later
"""Which agents a queue rings: each strategy by itself, then through the engine, and the choice in the books."""

from typing import Any, get_args

import pytest

from appliance.api.messages import SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.choices import Choice, Strategy, WhyNot
from appliance.engine.parts.choosing import FIGURES, Candidate, choose
from appliance.store import choices
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import Box, config

FOUR = [  # idle longest first
    Candidate("a", place=2, behind=3, calls=3, talk=900, occupied=500, level=5),
    Candidate("b", place=0, behind=1, calls=1, talk=800, occupied=700, level=5),
    Candidate("c", place=3, behind=0, calls=1, talk=100, occupied=600, level=2),
    Candidate("d", place=1, behind=2, calls=2, talk=100, occupied=400, level=9),
]


def _chosen(strategy: Strategy, chance: float = 0.0) -> str:
    agents, figure = tuple([each.agent for each in FOUR]), FIGURES.get(strategy)
    figures = tuple(map(figure, FOUR)) if figure is not None else ()
    return "".join(choose(strategy, agents, figures, int(chance * len(agents))))


@pytest.mark.parametrize(
    ("strategy", "agent"),
    [
        ("longest_idle", "a"),
        ("ring_all", "abcd"),
        ("round_robin", "c"),
        ("fewest_calls", "b"),
        ("least_talk", "c"),
        ("least_occupied", "d"),
        ("linear", "b"),
        ("skill", "d"),
    ],
)
def test_each_strategy_compares_its_own_figure_and_then_the_time_idle(strategy: Strategy, agent: str) -> None:
    assert _chosen(strategy) == agent


def test_chance_reaches_every_candidate_equally() -> None:
    drawn = [_chosen("random", chance=n / 1000) for n in range(1000)]
    assert {agent: drawn.count(agent) for agent in drawn} == dict.fromkeys("abcd", 250)


def test_every_strategy_compares_a_figure_or_needs_none() -> None:
    assert {*get_args(Strategy)} - {*FIGURES} == {"longest_idle", "ring_all", "random"}


# --- through the engine


def _box(strategy: str, **queue: Any) -> Box:
    sales = {"name": "sales", "agents": ["103", "101", "102"], "strategy": strategy, "announce_agent": False}
    skills = {"101": {"english": 3}, "102": {"english": 9}, "103": {}}
    agents = [
        {"number": f"10{n}", "extension": f"800{n}", "start": "ready", "skills": skills[f"10{n}"]} for n in (1, 2, 3)
    ]
    return Box(config(agent=agents, queue=[{**sales, "wrap_up_s": 0, **queue}]))


def _rung(box: Box) -> list[str]:
    return [made.agent for made in box.records if isinstance(made, r.OfferMade)]


def _talks(box: Box, seconds: float) -> str:
    """Let the next caller talk that long with the one who is rung; return that agent."""
    a = box.to_queue()
    (agent,), b = _rung(box), box.asked(m.Dial).leg
    box.tell(m.Answered(b))
    box.wait(seconds)
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
    return agent


@pytest.mark.parametrize(
    ("strategy", "order"),
    [
        ("longest_idle", ["103", "101", "102", "103"]),
        ("linear", ["103", "103", "103", "103"]),
        ("round_robin", ["103", "101", "102", "103"]),
        ("fewest_calls", ["103", "101", "102", "103"]),
    ],
)
def test_short_talks_go_round_by_the_strategy(strategy: str, order: list[str]) -> None:
    box = _box(strategy)
    assert [_talks(box, 10) for _ in order] == order


@pytest.mark.parametrize("strategy", ["least_talk", "least_occupied"])
def test_one_long_talk_weighs_as_much_as_several_short_ones(strategy: str) -> None:
    box = _box(strategy)
    first = _talks(box, 100)
    others = {_talks(box, 20) for _ in range(2)}
    assert len({first, *others}) == 3
    assert [_talks(box, 10) for _ in range(4)].count(first) == 0


def test_figures_begin_anew_each_day() -> None:
    box = _box("fewest_calls")
    for _ in range(3):
        _talks(box, 10)
    day = box.engine._board.clock().replace(day=2)
    box.engine._board._wall = lambda _: day
    box.wait(60)
    assert _talks(box, 10) == "103"
    _talks(box, 10), _talks(box, 10)
    assert {agent.figures.calls for agent in box.engine._board.agents.values()} == {1}


def test_the_most_skilled_agent_is_rung_and_one_without_the_skill_never() -> None:
    box = _box("skill", needs={"english": 2})
    for agent in ("102", "101"):
        box.to_queue()
        assert _rung(box) == [agent]
    box.to_queue()
    assert not _rung(box), "103 is idle and does not speak English"
    choice = box.all(r.QueueChose)[1].choice
    assert choice.passed == {"102": "offered", "103": "skill"}
    assert (choice.candidates, choice.figures) == (("101",), (-3,))


def test_a_queue_whose_idle_agents_lack_a_skill_does_not_hold_up_another_queue() -> None:
    queues = [{"name": "sales", "agents": ["103"], "needs": {"english": 1}}, {"name": "service", "agents": ["103"]}]
    box = Box(config(queue=queues))
    box.to_queue()
    assert not _rung(box)
    box.to_queue("2")
    assert _rung(box) == ["103"]


def test_ring_all_rings_every_free_agent_and_the_first_to_answer_has_the_caller() -> None:
    box = _box("ring_all")
    box.did(box.engine.request(SetAgent("101", "paused"), box.now))
    a = box.to_queue()
    legs = {made.agent: made.leg for made in box.all(r.OfferMade)}
    assert [*legs] == ["102", "103"] or [*legs] == ["103", "102"]
    assert box.wrote(r.QueueChose).choice.passed == {"101": "paused"}
    box.tell(m.Answered(legs["102"]))
    assert box.asked(m.Clear).leg == legs["103"]
    assert {(ended.result) for ended in box.all(r.OfferEnded)} == {"answered", "withdrawn"}
    assert box.agent("103")[1] == "offered", "until the phone is silent"
    box.tell(m.Cleared(legs["103"], 16))
    assert (box.agent("102")[1], box.agent("103")[1]) == ("talking", "idle")
    assert {(g.listener, g.leg) for g in box.mixed()} <= {(a, legs["102"]), (legs["102"], a)}
    box.tell(m.Cleared(a, 16), m.Cleared(legs["102"], 16), m.Recorded(1, 16000))
    box.audit.idle()


def test_ring_all_goes_on_while_one_phone_still_rings() -> None:
    box = _box("ring_all", pause_after_no_answer=False)
    a = box.to_queue()
    legs = {made.agent: made.leg for made in box.all(r.OfferMade)}
    box.tell(m.Cleared(legs["101"], 17), m.Cleared(legs["102"], 21))
    assert box.agent("101")[1] == box.agent("102")[1] == "unreachable"
    box.to_queue()
    assert not _rung(box), "one caller after the other"
    box.tell(m.Answered(legs["103"]))
    assert box.wrote(r.QueueLeft).reason == "answered"
    assert a


def test_ring_all_gives_up_all_at_once_and_the_caller_keeps_the_place() -> None:
    box = _box("ring_all")
    box.to_queue()
    legs = [made.leg for made in box.all(r.OfferMade)]
    box.wait(15.1)
    assert {c.leg for c in box.commands if isinstance(c, m.Clear)} == {*legs}
    box.tell(*[m.Cleared(leg, 19) for leg in legs])
    assert {box.agent(f"10{n}")[0] for n in (1, 2, 3)} == {"paused"}
    box.did(box.engine.request(SetAgent("101", "ready"), box.now))
    assert _rung(box) == ["101"]
    assert box.all(r.QueueEntered)[-1].position == 1


def test_the_choice_names_the_callers_of_other_queues_who_came_later() -> None:
    queues = [{"name": name, "agents": ["101"], "pause_after_no_answer": False} for name in ("sales", "service")]
    box = Box(config(queue=queues))
    _talking = box.to_queue()
    rung = box.asked(m.Dial).leg
    box.to_queue("2"), box.to_queue("1")
    box.tell(m.Cleared(_talking, 16), m.Cleared(rung, 16))
    chose = box.wrote(r.QueueChose)
    assert (chose.call, chose.queue) == (2, "service")
    assert {(call, queue) for call, queue, _order in chose.choice.rivals} == {(2, "service"), (3, "sales")}


def test_chance_is_the_same_in_every_run() -> None:
    def agents() -> list[str]:
        box = _box("random")
        return [_talks(box, 5) for _ in range(12)]

    first = agents()
    assert first == agents()
    assert len({*first}) == 3


def test_the_books_tell_the_choices_of_a_call_also_when_it_is_over() -> None:
    box = _box("fewest_calls")
    store = Store.in_memory(lockstep_wall(0))
    box.to_queue()
    box.wait(15.1)
    for seq, record in enumerate(box.history, 1):
        store.apply(seq, box.now, [record])
    made = Reads(store.reader()).choices(1)
    assert [row.choice for row in made] == [record.choice for record in box.all(r.QueueChose)]
    assert [row.choice.chosen for row in made] == [("103",), ("101",)]
    assert made[1].choice.passed == {"103": "offered"}, "whose phone still rings"
    assert {row.queue for row in made} == {"sales"}
    assert not Reads(store.reader()).choices(2)


def test_the_books_can_write_every_reason_for_which_an_agent_is_passed_over() -> None:
    passed: dict[str, WhyNot] = {f"1{n}": why_not for n, why_not in enumerate(get_args(WhyNot))}
    choice = Choice("linear", ("101",), (0,), chosen=("101",), passed=passed, step=2)
    assert choices.read(choices.written(choice)) == choice
