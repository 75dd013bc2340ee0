# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys that one party of a talk presses: they go on to the other party, or are a feature code of a phone.

Keys with which a code may begin wait until they are none, or `WAIT_S`. Keys that arrived in the sound have been heard
by the other party already.
"""

from collections.abc import Callable, Mapping
from typing import Final

from appliance.contract.switch import Key
from appliance.contract.ticks import ticks
from appliance.engine.parts import keyed, lines, surveys
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Leg
from appliance.engine.parts.timers import Timer

CODE_TICKS: Final = ticks(2.0)
"""Keys of one code follow each other within this time."""
CODES: Final = ("transfer", "consult", "park_talk", "conference", "record", "record_pause")
WAIT_S: Final = 0.6
"""Delay of the first key of a code for the other party, if no second one follows. A second one that follows later still
completes the code."""


class Presses:
    """The keys of one leg.

    Args:
        partner: returns the leg that hears this one now, None if none does.
    """

    __slots__ = ("_at", "_board", "_keys", "_leg", "_partner", "_timer", "_unsent")

    def __init__(self, board: Board, leg: Leg, partner: Callable[[Leg], Leg | None]) -> None:
        self._board = board
        self._leg = leg
        self._partner = partner
        self._keys = ""
        self._at = 0
        self._unsent: tuple[Key, ...] = ()
        self._timer: Timer | None = None

    def press(self, event: Key) -> str:
        """Handle a key; return the name of the feature code that it completes, '' if none; a field's is the code."""
        board = self._board
        board.timers.cancel(self._timer)
        self._unsent += (event,)
        codes = self._codes()
        if not codes:
            self._pass_on()
            return ""
        self._keys = event.key if board.now - self._at > CODE_TICKS else self._keys[-7:] + event.key
        self._at = board.now
        for name, code in codes.items():
            if self._keys.endswith(code):
                self.drop()
                return name
        self._pass_on(keep=self._beginning(codes))
        if self._unsent:
            self._timer = board.timers.start(board.now + ticks(WAIT_S), self._pass_on, self._leg.call)
        return ""

    def drop(self) -> None:
        """Drop the keys that wait."""
        self._board.timers.cancel(self._timer)
        self._keys, self._unsent = "", ()

    def _codes(self) -> dict[str, str]:
        """Return the codes that this leg may press, by name: a phone of the house those of `CODES`."""
        config, leg = self._board.config, self._leg
        named = CODES if leg.phone is not None else ()
        codes = {name: code for name in named if (code := getattr(config.codes, name))}
        if leg.offer is not None:
            codes |= {surveys.CODE: config.codes.survey} if leg.offer.survey and config.codes.survey else {}
            codes |= keyed.codes(self._board, leg) if config.keyed else {}
        return codes

    def _beginning(self, codes: Mapping[str, str]) -> int:
        """Return how many of the last keys may be the beginning of a code."""
        lengths = [n for code in codes.values() for n in range(1, len(code)) if self._keys.endswith(code[:n])]
        return max(lengths, default=0)

    def _pass_on(self, keep: int = 0) -> None:
        """Send the other party the unsent keys but the last `keep`; nothing while either one holds."""
        many = max(len(self._unsent) - keep, 0)
        sent, self._unsent = self._unsent[:many], self._unsent[many:]
        partner = self._partner(self._leg)
        if partner is None:
            return
        for event in sent:
            if not event.inband:
                lines.send_key(self._board, partner, event.key, event.duration_ms)
