# SPDX-License-Identifier: GPL-2.0-or-later
"""Listening to a box at a phone: PIN, envelope, keys, call back, passing on, greetings; lamps follow."""

from typing import Any

import pytest

from appliance.api.messages import ChangeMessage
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import Ask, CheckPin
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import closes, rung
from tests.appliance.engine.test_voicemail import ANN, SAMPLES, box_of, counts, lamp, said, spoken

BOB = {"name": "bob", "extension": "8002"}


def house(messages: int = 2, *boxes: Any, **changes: Any) -> Box:
    """Return a house whose box `ann` has messages of 5 s from outside."""
    box = box_of(*(boxes or (ANN, BOB)), **changes)
    for n in range(messages):
        leg = box.call_in("8600", m.Party(f"1380013800{n}"))
        spoken(box, leg)
        box.tell(m.Cleared(leg, 16))
    return box


def listens(box: Box, phone: str = "8001", code: str = "*97", pin: str = "none") -> int:
    """Dial the code; the box has no PIN, or `pin` is the result of its check. Return the leg."""
    leg = box.phone_dials(code, phone)
    box.commands.clear()
    box.found(pin if pin == "none" else "wrong")
    return leg


def at_first(box: Box) -> int:
    leg = listens(box)
    box.played(leg)
    return leg


def test_the_phone_of_the_box_hears_counts_envelope_and_message_without_a_pin() -> None:
    box = house()
    leg = listens(box)
    assert said(box) == ["voicemail-you-have", "number-2", "voicemail-new"]
    box.played(leg)
    assert said(box)[:5] == ["voicemail-message", "number-1", "voicemail-from", "digit-1", "digit-3"]
    assert said(box)[-8:-1] == [
        *("voicemail-today", "number-12", "voicemail-hour", "number-0", "voicemail-minute"),
        *("number-5", "voicemail-seconds"),
    ]
    assert box.asked(m.Play).sounds[-1] == "file:recordings/voicemail/000000/000000002.wav"
    assert (counts(box), lamp(box, "8001")) == ((2, 0), (2, 0)), "not heard yet"
    box.played(leg)
    assert box.wrote(r.MessageMarked) == r.MessageMarked(2, "heard", "101")
    assert said(box) == ["voicemail-keys", "voicemail-more-keys"]
    assert lamp(box, "8001") == (1, 1)
    closes(box)


def test_a_message_that_was_not_heard_to_its_end_stays_new() -> None:
    box = house()
    leg = at_first(box)
    box.tell(m.Cleared(leg, 16))
    assert counts(box) == (2, 0)
    closes(box)


def test_keys_go_on_back_delete_and_keep() -> None:
    box = house(3)
    leg = at_first(box)
    box.key(leg, "6")
    assert "number-2" in said(box)
    box.key(leg, "3")
    assert box.wrote(r.MessageMarked) == r.MessageMarked(4, "deleted", "101")
    assert said(box)[:3] == ["voicemail-deleted", "voicemail-message", "number-3"]
    box.key(leg, "4")
    assert said(box)[:2] == ["voicemail-message", "number-1"], "the deleted one is passed over"
    box.key(leg, "2")
    assert box.wrote(r.MessageMarked) == r.MessageMarked(2, "saved", "101")
    assert said(box)[:3] == ["voicemail-kept", "voicemail-message", "number-3"]
    box.key(leg, "6")
    assert said(box) == ["voicemail-last", "voicemail-menu"]
    box.key(leg, "7")
    assert said(box) == ["voicemail-keys", "voicemail-more-keys"]
    assert counts(box) == (1, 1)
    closes(box)


def test_a_message_is_passed_on_with_its_caller_and_time() -> None:
    box = house(1)
    leg = at_first(box)
    box.key(leg, "5")
    assert said(box) == ["voicemail-enter-box"]
    box.key(leg, "8002#")
    opened = box.wrote(r.MessageOpened)
    assert (opened.box, opened.path, opened.passed) == ("bob", "voicemail/000000/000000002.wav", 2)
    assert opened.caller.number == "13800138000"
    assert opened.left_at == box.engine._board.boxes.by_name["ann"].messages[2].at
    assert said(box)[0] == "voicemail-passed"
    assert (lamp(box, "8002"), counts(box, "bob"), counts(box)) == ((1, 0), (1, 0), (1, 0))
    box.key(leg, "5")
    box.key(leg, "8003#")
    assert said(box)[0] == "not-possible"
    closes(box)


def test_call_back_by_one_key_goes_by_the_class_of_the_phone() -> None:
    box = house(1)
    leg = at_first(box)
    box.key(leg, "8")
    dial = box.asked(m.Dial)
    assert (dial.line, dial.called) == ("pri:carrier", "13800138000")
    assert counts(box) == (0, 1)
    box.tell(m.Answered(dial.leg))
    assert box.heard() == {leg: dial.leg, dial.leg: leg}
    closes(box)
    house_bound = house(1, phones={"8001": {"calling": "internal"}})
    leg = at_first(house_bound)
    house_bound.key(leg, "8")
    assert not rung(house_bound)
    assert said(house_bound)[0] == "not-possible"
    closes(house_bound)


def test_a_withheld_number_is_neither_said_nor_called() -> None:
    box = house(0)
    caller = box.call_in("8600", m.Party("13800138000", "", m.Presentation.RESTRICTED))
    spoken(box, caller)
    leg = at_first(box)
    assert "voicemail-from-unknown" in said(box)
    assert "digit-8" not in said(box)
    box.key(leg, "8")
    assert said(box)[0] == "not-possible"
    closes(box)


def test_another_phone_needs_the_pin() -> None:
    box = house()
    leg = listens(box, "8003", "*978001", "wrong")
    assert said(box) == ["agent-enter-pin"]
    box.key(leg, "4711#")
    ask = box.asks[-1]
    assert isinstance(ask, Ask)
    assert ask.what == CheckPin("box:ann", "4711")
    box.commands.clear()
    box.found("right")
    assert said(box)[0] == "voicemail-you-have"
    box.tell(m.Cleared(leg, 16))
    listens(box, "8003", "*978001")
    assert said(box) == ["not-possible"], "without a PIN only its own phones"
    closes(box)


def test_too_many_wrong_pins_lock_the_box_for_a_while() -> None:
    box = house()
    for n in range(5):
        leg = listens(box, "8003", "*978001", "wrong")
        box.key(leg, "1#")
        box.found("wrong")
        box.tell(m.Cleared(leg, 16))
        assert len(box.all(r.TroubleNoted)) == int(n == 4)
    listens(box, "8003", "*978001", "wrong")
    assert said(box) == ["agent-locked"]
    box.wait(1000)
    listens(box, "8002", "*978001", "wrong")
    assert said(box) == ["agent-enter-pin"]
    closes(box)


def test_a_greeting_is_recorded_heard_used_and_taken_back() -> None:
    box = house(0)
    leg = listens(box)
    box.key(leg, "9")
    box.key(leg, "1")
    box.key(leg, "1")
    assert said(box) == ["voicemail-speak", "tone:beep"]
    box.played(leg)
    number = box.asked(m.Record).recording
    assert box.wrote(r.MessageOpened).greeting == "busy"
    box.tell(m.Recorded(number, 4 * SAMPLES, why="key"))
    assert said(box) == ["voicemail-saved"]
    box.played(leg)
    assert said(box) == ["voicemail-greeting-keys"]
    box.key(leg, "2")
    sound = f"file:recordings/voicemail/000000/{number:09d}.wav"
    assert box.asked(m.Play).sounds == (sound,)
    box.tell(m.Cleared(leg, 16))
    caller = box.call_in("8001")
    box.tell(m.Cleared(rung_leg(box), 17))
    assert box.asked(m.Play).sounds == (sound, "tone:beep")
    assert counts(box) == (0, 0), "a greeting is no message"
    box.tell(m.Cleared(caller, 16))
    leg = listens(box)
    for key in "913":
        box.key(leg, key)
    assert box.wrote(r.MessageMarked) == r.MessageMarked(number, "deleted", "101")
    closes(box)


def rung_leg(box: Box) -> int:
    return box.asked(m.Dial).leg


def test_a_new_greeting_takes_the_place_of_the_one_before() -> None:
    box = house(0)
    leg = listens(box)
    numbers = []
    for keys in ("911", "1"):
        box.key(leg, keys)
        box.played(leg)
        numbers.append(box.asked(m.Record).recording)
        box.tell(m.Recorded(numbers[-1], 4 * SAMPLES, why="key"))
        box.played(leg)
    assert [each.message for each in box.all(r.MessageMarked)] == numbers[:1]
    closes(box)


def test_agents_take_and_finish_messages_of_a_queue() -> None:
    box = house(0, {"name": "late", "number": "8600", "queue": "sales", "lamps": ["8001"]})
    spoken(box, box.call_in("8600"))
    leg = listens(box)
    box.played(leg)
    box.played(leg)
    task = box.wrote(r.MessageTasked)
    assert (task.message, task.state, task.owner) == (2, "taken", "101")
    box.key(leg, "3")
    task = box.wrote(r.MessageTasked)
    assert (task.state, task.owner) == ("done", "101")
    closes(box)


def test_requests_mark_take_and_finish() -> None:
    box = house(1, {"name": "late", "number": "8600", "queue": "sales", "lamps": ["8001"]})
    for change, record in (
        (ChangeMessage(2, "taken", "102"), r.MessageTasked),
        (ChangeMessage(2, "heard"), r.MessageMarked),
        (ChangeMessage(2, "done"), r.MessageTasked),
        (ChangeMessage(2, "deleted"), r.MessageMarked),
    ):
        box.did(box.engine.request(change, box.now))
        box.wrote(record)
    assert box.all(r.MessageTasked)[-1].owner == "102"
    for wrong in (ChangeMessage(2, "heard"), ChangeMessage(99, "deleted")):
        with pytest.raises(RequestError, match="there is no message"):
            box.engine.request(wrong, box.now)
    personal = house(1)
    with pytest.raises(RequestError, match="is no task"):
        personal.engine.request(ChangeMessage(2, "taken", "101"), 0)
    closes(box)


def test_a_message_deleted_at_another_phone_is_passed_over() -> None:
    box = house(2)
    leg = at_first(box)
    box.did(box.engine.request(ChangeMessage(2, "deleted"), box.now))
    for key in "25":
        box.key(leg, key)
        assert not box.all(r.MessageMarked)[1:]
    closes(box)


def test_a_phone_without_a_box_is_told_so() -> None:
    box = house()
    box.phone_dials("*97", "8009")
    assert said(box) == ["not-possible"]
    closes(box)
