# SPDX-License-Identifier: GPL-2.0-or-later
"""Supervisors who take an agent's place, end a talk or send its caller elsewhere, and what their roles allow."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_supervising import acts, box, heard, served
from tests.appliance.engine.test_talk import booked


def listened(**changes: Any) -> tuple[Box, int, int, int]:
    """Return a box, the legs of a caller and an agent, and of a supervisor who listens to them."""
    house = box(**changes)
    caller, agent = served(house)
    return house, caller, agent, house.phone_dials("*34101", "8009")


def cleared(house: Box) -> set[int]:
    return {clear.leg for clear in house.commands if isinstance(clear, m.Clear)}


def test_key_7_puts_the_supervisor_in_the_agents_place() -> None:
    house, caller, agent, supervisor = listened()
    house.key(supervisor, "7")
    assert cleared(house) == {agent}
    assert heard(house) == {(caller, supervisor), (supervisor, caller)}
    assert acts(house)[-1] == ("intercept", "8009", "101")
    house.tell(m.Cleared(agent, 16))
    assert house.agent("101")[1] == "wrap_up"
    opened = house.all(r.LegOpened)[-1]
    assert (opened.leg, opened.role) == (supervisor, "extension"), "in the books the caller talks with the supervisor"
    house.tell(m.Cleared(supervisor, 16))
    assert cleared(house) == {caller}
    booked(house)


def test_key_7_in_a_call_that_the_agent_made_leaves_the_party_called_with_the_supervisor() -> None:
    house = box()
    agent = house.phone_dials("0138001", "8001")
    far = house.asked(m.Dial).leg
    house.tell(m.Seized(far, 1, 3), m.Answered(far))
    supervisor = house.phone_dials("*34101", "8009")
    house.key(supervisor, "7")
    assert cleared(house) == {agent}
    assert heard(house) == {(far, supervisor), (supervisor, far)}
    house.tell(m.Cleared(far, 16))
    assert supervisor in cleared(house)
    booked(house)


def test_key_7_of_a_supervisor_who_whispers_leaves_nothing_aside() -> None:
    house, caller, _agent, supervisor = listened()
    house.key(supervisor, "5")
    house.key(supervisor, "7")
    assert heard(house) == {(caller, supervisor), (supervisor, caller)}
    assert all(not gain.aside for gain in house.mixed())
    booked(house)


def test_key_7_while_the_agent_consults_rings_the_agent_for_the_party_that_waits() -> None:
    house = box()
    caller, agent = served(house)
    house.key(agent, "*28003#")
    far = house.asked(m.Dial).leg
    house.tell(m.Seized(far, 1, 3), m.Answered(far))
    supervisor = house.phone_dials("*34101", "8009")
    house.key(supervisor, "7")
    assert agent in cleared(house)
    assert (far, supervisor) in heard(house)
    house.tell(m.Cleared(agent, 16))
    house.tell(m.Cleared(caller, 16))
    booked(house)


def test_key_8_ends_the_talk_for_all() -> None:
    house, caller, agent, supervisor = listened()
    house.key(supervisor, "8")
    assert cleared(house) == {caller, agent, supervisor}
    assert acts(house)[-1] == ("release", "8009", "101")
    booked(house)


@pytest.mark.parametrize("end", ["#", "pause"])
def test_key_9_and_a_number_send_the_caller_there(end: str) -> None:
    house, caller, agent, supervisor = listened()
    house.key(supervisor, "98003" + ("#" if end == "#" else ""))
    if end == "pause":
        house.wait(4)
    assert house.asked(m.Dial).called == "8003"
    assert cleared(house) == {agent, supervisor}
    sent = house.all(r.SupervisorActed)[-1]
    assert (sent.act, sent.extension, sent.agent, sent.what) == ("transfer", "8009", "101", "8003")
    house.tell(m.Answered(house.asked(m.Dial).leg))
    assert (caller, agent) not in heard(house)
    booked(house)


def test_a_caller_who_cannot_be_sent_there_comes_back_to_the_supervisors_phone() -> None:
    house, _caller, _agent, supervisor = listened()
    house.key(supervisor, "98003#")
    rung = house.asked(m.Dial).leg
    house.tell(m.Cleared(supervisor, 16))
    house.tell(m.Cleared(rung, 17))
    assert house.asked(m.Dial).called == "8009"
    booked(house)


def test_key_9_and_a_number_that_leads_nowhere_change_nothing() -> None:
    house, caller, agent, supervisor = listened()
    for keys in ("94444#", "9#"):
        house.key(supervisor, keys[:-1])
        house.key(supervisor, keys[-1])
        assert house.asked(m.Play).sounds == ("prompt:en/not-possible",)
    assert {(caller, agent), (agent, caller), (supervisor, caller)} <= heard(house)
    house.key(supervisor, "8")
    assert acts(house)[-1][0] == "release", "keys are commands again"
    booked(house)


def test_a_number_half_keyed_ends_with_the_leg_and_with_the_talk() -> None:
    house, caller, agent, supervisor = listened()
    house.key(supervisor, "980")
    house.tell(m.Cleared(supervisor, 16))
    house.wait(10)
    assert {(caller, agent), (agent, caller)} == heard(house)
    again = house.phone_dials("*34101", "8009")
    house.key(again, "980")
    house.tell(m.Cleared(caller, 16))
    house.wait(10)
    booked(house)


def test_key_0_ends_the_recording_and_begins_it_again() -> None:
    house, _caller, _agent, supervisor = listened()
    house.key(supervisor, "0")
    assert house.asked(m.StopRecord)
    assert house.asked(m.Play).sounds == ("prompt:en/recording-off",)
    house.key(supervisor, "0")
    assert house.asked(m.Record)
    assert house.asked(m.Play).sounds == ("prompt:en/recording-on",)
    assert [act for act, _phone, _agent in acts(house)][-2:] == ["record_stop", "record"]
    decided = house.all(r.RecordingDecided)[-1]
    assert (decided.wanted, decided.asked, decided.phone) == (True, True, "8009")
    booked(house)


ROLE = {"name": "trainer", "extensions": ["8009"]}


def test_a_role_allows_some_keys_only() -> None:
    house, caller, agent, supervisor = listened(role=[{**ROLE, "may": ["listen", "whisper"]}])
    for key in "67890":
        house.key(supervisor, key)
        assert house.asked(m.Play).sounds == ("prompt:en/not-possible",)
    house.key(supervisor, "5")
    assert (agent, supervisor) in heard(house)
    assert (caller, supervisor) not in heard(house)
    assert [act for act, _phone, _agent in acts(house)] == ["listen", "whisper"]
    booked(house)


@pytest.mark.parametrize(
    "role", [{**ROLE, "queues": ["service"]}, {**ROLE, "may": ["whisper"]}], ids=["other queue", "no listening"]
)
def test_a_supervisor_whose_role_does_not_reach_the_agent_is_refused(role: dict[str, Any]) -> None:
    house = box(role=[role])
    served(house)
    leg = house.phone_dials("*34101", "8009")
    assert house.asked(m.Clear) == m.Clear(leg, 21)
    assert not acts(house)
    booked(house)
