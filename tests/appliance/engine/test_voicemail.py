# SPDX-License-Identifier: GPL-2.0-or-later
"""Callers come to a box and leave messages: busy, no answer, after hours, dialled, by a flow; nothing is lost."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import BoxMessage, OpenBooks, OpenLeg
from appliance.contract.edge import Lamp
from appliance.engine.engine import Engine
from tests.appliance.engine.box import CONFIG, Box, config, flow
from tests.appliance.engine.test_reaching import closes, fails, rung

ANN = {"name": "ann", "extension": "8001", "number": "8600"}
SAMPLES = 8000


def box_of(*boxes: Mapping[str, Any], phones: Mapping[str, Mapping[str, Any]] | None = None, **changes: Any) -> Box:
    """Return a house with these boxes; `phones`: further keys of phones."""
    extensions = [{**each, **(phones or {}).get(each["number"], {})} for each in CONFIG["extension"]]
    return Box(config(voicemail=[*(boxes or (ANN,))], extension=extensions, **changes))


def said(box: Box) -> list[str]:
    """Return what the last step plays."""
    return [sound.partition("/")[2] or sound for sound in box.asked(m.Play).sounds]


def spoken(box: Box, leg: int, seconds: float = 5.0) -> r.MessageClosed:
    """Hear the greeting, speak a message of so many seconds, end it with the hash key; return its record."""
    box.played(leg)
    record = box.asked(m.Record)
    box.tell(m.Recorded(record.recording, round(seconds * SAMPLES), why="key"))
    return box.wrote(r.MessageClosed)


def counts(box: Box, name: str = "ann") -> tuple[int, int]:
    return box.engine._board.boxes.by_name[name].counts()


def lamp(box: Box, extension: str) -> tuple[int, int]:
    lamps = [each for each in box.engine.lamps() if isinstance(each, Lamp)]
    return next((each.waiting, each.old) for each in lamps if each.extension == extension)


@pytest.mark.parametrize(("cause", "why"), [(17, "busy"), (21, "busy"), (19, "no_answer"), (27, "no_answer")])
def test_a_caller_who_is_not_answered_leaves_a_message_with_its_envelope(cause: int, why: str) -> None:
    box = box_of()
    a = box.call_in("8001", m.Party("13800138000", "Wang"))
    assert rung(box) == ["8001"]
    fails(box, cause)
    assert box.asked(m.Answer).leg == a
    assert said(box) == [f"voicemail-{why.replace('_', '-')}", "voicemail-leave", "tone:beep"]
    box.played(a)
    assert box.asked(m.Record) == m.Record(a, 2, "voicemail/000000/000000002.wav", "said", 180.0, "#", 8.0)
    opened = box.wrote(r.MessageOpened)
    assert (opened.box, opened.call, opened.leg, opened.why) == ("ann", 1, a, why)
    assert (opened.caller.number, opened.caller.name) == ("13800138000", "Wang")
    box.tell(m.Recorded(2, 5 * SAMPLES, why="key"))
    assert box.wrote(r.MessageClosed) == r.MessageClosed(2, 5 * SAMPLES)
    assert said(box) == ["voicemail-saved"]
    box.played(a)
    assert box.asked(m.Clear).cause == 16
    assert (counts(box), lamp(box, "8001")) == ((1, 0), (1, 0))
    closes(box)
    assert [each.kind for each in box.all(r.SegmentOpened)] == ["ring", "message"]


def test_the_phone_rings_for_its_own_time_then_the_box_answers() -> None:
    box = box_of(phones={"8001": {"ring_s": 12}})
    box.call_in("8001")
    box.tell(m.Alerting(1))
    box.wait(11)
    assert not box.commands
    box.wait(2)
    assert box.asked(m.Clear) == m.Clear(1, 19)
    assert said(box)[-1] == "tone:beep"
    assert box.engine.calls()[0].state == "greeting"
    closes(box)


def test_a_box_that_does_not_take_busy_calls_lets_them_be_busy() -> None:
    box = box_of({**ANN, "takes": ["no_answer"]})
    box.call_in("8001")
    fails(box, 17)
    assert box.asked(m.Clear).cause == 17
    closes(box)


def test_forwards_and_further_numbers_come_first_and_the_box_is_that_of_the_extension_that_was_called() -> None:
    bob = {"name": "bob", "extension": "8002"}
    box = box_of(ANN, bob, phones={"8001": {"follow_me": ["8002", "8003"]}})
    box.call_in("8001")
    for number in ("8001", "8002", "8003"):
        assert rung(box) == [number]
        fails(box, 19)
    assert box.engine._board.calls[1].activity.stretch().what == "ann"  # type: ignore[union-attr]
    closes(box)


def test_a_phone_that_forwards_all_calls_leaves_them_to_the_box_of_the_other() -> None:
    box = box_of(ANN, {"name": "bob", "extension": "8002"}, phones={"8001": {"forward_always": "8002"}})
    box.call_in("8001")
    fails(box, 17)
    assert box.engine._board.calls[1].activity.stretch().what == "bob"  # type: ignore[union-attr]
    closes(box)


@pytest.mark.parametrize("order", ["all", "in_turn", "rotating"])
def test_calls_to_a_group_are_not_taken_by_the_box_of_one_of_its_phones(order: str) -> None:
    box = box_of(hunt=[{"number": "8100", "extensions": ["8001", "8002"], "order": order}])
    box.call_in("8100")
    while not any(isinstance(each, m.Clear) for each in box.commands):
        fails(box, 17)
    assert not box.all(r.MessageOpened)
    assert box.asked(m.Clear).cause == 17
    closes(box)


def test_a_group_may_end_in_a_box() -> None:
    box = box_of(hunt=[{"number": "8100", "extensions": ["8002"], "otherwise": "*998001"}])
    box.call_in("8100")
    fails(box, 19)
    assert said(box) == ["voicemail-leave", "tone:beep"]
    closes(box)


def test_a_forward_to_the_box_chooses_the_greeting() -> None:
    box = box_of({**ANN, "takes": [], "greetings": {"busy": "ann-busy"}}, phones={"8001": {"forward_busy": "*998001"}})
    box.call_in("8001")
    fails(box, 17)
    assert said(box) == ["ann-busy", "tone:beep"]
    closes(box)


@pytest.mark.parametrize("dialled", ["8600", "*998001", "*998600"])
def test_the_number_of_a_box_and_the_code_lead_to_it_and_nothing_rings(dialled: str) -> None:
    box = box_of()
    leg = box.phone_dials(dialled, "8002")
    assert not rung(box)
    assert said(box) == ["voicemail-leave", "tone:beep"]
    assert spoken(box, leg).kept
    closes(box)


def test_a_code_without_a_box_behind_it_leads_nowhere() -> None:
    box = box_of()
    box.phone_dials("*998003", "8002")
    assert box.asked(m.Clear).cause in (1, 28)
    closes(box)


def test_a_caller_from_outside_reaches_the_number_of_a_box_but_no_code() -> None:
    box = box_of()
    box.call_in("8600")
    assert said(box) == ["voicemail-leave", "tone:beep"]
    box.call_in("*998001")
    assert box.asked(m.Clear).cause == 1
    closes(box)


def _at(at: datetime, _tick: int) -> datetime:
    return at


def test_after_hours_the_phone_does_not_ring() -> None:
    plan = [{"name": "office", "hours": "mon-fri 08:00-18:00"}]
    for at, rings in (
        (datetime(2024, 1, 1, 12), True),  # noqa: DTZ001 - hours are local
        (datetime(2024, 1, 1, 20), False),  # noqa: DTZ001
    ):
        box = box_of({**ANN, "plan": "office"}, plan=plan)
        engine = Engine(box.engine._board.config, {"hotline": flow()}, OpenBooks(), partial(_at, at))
        engine.handle(m.Attached("test", 64), 0)
        box.engine = engine
        box.call_in("8001")
        assert rung(box) == (["8001"] if rings else [])
        if not rings:
            assert said(box) == ["voicemail-after-hours", "voicemail-leave", "tone:beep"]
        closes(box)


def test_the_hash_key_skips_the_greeting_once() -> None:
    box = box_of()
    leg = box.phone_dials("8600")
    box.key(leg, "1")
    assert not box.commands
    box.key(leg, "#")
    assert said(box) == ["tone:beep"]
    box.key(leg, "#")
    assert not box.commands
    assert spoken(box, leg).kept
    closes(box)


def test_who_hangs_up_leaves_what_was_said_and_too_little_is_not_kept() -> None:
    box = box_of()
    for seconds, kept in ((5.0, True), (1.9, False)):
        leg = box.phone_dials("8600")
        box.played(leg)
        number = box.asked(m.Record).recording
        box.tell(m.Cleared(leg, 16))
        assert not box.engine.calls(), "the call does not wait for the file"
        box.tell(m.Recorded(number, round(seconds * SAMPLES), why="leg"))
        assert box.wrote(r.MessageClosed).kept is kept
    assert counts(box) == (1, 0)
    closes(box)


def test_a_disk_that_fails_is_told_to_the_caller_and_what_it_has_is_kept() -> None:
    box = box_of()
    leg = box.phone_dials("8600")
    box.played(leg)
    box.tell(m.Recorded(box.asked(m.Record).recording, 0, "No space left on device", "disk"))
    assert said(box) == ["voicemail-failed"]
    assert box.wrote(r.TroubleNoted).kind == "voicemail"
    leg = box.phone_dials("8600", "8002")
    box.played(leg)
    box.tell(m.Recorded(box.asked(m.Record).recording, 5 * SAMPLES, "No space left on device", "disk"))
    assert said(box) == ["voicemail-saved"]
    assert counts(box) == (1, 0)
    closes(box)


def test_a_full_box_says_so() -> None:
    box = box_of({**ANN, "messages": 1})
    spoken(box, box.phone_dials("8600"))
    leg = box.phone_dials("8600", "8002")
    assert said(box) == ["voicemail-full"]
    box.played(leg)
    assert box.asked(m.Clear).leg == leg
    closes(box)


NODES: dict[str, Any] = {
    "start": "leave",
    "node": {
        "leave": {"do": "voicemail", "box": "{called}", "why": "busy", "next": "thanks", "otherwise": "sorry"},
        "thanks": {"do": "play", "prompts": ["goodbye"], "next": "end"},
        "sorry": {"do": "play", "prompts": ["nobody-available"], "next": "end"},
        "end": {"do": "hangup"},
    },
}


@pytest.mark.parametrize(
    ("called", "seconds", "goes_to"), [("8600", 5.0, "goodbye"), ("8600", 0.5, "nobody-available")]
)
def test_a_flow_takes_a_message_and_goes_on_by_its_result(called: str, seconds: float, goes_to: str) -> None:
    boxes = [{**ANN, "number": ""}, {"name": "front", "number": "8600"}]
    box = Box(
        config(voicemail=boxes, route=[{"called": "96*", "flow": "leave"}, {"called": "8600*", "flow": "leave"}]),
        {"leave": flow({**NODES, "node": {**NODES["node"], "leave": {**NODES["node"]["leave"], "box": called}}})},
    )
    leg = box.call_in("9699")
    assert said(box) == ["voicemail-busy", "voicemail-leave", "tone:beep"]
    spoken(box, leg, seconds)
    box.played(leg)
    assert said(box) == [goes_to]
    box.played(leg)
    closes(box)


def test_a_flow_that_names_no_box_goes_on_and_notes_a_trouble() -> None:
    box = Box(config(route=[{"called": "96*", "flow": "leave"}]), {"leave": flow(NODES)})
    leg = box.call_in("9699")
    assert said(box) == ["nobody-available"]
    assert "box" in box.wrote(r.TroubleNoted).english
    box.played(leg)
    closes(box)


def test_a_message_of_a_call_server_that_was_killed_is_closed_by_the_switch_or_by_time() -> None:
    spoken_now = [
        BoxMessage(n, "ann", 2, f"voicemail/{n}.wav", "138", "", 0, "busy", "", 1000, 0, 1, 0, 0) for n in (7, 8)
    ]
    old = BoxMessage(5, "ann", 2, "voicemail/5.wav", "139", "", 0, "busy", "", 1000, 8000, 0, 1, 0)
    books = OpenBooks(
        next_call=2,
        next_leg=3,
        next_recording=9,
        calls=(1,),
        legs=(OpenLeg(2, 1, "pri:carrier", "138"),),
        messages=(old, *spoken_now),
    )
    box = Box(config(voicemail=[ANN]), books=books)
    box.audit.calls[1], box.audit.legs[2], box.audit.last_call = {2}, 1, 1
    box.audit.messages, box.audit.recordings = {5, 7, 8}, {7: -2, 8: -2}
    box.tell(m.Recorded(7, 4 * SAMPLES, why="leg"))  # the replay
    box.tell(m.Cleared(2, 41))
    box.tell(m.Attached("test", 64))
    assert counts(box) == (1, 1)
    box.wait(3)
    assert box.all(r.MessageClosed) == [r.MessageClosed(7, 4 * SAMPLES), r.MessageClosed(8, 0, "lost")]
    assert counts(box) == (2, 1), "what the file has of a lost one can be heard"
    assert lamp(box, "8001") == (2, 1)


def test_lamps_of_all_phones_of_a_box_show_its_messages() -> None:
    box = box_of({**ANN, "lamps": ["8002"]}, {"name": "front", "number": "8601", "lamps": ["8002"]})
    spoken(box, box.phone_dials("8600"))
    spoken(box, box.phone_dials("8601", "8003"))
    assert [lamp(box, number) for number in ("8001", "8002", "8003")] == [(1, 0), (2, 0), (0, 0)]
    closes(box)


def test_a_message_in_a_queues_box_is_a_task_with_a_deadline() -> None:
    box = box_of({"name": "late", "number": "8602", "queue": "sales", "due_s": 60})
    closed = spoken(box, box.phone_dials("8602"))
    task = box.wrote(r.MessageTasked)
    now = int(box.engine._board.clock().timestamp() * 1000)
    assert task == r.MessageTasked(closed.message, "open", "", now + 60_000)
    closes(box)
