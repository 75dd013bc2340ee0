# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers that phones of the house dial: emergency, unknown and incomplete ones; how long an extension rings."""

import pytest

from appliance.api.messages import Originate, SetPhone
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from appliance.contract.switch import Cause
from appliance.engine.routes.routing import Routes, ToFlow, ToOutside, Undecided
from appliance.numbering import NumberError
from tests.appliance.engine.box import Box, config, flow
from tests.appliance.engine.test_outbound import dialled
from tests.appliance.engine.test_reaching import box_with, closes, fails, rung

HOTLINE = {"called": "*", "flow": "hotline"}
"""The examples' route: all numbers that callers from outside dial."""


# --- emergency numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["110", "119", "120", "122", "112", "911"])
@pytest.mark.parametrize("prefix", ["", "0"])
@pytest.mark.parametrize("inside", [False, True])
def test_an_emergency_number_goes_outside_with_and_without_the_prefix(number: str, prefix: str, inside: bool) -> None:
    box = box_with({"8001": {"calling": "internal"}}, route=[{**HOTLINE, "inside": inside}])
    box.phone_dials(prefix + number, "8001")
    assert dialled(box) == [("pri:carrier", number, "8001")]
    assert box.wrote(r.CallOpened).direction == "out"
    closes(box)


def test_nothing_that_is_configured_wrongly_shadows_an_emergency_number() -> None:
    """The check refuses such files; extensions may have been added in another way."""
    box = Box(
        config(
            extension=[{"number": each, "line": f"sip:{each}@127.0.0.1:5001"} for each in ("8001", "110", "0119")],
            agent=[],
            queue=[],
            hunt=[{"number": "119", "extensions": ["8001"]}],
            parking={"first": "120"},
            codes={"park": "122", "pick_up": "11"},
            route=[{"called": "112", "flow": "hotline"}],
        )
    )
    for number in ("110", "119", "120", "122", "112"):
        box.phone_dials(number, "8001")
        assert [each[:2] for each in dialled(box)] == [("pri:carrier", number)]
    closes(box)


def test_an_emergency_call_takes_ways_that_are_kept_for_others_and_then_every_other_line() -> None:
    box = box_with(
        {"8001": {"calling": "internal"}},
        outside={"line": "pri:carrier"},
        outgoing=[
            {"name": "bosses", "calling": "international", "via": ["trunk:gold"]},
            {"name": "night", "hours": "mon 22:00-23:00", "via": ["trunk:night"]},
            {"name": "far", "prefix": "00", "via": ["trunk:far"]},
        ],
    )
    a = box.phone_dials("110", "8001")
    lines = [dialled(box)]
    for _ in range(2):
        fails(box, Cause.NO_CIRCUIT)
        lines.append(dialled(box))
    assert lines == [[(line, "110", "8001")] for line in ("trunk:gold", "trunk:night", "pri:carrier")]
    fails(box, Cause.NO_CIRCUIT)
    assert box.asked(m.Clear) == m.Clear(a, Cause.NO_CIRCUIT)
    closes(box)


def test_an_emergency_call_is_held_up_by_no_limit_of_a_line() -> None:
    box = box_with(trunk_rule=[{"line": "pri:carrier", "calls": 1}])
    box.phone_dials("05551234", "8001")
    assert len(dialled(box)) == 1
    box.phone_dials("05551234", "8002")
    assert not dialled(box)
    box.phone_dials("119", "8003")
    assert [each[:2] for each in dialled(box)] == [("pri:carrier", "119")]
    closes(box)


@pytest.mark.parametrize("number", ["110", "0110", "701", "*78", "4444"])
def test_no_phone_forwards_its_calls_to_an_emergency_number_or_where_no_call_can_go(number: str) -> None:
    box = Box()
    a = box.phone_dials(f"*72{number}", "8001")
    box.tell(m.Played(a, 1))
    assert box.engine.phone_settings("8001")["forward_always"] == ""
    with pytest.raises(RequestError, match="cannot be forwarded"):
        box.engine.request(SetPhone("8001", "forward_busy", number), box.now)
    closes(box)


def test_an_emergency_number_is_reached_from_every_door() -> None:
    box = box_with({"8001": {"calling": "internal", "follow_me": ("110",)}})
    step = box.did(box.engine.request(Originate("8002", "110"), box.now))
    assert [command.called for command in step.commands if isinstance(command, m.Dial)] == ["8002"]
    box.tell(m.Answered(1))
    assert dialled(box)[0][:2] == ("pri:carrier", "110")
    leads = box.engine.explain("8001", "110")
    assert ([way.called for way in leads.lines], leads.cause) == (["110"], 0)
    closes(box)


@pytest.mark.parametrize(
    ("called", "complete", "leads"),
    [
        ("11", False, Undecided.MORE),
        ("110", False, ToOutside("110")),
        ("119", False, Undecided.MORE),  # extension 1190 begins so: T302, or '#', decides
        ("119", True, ToOutside("119")),
        ("1190", True, "phone"),
        ("95", False, Undecided.MORE),
        ("9512", False, Undecided.MORE),
        ("9512", True, ToOutside("9512")),
    ],
)
def test_emergency_numbers_digit_by_digit(called: str, complete: bool, leads: object) -> None:
    plan = Routes(
        config(extension=[{"number": "1190"}], outside={"prefix": "0", "emergency": ["110", "119", "95*"]}, route=[])
    )
    found = plan.find(called, complete=complete, phone=True)
    assert found == leads or (leads == "phone" and not isinstance(found, Undecided | ToOutside))


def test_emergency_numbers_are_no_numbers_of_the_house_for_callers_from_outside() -> None:
    assert Routes(config()).find("110", complete=True, phone=False) is Undecided.NOWHERE


# --- unknown, incomplete, no number at all ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("called", "cause"),
    [
        ("4444", Cause.UNALLOCATED_NUMBER),
        ("99", Cause.UNALLOCATED_NUMBER),
        ("*72", Cause.INVALID_NUMBER_FORMAT),
        ("*90", Cause.INVALID_NUMBER_FORMAT),
        ("**", Cause.INVALID_NUMBER_FORMAT),
        ("*7", Cause.INVALID_NUMBER_FORMAT),
        ("800", Cause.INVALID_NUMBER_FORMAT),
        ("70", Cause.INVALID_NUMBER_FORMAT),
        ("0", Cause.INVALID_NUMBER_FORMAT),
        ("", Cause.INVALID_NUMBER_FORMAT),
        ("abc", Cause.INVALID_NUMBER_FORMAT),
        ("8002\r\nX: 1", Cause.INVALID_NUMBER_FORMAT),
    ],
)
def test_a_phone_is_told_what_is_wrong_with_a_number(called: str, cause: Cause) -> None:
    box = box_with(route=[HOTLINE, {"called": "96900", "flow": "hotline"}])
    a = box.phone_dials(called)
    assert box.asked(m.Clear) == m.Clear(a, cause)
    box.tell(m.Cleared(a, cause))
    assert box.wrote(r.CallClosed).cause == cause
    box.audit.idle()


def test_callers_from_outside_still_reach_the_route_of_everything() -> None:
    box = box_with(route=[HOTLINE])
    for called in ("4444", "", "line-1"):  # a carrier may call the name at which the box registered
        box.call_in(called)
        assert box.wrote(r.CallOpened).flow == "hotline"
    closes(box)


def test_a_route_with_inside_is_for_phones_too_but_takes_no_incomplete_code() -> None:
    plan = Routes(config(route=[{**HOTLINE, "inside": True}, {"called": "96*", "flow": "outside"}]))
    assert plan.find("9644", complete=True, phone=True) == ToFlow("hotline")
    assert plan.find("9644", complete=True, phone=False) == ToFlow("outside")
    assert plan.find("*72", complete=True, phone=True) is Undecided.INCOMPLETE
    assert plan.find("*72", complete=False, phone=True) is Undecided.MORE
    assert plan.find("0138", complete=True, phone=True) == ToOutside("138")


def test_calls_are_not_forwarded_into_the_route_of_everything() -> None:
    box = box_with(route=[HOTLINE])
    a = box.phone_dials("*724444")
    box.tell(m.Played(a, 1))
    assert box.engine.phone_settings("8009")["forward_always"] == ""
    with pytest.raises(RequestError, match="cannot be forwarded to 4444"):
        box.engine.request(SetPhone("8009", "forward_always", "4444"), box.now)
    closes(box)


def test_a_number_that_was_incomplete_at_the_pause_is_told_so() -> None:
    """Q.931 5.2.4: T302 expires, and the number is incomplete: cause 28."""
    box = Box()
    a = box.call_in("9", complete=False)
    box.wait(11)
    assert box.asked(m.Clear) == m.Clear(a, Cause.INVALID_NUMBER_FORMAT)
    box.tell(m.Cleared(a, 28))
    box.audit.idle()


@pytest.mark.parametrize("number", ["0138-0013 8000", "+86 138 0013 8000"])
def test_separators_and_plus_are_understood_at_phones(number: str) -> None:
    box = Box()
    box.phone_dials(number)
    [(line, called, _)] = dialled(box)
    assert (line, called) == ("pri:carrier", "13800138000")
    closes(box)


def test_a_number_with_plus_needs_the_class_of_what_is_dialled_for_it_here() -> None:
    box = box_with({"8001": {"calling": "long_distance"}})
    a = box.phone_dials("+1 555 0100", "8001")
    assert box.asked(m.Clear) == m.Clear(a, Cause.CALL_REJECTED)
    box.tell(m.Cleared(a, Cause.CALL_REJECTED))
    box.phone_dials("+86 10 6552 9988", "8001")
    assert [each[:2] for each in dialled(box)] == [("pri:carrier", "01065529988")]
    closes(box)


# --- the same grammar for requests ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["hello world", "", "0abc\r\nX-Evil: 1", "0<x>;y=1@evil.example", "9" * 60, "8002\n"])
def test_no_request_takes_a_text_for_a_number(text: str) -> None:
    box = Box()
    with pytest.raises(NumberError):
        box.engine.request(Originate("8001", text), box.now)
    with pytest.raises(NumberError):
        box.engine.explain("8001", text)
    if text:
        with pytest.raises(NumberError):
            box.engine.request(SetPhone("8001", "forward_busy", text), box.now)
        with pytest.raises(NumberError):
            box.engine.explain(text, "8001")
    assert not box.engine.calls()
    assert box.engine.phone_settings("8001")["forward_busy"] == ""


def test_a_request_is_told_what_a_number_lacks() -> None:
    box = Box()
    for number, told in (("4444", "4444 leads nowhere"), ("*72", r"\*72 is incomplete"), ("800", "800 is incomplete")):
        with pytest.raises(RequestError, match=told):
            box.engine.request(Originate("8001", number), box.now)
    with pytest.raises(RequestError) as caught:
        Box(config(extension=[], agent=[], queue=[])).engine.request(Originate("8001", "8002"), 0)
    assert caught.value.hint == "none is configured yet"


def test_requests_understand_separators() -> None:
    box = Box()
    box.did(box.engine.request(Originate("8001", "0138-0013 8000"), box.now))
    assert box.wrote(r.CallOpened).called == "013800138000"
    box.did(box.engine.request(SetPhone("8001", "forward_always", " 80-02 "), box.now))
    assert box.engine.phone_settings("8001")["forward_always"] == "8002"
    closes(box)


@pytest.mark.parametrize("setting", ["do_not_disturb", "call_waiting"])
@pytest.mark.parametrize("value", ["yes", "0", "on", " 1", "true", "\n"])
def test_a_switch_takes_on_or_off_only(setting: r.Setting, value: str) -> None:
    box = Box()
    with pytest.raises(RequestError, match="neither on nor off") as caught:
        box.engine.request(SetPhone("8001", setting, value), box.now)
    assert '"1"' in caught.value.hint


def test_a_flow_dials_no_text() -> None:
    node = {"do": "dial", "outside": "{caller}", "otherwise": "bye"}
    document = {"start": "call", "node": {"call": node, "bye": {"do": "hangup"}}}
    box = Box(flows={"hotline": flow(document)})
    box.call_in("96900", m.Party("anonymous@invalid"))
    assert "'anonymous@invalid' is no number" in box.wrote(r.TroubleNoted).english
    assert not dialled(box)
    box.call_in("96900", m.Party("138-0013 8000"))
    assert dialled(box)[0][1] == "13800138000"
    closes(box)


# --- how long an extension rings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("outside", [True, False])
def test_an_extension_without_forwards_rings_as_long_as_it_says(outside: bool) -> None:
    box = box_with({"8001": {"ring_s": 12}})
    a = box.call_in("8001") if outside else box.phone_dials("8001")
    box.tell(m.Alerting(1))
    box.wait(11.9)
    assert not box.commands
    box.wait(0.2)
    cleared = {command.leg: command.cause for command in box.commands if isinstance(command, m.Clear)}
    assert cleared == {a: Cause.NO_ANSWER, 1: Cause.NO_ANSWER}
    box.tell(m.Cleared(1, 19), m.Cleared(a, 19))
    assert box.all(r.CallClosed)[0].disposition == "no_answer"
    box.audit.idle()


def test_who_dials_for_an_extension_hears_the_tone_when_nobody_answers() -> None:
    box = box_with({"8001": {"ring_s": 12}})
    box.did(box.engine.request(Originate("8002", "8001"), box.now))
    box.tell(m.Answered(1))
    box.tell(m.Alerting(3))
    box.wait(12.1)
    assert box.asked(m.Play).sounds == ("tone:congestion",)
    closes(box)


def test_what_rings_an_extension_may_have_its_own_time() -> None:
    box = box_with(
        {"8001": {"ring_s": 5}},
        hunt=[{"number": "600", "extensions": ["8001", "8002"], "order": "in_turn", "ring_s": 9}],
    )
    box.call_in("600")
    box.wait(8.9)
    assert not rung(box)
    box.wait(0.2)
    assert rung(box) == ["8002"]
    closes(box)


def test_a_forwarded_call_rings_as_long_as_the_extension_it_comes_to_says() -> None:
    box = box_with({"8001": {"forward_always": "8002", "ring_s": 50}, "8002": {"ring_s": 7}})
    box.call_in("8001")
    box.wait(7.1)
    assert {command.cause for command in box.commands if isinstance(command, m.Clear)} == {Cause.NO_ANSWER}
    closes(box)


def test_outside_rings_as_long_as_t301() -> None:
    box = Box()
    box.phone_dials("05551234")
    box.wait(179)
    assert not box.commands
    box.wait(2)
    assert {command.cause for command in box.commands if isinstance(command, m.Clear)} == {Cause.NO_ANSWER}
    closes(box)


# --- output of `route test` -------------------------------------------------------------------------------------------


def test_forwards_that_go_round_have_a_verdict() -> None:
    box = box_with({"8001": {"forward_always": "8002"}, "8002": {"forward_always": "8001"}})
    leads = box.engine.explain("8003", "8001")
    told = [step.msgid.format(**step.values) for step in leads.steps]
    assert told[-1].startswith("the forwards go round")
    assert len(told) == 5
    assert leads.cause == Cause.TEMPORARY_FAILURE
