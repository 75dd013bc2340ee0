# SPDX-License-Identifier: GPL-2.0-or-later
"""States for phones to show: busy phones of the house (RFC 4235), and the messages that wait for them (RFC 3842)."""

from typing import Final, Literal

from appliance.contract.edge import Lamp, Presence
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Leg
from appliance.engine.parts.settings import counts

State = Literal["idle", "ringing", "busy"]
IDLE: Final[State] = "idle"


def state(legs: list[Leg] | None) -> State:
    """Return the state of a phone by its legs: a leg that is answered, or that it began itself, makes it busy."""
    if not legs:
        return IDLE
    return "busy" if any(leg.answered or leg.number % 2 == 0 for leg in legs) else "ringing"


def changes(board: Board) -> list[Presence]:
    """Return the changed states of the phones that were touched in this step."""
    told = []
    for number in sorted(board.touched) if len(board.touched) > 1 else board.touched:
        now = state(board.in_use.get(number))
        if now != board.presence.get(number, IDLE):
            board.presence[number] = now
            told.append(Presence(number, now))
    board.touched.clear()
    return told


def lamp(board: Board, number: str) -> Lamp:
    """Return the waiting messages of a phone."""
    return Lamp(number, *(counts(board.settings[number].messages) or (0, 0)))


def everything(board: Board) -> list[Presence]:
    """Return the state of every phone, for an edge that has none yet."""
    return [Presence(number, state(board.in_use.get(number))) for number in board.routes.phones]
