# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys of phones, each press once, whatever ways a phone tells it by.

A phone may send a press as telephone-event packets (RFC 4733), as an INFO request, in its sound, or in several of
these at once, in any order. The rule:

- Ways have ranks: sound, INFO, telephone-event. The best way by which a leg has ever told a key is its way; keys told
  by a lesser one are dropped from then on.
- The press that makes a better way the leg's has been told already if the same key was told by the lesser way since it
  was pressed, a second's grace before included: then it is dropped, too.
- Sound is listened to only of phones whose description promises no telephone-events.
"""

from dataclasses import dataclass
from enum import IntEnum

from appliance.ticks import TICKS_PER_S

GRACE_TICKS = TICKS_PER_S
"""How much later than by one way a press may be told by another."""


class KeyWay(IntEnum):
    """How a key was told, the better the greater."""

    SOUND = 0
    INFO = 1
    EVENT = 2


@dataclass(slots=True)
class Presses:
    """What one leg has told so far."""

    way: KeyWay = KeyWay.SOUND
    _key: str = ""
    _tick: int = 0

    def is_new(self, way: KeyWay, key: str, duration_ms: int, now: int) -> bool:
        """Take a key that was told at tick `now`, when it had been held for so long; False if it is known already."""
        if way < self.way:
            return False
        pressed = now - duration_ms * TICKS_PER_S // 1000
        known = way > self.way and key == self._key and self._tick >= pressed - GRACE_TICKS
        self.way, self._key, self._tick = way, key, now
        return not known
