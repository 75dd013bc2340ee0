# SPDX-License-Identifier: GPL-2.0-or-later
"""Fields that agents key in after a talk (`[[keyed]]`): which ones they are asked for, and about which caller."""

from typing import Final

from appliance.config.keyed import KeyedConfig
from appliance.contract.switch import Party
from appliance.engine.parts import lines, opening
from appliance.engine.parts.agents import Served
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.starts import StartKeying, StartSpeech
from appliance.engine.routes.routing import ToFeature
from appliance.ivr import say

Field = KeyedConfig
Fields = tuple[Field, ...]
FEATURE: Final = "keyed/"
"""Beginning of the name of a field's code, as `routing.Routes` has it; the code follows."""


def codes(board: Board, leg: Leg) -> dict[str, str]:
    """Return the codes of fields that an agent may press in a talk, each named by itself."""
    served = leg.offer.agent.served if leg.offer is not None else None
    return {field.code: field.code for field in _of(board, served) if field.code}


def begin(board: Board, leg: Leg, code: str = "") -> bool:
    """Move an agent's leg to a call of its own, in which fields are asked for. Return False if there are none.

    They are those of the code that was pressed; without one, those for which a caller's hanging up is enough.
    """
    served = leg.offer.agent.served if leg.offer is not None else None
    fields = tuple(each for each in _of(board, served) if (each.code == code if code else each.after_hang_up))
    if not fields or served is None:
        return False
    own = opening.open_call(board, "internal", Party(leg.who), code)
    leg.role = "caller"
    lines.move(board, leg, own)
    board.enter(own, StartKeying(leg, served, fields))
    return True


def dialled(board: Board, call: Call, caller: Leg, feature: ToFeature) -> None:
    """Ask the agent of a phone that dialled a field's code, for the caller served last."""
    users = board.phone_users.get(caller.phone.number, ()) if caller.phone is not None else ()
    agent = next((each for each in users if each.status != "signed_out"), None)
    served = agent.served if agent is not None else None
    fields = tuple(each for each in _of(board, served) if each.code == feature.feature.removeprefix(FEATURE))
    if served is not None and fields:
        board.begin(call, StartKeying(caller, served, fields))
    else:
        why = "agent-nobody-here" if agent is None else "not-possible"
        board.begin(call, StartSpeech(caller, say.prompts(board.config.language, (why,))))


def _of(board: Board, served: Served | None) -> Fields:
    """Return the fields for callers of a queue."""
    fields = board.config.keyed if served is not None else ()
    return tuple(each for each in fields if not each.queues or (served is not None and served.queue in each.queues))
