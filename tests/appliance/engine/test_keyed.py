# SPDX-License-Identifier: GPL-2.0-or-later
"""Fields that agents key in after a talk: when they are asked for, how they are corrected, and that none is lost."""

from typing import Any

import pytest

from appliance.api.messages import HangUp, SetWrapUpCode
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.engine.engine import Engine
from tests.appliance.engine.box import Box, config, reloaded
from tests.appliance.engine.test_desk import hung_up, said
from tests.appliance.engine.test_forecast import Kept
from tests.appliance.engine.test_talk import booked

CALLER = "13800138000"
PICKUP = {"name": "pickup", "code": "*41", "least": 4, "most": 6, "wait_s": 10}
RESULT = {"name": "result", "code": "*42", "after_hang_up": False, "most": 1, "prompt": "keyed-result"}


def talking(*fields: dict[str, Any], box: type[Box] = Box, **changes: Any) -> tuple[Box, int, int]:
    """Return a box where agent 101 talks with a caller; and the legs of both."""
    house = box(config(keyed=list(fields or (PICKUP, RESULT)), **changes))
    caller = house.to_queue()
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    house.played(caller)
    return house, caller, agent


def keyed(house: Box) -> list[tuple[str, str, bool]]:
    return [(each.field, each.value, each.whole) for each in house.all(r.DataKeyed)]


def left(house: Box, caller: int) -> None:
    house.tell(m.Disconnected(caller, 16), m.Cleared(caller, 16))


def test_an_agent_keys_a_field_when_the_caller_has_hung_up() -> None:
    house, caller, agent = talking()
    left(house, caller)
    assert said(house) == ["enter-number"]
    assert len(house.all(r.CallClosed)) == 1, "the caller's call is over"
    assert house.agent("101")[1] == "talking"
    house.played(agent)
    house.key(agent, "4711#")
    assert said(house) == ["keyed-kept", "digit-4", "digit-7", "digit-1", "digit-1", "keyed-correct"]
    assert house.all(r.DataKeyed) == [r.DataKeyed(1, "pickup", "4711", True, "101", "sales", CALLER)]
    house.played(agent)
    house.wait(3.1)
    assert house.asked(m.Clear) == m.Clear(agent, 16)
    house.tell(m.Cleared(agent, 16))
    assert house.agent("101")[1] == "wrap_up", "time to write things down begins now"
    booked(house)


def test_the_agent_is_offered_no_caller_while_keying() -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.to_queue()
    assert house.asked(m.Dial).line == "sip:8002@127.0.0.1:5002"
    house.wait(9)
    assert house.agent("101")[1] == "talking"
    house.tell(m.Cleared(agent, 16))
    assert house.agent("101")[1] == "wrap_up"


def test_a_star_corrects_while_it_is_keyed_and_when_it_is_said_back() -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.key(agent, "999*4711#*4712#")
    assert keyed(house) == [("pickup", "4711", True), ("pickup", "4712", True)], "the last one counts"
    house.key(agent, "#")
    assert house.asked(m.Clear).leg == agent
    house.tell(m.Cleared(agent, 16))
    booked(house)


@pytest.mark.parametrize("hangs_up", [True, False])
def test_what_is_half_keyed_is_kept_as_half(hangs_up: bool) -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.key(agent, "47")
    if hangs_up:
        house.tell(m.Cleared(agent, 16))
    else:
        house.wait(10.1)
        assert house.asked(m.Clear).leg == agent
        house.tell(m.Cleared(agent, 16))
    assert keyed(house) == [("pickup", "47", False)]
    booked(house)


@pytest.mark.parametrize("ends", ["hang_up", "lost"])
def test_half_a_value_is_kept_whatever_ends_the_call(ends: str) -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.key(agent, "47")
    if ends == "hang_up":
        house.did(house.engine.request(HangUp(2), house.now))
    else:
        house.did(house.engine.detach(house.now))
    assert keyed(house) == [("pickup", "47", False)]


@pytest.mark.parametrize(
    ("keys", "kept"),
    [
        ("47", [("pickup", "47", False)]),
        ("99*47", [("pickup", "47", False)]),
        ("4711#", [("pickup", "4711", True)]),
        ("4711#*8", [("pickup", "4711", True), ("pickup", "8", False)]),
        ("471#3", [("pickup", "471", False), ("pickup", "3", False)]),
        ("4711##5", [("pickup", "4711", True), ("result", "5", False)]),
        ("", []),
    ],
)
@pytest.mark.parametrize("dials", [False, True])
def test_half_a_value_outlives_a_call_server_that_is_killed(
    keys: str, kept: list[tuple[str, str, bool]], *, dials: bool
) -> None:
    house, caller, agent = talking(PICKUP, {**RESULT, "code": "*41", "after_hang_up": True}, box=Kept)
    if dials:
        house.tell(m.Cleared(caller, 16), m.Cleared(agent, 16))
        agent = house.phone_dials("*41", "8001")
    else:
        left(house, caller)
    for key in keys:
        house.wait(0.2)
        house.key(agent, key)
    assert isinstance(house, Kept)
    again = Engine(config(), {}, house.store.open_books())
    records = again.handle(m.Attached("again", 30), house.now + 50).records
    found = [each for each in records if isinstance(each, r.DataKeyed)]
    assert keyed(house) + [(each.field, each.value, each.whole) for each in found] == kept
    assert {(each.call, each.agent, each.queue, each.caller) for each in found} <= {(1, "101", "sales", CALLER)}
    house.store.apply(10_000, house.now + 50, records)
    third = Engine(config(), {}, house.store.open_books())
    assert not [each for each in third.handle(m.Attached("third", 30), 0).records if isinstance(each, r.DataKeyed)]


def test_a_value_stays_kept_when_the_phone_hangs_up_while_it_is_said_back() -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.key(agent, "4711#")
    house.tell(m.Cleared(agent, 16))
    assert keyed(house) == [("pickup", "4711", True)]
    booked(house)


def test_a_wrong_length_is_told_and_asked_for_anew_but_not_for_ever() -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.key(agent, "471#")
    assert said(house) == ["keyed-length", "enter-number"]
    house.key(agent, "12345678901#")
    assert said(house) == ["keyed-length", "enter-number"]
    house.key(agent, "1#")
    assert house.asked(m.Clear).leg == agent
    assert keyed(house) == [("pickup", "471", False), ("pickup", "1234567", False), ("pickup", "1", False)]


def test_the_hash_key_alone_leaves_a_field_out() -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.key(agent, "#")
    assert house.asked(m.Clear).leg == agent
    assert not keyed(house)


def test_silence_ends_a_question_that_is_not_answered() -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.played(agent)
    house.wait(10.1)
    assert house.asked(m.Clear).leg == agent
    assert not keyed(house)


def test_a_code_drops_the_caller_and_asks_for_its_field() -> None:
    house, caller, agent = talking()
    house.key(agent, "*42")
    assert house.asked(m.Clear) == m.Clear(caller, 16)
    assert said(house) == ["keyed-result"]
    assert not [command for command in house.commands if isinstance(command, m.SendKey)], "the caller hears no code"
    house.key(agent, "3#")
    house.tell(m.Cleared(caller, 16))
    assert house.wrote(r.CallClosed) == r.CallClosed(1, "answered", 16, "callee")
    house.key(agent, "#")
    house.tell(m.Cleared(agent, 16))
    assert keyed(house) == [("result", "3", True)]
    booked(house)


def test_fields_with_one_code_are_asked_for_one_after_the_other() -> None:
    house, _caller, agent = talking(PICKUP, {**RESULT, "code": "*41"})
    house.key(agent, "*41")
    house.key(agent, "4711#")
    house.key(agent, "#")
    assert said(house) == ["keyed-result"]
    house.key(agent, "1#")
    house.tell(m.Cleared(agent, 16))
    assert keyed(house) == [("pickup", "4711", True), ("result", "1", True)]


def test_fields_of_other_queues_are_not_asked_for_and_their_codes_are_keys() -> None:
    house, caller, agent = talking({**PICKUP, "queues": ["service"]})
    house.key(agent, "*41")
    assert [command.key for command in house.commands if isinstance(command, m.SendKey)] == ["*", "4", "1"]
    left(house, caller)
    assert house.asked(m.Clear).leg == agent


def test_the_code_is_dialled_later_for_the_last_caller() -> None:
    house, caller, agent = talking()
    left(house, caller)
    house.key(agent, "47")
    house.tell(m.Cleared(agent, 16))
    leg = house.phone_dials("*41", "8001")
    assert said(house) == ["enter-number"]
    house.key(leg, "4711#")
    house.tell(m.Cleared(leg, 16))
    assert house.all(r.DataKeyed)[1:] == [r.DataKeyed(1, "pickup", "4711", True, "101", "sales", CALLER)]
    assert house.agent("101")[1] == "wrap_up"
    booked(house)


def test_a_code_that_is_dialled_before_any_caller_or_without_an_agent_says_so() -> None:
    house = Box(config(keyed=[PICKUP]))
    for phone, words in (("8001", "not-possible"), ("8009", "agent-nobody-here")):
        leg = house.phone_dials("*41", phone)
        assert said(house) == [words]
        hung_up(house, leg)


def test_an_agent_outside_keys_too() -> None:
    agents = [{"number": "101", "outside": "5551234", "start": "ready"}]
    queues = [{"name": "sales", "agents": ["101"]}]
    house, caller, agent = talking(agent=agents, queue=queues)
    house.tell(m.Seized(agent, 1, 9))
    house.key(agent, "*42")
    assert said(house) == ["keyed-result"]
    house.key(agent, "1#")
    house.tell(m.Cleared(caller, 16), m.Cleared(agent, 16))
    assert keyed(house) == [("result", "1", True)]
    booked(house)


def test_the_caller_is_the_one_whom_a_transfer_brought() -> None:
    """A phone consults the queue and leaves: the field is about the caller who then talks with the agent."""
    codes = {"wrap_up_codes": [{"key": "1", "name": "sold"}]}
    house = Box(config(keyed=[PICKUP], agents=codes))
    caller = house.call_in("8009", m.Party("13911112222"))
    desk = house.asked(m.Dial).leg
    house.tell(m.Answered(desk))
    house.key(desk, "*296900#")
    house.key(desk, "1")
    house.played(desk)
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    house.played(desk)
    house.tell(m.Disconnected(desk, 16), m.Cleared(desk, 16))
    left(house, caller)
    house.key(agent, "4711#")
    assert house.all(r.DataKeyed)[0].caller == "13911112222"
    assert house.all(r.DataKeyed)[0].call == 1
    house.did(house.engine.request(SetWrapUpCode("101", "1"), house.now))
    assert house.wrote(r.WrapUpCoded).call == 1, "a wrap-up code is about the same call"


def test_an_agent_who_consults_is_not_asked_when_the_caller_who_waits_hangs_up() -> None:
    house, caller, agent = talking()
    house.key(agent, "*28009#")
    other = house.asked(m.Dial).leg
    house.tell(m.Answered(other))
    left(house, caller)
    assert agent in house.heard()
    house.tell(m.Cleared(other, 16))
    assert not keyed(house)


def test_fields_are_changed_while_calls_are_up() -> None:
    house, caller, agent = talking(RESULT)
    fields = config(keyed=[PICKUP]).keyed
    house.did(reloaded(house.engine, config().extension, house.now, keyed=fields))
    left(house, caller)
    assert said(house) == ["enter-number"], "the field is new"
    house.did(reloaded(house.engine, config().extension, house.now, keyed=()))
    house.key(agent, "4711#")
    assert keyed(house) == [("pickup", "4711", True)], "a question that was asked is taken to its end"
    house.tell(m.Cleared(agent, 16))
    leg = house.phone_dials("*41", "8001")
    assert house.asked(m.Clear).leg == leg, "its code is no number any more"
    booked(house)
