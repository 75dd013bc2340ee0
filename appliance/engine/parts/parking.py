# SPDX-License-Identifier: GPL-2.0-or-later
"""Parking of a call at a place, and taking of a call that is parked or rings."""

from typing import Any, Final

from appliance.config.model import ExtensionConfig
from appliance.contract.switch import Cause
from appliance.engine.parts import ending, lines, parties
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg
from appliance.engine.parts.inputs import In
from appliance.engine.parts.starts import StartPark
from appliance.engine.routes.routing import ToFeature, ToPlace
from appliance.ivr import say


def park(board: Board, leg: Leg, stays: Leg, place: str, *, say_it: bool = False) -> str:
    """Park the other party of a talk at a place, '' the first free one; return the place, '' if none is free.

    With `say_it` the party that parks hears the place before its leg is cleared.
    """
    free = [each for each in board.routes.places if each not in board.parked]
    place = place or (free[0] if free else "")
    if place not in free or leg.phone is None:
        return ""
    call, by = leg.call, leg.phone
    ending.part_from(call, leg)
    parties.stays(call, stays)
    leg.at = None
    if say_it:
        language = board.config.language
        lines.play(board, leg, (say.prompt(language, "parked-at"), *say.digits(place, language)))
        leg.at = Leaving(board, leg)
    else:
        lines.clear(board, leg, Cause.NORMAL_CLEARING)
    board.begin(call, StartPark(stays, place, by))
    return place


class Leaving:
    """A leg that is cleared at the end of the sounds it hears."""

    __slots__ = ("_board", "_leg")

    def __init__(self, board: Board, leg: Leg) -> None:
        self._board = board
        self._leg = leg

    def take(self, given: In, what: Any = None) -> None:  # noqa: ARG002 - any other input of the leg is late
        """Clear the leg at the end of its sounds."""
        if given is In.PLAYED:
            self._leg.at = None
            lines.clear(self._board, self._leg, Cause.NORMAL_CLEARING)

    def can(self, given: In) -> bool:
        """Return whether an input has an effect."""
        return given is In.PLAYED

    def hears_out(self, leg: Leg, cause: int) -> bool:  # noqa: ARG002 - as `call.Takes` has it
        """Return False: no party hears the leg."""
        return False


def take(board: Board, call: Call, caller: Leg, target: ToPlace) -> None:
    """Connect a phone that dialled a place to the call that is parked there."""
    parked = board.parked.get(target.place)
    if parked is None:
        ending.fail(board, call, caller, NOTHING_THERE)
    else:
        join(board, call, caller, parked)


def pick_up(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Connect a phone that dialled a code to a call that rings at a phone of its group, or at the phone it names."""
    found = _ringing(board, caller.phone, code.number) if caller.phone is not None else None
    if found is None:
        ending.fail(board, call, caller, NOTHING_THERE)
    else:
        join(board, call, caller, found)


NOTHING_THERE: Final = Ending(Cause.UNALLOCATED_NUMBER, "box", "failed")


def _ringing(board: Board, by: ExtensionConfig, number: str) -> Call | None:
    """Return the oldest such call."""
    for call in board.calls.values():
        for leg in call.activity.ringing():
            phone = leg.phone
            if phone is not None and (phone.number == number if number else _same_group(phone, by)):
                return call
    return None


def _same_group(phone: ExtensionConfig, by: ExtensionConfig) -> bool:
    return bool(by.pickup_group) and phone.pickup_group == by.pickup_group


def join(board: Board, call: Call, leg: Leg, wanted: Call) -> None:
    """Move the phone that dialled to the call that it takes; its own call ends."""
    leg.role = "extension"
    leg.who = leg.phone.number if leg.phone is not None else leg.who
    bring(board, call, leg, wanted)
    wanted.activity.take(In.TAKEN, leg)


def bring(board: Board, call: Call, leg: Leg, wanted: Call) -> None:
    """Answer a leg that came in and move it to another call; its own ends."""
    lines.proceed(board, leg)
    lines.answer(board, leg)
    call.activity.leave(None)
    lines.move(board, leg, wanted)
    ending.dissolve(board, call)
