# SPDX-License-Identifier: GPL-2.0-or-later
"""Supervisors in talks of agents: listening, whispering, barging in, and every end of it."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.engine.parts.call import PLAYED
from tests.appliance.engine.box import CONFIG, Box, config
from tests.appliance.engine.test_talk import booked


def box(**changes: Any) -> Box:
    extensions = [dict(each) for each in CONFIG["extension"]]
    extensions[3]["supervisor"] = True  # 8009
    return Box(config(extension=extensions, **changes))


def served(house: Box) -> tuple[int, int]:
    """Return the legs of a caller and of agent 101 in a talk."""
    caller = house.to_queue()
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    house.played(caller)
    return caller, agent


def heard(house: Box) -> set[tuple[int, int]]:
    mixed = [entry for call in house.engine._board.calls.values() for entry in call.mixed]
    return {(listener, leg) for listener, leg, what in mixed if what != PLAYED}


def acts(house: Box) -> list[tuple[str, str, str]]:
    """Return what supervisors did: act, phone, agent."""
    return [(each.act, each.extension, each.agent) for each in house.all(r.SupervisorActed)]


def touched(house: Box, *others: int) -> list[m.AnyCommand]:
    """Return the commands of the last step that a line other than the supervisor's could notice."""
    legs = set(others)
    commands: list[m.AnyCommand] = []
    for command in house.commands:
        heard_by = {gain.listener for gain in command.changes} if isinstance(command, m.Mix) else set()
        if heard_by & legs or getattr(command, "leg", 0) in legs:
            commands.append(command)
    return commands


def test_a_supervisor_listens_whispers_and_barges_in() -> None:
    house = box()
    caller, agent = served(house)
    talk = {(caller, agent), (agent, caller)}
    supervisor = house.phone_dials("*34101", "8009")
    assert house.asked(m.Answer).leg == supervisor
    assert heard(house) == talk | {(supervisor, caller), (supervisor, agent)}
    house.key(supervisor, "5")
    assert heard(house) == talk | {(supervisor, caller), (supervisor, agent), (agent, supervisor)}
    house.key(supervisor, "6")
    assert heard(house) >= talk | {(caller, supervisor), (agent, supervisor), (supervisor, caller), (supervisor, agent)}
    house.key(supervisor, "4")
    assert (caller, supervisor) not in heard(house)
    assert (house.all(r.LegOpened)[-1].role, house.all(r.LegOpened)[-1].call) == ("supervisor", 1)
    assert acts(house) == [(act, "8009", "101") for act in ("listen", "whisper", "barge", "listen")]
    house.tell(m.Cleared(supervisor, 16))
    assert heard(house) == talk
    booked(house)


def test_each_way_of_taking_part_is_said_to_the_supervisor_and_to_no_other() -> None:
    house = box()
    caller, agent = served(house)
    supervisor = house.phone_dials("*34101", "8009")
    assert house.asked(m.Play) == m.Play(supervisor, house.asked(m.Play).play, ("prompt:en/supervise-listen",))
    for key, prompt in (("5", "whisper"), ("6", "barge"), ("4", "listen")):
        house.key(supervisor, key)
        assert (house.asked(m.Play).leg, house.asked(m.Play).sounds) == (supervisor, (f"prompt:en/supervise-{prompt}",))
    house.played(supervisor)
    assert not touched(house, caller, agent)


def test_the_agent_cannot_tell_that_a_supervisor_comes_listens_and_goes() -> None:
    house = box()
    caller, agent = served(house)
    supervisor = house.phone_dials("*34101", "8009")
    assert not touched(house, caller, agent), "no command for their lines, and nothing that they hear changes"
    assert not [each for each in house.records if isinstance(each, r.SegmentOpened | r.SegmentClosed)]
    house.key(supervisor, "4")
    assert not touched(house, caller, agent)
    house.tell(m.Cleared(supervisor, 16))
    assert not touched(house, caller, agent)
    booked(house)


def test_a_whisper_is_heard_by_the_agent_alone_and_by_no_recording() -> None:
    house = box()
    caller, agent = served(house)
    supervisor = house.phone_dials("*34101", "8009")
    house.key(supervisor, "5")
    assert house.mixed() == [m.Gain(agent, supervisor, aside=True)]
    house.key(supervisor, "6")
    assert m.Gain(agent, supervisor) in house.mixed()
    assert m.Gain(caller, supervisor) in house.mixed()
    assert m.Gain(agent, supervisor, 0.0) not in house.mixed(), "it goes on without a gap"
    house.key(supervisor, "5")
    assert {*house.mixed()} == {m.Gain(agent, supervisor, aside=True), m.Gain(caller, supervisor, 0.0)}
    booked(house)


def test_the_talk_ends_for_the_supervisor_too() -> None:
    house = box()
    caller, agent = served(house)
    supervisor = house.phone_dials("*34101", "8009")
    house.tell(m.Cleared(caller, 16))
    assert {clear.leg for clear in house.commands if isinstance(clear, m.Clear)} == {agent, supervisor}
    booked(house)


@pytest.mark.parametrize("do", ["transfer", "park", "consult"])
def test_a_talk_that_goes_on_elsewhere_leaves_the_supervisor(do: str) -> None:
    house = box()
    _caller, agent = served(house)
    supervisor = house.phone_dials("*34101", "8009")
    if do == "transfer":
        house.tell(m.TransferWanted(agent, "8003"))
    elif do == "park":
        house.tell(m.TransferWanted(agent, "*68"))
    else:
        house.key(agent, "*28003#")
    assert supervisor in {clear.leg for clear in house.commands if isinstance(clear, m.Clear)}
    booked(house)


@pytest.mark.parametrize(("phone", "number", "cause"), [("8003", "101", 21), ("8009", "102", 1), ("8009", "999", 1)])
def test_who_may_not_or_finds_no_talk_is_told_so(phone: str, number: str, cause: int) -> None:
    house = box()
    served(house)
    leg = house.phone_dials(f"*34{number}", phone)
    assert house.asked(m.Clear) == m.Clear(leg, cause)
    assert not acts(house)
    booked(house)


def test_hold_and_transfer_of_a_supervisor_change_nothing_in_the_talk() -> None:
    house = box()
    caller, agent = served(house)
    supervisor = house.phone_dials("*34101", "8009")
    before = heard(house)
    house.tell(m.Held(supervisor), m.Resumed(supervisor), m.TransferWanted(supervisor, "8003"))
    assert house.asked(m.Transferred) == m.Transferred(supervisor, ok=False)
    assert heard(house) == before
    house.tell(m.Held(agent))
    assert {(supervisor, caller), (supervisor, agent), (agent, caller)} <= heard(house)
    booked(house)


def test_a_supervisor_listens_to_a_call_that_an_agent_makes_and_whispers_to_the_agent_who_made_it() -> None:
    house = box()
    agent = house.phone_dials("0138001", "8001")
    far = house.asked(m.Dial).leg
    house.tell(m.Seized(far, 1, 3), m.Answered(far))
    supervisor = house.phone_dials("*34101", "8009")
    house.key(supervisor, "5")
    assert house.mixed() == [m.Gain(agent, supervisor, aside=True)]
    booked(house)
