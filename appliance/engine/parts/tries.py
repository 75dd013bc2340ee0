# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong PINs and lock codes: few are taken of one agent in a row, and few at one phone, of any agents.

Those of an agent count until the right one. Those at a phone count while each comes within `agents.lock_s` of the one
before: an agent who knows one PIN cannot begin anew with it. The books keep the counts over a restart.
"""

from typing import Final

from appliance.contract.records import PinOwner, PinsCounted
from appliance.contract.ticks import ticks
from appliance.engine.parts.board import Board, Tries
from appliance.i18n import N_

TOLD: Final[dict[PinOwner, str]] = {
    "agent": N_(
        "agent {agent}: {n} wrong PINs, the last one at extension {extension}; no PIN is taken for {seconds} s"
    ),
    "extension": N_("extension {extension}: {n} wrong PINs keyed there; none is taken there for {seconds} s"),
}


def refused(board: Board, agent: str, extension: str) -> bool:
    """Return whether no PIN is taken now, of this agent or at this phone."""
    found = (board.tries.get(("agent", agent)), board.tries.get(("extension", extension)))
    return any(each is not None and board.now < each.locked_until for each in found)


def wrong(board: Board, agent: str, extension: str) -> bool:
    """Count a wrong PIN; `agent` '': there is no such agent. Return whether it was one too many.

    `extension` '': it was keyed at no phone of the house.
    """
    counted = []
    if extension:
        counted.append(_count(board, "extension", extension, board.config.agents.wrong_pins_phone, extension))
    if agent:
        counted.append(_count(board, "agent", agent, board.config.agents.wrong_pins, extension))
    return any(counted)


def right(board: Board, agent: str) -> None:
    """Begin the agent's count anew."""
    if board.tries.pop(("agent", agent), None) is not None:
        board.records.append(PinsCounted("agent", agent, 0))


def _count(board: Board, owner: PinOwner, number: str, most: int, extension: str) -> bool:
    lock_s = board.config.agents.lock_s
    before = board.tries.get((owner, number))
    stale = before is None or (owner == "extension" and board.now - before.at > ticks(lock_s))
    n = 1 if before is None or stale else before.wrong + 1
    locked_s = lock_s if n >= most else 0.0
    board.tries[owner, number] = Tries(0 if locked_s else n, board.now, board.now + ticks(locked_s) if locked_s else 0)
    board.records.append(PinsCounted(owner, number, 0 if locked_s else n, locked_s))
    if locked_s:
        values = {"extension": extension, owner: number, "n": str(n), "seconds": f"{lock_s:g}"}
        board.trouble("agent", TOLD[owner], 1, **values)
    return bool(locked_s)
