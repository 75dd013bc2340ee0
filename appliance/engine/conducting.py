# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests about conferences: what hosts do by keys, for people and programs."""

from typing import Final

from appliance import numbering
from appliance.api.messages import CallIntoConference, ChangeConference, ConferenceChange
from appliance.config.known import some
from appliance.contract.errors import RequestError
from appliance.contract.records import RoomChange
from appliance.engine.activities.room import Room
from appliance.engine.parts.board import Board
from appliance.engine.parts.conference import Order
from appliance.engine.parts.conferring import may_be_called
from appliance.engine.parts.inputs import In
from appliance.i18n import N_

CHANGES: Final[dict[ConferenceChange, RoomChange]] = {
    "mute": "muted",
    "unmute": "unmuted",
    "grant": "granted",
    "revoke": "revoked",
    "remove": "removed",
    "lock": "locked",
    "unlock": "unlocked",
    "end": "ended",
}
_SEE: Final = N_("see `mxbox conference show`")


def change(board: Board, request: ChangeConference) -> None:
    """Change a conference or a member. Raises RequestError if there is none such, or nothing to change."""
    room = _room(board, request.conference)
    conference, order = room.conference, Order(CHANGES[request.do], request.member)
    if order.place and conference.at(order.place) is None:
        raise RequestError.of(N_("there is no member {member} in it"), _SEE, member=request.member)
    if order.do == "removed" and not order.place:
        raise RequestError.of(N_("it is not said which member is to be removed"), _SEE)
    if order.do == "granted" and not conference.has_room_to_speak:
        hint = N_("take the floor back from a member first")
        raise RequestError.of(N_("{n} guests may speak already"), hint, n=conference.plan.speakers)
    if conference.refuses(order):
        raise RequestError.of(N_("there is nothing to change: it is so already"), _SEE)
    room.take(In.CONDUCT, order)


def call_in(board: Board, request: CallIntoConference) -> None:
    """Call a number into a conference.

    Raises:
        NumberError: it is no number.
        RequestError: there is no such conference, it is full, or the number cannot be called.
    """
    room, number = _room(board, request.conference), numbering.number(request.number)
    if not room.takes_more():
        raise RequestError.of(N_("the conference is full"), _SEE)
    if not may_be_called(board, room.call, number, None):
        hint = N_("an extension, a group, or the outside prefix and a number")
        raise RequestError.of(N_("{number} cannot be called into a conference"), hint, number=number)
    room.take(In.CALL_IN, (number, None))


def _room(board: Board, name: str) -> Room:
    """Return a conference by its number, or by the number of its call."""
    found = board.rooms.get(name)
    call = found[1] if found is not None else board.calls.get(int(name)) if name.isdecimal() else None
    if call is None or not isinstance(call.activity, Room):
        text = N_("there is no conference {name} now") if name else N_("it is not said which conference")
        first = N_("its first member begins it, e.g. `mxbox call 1001 8500`")
        hint = N_("under way: {names}") if board.rooms else first
        raise RequestError.of(text, hint, name=name, names=some(sorted(board.rooms)))
    return call.activity
