# SPDX-License-Identifier: GPL-2.0-or-later
"""Goals of a call: forwards, do not disturb, call waiting, further numbers, hunt groups, 302."""

from collections.abc import Mapping
from typing import Any

import pytest

from appliance.api.messages import HangUp, SetPhone
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from appliance.contract.switch import Cause
from tests.appliance.engine.box import CONFIG, Box, config


def box_with(phones: Mapping[str, Mapping[str, Any]] | None = None, **changes: Any) -> Box:
    """Return a box whose phones have these keys beside their own."""
    phones = phones or {}
    return Box(
        config(extension=[{**each, **phones.get(each["number"], {})} for each in CONFIG["extension"]], **changes)
    )


def rung(box: Box) -> list[str]:
    """Return the numbers dialled in the last step."""
    return [command.called for command in box.commands if isinstance(command, m.Dial)]


def fails(box: Box, cause: int) -> None:
    """Clear all ringing legs from their side."""
    ringing = [leg for leg in box.engine._board.legs.values() if leg.at is not None and leg.at is not leg.call.activity]
    box.tell(*[m.Cleared(leg.number, cause) for leg in ringing])


def closes(box: Box) -> None:
    """Clear everything that is up; the books must balance."""
    for call in box.engine.calls():
        box.did(box.engine.request(HangUp(call.call), box.now))
    box.tell(*[m.Cleared(leg, 16) for leg in list(box.engine._board.legs)])
    box.tell(*[m.Recorded(number, 0) for number in list(box.engine._board.recordings)])
    box.audit.idle()
    box.wait(60)  # agents rest: wrap-up, back-off
    assert box.engine.next_deadline() is None


def test_forward_always() -> None:
    box = box_with({"8001": {"forward_always": "8002"}})
    box.call_in("8001")
    assert rung(box) == ["8002"]
    closes(box)


def test_forward_to_the_outside_goes_on_the_forwarders_account() -> None:
    box = box_with({"8001": {"forward_always": "013800138000", "caller": "57501001"}})
    box.call_in("8001")
    dial = box.asked(m.Dial)
    assert (dial.line, dial.called, dial.caller.number) == ("pri:carrier", "13800138000", "57501001")
    closes(box)


@pytest.mark.parametrize(
    ("cause", "goes_to"),
    [(Cause.USER_BUSY, "8002"), (Cause.CALL_REJECTED, "8002"), (Cause.NO_ANSWER, "8003"), (20, "8003")],
)
def test_forward_when_busy_or_not_answered(cause: int, goes_to: str) -> None:
    box = box_with({"8001": {"forward_busy": "8002", "forward_no_answer": "8003"}})
    box.call_in("8001")
    assert rung(box) == ["8001"]
    fails(box, cause)
    assert rung(box) == [goes_to]
    closes(box)


def test_a_phone_that_forwards_rings_for_its_own_time_then_the_other() -> None:
    box = box_with({"8001": {"forward_no_answer": "8002", "ring_s": 12}})
    a = box.call_in("8001")
    box.tell(m.Alerting(1))
    box.wait(11)
    assert not rung(box)
    box.wait(2)
    assert rung(box) == ["8002"]
    assert box.asked(m.Clear) == m.Clear(1, Cause.NO_ANSWER)
    box.tell(m.Answered(1), m.Cleared(1, 19), m.Alerting(3), m.Answered(3))
    assert box.wrote(r.SegmentOpened).legs == (a, 3)
    closes(box)


def test_further_numbers_are_tried_in_order_and_a_way_outside_is_one_of_them() -> None:
    box = box_with({"8001": {"follow_me": ["8002", "0138", "8003"], "follow_me_ring_s": 5}})
    a = box.call_in("8001")
    seen = rung(box)
    box.wait(34)
    seen += rung(box)
    assert seen == ["8001", "8002", "138", "8003"]
    box.wait(2)
    assert {command.cause for command in box.commands if isinstance(command, m.Clear)} == {Cause.NO_ANSWER}
    box.tell(m.Cleared(a, 19))
    closes(box)


def test_do_not_disturb_is_busy_and_may_be_forwarded() -> None:
    box = box_with({"8001": {"do_not_disturb": True}, "8002": {"do_not_disturb": True, "forward_busy": "8003"}})
    a = box.call_in("8001")
    assert not rung(box)
    assert box.asked(m.Clear) == m.Clear(a, Cause.USER_BUSY)
    box.call_in("8002")
    assert rung(box) == ["8003"]
    closes(box)


@pytest.mark.parametrize("waiting", [True, False])
def test_call_waiting(waiting: bool) -> None:
    box = box_with({"8009": {"call_waiting": waiting}})
    box.phone_dials("8001")
    a = box.call_in("8009")
    assert rung(box) == (["8009"] if waiting else [])
    if not waiting:
        assert box.asked(m.Clear) == m.Clear(a, Cause.USER_BUSY)
    closes(box)


def test_forwards_in_a_ring_end() -> None:
    box = box_with({"8001": {"forward_always": "8002"}, "8002": {"forward_always": "8001"}})
    a = box.call_in("8001")
    assert box.asked(m.Clear) == m.Clear(a, Cause.TEMPORARY_FAILURE)
    assert box.wrote(r.TroubleNoted).kind == "forward_loop"
    closes(box)


def test_forward_to_a_hotline() -> None:
    box = box_with({"8001": {"forward_busy": "96900"}})
    a = box.call_in("8001")
    fails(box, Cause.USER_BUSY)
    assert box.asked(m.Answer).leg == a
    assert box.asked(m.Play).sounds == ("prompt:en/welcome",)
    closes(box)


def test_a_flow_dials_a_phone_that_is_forwarded_and_comes_back_when_nobody_answers() -> None:
    box = box_with({"8009": {"forward_busy": "8001"}})
    a = box.to_queue("3")
    assert rung(box) == ["8009"]
    fails(box, Cause.USER_BUSY)
    assert rung(box) == ["8001"]
    fails(box, Cause.USER_BUSY)
    assert box.asked(m.Play).sounds == ("prompt:en/nobody-available",)
    assert box.asked(m.Play).leg == a
    closes(box)


GROUP = {"number": "8100", "extensions": ["8001", "8002", "8003"], "ring_s": 10}


def test_a_group_rings_all_and_the_first_to_answer_has_the_call() -> None:
    box = box_with({"8002": {"do_not_disturb": True}}, hunt=[GROUP])
    a = box.call_in("8100")
    assert rung(box) == ["8001", "8003"]
    box.tell(m.Alerting(1), m.Alerting(3))
    assert box.asked(m.Alert).leg == a
    assert box.asked(m.Play).sounds == ("tone:ringback",)
    box.tell(m.Cleared(1, 17))
    assert not box.commands, "the other still rings"
    box.tell(m.Answered(3))
    assert box.wrote(r.SegmentOpened).legs == (a, 3)
    closes(box)


def test_the_others_of_a_group_stop_when_one_answers() -> None:
    box = box_with(hunt=[GROUP])
    a = box.call_in("8100")
    box.tell(m.Answered(3))
    assert {command.leg for command in box.commands if isinstance(command, m.Clear)} == {1, 5}
    box.tell(m.Answered(1), m.Cleared(1, 16), m.Cleared(5, 16), m.Cleared(a, 16), m.Cleared(3, 16), m.Recorded(1, 1))
    assert box.all(r.CallClosed) == [r.CallClosed(1, "answered", 16, "caller")]
    box.audit.idle()


def test_caller_hangs_up_while_a_group_rings() -> None:
    box = box_with(hunt=[GROUP])
    a = box.call_in("8100")
    box.tell(m.Cleared(a, 16))
    assert {command.leg for command in box.commands if isinstance(command, m.Clear)} == {1, 3, 5}
    box.tell(m.Cleared(1, 16), m.Cleared(3, 16), m.Cleared(5, 16))
    box.audit.idle()


def test_a_group_in_turn_then_otherwise() -> None:
    box = box_with(hunt=[{**GROUP, "order": "in_turn", "otherwise": "8009"}])
    box.call_in("8100")
    seen = rung(box)
    for _ in range(3):
        box.wait(11)
        seen += rung(box)
    assert seen == ["8001", "8002", "8003", "8009"]
    closes(box)


def test_a_rotating_group_begins_with_another_phone_at_each_call() -> None:
    box = box_with(hunt=[{**GROUP, "order": "rotating"}])
    seen = []
    for _ in range(4):
        box.call_in("8100")
        seen += rung(box)
    assert seen == ["8001", "8002", "8003", "8001"]
    closes(box)


def test_an_empty_group_goes_on_or_fails() -> None:
    box = box_with(hunt=[{"number": "8100"}, {"number": "8101", "order": "in_turn", "otherwise": "8009"}])
    a = box.call_in("8100")
    assert box.asked(m.Clear).leg == a
    box.call_in("8101")
    assert rung(box) == ["8009"]
    closes(box)


# --- settings of users ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "setting", "value", "said"),
    [
        ("*728002", "forward_always", "8002", ["forward-always", "digit-8", "digit-0", "digit-0", "digit-2"]),
        ("*900138", "forward_busy", "0138", ["forward-busy", "digit-0", "digit-1", "digit-3", "digit-8"]),
        ("*928100", "forward_no_answer", "8100", ["forward-no-answer", "digit-8", "digit-1", "digit-0", "digit-0"]),
        ("*78", "do_not_disturb", "1", ["do-not-disturb-on"]),
        ("*44", "call_waiting", "", ["call-waiting-off"]),
    ],
)
def test_feature_codes_change_settings_and_say_so(code: str, setting: r.Setting, value: str, said: list[str]) -> None:
    box = box_with(hunt=[GROUP])
    a = box.phone_dials(code)
    assert box.wrote(r.SettingChanged) == r.SettingChanged("8009", setting, value)
    assert box.asked(m.Answer).leg == a
    assert box.asked(m.Play).sounds == tuple(f"prompt:en/{name}" for name in said)
    assert box.engine.phone_settings("8009")[setting] == value
    box.key(a, "1")
    box.played(a)
    assert box.asked(m.Clear) == m.Clear(a, 16)
    box.tell(m.Cleared(a, 16))
    assert box.wrote(r.CallClosed).disposition == "answered"
    box.audit.idle()


@pytest.mark.parametrize("code", ["*73", "*91", "*93", "*79", "*43"])
def test_codes_that_end_a_feature(code: str) -> None:
    box = box_with(
        {
            "8009": {
                "forward_always": "8001",
                "forward_busy": "8001",
                "forward_no_answer": "8001",
                "do_not_disturb": True,
                "call_waiting": False,
            }
        }
    )
    box.phone_dials(code)
    assert box.wrote(r.SettingChanged).value == ("1" if code == "*43" else "")
    assert box.asked(m.Play)
    box.phone_dials(code)
    assert not box.all(r.SettingChanged)[1:], "it is so already"
    closes(box)


@pytest.mark.parametrize("number", ["8009", "4444", "*78", "000441"])
def test_a_forward_that_leads_nowhere_or_too_far_is_refused(number: str) -> None:
    box = box_with({"8009": {"calling": "long_distance"}})
    box.phone_dials("*72" + number)
    assert not box.all(r.SettingChanged)
    assert box.asked(m.Play).sounds == ("prompt:en/not-possible",)
    with pytest.raises(RequestError, match="cannot be forwarded"):
        box.engine.request(SetPhone("8009", "forward_always", number), 0)
    closes(box)


def test_codes_are_for_phones_and_may_be_changed_or_switched_off() -> None:
    box = box_with(codes={"do_not_disturb": "*25", "call_waiting": ""})
    a = box.call_in("*25")
    assert box.asked(m.Clear) == m.Clear(a, Cause.UNALLOCATED_NUMBER)
    box.phone_dials("*43")
    assert box.asked(m.Clear).cause == Cause.UNALLOCATED_NUMBER
    box.phone_dials("*25")
    assert box.wrote(r.SettingChanged).setting == "do_not_disturb"
    closes(box)


def test_the_command_changes_settings() -> None:
    box = box_with()
    box.did(box.engine.request(SetPhone("8001", "forward_always", "8002"), box.now))
    assert box.wrote(r.SettingChanged) == r.SettingChanged("8001", "forward_always", "8002")
    box.call_in("8001")
    assert rung(box) == ["8002"]
    box.did(box.engine.request(SetPhone("8001", "forward_always", ""), box.now))
    box.call_in("8001")
    assert rung(box) == ["8001"]
    with pytest.raises(RequestError, match="no extension 7"):
        box.engine.request(SetPhone("7", "do_not_disturb", "1"), 0)
    closes(box)
