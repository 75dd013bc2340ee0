# SPDX-License-Identifier: GPL-2.0-or-later
"""States for phones to show: busy phones and plans switched by hand (RFC 4235), waiting messages (RFC 3842).

And lamps of agents' codes: a key on the code of a phone shows whether an agent is signed in there, or paused.
"""

from collections.abc import Iterator
from typing import Final, Literal

from appliance.contract.edge import AnyEdgeCommand, CodeLamp, Lamp, Presence
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Leg
from appliance.engine.parts.plans import codes, lit
from appliance.engine.parts.settings import counts

State = Literal["idle", "ringing", "busy"]
IDLE: Final[State] = "idle"


def state(legs: list[Leg] | None) -> State:
    """Return the state of a phone by its legs: a leg that is answered, or that it began itself, makes it busy."""
    if not legs:
        return IDLE
    for leg in legs:
        if leg.answered or leg.number % 2 == 0:
            return "busy"
    return "ringing"


def _state(board: Board, number: str) -> State:
    """Return the state of a phone, or of the code of a time plan: busy while it is switched by hand."""
    legs = board.in_use.get(number)
    if legs:
        return state(legs)
    return "busy" if board.plans.hands and lit(board, number) else IDLE


def changes(board: Board) -> list[AnyEdgeCommand]:
    """Return the changed states of the phones that were touched in this step."""
    told: list[AnyEdgeCommand] = []
    for number in sorted(board.touched) if len(board.touched) > 1 else board.touched:
        now = _state(board, number)
        if now != board.presence.get(number, IDLE):
            board.presence[number] = now
            told.append(Presence(number, now))
    board.touched.clear()
    return told


def lamps(board: Board) -> list[AnyEdgeCommand]:
    """Return the lamps that may have changed in this step."""
    changed: list[AnyEdgeCommand] = [lamp(board, number) for number in sorted(board.lamps)]
    changed += [each for number in sorted(board.desks - {""}) for each in desk_lamps(board, number)]
    board.lamps.clear()
    board.desks.clear()
    return changed


def lamp(board: Board, number: str) -> Lamp:
    """Return the waiting messages of a phone."""
    own = board.boxes.counts(number)
    return Lamp(number, *(own or counts(board.settings[number].messages) or (0, 0)))


def desk_lamps(board: Board, number: str) -> Iterator[CodeLamp]:
    """Return the lamps of agents' codes at a phone: of signing in, of pauses, and of each reason for a pause."""
    codes = board.config.codes
    agents = [agent for agent in board.phone_users.get(number, ()) if agent.status != "signed_out"]
    reasons = {agent.reason for agent in agents if agent.status == "paused"}
    lit = {code: bool(agents) for code in (codes.agent_sign_in, codes.agent_sign_out)}
    lit |= {code: bool(reasons) for code in (codes.agent_pause, codes.agent_resume)}
    if codes.agent_pause:
        lit |= {codes.agent_pause + each.key: each.name in reasons for each in board.config.agents.pause_reasons}
    return (CodeLamp(number, code, on) for code, on in lit.items() if code)


def all_lamps(board: Board) -> list[AnyEdgeCommand]:
    """Return the lamps of every phone, for an edge that has none yet."""
    phones = board.routes.phones
    messages: list[AnyEdgeCommand] = [lamp(board, number) for number in phones]
    return messages + [each for number in phones for each in desk_lamps(board, number)]


def everything(board: Board) -> list[Presence]:
    """Return the state of every phone, for an edge that has none yet."""
    phones = [Presence(number, state(board.in_use.get(number))) for number in board.routes.phones]
    return [*phones, *(Presence(code, _state(board, code)) for code in codes(board))]
