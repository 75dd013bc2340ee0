# SPDX-License-Identifier: GPL-2.0-or-later
"""A supervisor in a talk of others: hears both, is heard by the agent alone, or by both.

The phone dials a code and the agent's number. While it listens, keys choose: 4 listen, 5 whisper, 6 barge in.
"""

from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.contract.switch import Cause
from appliance.engine.parts import ending, hearing, parking
from appliance.engine.parts.activity import Machine, Row, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Mixed, Said, Takes
from appliance.engine.parts.inputs import In
from appliance.engine.parts.rows import nothing, refuse
from appliance.engine.routes.routing import ToFeature


class Supervision(IntEnum):
    """Ways in which a supervisor takes part."""

    LISTENING = 0
    WHISPERING = 1
    BARGING = 2


_S = Supervision
MODES: Final = {"4": _S.LISTENING, "5": _S.WHISPERING, "6": _S.BARGING}


class Supervising(Machine):
    """The leg of a supervisor.

    Args:
        talk: gets the supervisor's end.
        coached: the agent's leg.
    """

    __slots__ = ("_coached", "_talk", "leg")

    def __init__(self, board: Board, call: Call, talk: Takes, leg: Leg, coached: Leg) -> None:
        super().__init__(board, call, _S.LISTENING)
        self._talk = talk
        self._coached = coached
        self.leg = leg
        leg.at = self

    def mix(self, parties: tuple[Leg, ...]) -> Mixed:
        """Return the gains that the supervisor adds."""
        others = [leg for leg in parties if leg is not self._coached]
        if self.state is _S.LISTENING:
            return hearing.listen(self.leg, *parties)
        if self.state is _S.WHISPERING:
            return hearing.whisper(self.leg, self._coached, *others)
        return hearing.barge(self.leg, *parties)

    def _key(self, said: Said) -> None:
        self.state = MODES.get(said.what.key, self.state)

    def _gone(self, _: Any) -> None:
        self._talk.take(In.UNSUPERVISED, self.leg)

    @staticmethod
    def _rows(state: Supervision) -> dict[In, Row]:
        quiet: dict[In, Row] = dict.fromkeys((In.HELD, In.RESUMED, In.PLAYED), (state, nothing))
        return {
            **quiet,
            In.KEY: (state, Supervising._key),
            In.TRANSFER: (state, refuse),
            In.CLEARED: (state, Supervising._gone),
        }

    TABLE: ClassVar[Table] = {}


Supervising.TABLE = {state: Supervising._rows(state) for state in _S}  # noqa: SLF001 - the same block for each


def supervise(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Move a supervisor's phone into the talk of the agent whose number it dialled."""
    agent = board.agents.get(code.number)
    talk = board.calls.get(agent.call) if agent is not None else None
    if caller.phone is None or not caller.phone.supervisor:
        ending.fail(board, call, caller, Ending(Cause.CALL_REJECTED, "box", "rejected"))
    elif talk is None or not talk.activity.can(In.SUPERVISED):
        ending.fail(board, call, caller, parking.NOTHING_THERE)
    else:
        caller.role = "supervisor"
        parking.bring(board, call, caller, talk)
        talk.activity.take(In.SUPERVISED, caller)
