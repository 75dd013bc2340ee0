# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine of an offer: an agent is rung for one caller, once.

The agent gets its end only when the leg to the phone is gone: a phone that still rings cannot ring for the next.
"""

from enum import IntEnum
from typing import Final

from appliance.contract.records import OfferResult
from appliance.contract.switch import Cause
from appliance.engine.machine import MissingTransition
from appliance.engine.parts.agents import ACCEPTED, NO_ANSWER, Agent, AgentInput


class OfferState(IntEnum):
    """States of an offer."""

    RINGING = 0
    ACCEPTED = 1
    TIMED_OUT = 2  # the leg is being cleared
    WITHDRAWN = 3  # the leg is being cleared
    OVER = 4


class OfferInput(IntEnum):
    """Inputs of an offer. The last four are the leg's end, by its cause."""

    ANSWER = 0
    TIME_OUT = 1
    WITHDRAW = 2
    INTERRUPT = 3
    GONE_BUSY = 4
    GONE_REJECTED = 5
    GONE_UNANSWERED = 6
    GONE_FAILED = 7


_S, _I, _A = OfferState, OfferInput, AgentInput
Entry = tuple[OfferState, OfferResult | None, AgentInput | None]
_GONE: Final = (_I.GONE_BUSY, _I.GONE_REJECTED, _I.GONE_UNANSWERED, _I.GONE_FAILED)
_FAILED: Final = _I.GONE_FAILED


def _rows() -> dict[tuple[OfferState, OfferInput], Entry]:
    table: dict[tuple[OfferState, OfferInput], Entry] = {
        (_S.RINGING, _I.ANSWER): (_S.ACCEPTED, "answered", _A.ACCEPTED),
        (_S.RINGING, _I.TIME_OUT): (_S.TIMED_OUT, "no_answer", None),
        (_S.RINGING, _I.WITHDRAW): (_S.WITHDRAWN, "withdrawn", None),
        (_S.RINGING, _I.INTERRUPT): (_S.WITHDRAWN, "interrupted", None),
        (_S.RINGING, _I.GONE_BUSY): (_S.OVER, "busy", _A.REFUSED),
        (_S.RINGING, _I.GONE_REJECTED): (_S.OVER, "rejected", _A.REFUSED),
        (_S.RINGING, _I.GONE_UNANSWERED): (_S.OVER, "no_answer", _A.NO_ANSWER),
        (_S.RINGING, _I.GONE_FAILED): (_S.OVER, "failed", _A.REFUSED),
    }
    for state in (_S.ACCEPTED, _S.TIMED_OUT, _S.WITHDRAWN):
        table |= {(state, given): (state, None, None) for given in (_I.WITHDRAW, _I.INTERRUPT)}
    for given in _GONE:
        table[_S.ACCEPTED, given] = (_S.OVER, None, _A.TALK_OVER)
        table[_S.TIMED_OUT, given] = (_S.OVER, None, _A.NO_ANSWER)
        table[_S.WITHDRAWN, given] = (_S.OVER, None, _A.WITHDRAWN)
    return table


TABLE: Final = _rows()
"""Missing on purpose: answer and ring timer once it no longer rings; all inputs of OVER."""

_BY_CAUSE: Final[dict[int, OfferInput]] = {
    Cause.USER_BUSY: _I.GONE_BUSY,
    Cause.CALL_REJECTED: _I.GONE_REJECTED,
    Cause.REDIRECTED: _I.GONE_REJECTED,
    Cause.NO_USER_RESPONDING: _I.GONE_UNANSWERED,
    Cause.NO_ANSWER: _I.GONE_UNANSWERED,
}


def gone(cause: int) -> OfferInput:
    """Return how an offer's leg ended."""
    return _BY_CAUSE.get(cause, _FAILED)


class Offer:
    """One ring attempt; `pause_after`: the agent is paused after so many unanswered ones in a row, 0: never.

    `survey`: the flow in which the caller rates the talk, '' without one; `language`: that of the caller.
    """

    __slots__ = ("_pause_after", "agent", "language", "number", "queue", "result", "state", "survey")

    def __init__(
        self, number: int, agent: Agent, queue: str, pause_after: int, survey: str = "", language: str = ""
    ) -> None:
        self.number = number
        self.agent = agent
        self.queue = queue
        self._pause_after = pause_after
        self.survey, self.language = survey, language
        self.state = OfferState.RINGING
        self.result: OfferResult | None = None

    def take(self, given: OfferInput) -> tuple[OfferResult | None, AgentInput | None]:
        """Change to the next state; return the result, if it is decided now, and the agent's input.

        Raises:
            MissingTransition: the input cannot come in this state (a bug).
        """
        entry = TABLE.get((self.state, given))
        if entry is None:
            raise MissingTransition("offer", self.state.name, given.name)
        self.state, result, told = entry
        if result is not None:
            self.result = result
        return result, self._count(told)

    def _count(self, told: AgentInput | None) -> AgentInput | None:
        """Count unanswered attempts in a row; too few of them for a pause are a refusal."""
        agent = self.agent
        if told is ACCEPTED:
            agent.missed = 0
        elif told is NO_ANSWER:
            agent.missed += 1
            if not self._pause_after or agent.missed < self._pause_after:
                return AgentInput.REFUSED
        return told
