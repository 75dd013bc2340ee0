# SPDX-License-Identifier: GPL-2.0-or-later
"""Every state times every input: entries of a table are meant, and missing ones are missing on purpose."""

from itertools import product
from typing import get_args

import pytest

from appliance.config.queues import AgentConfig
from appliance.contract.records import AgentState
from appliance.contract.switch import Party
from appliance.engine.activities.address import Address
from appliance.engine.activities.callback import CallBackTryState
from appliance.engine.activities.originate import Originate
from appliance.engine.activities.over import Over
from appliance.engine.activities.wait import WaitState
from appliance.engine.machine import MissingTransition
from appliance.engine.parts import agents, offers
from appliance.engine.parts.activity import Activity, Machine
from appliance.engine.parts.agents import Agent, AgentInput
from appliance.engine.parts.call import Call, Leg, step
from appliance.engine.parts.inputs import In
from appliance.engine.parts.legs import LegInput, LegState, Use
from appliance.engine.parts.offers import Offer, OfferInput, OfferState
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.rows import OVER
from appliance.engine.script import run
from appliance.engine.script.nodes import RunState
from appliance.engine.script.run import RunInput
from appliance.engine.table import ACTIVITIES
from tests.appliance.engine.box import Box, flow

OURS = (LegState.INITIATED, LegState.OUTGOING_PROCEEDING, LegState.DELIVERED)


def _leg(state: LegState) -> Leg:
    return Leg(1, Call(1, "in", Party(), ""), "sip:1@x", "caller", "1", state)


@pytest.mark.parametrize(("state", "given"), list(product(LegState, LegInput)))
def test_leg(state: LegState, given: LegInput) -> None:
    leg = _leg(state)
    asked_of_ours = state in OURS and given in (LegInput.PROCEED, LegInput.ALERT, LegInput.ANSWER)
    if state is LegState.GONE or asked_of_ours:
        with pytest.raises(MissingTransition, match=f"leg: no transition from {state.name} on {given.name}"):
            step(leg, given)
        return
    use = step(leg, given)
    assert (use is Use.DONE) == (leg.state is LegState.GONE) == (given is LegInput.CLEARED)
    if given is LegInput.CLEAR:
        assert leg.state is LegState.RELEASING
    if given is LegInput.SEIZED:
        assert use is Use.SEIZE, "no seizure may go unaccounted"
    if state is LegState.RELEASING and use is not Use.DONE:
        assert leg.state is state
        assert use in (Use.IGNORE, Use.SEIZE), "a leg on its way out says and hears nothing more"
    assert use is not Use.SEND or given >= LegInput.PROCEED, "events send no commands"


MACHINES: tuple[type[Machine], ...] = (*ACTIVITIES.values(), Reach)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.__name__)
def test_every_state_of_a_machine_has_its_block(machine: type[Machine]) -> None:
    states = set(type(next(iter(machine.TABLE))).__members__.values())
    assert set(machine.TABLE) == states
    for state, rows in machine.TABLE.items():
        assert {following for following, _ in rows.values()} <= {*states, OVER}, state


@pytest.mark.parametrize("activity", ACTIVITIES.values(), ids=lambda activity: activity.__name__)
def test_people_and_a_lost_switch_end_every_call(activity: type[Activity]) -> None:
    for state, rows in activity.TABLE.items():
        assert rows.keys() >= {In.HANG_UP, In.LOST}, state
    assert set(activity.VIEWS) == set(activity.TABLE)


NO_CALLER = (WaitState.AWAY, CallBackTryState.RINGING)
"""States in which another activity has the caller, or there is none yet."""


@pytest.mark.parametrize("activity", [a for a in ACTIVITIES.values() if a not in (Address, Originate, Over)])
def test_a_caller_who_is_answered_may_say_all_that_an_answered_line_says(activity: type[Activity]) -> None:
    said = {In.KEY, In.HELD, In.RESUMED, In.TRANSFER, In.CLEARED}
    for state, rows in activity.TABLE.items():
        assert rows.keys() >= said or state in NO_CALLER, state


def test_an_input_that_cannot_come_is_a_bug_and_is_named() -> None:
    box = Box()
    box.call_in()
    activity = next(iter(box.engine._board.calls.values())).activity
    with pytest.raises(MissingTransition, match="Flow: no transition from RUNNING on OFFER"):
        activity.take(In.OFFER)


CHOICES = {AgentInput.READY, AgentInput.PAUSE, AgentInput.SIGN_OUT}
TAKEN, FREE = AgentInput.PHONE_TAKEN, AgentInput.PHONE_FREE
OFFER_ENDS = {AgentInput.ACCEPTED, AgentInput.WITHDRAWN, AgentInput.REFUSED, AgentInput.NO_ANSWER}
AGENT_MEANT: dict[AgentState, set[AgentInput]] = {
    "signed_out": CHOICES | {TAKEN, FREE},
    "paused": CHOICES | {TAKEN},
    "idle": CHOICES | {TAKEN, AgentInput.OFFERED},
    "offered": CHOICES | {TAKEN, FREE} | OFFER_ENDS,
    "talking": CHOICES | {TAKEN, FREE, AgentInput.WRAP_UP_OVER, AgentInput.TALK_OVER},
    "wrap_up": CHOICES | {TAKEN, FREE, AgentInput.WRAP_UP_OVER},
    "unreachable": CHOICES | {TAKEN, FREE, AgentInput.BACK_OFF_OVER},
}


@pytest.mark.parametrize(("state", "given"), list(product(get_args(AgentState), AgentInput)))
def test_agent(state: AgentState, given: AgentInput) -> None:
    assert ((state, given) in agents.TABLE) == (given in AGENT_MEANT[state])
    agent = Agent(AgentConfig(number="101", extension="8001", start="ready"))
    agent.state, agent.wrap_up_s = state, 10.0
    if given not in AGENT_MEANT[state]:
        with pytest.raises(MissingTransition, match="agent: no transition"):
            agent.take(given, "", 0)
        return
    agent.take(given, "", 5)
    assert agent.state != "idle" or given not in (AgentInput.PAUSE, AgentInput.SIGN_OUT)
    if given in CHOICES and state not in ("offered", "talking"):
        assert agent.state == {"ready": "idle", "paused": "paused", "signed_out": "signed_out"}[agent.status]


@pytest.mark.parametrize(("state", "given"), list(product(OfferState, OfferInput)))
def test_offer(state: OfferState, given: OfferInput) -> None:
    offer = Offer(1, Agent(AgentConfig(number="101", start="ready")), "sales", 1)
    offer.state = state
    only_while_ringing = given in (OfferInput.ANSWER, OfferInput.TIME_OUT) and state is not OfferState.RINGING
    if state is OfferState.OVER or only_while_ringing:
        with pytest.raises(MissingTransition, match="offer: no transition"):
            offer.take(given)
        return
    result, told = offer.take(given)
    assert (result is not None) == (state is OfferState.RINGING), "one result, when the ringing ends"
    gone = given >= OfferInput.GONE_BUSY
    assert (offer.state is OfferState.OVER) == gone
    assert (told is not None) == (gone or given is OfferInput.ANSWER), "the agent hears of it when the phone is free"
    assert offers.TABLE[state, given][0] is offer.state


@pytest.mark.parametrize(("state", "given"), list(product(RunState, RunInput)))
def test_flow_run(state: RunState, given: RunInput) -> None:
    meant = {
        RunState.SPEAKING: {RunInput.PLAYED, RunInput.KEY},
        RunState.ASKING: {RunInput.PLAYED, RunInput.KEY},
        RunState.LISTENING: {RunInput.KEY, RunInput.TIME_OUT},
        RunState.AWAY: {RunInput.BACK},
        RunState.OVER: set(),
        RunState.WAITING: {RunInput.KEY, RunInput.ANSWERED},
        RunState.RATED: {RunInput.DONE},
        RunState.PROMPTING: {RunInput.PLAYED, RunInput.KEY},
        RunState.COMMENTING: {RunInput.KEY, RunInput.DONE},
        RunState.PASSING: set(),
    }
    assert ((state, given) in run.TABLE) == (given in meant[state])
    if given not in meant[state]:
        caller = run.Run("hotline", flow(), {}, "en")
        caller.state = state
        with pytest.raises(MissingTransition, match="flow: no transition"):
            caller.take(given, "1", 0)
