# SPDX-License-Identifier: GPL-2.0-or-later
"""Acts of supervisors in talks of others: take the agent's place, end the talk, send the other party elsewhere."""

from collections.abc import Iterator

from appliance.contract.records import SupervisorActed
from appliance.contract.supervision import Act, May
from appliance.engine.parts import lines, parking, recording, transfer
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.inputs import In
from appliance.engine.parts.starts import StartTalk
from appliance.engine.parts.supervisors import Supervisor


def agent_leg(board: Board, number: str) -> Leg | None:
    """Return the leg with which an agent is in a talk, of a queue or any other; None without one."""
    return next((leg for leg in _legs_of(board, number) if _in_talk(leg)), None)


def _legs_of(board: Board, number: str) -> Iterator[Leg]:
    agent = board.agents.get(number)
    if agent is None:
        return
    offered = board.calls.get(agent.call)
    if offered is not None:
        yield from (leg for leg in offered.legs.values() if leg.agent == number)
    yield from board.in_use.get(agent.extension, ())


def _in_talk(leg: Leg) -> bool:
    activity = leg.call.activity
    return leg.at is activity and activity.can(In.SUPERVISED)


def inside_leg(call: Call) -> Leg | None:
    """Return the leg of a talk that is the agent's or another phone's of the house; None if it is no talk."""
    if not call.activity.can(In.SUPERVISED):
        return None
    a, b = call.activity.parties()[:2]
    return a if a.agent or (a.phone is not None and not b.agent) else b


def _far(coached: Leg) -> Leg:
    """Return the other party of a talk."""
    a, b = coached.call.activity.parties()[:2]
    return b if a is coached else a


def agent_at(board: Board, leg: Leg) -> str:
    """Return the number of the agent at a leg, '' if there is none."""
    users = board.phone_users.get(leg.phone.number, ()) if leg.phone is not None else ()
    return leg.agent or next((agent.number for agent in users if agent.status != "signed_out"), "")


def may(board: Board, by: Supervisor, act: May, coached: Leg) -> bool:
    """Return whether a supervisor's role allows this in the talk of an agent."""
    agent = board.agents.get(agent_at(board, coached))
    return act in by.role.may and by.role.reaches(agent.queues if agent is not None else ())


def write(board: Board, coached: Leg, act: Act, by: Supervisor, what: str = "") -> None:
    """Write what a supervisor does in the talk of an agent into the books."""
    agent = agent_at(board, coached)
    board.records.append(SupervisorActed(coached.call.number, act, by.extension, agent, what, by.user))


def intercept(board: Board, by: Supervisor, leg: Leg, coached: Leg) -> None:
    """Put the supervisor's leg in the agent's place, whose leg is cleared."""
    call, far = coached.call, _far(coached)
    first = call.activity.parties()[0] is coached
    write(board, coached, "intercept", by)
    leg.role = "caller" if first else "extension"
    if leg.call is call:
        lines.move(board, leg, call)
    else:
        parking.bring(board, leg.call, leg, call)
    transfer.give_away(board, coached, far)
    board.enter(call, StartTalk(leg, far, tell="both") if first else StartTalk(far, leg, tell="both"))


def release(board: Board, by: Supervisor, coached: Leg) -> None:
    """End the talk of an agent."""
    write(board, coached, "release", by)
    coached.call.activity.take(In.HANG_UP)


def record(board: Board, by: Supervisor, coached: Leg) -> bool:
    """Record the talk of an agent that is not recorded, else record it no more. Return whether it is recorded now."""
    call = coached.call
    wanted = not recording.goes_on(call)
    recording.ask(board, call, wanted, by.extension)
    write(board, coached, "record" if wanted else "record_stop", by)
    return recording.goes_on(call)


def transfer_to(board: Board, by: Supervisor, coached: Leg, number: str) -> bool:
    """Send the party that an agent talks with to a number. Return whether it can be called.

    If the call fails there, the supervisor's phone rings, or, if a program asked for it, the agent's.
    """
    call, agent = coached.call, agent_at(board, coached)
    phone = board.routes.phones.get(by.extension)
    done = transfer.send(board, coached, _far(coached), number, phone, phone or coached.phone)
    if done:
        board.records.append(SupervisorActed(call.number, "transfer", by.extension, agent, number, by.user))
    return done
