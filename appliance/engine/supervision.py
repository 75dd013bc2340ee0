# SPDX-License-Identifier: GPL-2.0-or-later
"""Handlers of the requests of supervisors: to be in talks of agents, to end them, to send their callers elsewhere."""

from typing import Final

from appliance import numbering
from appliance.api.messages import (
    CancelCallBack,
    MoveWaiting,
    ReleaseTalk,
    SetPriority,
    Supervise,
    TakeOut,
    TransferTalk,
)
from appliance.config.model import ExtensionConfig
from appliance.contract.errors import RequestError
from appliance.contract.supervision import May
from appliance.contract.switch import Party
from appliance.engine.arriving import ring_first
from appliance.engine.parts import arranging, called_back, intervening, supervising
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.supervisors import Supervisor
from appliance.i18n import N_

_NOWHERE: Final = N_("no call can be sent to {number}")
_DIAL: Final = N_("dial an extension, a hotline, or the outside prefix and a number")
_NOT_ALLOWED: Final = N_("the role of {user} does not allow this: {act}")
_ROLES: Final = N_("[[role]] of the configuration says who may what")


def supervise(board: Board, request: Supervise, phone: ExtensionConfig) -> None:
    """Ring a supervisor's phone to take part in a talk; one that does already takes part in another way.

    Raises:
        RequestError: there is no such talk, the role does not allow it, or the switch is away.
    """
    by = board.roles.user(board.asked_by, phone.number)
    coached = _coached(board, request.agent, request.call)
    _allow(board, by, request.mode, coached)
    there = supervising.of_phone(board, phone.number, coached.call)
    if there is not None:
        there.be(request.mode, by)
        return
    agent = board.agents.get(intervening.agent_at(board, coached))
    shown = Party(agent.number, agent.name) if agent is not None else Party(coached.who)

    def reached(call: Call, leg: Leg) -> None:
        found = _leg(board, request.agent, request.call)
        supervising.join(board, call, leg, found, request.mode, by)

    ring_first(board, phone, shown, f"{board.config.codes.listen}{shown.number}", reached)


def release(board: Board, request: ReleaseTalk) -> None:
    """End the talk of an agent. Raises RequestError: there is none, or the role does not allow it."""
    by, coached = board.roles.user(board.asked_by), _coached(board, request.agent, request.call)
    _allow(board, by, "release", coached)
    intervening.release(board, by, coached)


def transfer(board: Board, request: TransferTalk) -> None:
    """Send the party with which an agent talks to a number.

    Raises:
        NumberError: it is no number.
        RequestError: there is no such talk, the role does not allow it, or the number leads nowhere.
    """
    number = numbering.number(request.to)
    by, coached = board.roles.user(board.asked_by), _coached(board, request.agent, request.call)
    _allow(board, by, "transfer", coached)
    if not intervening.transfer_to(board, by, coached, number):
        raise RequestError.of(_NOWHERE, _DIAL, number=number)


def take_out(board: Board, request: TakeOut) -> None:
    """Take a caller out of the queue, and call a number for the caller.

    Raises:
        NumberError: it is no number.
        RequestError: the call waits in no queue, the role does not allow it, or the number leads nowhere.
    """
    number = numbering.number(request.to)
    by, caller = _waiting(board, request.call)
    if caller.entry.callback:
        hint = N_("`mxbox queue cancel-callback` cancels it")
        raise RequestError.of(N_("call {call} is over: a call-back waits in its place"), hint, call=request.call)
    if not arranging.send(board, by, caller, number):
        raise RequestError.of(_NOWHERE, _DIAL, number=number)


def move(board: Board, request: MoveWaiting) -> None:
    """Put a caller at a place of the queue. Raises RequestError: the call waits in no queue, or the role forbids it."""
    by, caller = _waiting(board, request.call)
    arranging.move(board, by, caller, request.place)


def prefer(board: Board, request: SetPriority) -> None:
    """Set a caller's priority. Raises RequestError: the call waits in no queue, or the role does not allow it."""
    by, caller = _waiting(board, request.call)
    arranging.prefer(board, by, caller, request.priority)


def cancel_callback(board: Board, request: CancelCallBack) -> None:
    """Cancel a call-back. Raises RequestError: there is none such that has not ended, or the role does not allow it."""
    by, found = board.roles.user(board.asked_by), called_back.find(board, request.callback)
    if found is None:
        hint = N_("see `mxbox queue callbacks`")
        raise RequestError.of(N_("no call-back {callback} waits"), hint, callback=request.callback)
    if not arranging.may(by, found.queue):
        raise RequestError.of(_NOT_ALLOWED, _ROLES, user=by.user, act="queue")
    arranging.cancel(board, by, found)


def _waiting(board: Board, call: int) -> tuple[Supervisor, arranging.Waiting]:
    by, caller = board.roles.user(board.asked_by), arranging.waiting(board, call)
    if caller is None:
        raise RequestError.of(N_("call {call} waits in no queue now"), N_("see `mxbox queues`"), call=call)
    if not arranging.may(by, caller.queue):
        raise RequestError.of(_NOT_ALLOWED, _ROLES, user=by.user, act="queue")
    return by, caller


def _leg(board: Board, agent: str, call: int) -> Leg | None:
    """Return the leg of an agent in a talk, or that of the house in call `call`."""
    if not call:
        return intervening.agent_leg(board, agent)
    there = board.calls.get(call)
    return intervening.inside_leg(there) if there is not None else None


def _coached(board: Board, agent: str, call: int) -> Leg:
    leg = _leg(board, agent, call)
    if leg is None:
        text = N_("call {call} is no talk of two now") if call else N_("agent {agent} is in no talk now")
        raise RequestError.of(text, N_("see `mxbox calls`"), agent=agent, call=call)
    return leg


def _allow(board: Board, by: Supervisor, act: May, coached: Leg) -> None:
    if not intervening.may(board, by, act, coached):
        raise RequestError.of(_NOT_ALLOWED, _ROLES, user=by.user, act=act)
