# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions of phones during a talk: hold, transfer, park, and pick-up of calls that ring elsewhere."""

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from appliance.engine.parts.legs import LegState
from appliance.store.ledger import Ledger
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with, closes, fails, rung


def talk(box: Box, called: str = "8001", phone: str = "") -> tuple[int, int]:
    """Begin a talk from outside, or of `phone`, with `called`; return both legs."""
    a = box.phone_dials(called, phone) if phone else box.call_in(called)
    b = box.asked(m.Dial).leg
    box.tell(m.Answered(b))
    return a, b


def hears(box: Box) -> dict[int, int]:
    """Return which leg hears which."""
    legs = box.engine._board.legs
    return {leg: other for leg, other in box.heard().items() if legs[leg].state is LegState.ACTIVE}


def booked(box: Box) -> None:
    """Write the history into real books: they must balance."""
    closes(box)
    with Store.in_memory(lockstep_wall(1_790_000_000_000)) as store:
        store.apply(1, box.now, box.history)
        assert Ledger(store.reader(), None, "none").check().found == {}


def test_hold_plays_music_to_the_one_who_waits() -> None:
    box = box_with()
    a, b = talk(box)
    box.tell(m.Held(b))
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("music:default",), loop=True)
    assert box.asked(m.Mix) == m.Mix((m.Gain(a, b, 0.0),))
    assert box.wrote(r.SegmentOpened).kind == "hold"
    box.tell(m.Held(a))
    assert box.asked(m.Play).leg == b
    box.tell(m.Resumed(b))
    assert box.asked(m.Hush).leg == a
    assert not [each for each in box.records if isinstance(each, r.SegmentOpened)], "the other one still holds"
    box.tell(m.Resumed(a))
    assert box.wrote(r.SegmentOpened).kind == "talk"
    assert hears(box) == {a: b, b: a}
    box.tell(m.Held(b), m.Cleared(a, 16))
    assert box.asked(m.Clear).leg == b
    booked(box)


def test_hold_where_nobody_waits_is_of_no_concern() -> None:
    box = box_with()
    a = box.to_queue()
    box.tell(m.Held(a), m.Resumed(a), m.TransferWanted(a, "8002"))
    assert box.asked(m.Transferred) == m.Transferred(a, ok=False)
    closes(box)


@pytest.mark.parametrize("giver", ["callee", "caller"])
def test_blind_transfer(giver: str) -> None:
    box = box_with()
    a, b = talk(box, "8002", phone="8001")
    gives, stays = (b, a) if giver == "callee" else (a, b)
    box.tell(m.TransferWanted(gives, "8003"))
    assert box.commands[0] == m.Transferred(gives, ok=True)
    assert box.asked(m.Clear) == m.Clear(gives, 16)
    dial = box.asked(m.Dial)
    assert (dial.called, dial.caller.number) == ("8003", "8001" if giver == "callee" else "8002")
    c = dial.leg
    box.tell(m.Cleared(gives, 16), m.Alerting(c), m.Answered(c))
    assert hears(box) == {stays: c, c: stays}
    assert {(show.leg, show.party.number) for show in box.commands if isinstance(show, m.Show)} == {
        (stays, "8003"),
        (c, dial.caller.number),
    }
    box.tell(m.Cleared(c, 16))
    assert box.asked(m.Clear).leg == stays
    booked(box)
    assert box.all(r.CallClosed)[0].disposition == "answered"


def test_a_transfer_that_fails_rings_the_giver_again() -> None:
    box = box_with()
    a, b = talk(box)
    box.tell(m.TransferWanted(b, "8003"), m.Cleared(b, 16))
    fails(box, Cause.USER_BUSY)
    assert rung(box) == ["8001"]
    back = box.asked(m.Dial).leg
    box.tell(m.Answered(back))
    assert hears(box) == {a: back, back: a}
    booked(box)


def test_nobody_takes_the_transferred_caller() -> None:
    box = box_with()
    a, b = talk(box)
    box.tell(m.TransferWanted(b, "8003"), m.Cleared(b, 16))
    fails(box, Cause.USER_BUSY)
    fails(box, Cause.USER_BUSY)
    assert box.asked(m.Play).sounds == ("tone:busy",)
    box.wait(9)
    assert box.asked(m.Clear).leg == a
    booked(box)
    assert box.all(r.CallClosed)[0].disposition == "answered"


@pytest.mark.parametrize("to", ["4444", "*78", "701x", "0555", "**8003"])
def test_a_transfer_that_cannot_be_is_refused_and_the_talk_goes_on(to: str) -> None:
    box = box_with({"8001": {"calling": "internal"}})
    a, b = talk(box)
    box.tell(m.TransferWanted(b, to))
    assert box.asked(m.Transferred) == m.Transferred(b, ok=False)
    assert hears(box) == {a: b, b: a}
    closes(box)


def test_an_outside_caller_may_not_transfer() -> None:
    box = box_with()
    a, _b = talk(box)
    box.tell(m.TransferWanted(a, "8003"))
    assert not box.asked(m.Transferred).ok
    closes(box)


def test_transfer_to_a_hotline_starts_its_flow() -> None:
    box = box_with()
    a, b = talk(box)
    box.tell(m.TransferWanted(b, "96900"))
    assert box.asked(m.Play).leg == a
    assert box.asked(m.Play).sounds == ("prompt:en/welcome",)
    booked(box)


def test_attended_transfer() -> None:
    box = box_with()
    a, b = talk(box)
    box.tell(m.Held(b))
    b2, c = talk(box, "8002", phone="8001")
    box.tell(m.TransferWanted(b, "8002", b2))
    assert box.commands[0] == m.Transferred(b, ok=True)
    assert {command.leg for command in box.commands if isinstance(command, m.Clear)} == {b, b2}
    assert hears(box) == {a: c, c: a}
    box.tell(m.Cleared(b, 16), m.Cleared(b2, 16))
    assert box.wrote(r.CallClosed).call == 2
    assert box.engine.calls()[0].call == 1
    assert {leg.leg for leg in box.engine.calls()[0].legs} == {a, c}
    box.tell(m.Cleared(a, 16))
    assert box.asked(m.Clear).leg == c
    booked(box)


def test_attended_transfer_to_an_outside_party_takes_its_channel_along() -> None:
    box = box_with()
    a, b = talk(box)
    b2 = box.phone_dials("0555", "8001")
    c = box.asked(m.Dial).leg
    box.tell(m.Seized(c, 2, 7), m.Answered(c), m.TransferWanted(b, "0555", b2))
    assert r.ChannelSeized(c, 1, 2, 7) in box.records
    assert hears(box) == {a: c, c: a}
    booked(box)


def test_attended_transfer_while_it_still_rings() -> None:
    box = box_with()
    a, b = talk(box)
    b2 = box.phone_dials("8002", "8001")
    box.tell(m.Alerting(box.asked(m.Dial).leg), m.TransferWanted(b, "8002", b2))
    c = box.asked(m.Dial).leg
    box.tell(m.Answered(c))
    assert hears(box) == {a: c, c: a}
    booked(box)


@pytest.mark.parametrize("which", ["gone", "own", "strange"])
def test_attended_transfer_with_a_leg_that_will_not_do(which: str) -> None:
    box = box_with()
    _a, b = talk(box)
    strange, _c = talk(box, "8003", phone="8002")
    box.tell(m.TransferWanted(b, "", {"gone": 999, "own": b, "strange": strange}[which]))
    assert not box.asked(m.Transferred).ok
    closes(box)


def test_an_agent_who_transfers_is_free_when_the_phone_is() -> None:
    box = Box()
    a = box.to_queue("2")
    b = box.asked(m.Dial).leg
    agent = box.all(r.OfferMade)[0].agent
    box.tell(m.Answered(b), m.TransferWanted(b, "8009"))
    assert box.agent(agent)[1] == "talking"
    box.tell(m.Cleared(b, 16))
    assert box.agent(agent)[1] == "idle"
    box.tell(m.Answered(box.engine._board.next_leg - 2))
    assert a in hears(box)
    booked(box)


# --- park -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("to", "place"), [("*68", "701"), ("705", "705")])
def test_park_and_take_back(to: str, place: str) -> None:
    box = box_with()
    a, b = talk(box)
    box.tell(m.TransferWanted(b, to))
    assert box.commands[0] == m.Transferred(b, ok=True)
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("music:default",), loop=True)
    assert box.wrote(r.SegmentOpened).kind == "park"
    box.tell(m.Cleared(b, 16))
    c = box.phone_dials(place, "8003")
    assert box.asked(m.Answer).leg == c
    assert hears(box) == {a: c, c: a}
    assert box.wrote(r.CallClosed).call == 2
    assert box.engine.calls()[0].state == "talking"
    c2 = box.phone_dials(place, "8009")
    assert box.asked(m.Clear) == m.Clear(c2, Cause.UNALLOCATED_NUMBER)
    booked(box)


def test_a_parked_call_comes_back() -> None:
    box = box_with(parking={"back_after_s": 30})
    a, b = talk(box)
    box.tell(m.TransferWanted(b, "*68"), m.Cleared(b, 16))
    box.wait(31)
    assert rung(box) == ["8001"]
    assert not box.engine._board.parked
    box.tell(m.Cleared(a, 16))
    booked(box)


def test_parked_callers_hang_up_and_places_run_out() -> None:
    box = box_with(parking={"places": 1})
    a, b = talk(box)
    _a2, b2 = talk(box, "8002")
    box.tell(m.TransferWanted(b, "*68"), m.TransferWanted(b2, "*68"))
    assert [command.ok for command in box.commands if isinstance(command, m.Transferred)] == [True, False]
    box.tell(m.Cleared(a, 16), m.TransferWanted(b2, "701"))
    assert box.asked(m.Transferred).ok
    booked(box)
    assert not box.engine._board.parked


def test_dialling_the_park_code_parks_nothing() -> None:
    box = box_with()
    a = box.phone_dials("*68")
    assert box.asked(m.Clear).leg == a
    closes(box)


# --- pick up ----------------------------------------------------------------------------------------------------------

GROUPS = {"8001": {"pickup_group": "x"}, "8002": {"pickup_group": "x"}, "8003": {"pickup_group": "y"}}


@pytest.mark.parametrize(
    ("code", "by", "takes"), [("*8", "8002", True), ("*8", "8003", False), ("**8001", "8003", True)]
)
def test_pick_up(code: str, by: str, takes: bool) -> None:
    box = box_with(GROUPS)
    a = box.call_in("8001")
    rings = box.asked(m.Dial).leg
    c = box.phone_dials(code, by)
    if takes:
        assert hears(box) == {a: c, c: a}
        assert m.Clear(rings, 26) in box.commands
        assert [command.leg for command in box.commands if isinstance(command, m.Show)] == [a, c]
    else:
        assert box.asked(m.Clear) == m.Clear(c, Cause.UNALLOCATED_NUMBER)
    booked(box)


def test_pick_up_without_a_group_or_a_call() -> None:
    box = box_with()
    box.call_in("8001")
    for code in ("*8", "**8002"):
        box.phone_dials(code, "8003")
        assert box.asked(m.Clear).cause == Cause.UNALLOCATED_NUMBER
    closes(box)
