# SPDX-License-Identifier: GPL-2.0-or-later
"""Handler of what a program does in the talk of a phone, as the person there does by the phone's codes."""

from typing import Final

from appliance import numbering
from appliance.api.messages import ChangeTalk
from appliance.config.model import ExtensionConfig
from appliance.contract.errors import RequestError
from appliance.contract.switch import Cause
from appliance.engine.parts import consulting, parking, transfer
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Leg
from appliance.engine.parts.inputs import In
from appliance.i18n import N_

_DIAL: Final = N_("dial an extension, a hotline, or the outside prefix and a number")
_ONE_AT_ONCE: Final = N_("end the consultation first")


def change(board: Board, request: ChangeTalk, phone: ExtensionConfig) -> None:
    """Do it in the talk of the phone.

    Raises:
        NumberError: `to` is no number.
        RequestError: the phone is in no talk, consults or does not, the number leads nowhere, or no place is free.
    """
    leg, stays = _talk(board, phone)
    consults = leg.call.consults is not None and leg.call.activity.parties()[0] is leg
    if request.do in ("transfer", "consult"):
        if leg.call.consults is not None:
            text = N_("the talk of extension {extension} is a consultation")
            raise RequestError.of(text, _ONE_AT_ONCE, extension=phone.number)
        number = numbering.number(request.to)
        act = transfer.blind if request.do == "transfer" else consulting.begin
        if not act(board, leg, stays, number):
            raise RequestError.of(N_("no call can be sent to {number}"), _DIAL, number=number)
    elif request.do == "park":
        if not parking.park(board, leg, stays, "", say_it=True):
            hint = N_("see `parking` in the configuration, and which calls are parked: `mxbox calls`")
            raise RequestError.of(N_("no place to park is free"), hint)
    elif not consults:
        hint = N_("consult another number first")
        raise RequestError.of(N_("extension {extension} consults with no one"), hint, extension=phone.number)
    elif request.do == "back":
        consulting.back(board, leg.call, leg)
    elif request.do == "join":
        consulting.caller_left_talk(board, leg.call, stays, Cause.NORMAL_CLEARING)
    else:
        consulting.meet(board, leg.call, leg, stays)


def _talk(board: Board, phone: ExtensionConfig) -> tuple[Leg, Leg]:
    """Return the leg of a phone in a talk, and the other party; rather where that one is not on hold.

    Raises:
        RequestError: there is none.
    """
    for leg in sorted(board.in_use.get(phone.number, ()), key=lambda leg: leg.held):
        activity = leg.call.activity
        stays = activity.partner(leg) if leg.at is activity and activity.can(In.SUPERVISED) else None
        if stays is not None:
            return leg, stays
    hint = N_("see `mxbox calls`; a number that is being keyed in at the phone comes first")
    raise RequestError.of(N_("extension {extension} is in no talk of two"), hint, extension=phone.number)
