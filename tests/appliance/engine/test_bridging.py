# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls between phones, to the outside and into the house: tones, causes both ways, caller numbers."""

import pytest

from appliance.api.messages import HangUp, Originate, SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from appliance.contract.switch import Cause, Presentation
from appliance.engine.parts.call import By
from tests.appliance.engine.box import Box, config


def _ringing(box: Box, inband: bool = False) -> tuple[int, int]:
    a = box.phone_dials("8002")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b, inband))
    return a, b


def test_phone_calls_phone() -> None:
    box = Box()
    a = box.phone_dials("8002")
    dial = box.asked(m.Dial)
    assert (dial.line, dial.called) == ("sip:8002@127.0.0.1:5002", "8002")
    assert dial.caller == m.Party("8009", "Desk")
    opened = box.wrote(r.CallOpened)
    assert (opened.direction, opened.caller.number, opened.called) == ("internal", "8009", "8002")
    assert [(leg.role, leg.number) for leg in box.all(r.LegOpened)] == [("caller", "8009"), ("extension", "8002")]
    b = dial.leg

    box.tell(m.Alerting(b))
    assert box.asked(m.Alert) == m.Alert(a, inband=True)
    assert box.asked(m.Play).sounds == ("tone:ringback",)
    assert box.asked(m.Play).loop

    box.now = 300
    box.tell(m.Answered(b))
    assert box.asked(m.Hush).leg == a
    assert box.asked(m.Answer).leg == a
    assert {(g.listener, g.leg) for g in box.mixed()} == {(a, b), (b, a)}
    assert box.asked(m.Record).leg == a
    assert box.wrote(r.CallAnswered)
    segment = box.wrote(r.SegmentOpened)
    assert (segment.kind, segment.legs) == ("talk", (a, b))

    box.tell(m.Cleared(b, 16))
    assert box.asked(m.Clear) == m.Clear(a, 16)
    assert not box.all(r.CallClosed)
    box.tell(m.Cleared(a, 16), m.Recorded(1, 4000))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "answered", 16, "callee")
    box.audit.idle()


RINGBACK = ("tone:ringback",)


def _hears(listener: int, speaker: int) -> m.Mix:
    return m.Mix((m.Gain(listener, speaker, 1.0),))


def hears(box: Box) -> dict[int, int]:
    """Return which leg hears which."""
    return box.heard()


def _plays(box: Box) -> list[tuple[str, ...] | None]:
    """Return the sounds that the last step plays to the caller, None where it stops them."""
    told = [command for command in box.commands if isinstance(command, m.Play | m.Hush)]
    return [command.sounds if isinstance(command, m.Play) else None for command in told]


def test_what_arrives_wins_over_ours_whenever_it_comes_and_ours_is_back_when_it_stops() -> None:
    box = Box()
    a, b = _ringing(box)
    assert _plays(box) == [RINGBACK]
    box.tell(m.Alerting(b, inband=True))
    assert _plays(box) == [], "a promise is not sound"
    assert box.asked(m.Mix) == _hears(a, b), "but its beginning shall not be missed"
    box.tell(m.EarlySound(b, heard=True))
    assert box.commands == [m.Hush(a)]
    box.tell(m.Alerting(b))
    assert not box.commands
    box.tell(m.EarlySound(b, heard=False))
    assert _plays(box) == [RINGBACK]
    box.tell(m.EarlySound(b, heard=True))
    assert _plays(box) == [None]
    box.tell(m.Answered(b))
    assert box.asked(m.Mix) == _hears(b, a), "a hears b already"


def test_a_promise_of_sound_that_does_not_come_leaves_our_tone() -> None:
    box = Box()
    a, b = _ringing(box, inband=True)
    assert [type(command) for command in box.commands] == [m.Show, m.Alert, m.Play, m.Mix]
    assert box.asked(m.Mix) == _hears(a, b)
    box.tell(m.Answered(b))
    assert _plays(box) == [None]


def test_sound_that_nobody_promised_is_heard_as_soon_as_it_rings() -> None:
    box = Box()
    a = box.phone_dials("8002")
    b = box.asked(m.Dial).leg
    box.tell(m.EarlySound(b, heard=True))
    assert not box.commands, "it does not ring yet"
    box.tell(m.Alerting(b))
    assert [type(command) for command in box.commands] == [m.Show, m.Alert, m.Mix]
    assert box.asked(m.Mix) == _hears(a, b)


def test_of_several_that_ring_the_one_that_sounds_is_heard() -> None:
    box = Box(config(hunt=[{"number": "8100", "extensions": ["8001", "8002", "8003"], "ring_s": 10}]))
    a = box.call_in("8100")
    box.tell(m.Alerting(1), m.Alerting(3, inband=True), m.Alerting(5))
    assert _plays(box) == [RINGBACK]
    box.tell(m.EarlySound(5, heard=True))
    assert hears(box) == {a: 5}
    assert _plays(box) == [None]
    box.tell(m.EarlySound(3, heard=True))
    assert not box.commands, "one at a time"
    box.tell(m.Cleared(5, 17))
    assert hears(box) == {a: 3}
    assert _plays(box) == []
    box.tell(m.EarlySound(3, heard=False))
    assert _plays(box) == [RINGBACK]
    box.tell(m.EarlySound(3, heard=True), m.Answered(1))
    assert hears(box) == {a: 1, 1: a}
    assert m.Hush(a) in box.commands


def test_the_next_to_be_rung_is_heard_by_its_own_sound() -> None:
    box = Box(config(hunt=[{"number": "8100", "order": "in_turn", "extensions": ["8001", "8002"], "ring_s": 5}]))
    a = box.call_in("8100")
    box.tell(m.Alerting(1, inband=True), m.EarlySound(1, heard=True))
    box.wait(6)
    second = box.asked(m.Dial).leg
    box.tell(m.Cleared(1, 19), m.Alerting(second))
    assert _plays(box) == [RINGBACK]
    assert hears(box).get(a, 0) in (0, 1), "who is gone is heard by nobody"


def test_sound_of_a_phone_that_is_not_called_for_somebody_concerns_nobody() -> None:
    box = Box()
    box.did(box.engine.request(Originate("8001", "8002"), box.now))
    a = box.asked(m.Dial).leg
    box.tell(m.EarlySound(a, heard=True), m.Alerting(a), m.EarlySound(a, heard=False), m.Answered(a))
    assert box.asked(m.Dial).called == "8002"
    box.tell(m.EarlySound(a, heard=True))
    assert not box.commands


@pytest.mark.parametrize(
    ("cause", "disposition", "by"),
    [
        (Cause.USER_BUSY, "busy", "callee"),
        (Cause.NO_ANSWER, "no_answer", "callee"),
        (Cause.CALL_REJECTED, "rejected", "callee"),
        (Cause.UNALLOCATED_NUMBER, "failed", "callee"),
        (Cause.NO_CIRCUIT, "failed", "line"),
        (Cause.DESTINATION_OUT_OF_ORDER, "failed", "line"),
    ],
)
def test_causes_reach_a_caller_who_is_not_answered(cause: int, disposition: r.Disposition, by: By) -> None:
    box = Box()
    a, b = _ringing(box)
    box.tell(m.Cleared(b, cause))
    assert box.asked(m.Clear) == m.Clear(a, cause)
    box.tell(m.Cleared(a, cause))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, disposition, cause, by)
    box.audit.idle()


def test_caller_hangs_up_while_it_rings() -> None:
    box = Box()
    a, b = _ringing(box)
    box.tell(m.Cleared(a, 16))
    assert box.asked(m.Clear) == m.Clear(b, 16)
    box.tell(m.Answered(b))
    assert not box.commands, "the answer crossed with our Clear"
    box.tell(m.Cleared(b, 16))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "abandoned", 16, "caller")
    box.audit.idle()


def test_nobody_rings_for_ever() -> None:
    box = Box()
    a, b = _ringing(box)
    box.wait(19)
    assert not box.commands
    box.wait(2)
    assert {command.leg: command.cause for command in box.commands if isinstance(command, m.Clear)} == {a: 19, b: 19}
    box.tell(m.Cleared(a, 19), m.Cleared(b, 19))
    assert box.all(r.CallClosed)[0].disposition == "no_answer"
    box.audit.idle()
    assert box.engine.next_deadline() is None


def test_phone_calls_outside() -> None:
    box = Box(config(outside={"prefix": "9", "line": "pri:carrier", "caller": "57501000"}))
    a = box.phone_dials("901012345")
    dial = box.asked(m.Dial)
    assert (dial.line, dial.called, dial.caller.number) == ("pri:carrier", "01012345", "57501000")
    assert box.wrote(r.CallOpened).direction == "out"
    b = dial.leg
    box.tell(m.Seized(b, 1, 31), m.Proceeding(b))
    assert box.wrote(r.ChannelSeized) == r.ChannelSeized(b, 1, 1, 31)
    box.tell(m.Seized(b, 1, 30))
    assert box.wrote(r.ChannelSeized) == r.ChannelSeized(b, 1, 1, 30), "glare: another channel"
    box.tell(m.Alerting(b, inband=True), m.Answered(b))
    assert box.asked(m.Record).leg == a
    assert box.asked(m.Record).path == "000000/000000001-000000001.wav"
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16), m.Recorded(1, 0, "disk full"))
    assert box.wrote(r.RecordingClosed).error == "disk full"
    assert box.wrote(r.TroubleNoted).kind == "recording"
    box.audit.idle()


def test_a_channel_seized_after_we_cleared_is_accounted_for() -> None:
    box = Box()
    a = box.phone_dials("01234567")
    b = box.asked(m.Dial).leg
    box.tell(m.Cleared(a, 16), m.Seized(b, 2, 4), m.Cleared(b, 16))
    assert box.all(r.ChannelSeized) == [r.ChannelSeized(b, 1, 2, 4)]
    box.audit.idle()


@pytest.mark.parametrize("dialled", ["55", "96905"])
def test_number_that_leads_nowhere(dialled: str) -> None:
    box = Box()
    a = box.phone_dials(dialled)
    assert box.asked(m.Clear) == m.Clear(a, Cause.UNALLOCATED_NUMBER)
    box.tell(m.Cleared(a, 1))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "failed", 1, "box")


def test_unknown_phone_is_rejected() -> None:
    box = Box()
    a = box.phone_dials("8001", phone="6666")
    assert box.asked(m.Clear) == m.Clear(a, Cause.CALL_REJECTED)
    assert "6666" in box.wrote(r.TroubleNoted).english


def test_phone_known_by_its_line() -> None:
    box = Box(
        config(extension=[{"number": "8001", "line": "station:8001"}, {"number": "8002", "line": "station:8002"}])
    )
    box.tell(m.Incoming(2, "station:8001", "8002", m.Party()))
    assert box.asked(m.Dial).caller.number == "8001"


def test_did_rings_a_phone_and_restricted_numbers_are_kept_but_not_shown() -> None:
    box = Box()
    a = box.call_in("8002", m.Party("13800138000", "Secret", Presentation.RESTRICTED))
    assert box.asked(m.Dial).caller == m.Party("", "", Presentation.RESTRICTED)
    assert box.wrote(r.CallOpened).caller.number == "13800138000"
    assert box.asked(m.Proceed).leg == a
    assert not [command for command in box.commands if isinstance(command, m.Answer)]


def test_a_restricted_number_goes_outside_marked_and_without_the_name() -> None:
    box = Box(config(outside={"prefix": "0", "caller": "57501000"}))
    box.tell(m.Incoming(2, "sip", "01234", m.Party("8001", "Ann", Presentation.RESTRICTED)))
    assert box.asked(m.Dial).caller == m.Party("57501000", "", Presentation.RESTRICTED)


def test_a_forwarded_caller_stays_restricted_on_the_line_and_hidden_from_phones() -> None:
    hidden = m.Party("13800138000", "Li", Presentation.RESTRICTED)
    box = Box(config(hunt=[{"number": "8100", "extensions": ["8001"], "otherwise": "05551234"}]))
    a = box.call_in("8100", hidden)
    assert box.asked(m.Dial).caller == m.Party(presentation=Presentation.RESTRICTED)
    box.tell(m.Cleared(1, 17))
    assert box.asked(m.Dial).caller == m.Party("13800138000", "", Presentation.RESTRICTED)
    box.tell(m.Cleared(3, 17), m.Cleared(a, 17))
    box.audit.idle()


def test_what_is_unavailable_goes_nowhere() -> None:
    box = Box(config(hunt=[{"number": "8100", "extensions": [], "otherwise": "05551234"}]))
    box.call_in("8100", m.Party("13800138000", "Li", Presentation.UNAVAILABLE))
    assert box.asked(m.Dial).caller == m.Party(presentation=Presentation.UNAVAILABLE)


def test_nothing_is_recorded_when_the_rule_says_so() -> None:
    box = Box(config(recording={"rule": "none"}))
    _a, b = _ringing(box)
    box.tell(m.Answered(b))
    assert not box.all(r.RecordingOpened)


def test_originate_rings_the_phone_then_dials() -> None:
    box = Box()
    box.did(box.engine.request(Originate("8001", "8002"), box.now))
    dial = box.asked(m.Dial)
    assert (dial.called, dial.caller.number) == ("8001", "8002")
    a = dial.leg
    box.tell(m.Alerting(a), m.Answered(a))
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b))
    assert box.asked(m.Play).leg == a
    box.tell(m.Answered(b))
    assert {gain.listener for gain in box.mixed()} == {a, b}
    assert box.asked(m.Record).leg == a
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16), m.Recorded(1, 1))
    assert box.all(r.CallClosed) == [r.CallClosed(1, "answered", 16, "caller")]
    box.audit.idle()


def test_originate_hears_busy_by_a_tone() -> None:
    """The phone's leg is answered: only a tone can signal the failure."""
    box = Box()
    box.did(box.engine.request(Originate("8001", "8002"), box.now))
    a = box.asked(m.Dial).leg
    box.tell(m.Answered(a))
    b = box.asked(m.Dial).leg
    box.tell(m.Cleared(b, Cause.USER_BUSY))
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("tone:busy",), loop=True)
    box.tell(m.Key(a, "1", 80))
    box.wait(10)
    assert box.asked(m.Clear) == m.Clear(a, Cause.USER_BUSY)
    box.tell(m.Cleared(a, Cause.USER_BUSY))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "busy", 17, "callee")
    box.audit.idle()


def test_originate_to_a_hotline() -> None:
    box = Box()
    box.did(box.engine.request(Originate("8001", "96900"), box.now))
    a = box.asked(m.Dial).leg
    box.tell(m.Answered(a))
    assert box.asked(m.Play).sounds == ("prompt:en/welcome",)
    assert box.wrote(r.CallOpened).flow == "hotline"


def test_originate_nobody_at_the_phone() -> None:
    box = Box()
    box.did(box.engine.request(Originate("8001", "8002"), box.now))
    a = box.asked(m.Dial).leg
    box.wait(31)
    assert box.asked(m.Clear) == m.Clear(a, Cause.NO_ANSWER)
    box.tell(m.Cleared(a, Cause.NO_ANSWER))
    assert box.wrote(r.CallClosed).disposition == "no_answer"
    assert box.agent("101")[1] == "idle"


def test_requests_that_cannot_be_done_say_why() -> None:
    box = Box()
    with pytest.raises(RequestError, match="no extension 7777") as unknown:
        box.engine.request(Originate("7777", "8001"), 0)
    assert "8001" in unknown.value.hint
    with pytest.raises(RequestError, match="leads nowhere"):
        box.engine.request(Originate("8001", "4444"), 0)
    with pytest.raises(RequestError, match="no call 5"):
        box.engine.request(HangUp(5), 0)
    with pytest.raises(RequestError, match="no agent 999") as agent:
        box.engine.request(SetAgent("999", "ready"), 0)
    assert "101" in agent.value.hint


def test_a_person_ends_a_call() -> None:
    box = Box()
    a, b = _ringing(box)
    box.did(box.engine.request(HangUp(1), box.now))
    assert {command.leg for command in box.commands if isinstance(command, m.Clear)} == {a, b}
    box.did(box.engine.request(HangUp(1), box.now))
    assert not box.commands
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "no_answer", 16, "box")
    box.audit.idle()


def test_views() -> None:
    box = Box()
    a, b = _ringing(box)
    call = box.engine.calls()[0]
    assert (call.call, call.state, call.direction) == (1, "calling", "internal")
    assert [(leg.leg, leg.state) for leg in call.legs] == [(a, "received"), (b, "delivered")]
