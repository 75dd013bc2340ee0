# SPDX-License-Identifier: GPL-2.0-or-later
"""Choices of queues as the books keep them: JSON in which a list of agents is one text, with blanks between.

A choice names every agent of its queue, so it is by far the longest row of a call: half the length counts. It is
written without a step of Python for each agent, for the same reason.
"""

from typing import Final

import msgspec

from appliance.contract.choices import Choice, Rivals, Strategy, WhyNot

_LETTERS: Final[dict[WhyNot, str]] = {
    "signed_out": "o",
    "paused": "p",
    "offered": "f",
    "talking": "t",
    "wrap_up": "w",
    "unreachable": "u",
    "no_phone": "n",
    "skill": "s",
    "reserve": "r",
    "alone": "a",
}
_WHY_NOT: Final = {letter: why_not for why_not, letter in _LETTERS.items()}
_letter: Final = _LETTERS.__getitem__


class _Written(msgspec.Struct, omit_defaults=True):
    """A choice with a text for each list. `away`: the agents who were passed, `why`: a letter for each.

    `passed`: the agents by the reason, in rows that were written before there was `away`.
    """

    strategy: Strategy
    candidates: str
    figures: tuple[int, ...] = ()
    drawn: int = 0
    chosen: str = ""
    away: str = ""
    why: str = ""
    rivals: Rivals = ()
    step: int = 0
    passed: dict[WhyNot, str] = {}


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(_Written).decode


def written(choice: Choice) -> str:
    """Return the text of a choice."""
    candidates, chosen, away = " ".join(choice.candidates), " ".join(choice.chosen), " ".join(choice.passed)
    why = "".join(map(_letter, choice.passed.values()))
    row = _Written(
        choice.strategy, candidates, choice.figures, choice.drawn, chosen, away, why, choice.rivals, choice.step
    )
    return _encode(row).decode()


def read(text: str) -> Choice:
    """Return the choice of a text."""
    row = _decode(text)
    passed = {agent: why_not for why_not, agents in row.passed.items() for agent in agents.split()}
    passed |= {agent: _WHY_NOT[letter] for agent, letter in zip(row.away.split(), row.why, strict=True)}
    candidates, chosen = tuple(row.candidates.split()), tuple(row.chosen.split())
    return Choice(row.strategy, candidates, row.figures, row.drawn, chosen, passed, row.rivals, row.step)
