# SPDX-License-Identifier: GPL-2.0-or-later
"""Handlers of requests of people and programs: inputs like events."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from appliance import numbering
from appliance.api.messages import HangUp, Originate, SetAgent, SetPhone
from appliance.config.known import some
from appliance.config.model import ExtensionConfig
from appliance.contract.errors import RequestError
from appliance.contract.switch import Party
from appliance.engine import arriving
from appliance.engine.explain import UNDECIDED
from appliance.engine.parts import features, staffing
from appliance.engine.parts.agents import CHOICE
from appliance.engine.parts.board import Board
from appliance.engine.parts.inputs import In
from appliance.engine.parts.settings import MESSAGES, NUMBERS, normal
from appliance.engine.routes.conditions import Given
from appliance.engine.routes.routing import Undecided
from appliance.i18n import N_

Handler = Callable[[Board, Any], None]


def set_agent(board: Board, request: SetAgent) -> None:
    """Sign an agent in or out, or pause it.

    Raises:
        RequestError: there is no such agent or extension, or a talk keeps the agent from moving to that phone.
    """
    agent = board.agents.get(request.agent)
    if agent is None or agent.leaving:
        raise _unknown(N_("there is no agent {what}"), request.agent, board.agents)
    if request.extension and request.status != "signed_out":
        phone = phone_of(board, request.extension)
        if not staffing.sit(board, agent, phone.number):
            hint = N_("wait until it is over, then sign in at the other phone")
            raise RequestError.of(N_("a talk of a queue goes on at one of the phones"), hint)
    staffing.tell(board, agent, CHOICE[request.status], request.reason)
    for queue in board.queues_of(agent):
        staffing.dismiss(board, queue)


def originate(board: Board, request: Originate) -> None:
    """Ring an extension's phone, and when it answers dial the number as if it had dialled.

    Raises:
        NumberError: it is no number.
        RequestError: there is no such extension, the number leads nowhere, or the switch is away.
    """
    phone, number = phone_of(board, request.extension), numbering.number(request.called)
    given = Given(Party(phone.number), phone.line, board.clock)
    target = board.routes.find(number, complete=True, phone=True, given=given)
    if isinstance(target, Undecided):
        hint = N_("dial an extension, a hotline, or the outside prefix and a number")
        raise RequestError.of(UNDECIDED[target], hint, called=number)
    if not board.attached:
        raise RequestError.of(N_("the switch is not there"), N_("wait until it is back, see `mxbox status`"))
    arriving.originate(board, phone, number)


def hang_up(board: Board, request: HangUp) -> None:
    """End a call. Raises RequestError if there is no such call now."""
    call = board.calls.get(request.call)
    if call is None:
        raise RequestError.of(N_("there is no call {call} now"), N_("see `mxbox calls`"), call=request.call)
    call.activity.take(In.HANG_UP)


def set_phone(board: Board, request: SetPhone) -> None:
    """Change a phone's setting: a number or '' for a forward, '1' or '' for a switch, 'new/heard' for messages.

    Raises:
        NumberError: it is no number.
        RequestError: there is no such extension, calls cannot be forwarded to that number, or the setting does not
            take this value.
    """
    phone = phone_of(board, request.extension)
    value = normal(request.setting, request.value)
    if request.setting in NUMBERS and value and not features.may_forward(board, phone, value):
        message = N_("calls of extension {extension} cannot be forwarded to {number}")
        hint = N_("a number of the box or outside, within the extension's calling class; not itself")
        raise RequestError.of(message, hint, extension=request.extension, number=value)
    features.change(board, phone, request.setting, value)
    if request.setting == MESSAGES:
        board.lamps.add(phone.number)


def phone_of(board: Board, extension: str) -> ExtensionConfig:
    """Return an extension. Raises RequestError if there is none such."""
    phone = board.routes.phones.get(extension)
    if phone is None:
        raise _unknown(N_("there is no extension {what}"), extension, board.routes.phones)
    return phone


def _unknown(msgid: str, what: str, known: Mapping[str, object]) -> RequestError:
    hint = N_("configured: {known}") if known else N_("none is configured yet")
    return RequestError.of(msgid, hint, what=what, known=some(sorted(known)))


REQUESTS: Final[dict[type[Any], Handler]] = {
    SetAgent: set_agent,
    Originate: originate,
    HangUp: hang_up,
    SetPhone: set_phone,
}
"""Requests of people and programs to call control."""
