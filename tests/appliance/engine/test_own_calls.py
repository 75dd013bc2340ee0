# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that an agent dials or takes at the desk phone beside the queue are the agent's: now, in books and totals."""

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.rows import AgentTotal
from appliance.store.agent_totals import agent_totals
from appliance.store.ledger import Ledger
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import CONFIG, Box, config
from tests.appliance.engine.test_desk import signed_in
from tests.appliance.engine.test_reaching import closes
from tests.appliance.engine.test_recording_rules import decided, rules
from tests.appliance.engine.test_supervising import box as supervised
from tests.appliance.engine.test_supervising import served
from tests.appliance.store.calls import EPOCH_MS, Event, enter

OUTSIDE = "0138"


def talking_outside(house: Box, phone: str = "8001") -> tuple[int, int]:
    """Let a phone dial a number outside, which answers; return both legs."""
    caller = house.phone_dials(OUTSIDE, phone)
    far = house.asked(m.Dial).leg
    house.tell(m.Alerting(far), m.Answered(far))
    return caller, far


def agents_of(house: Box) -> dict[int, str]:
    return {each.leg: each.agent for each in house.all(r.LegOpened)}


def shown(house: Box, agent: str) -> int:
    return next(each.call for each in house.engine.agents() if each.agent == agent)


def test_the_agent_of_the_phone_is_on_the_leg_that_dials_and_shown_with_the_call() -> None:
    house = Box(config())
    caller, far = talking_outside(house)
    assert (agents_of(house)[caller], agents_of(house)[far]) == ("101", "")
    assert house.agent("101")[1] == "talking"
    assert shown(house, "101") == 1
    [call] = house.engine.calls()
    assert [leg.agent for leg in call.legs] == ["101", ""]
    house.tell(m.Cleared(far, 16), m.Cleared(caller, 16))
    assert shown(house, "101") == 0
    closes(house)


def test_the_agent_is_the_one_who_is_signed_in_there_at_that_time() -> None:
    house = Box(config(agent=[{"number": "104", "name": "free"}, {"number": "105", "extension": "8003"}]))
    before = house.phone_dials(OUTSIDE, "8009")
    house.tell(m.Cleared(house.asked(m.Dial).leg, 17), m.Cleared(before, 17))
    signed_in(house, "8009", "104")
    after = house.phone_dials(OUTSIDE, "8009")
    nobody = house.phone_dials("8009", "8003")
    opened = agents_of(house)
    assert (opened[before], opened[after], opened[nobody]) == ("", "104", ""), "agent 105 is signed out"


def test_a_call_to_the_phone_is_the_agents_and_a_code_or_a_supervisor_is_not() -> None:
    house = supervised(agent=[*CONFIG["agent"], {"number": "104", "extension": "8009", "start": "ready"}])
    caller = house.call_in("8003")
    rings = house.asked(m.Dial).leg
    assert agents_of(house)[rings] == "103"
    house.tell(m.Cleared(caller, 16), m.Cleared(rings, 16))
    coded = house.phone_dials("*78", "8003")
    assert agents_of(house)[coded] == ""
    house.tell(m.Cleared(coded, 16))
    served(house)
    supervisor = house.phone_dials("*34101", "8009")
    assert house.all(r.LegOpened)[-1].leg == supervisor
    assert house.all(r.LegOpened)[-1].agent == ""


@pytest.mark.parametrize(("phone", "recorded"), [("8001", True), ("8002", False)])
def test_a_recording_rule_for_an_agent_counts_for_calls_that_the_agent_dials(phone: str, recorded: bool) -> None:
    house = rules({"name": "new", "agents": ["101"], "direction": "out"})
    talking_outside(house, phone)
    assert (("new", True) in decided(house)) is recorded


# --- in the books


def dials(n: int, start: int, agent: str, reached: bool = True) -> list[Event]:
    """Return the n-th call: an agent dials a number outside, and talks for 10 s if it is reached."""
    a, b = 2 * n, 2 * n - 1
    begin: list[r.AnyRecord] = [
        r.CallOpened(n, "out", m.Party("8001"), OUTSIDE),
        r.LegOpened(a, n, "sip:8001@127.0.0.1:5071", "caller", "8001", agent),
        r.LegOpened(b, n, "trunk:voip", "outside", "138"),
    ]
    if not reached:
        ends: list[r.AnyRecord] = [r.LegClosed(b, n, 17), r.LegClosed(a, n, 17), r.CallClosed(n, "busy", 17, "callee")]
        return [(start, begin), (start + 100, ends)]
    answer: list[r.AnyRecord] = [r.CallAnswered(n), r.LegAnswered(a, n), r.LegAnswered(b, n)]
    answer.append(r.SegmentOpened(n, n, "talk", (a, b), "138"))
    ends = [r.SegmentClosed(n, n), r.CallReleased(n), r.LegClosed(a, n, 16), r.LegClosed(b, n, 16)]
    return [(start, begin), (start + 100, answer), (start + 600, [*ends, r.CallClosed(n, "answered", 16, "caller")])]


def test_dialled_calls_and_their_talk_count_for_the_agent_in_all_totals() -> None:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        calls = [dials(1, 0, "8001"), dials(2, 1000, "8001", reached=False), dials(3, 2000, "8001"), dials(4, 3000, "")]
        enter(store, [event for call in calls for event in call])
        books = Reads(store.reader())
        [view] = Box(config(agent=[{"number": "8001", "extension": "8001"}], queue=[])).engine.agents()
        [row] = books.agents([view], {}, 0)
        assert (row.dialled, row.reached, row.offered, row.answered) == (3, 2, 0, 0)
        assert books.figures("8001", EPOCH_MS) == {"calls": "0", "talk_s": "20.0"}
        assert [each.agent for each in books.cdr(0, 0, "", 0, 9)] == ["", "8001", "", "8001"]
        assert [each.call for each in books.cdr(0, 0, "", 0, 9, agent="8001")] == [3, 1]
        [total] = agent_totals(store.reader(), 0, 0, "")
        assert isinstance(total, AgentTotal)
        assert (total.agent, total.dialled, total.reached, total.dialled_talk_s) == ("8001", 3, 2, 20.0)
        assert Ledger(store.reader(), None, "none").check().balanced


def test_they_are_in_the_totals_before_and_after_calls_are_added_there_and_while_they_are_up() -> None:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq, counted = 0, []
        [view] = Box(config(agent=[{"number": "8001", "extension": "8001"}], queue=[])).engine.agents()
        for n in range(1, 70):
            *events, end = dials(n, n * 1000, "8001")
            seq = enter(store, events, seq)
            counted.append(Reads(store.reader()).agents([view], {}, 0)[0].dialled)
            seq = enter(store, [end], seq)
        assert counted == list(range(1, 70))
        assert Reads(store.reader()).agents([view], {}, 0)[0].reached == 69
