# SPDX-License-Identifier: GPL-2.0-or-later
"""Transfers to a phone's second call on its way: in a queue, a flow, at a phone that rings; across a reload."""

import msgspec
import pytest

from appliance.api.messages import HangUp
from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box, reloaded
from tests.appliance.engine.test_reaching import box_with, rung
from tests.appliance.engine.test_talk import booked, hears, talk


def second_call(box: Box, dialled: str = "96900") -> tuple[int, int, int]:
    """Return an outside caller in a talk with 8001, both legs of that phone, whose second call dials a number."""
    a, b = talk(box)
    box.tell(m.Held(b))
    return a, b, box.phone_dials(dialled, "8001")


@pytest.mark.parametrize("named", ["talk", "queue"])
def test_attended_transfer_into_a_queue(named: str) -> None:
    box = box_with(agent=[{"number": "101", "extension": "8002", "start": "signed_out"}, AGENT_102])
    talk(box, "8003", phone="8002")  # the only agent is busy
    a, b, b2 = second_call(box)
    box.played(b2)
    box.key(b2, "1")
    assert box.engine.calls()[-1].state == "waiting"
    wants = m.TransferWanted(b, "", b2) if named == "talk" else m.TransferWanted(b2, "", b)
    box.tell(wants)
    assert box.commands[0] == m.Transferred(wants.leg, ok=True)
    assert {command.leg for command in box.commands if isinstance(command, m.Clear)} == {b, b2}
    assert box.asked(m.Play).leg == a, "who waits now hears where in the queue"
    assert [segment.legs for segment in box.records if isinstance(segment, r.SegmentOpened)] == [(a,)]
    busy = next(call for call in box.engine.calls() if call.called == "8003")
    box.did(box.engine.request(HangUp(busy.call), box.now))
    box.tell(*[m.Cleared(leg.leg, 16) for leg in busy.legs])
    dial = box.asked(m.Dial)
    assert (dial.called, dial.caller.number) == ("8002", "013800138000"), (
        "the agent sees the caller, not who transferred"
    )
    box.tell(m.Answered(dial.leg))
    box.played(a)
    assert hears(box) == {a: dial.leg, dial.leg: a}
    booked(box)


AGENT_102 = {"number": "102", "extension": "8002", "start": "ready"}


def test_attended_transfer_into_a_flow_begins_its_prompt_anew() -> None:
    box = box_with()
    a, b, b2 = second_call(box)
    box.played(b2)
    box.tell(m.TransferWanted(b, "", b2))
    assert box.commands[0] == m.Transferred(b, ok=True)
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("prompt:en/menu-hotline",))
    box.tell(m.Cleared(b, 16), m.Cleared(b2, 16))
    box.played(a)
    box.key(a, "3")
    assert rung(box) == ["8009"], "and its keys are those of the flow"
    booked(box)


def test_attended_transfer_while_a_flow_dials() -> None:
    box = box_with()
    a, b, b2 = second_call(box)
    box.played(b2)
    box.key(b2, "3")
    c = box.asked(m.Dial).leg
    box.tell(m.Alerting(c))
    box.tell(m.TransferWanted(b, "", b2))
    assert box.asked(m.Play).sounds == ("tone:ringback",)
    box.tell(m.Cleared(b, 16), m.Cleared(b2, 16), m.Answered(c))
    assert hears(box) == {a: c, c: a}
    booked(box)


def test_attended_transfer_while_the_agent_is_announced() -> None:
    box = Box()
    a, b, b2 = second_call(box)
    box.played(b2)
    box.key(b2, "1")
    c = box.asked(m.Dial).leg
    box.tell(m.Answered(c), m.TransferWanted(b, "", b2), m.Cleared(b, 16), m.Cleared(b2, 16))
    box.played(a)
    assert hears(box) == {a: c, c: a}
    booked(box)


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_attended_transfer_across_a_reload_of_extensions(when: str) -> None:
    box = box_with()
    phones = box.engine._board.config.extension
    again = tuple(msgspec.structs.replace(phone) for phone in phones)
    if when == "before":
        box.did(reloaded(box.engine, again, box.now))
    a, b = talk(box)
    if when == "between":
        box.did(reloaded(box.engine, again, box.now))
    b2, c = talk(box, "8002", phone="8001")
    if when == "after":
        box.did(reloaded(box.engine, again, box.now))
    box.tell(m.TransferWanted(b, "8002", b2))
    assert box.commands[0] == m.Transferred(b, ok=True)
    assert hears(box) == {a: c, c: a}
    booked(box)


@pytest.mark.parametrize("how", ["blind", "attended", "park"])
def test_who_waits_for_a_phone_that_gives_its_consulted_party_away_is_rung_back(how: str) -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "*28002#")
    c = box.asked(m.Dial).leg
    box.tell(m.Answered(c))
    if how == "attended":
        b2, _d = talk(box, "8003", phone="8001")
        box.tell(m.TransferWanted(b, "", b2), m.Cleared(b2, 16))
    else:
        box.tell(m.TransferWanted(b, {"blind": "8009", "park": "*68"}[how]))
    box.tell(m.Cleared(b, 16))
    box.wait(1.5)
    assert rung(box) == ["8001"], "not joined with a stranger, not forgotten"
    back = box.asked(m.Dial).leg
    box.tell(m.Answered(back))
    assert hears(box)[a] == back
    booked(box)


@pytest.mark.parametrize("state", ["flow", "waiting", "offering", "announcing"])
def test_who_waits_goes_on_in_the_place_of_a_phone_that_consulted_a_queue_and_hung_up(state: str) -> None:
    agents = [{"number": "101", "extension": "8002", "start": "ready"}, {"number": "102", "start": "ready"}]
    box = box_with(agent=agents)
    if state == "waiting":
        talk(box, "8003", phone="8002")
    a, b = talk(box)
    box.key(b, "*296900#")
    if state != "flow":
        box.played(b)
        box.key(b, "1")
    if state == "announcing":
        box.tell(m.Answered(box.asked(m.Dial).leg))
    assert box.engine.calls()[-1].state == state
    box.tell(m.Cleared(b, 16))
    assert not rung(box)
    assert box.asked(m.Play).leg == a
    assert [call.state for call in box.engine.calls() if a in [leg.leg for leg in call.legs]] == [state]
    box.tell(m.Cleared(a, 16))
    booked(box)
