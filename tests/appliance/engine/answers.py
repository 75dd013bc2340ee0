# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers to asks by chance, for walks: some late, some twice, some never; and a flow that asks."""

import random
from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from appliance.contract.asks import (
    AnyAnswer,
    AnyAsk,
    Ask,
    AskAnswered,
    AskFailed,
    CheckLock,
    CheckPin,
    Figures,
    FindPrompt,
    FindRecording,
    KeepLock,
    KeepPin,
    KeepPrompt,
    LastAgent,
)
from tests.appliance.engine.box import HOTLINE

_LOOKUP: Final = {"do": "lookup", "table": "customers", "key": "{caller}", "into": {"where": "queue"}, "within_s": 2}
ASKING: Final[dict[str, Any]] = {
    "start": "who",
    "node": {
        **HOTLINE["node"],  # type: ignore[dict-item]
        "who": {**_LOOKUP, "found": "welcome", "missing": "desk", "failed": "welcome"},
        "welcome": {"do": "play", "prompts": ["welcome"], "next": "where"},
        "where": {**_LOOKUP, "within_s": 20, "music": "default", "found": "there", "missing": "menu", "failed": "menu"},
        "there": {"do": "queue", "queue": "{where}", "otherwise": "menu"},
    },
}
"""The hotline with a lookup before the answer, and one more with music."""


SURVEY: Final[dict[str, Any]] = {
    "start": "service",
    "node": {
        "service": {
            "do": "rate", "question": "service", "prompts": ["survey-service"],
            "next": "solved", "otherwise": "thanks",
        },
        "solved": {
            "do": "rate", "question": "solved", "prompts": ["survey-solved"], "highest": 2, "into": "solved",
            "next": "which", "otherwise": "thanks",
        },
        "which": {"do": "branch", "on": "solved", "cases": {"2": "comment"}, "otherwise": "thanks"},
        "comment": {"do": "comment", "prompts": ["survey-comment"], "most_s": 20, "next": "thanks"},
        "thanks": {"do": "play", "prompts": ["survey-thanks"], "next": "bye"},
        "bye": {"do": "hangup"},
    },
}  # fmt: skip
"""Two ratings; those who are not content are asked for a comment."""


class Answers:
    """The answers that are to come, in the order of time."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._order = count()
        self._heap: list[tuple[int, int, AnyAnswer]] = []

    def expect(self, asks: Iterable[AnyAsk], now: int) -> None:
        """Draw the answers of asks; of ten one is never answered, and one twice."""
        for ask in asks:
            if isinstance(ask, Ask):
                for _ in range(self._rng.choice((0, *(8 * (1,)), 2))):
                    delay = self._rng.choice((0, 1, self._rng.randrange(200), self._rng.randrange(1500)))
                    heappush(self._heap, (now + delay, next(self._order), self._answer(ask)))

    def _answer(self, asked: Ask) -> AnyAnswer:
        ask = asked.ask
        queue = self._rng.choice(("sales", "service", "nowhere"))
        found = (AskAnswered(ask, "found", {"queue": queue}), AskAnswered(ask, "missing"))
        if isinstance(asked.what, CheckPin | CheckLock):
            found = (AskAnswered(ask, "right"), AskAnswered(ask, self._rng.choice(("wrong", "none"))))
        if isinstance(asked.what, FindRecording):
            found = (AskAnswered(ask, "found", {"sound": "file:recordings/1.wav"}), AskAnswered(ask, "missing"))
        if isinstance(asked.what, FindPrompt):
            found = (AskAnswered(ask, "found", {"prompt": "zh/welcome"}), AskAnswered(ask, "missing"))
        if isinstance(asked.what, KeepPrompt):
            found = (AskAnswered(ask, "kept"), AskAnswered(ask, "refused"))
        if isinstance(asked.what, KeepPin | KeepLock):
            found = (AskAnswered(ask, "kept"),) * 2
        if isinstance(asked.what, LastAgent):
            found = (AskAnswered(ask, "found", {"agent": self._rng.choice(("102", "103", "999"))}), found[1])
        if isinstance(asked.what, Figures):
            found = (AskAnswered(ask, "found", {"calls": "12", "talk_s": "3600.5"}),) * 2
        return AskFailed(ask) if self._rng.random() < 0.2 else self._rng.choice(found)

    def before(self, *ticks: int | None) -> bool:
        """Return whether the next answer comes before all of these ticks."""
        return bool(self._heap) and all(tick is None or self._heap[0][0] < tick for tick in ticks)

    def take(self) -> tuple[int, AnyAnswer]:
        """Return the next answer and its tick."""
        tick, _order, answer = heappop(self._heap)
        return tick, answer
