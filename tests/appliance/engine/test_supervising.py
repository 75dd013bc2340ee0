# SPDX-License-Identifier: GPL-2.0-or-later
"""Supervisors in talks of agents: listening, whispering, barging in, and every end of it."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
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
    return {(listener, leg) for listener, leg, played in mixed if not played}


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
    house.tell(m.Cleared(supervisor, 16))
    assert heard(house) == talk
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
