# SPDX-License-Identifier: GPL-2.0-or-later
"""A try of a call-back: agents are rung, the one who answers hears what it is, and is connected with the caller."""

from enum import IntEnum
from typing import Any, ClassVar

from appliance.contract.records import SegmentKind
from appliance.contract.switch import Cause
from appliance.engine.parts import ending, lines, offering
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Stretch
from appliance.engine.parts.callbacks import missed_by
from appliance.engine.parts.goals import Legs, Reaching
from appliance.engine.parts.inputs import In
from appliance.engine.parts.offers import OfferInput
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.rows import OVER, asked, caller, nothing
from appliance.engine.parts.starts import StartCallBack, StartRing, StartTalk
from appliance.ivr import say

MACHINE = "machine"


class CallBackTryState(IntEnum):
    """States of the activity. It is kept in TELLING while the caller's phone rings."""

    RINGING = 0
    TELLING = 1
    CLOSING = 2  # the agent hears that the caller was not reached


_S = CallBackTryState


class CallBackTry(Activity):
    """One try: the call has the agent's leg first, then the caller's."""

    VIEWS: ClassVar = {_S.RINGING: "offering", _S.TELLING: "announcing", _S.CLOSING: "speaking"}
    __slots__ = ("_agent", "_back", "_reach", "_start")

    def __init__(self, board: Board, call: Call, start: StartCallBack) -> None:
        super().__init__(board, call, _S.RINGING)
        self._start, self._back = start, start.back
        self._agent: Leg | None = None
        self._reach = Reach(board, call, self, [Legs(start.rings, start.queue.config.ring_s)])

    def enter(self) -> None:
        """Ring the agents."""
        self.call.disposition = "no_answer"
        self._reach.seek()
        for leg in self._reach.legs():
            offering.make(self.board, leg, self._start.queue.config, self._back.language)

    def leave(self, ending: Ending | None) -> None:
        """Detach the legs that ring."""
        super().leave(ending)
        self._reach.drop()

    @property
    def queue(self) -> str:
        """Queue in which the call-back waits."""
        return self._start.queue.config.name

    def parties(self) -> tuple[Leg, ...]:
        """Return the agent, or the legs that ring."""
        return (self._agent,) if self._agent is not None else self._reach.legs()

    def stretch(self) -> Stretch | None:
        """Return the ringing of agents, or what the agent is told."""
        legs = self.parties()
        if not legs:
            return None
        kind: SegmentKind = "ring" if self.state is _S.RINGING else "announce"
        return Stretch(kind, tuple([leg.number for leg in legs]), " ".join([leg.who for leg in legs]))

    def whole(self) -> bool:
        """Return whether agents are rung, or one hears something."""
        return self._reach.whole() if self._agent is None else bool(self._agent.playing)

    # --- the agent

    def _accepted(self, agent: Leg) -> None:
        """Announce to the agent that this is a call-back, and to which number."""
        board, language = self.board, self.board.config.language
        ending.offer(board, agent, OfferInput.ANSWER)
        self._back.served()
        self._agent, agent.at = agent, self
        lines.play(board, agent, (*say.prompts(language, ("callback-now",)), *say.digits(self._back.to, language)))

    def _refused(self, cause: int) -> None:
        """End the try: no agent took it."""
        ending.release(self.board, self.call, Ending(cause, "callee", ending.disposition(cause)))

    # --- the caller

    def _dial(self, _: Any) -> None:
        """Ring the caller; the agent hears it."""
        start, rules, agent = self._start, self._back.rules, self.parties()[0]
        self.call.shown = self.call.caller
        reaching = Reaching(start.target, rules.ring_s, start.behalf)
        self.board.begin(self.call, StartRing(agent, reaching, self, "", self._connect))

    def _connect(self, call: Call, agent: Leg, line: Leg) -> None:
        """Connect both; the caller is the first party, as in a call that came in."""
        self._back.answered(line, agent, self._machine)
        self.board.begin(call, StartTalk(line, agent))

    def _machine(self, line: Leg) -> None:
        """Clear the line on which a machine answered."""
        board, agent = self.board, self.parties()[0]
        line.at = None
        lines.clear(board, line, Cause.NORMAL_CLEARING)
        board.resume(self.call, self, agent, MACHINE)

    def _missed(self, came: tuple[Leg, str | int]) -> None:
        """Put the call-back into its place again, and tell the agent that the caller was not reached."""
        agent, result = came
        agent.at = self.call.activity = self
        if isinstance(result, int):
            self.call.disposition = ending.disposition(result)
        self._back.missed(missed_by(result) if isinstance(result, int) else "machine")
        lines.play(self.board, agent, say.prompts(self.board.config.language, ("callback-missed",)))

    def _told(self, _: Any) -> None:
        ending.release(self.board, self.call, Ending(Cause.NORMAL_CLEARING, "box"))

    TABLE: ClassVar[Table] = {
        _S.RINGING: {
            **asked(),
            In.RINGS: (_S.RINGING, nothing),
            In.REACHED: (_S.TELLING, _accepted),
            In.UNREACHED: (OVER, _refused),
        },
        _S.TELLING: {
            **caller(_S.TELLING),
            In.PLAYED: (_S.TELLING, _dial),
            In.RETURNED: (_S.CLOSING, _missed),
        },
        _S.CLOSING: {**caller(_S.CLOSING), In.PLAYED: (OVER, _told)},
    }
