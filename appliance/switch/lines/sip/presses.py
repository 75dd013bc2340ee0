# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys of phones, each press once, by however many ways a phone sends it.

A phone may send a press as telephone-event packets (RFC 4733), as an INFO request, in its sound, or in several of
these at once, in any order. The rule:
- Ways have ranks: sound, INFO, telephone-event. The best way by which a leg has ever sent a key is its way; keys by a
  lesser one are dropped from then on.
- The press that makes a better way the leg's has been reported already if the same key came by the lesser way since it
  was pressed, a second's grace before included: then it is dropped, too.
- So sound is listened to until the first key has come by another way, whatever the phone's description promises.
- A press by INFO may be in the sound as well. A phone that was once found to send both is taken to do so always:
  listeners have the key already. (Beside telephone-events the sound is silenced.)
"""

from dataclasses import dataclass
from enum import IntEnum

from appliance.contract.ticks import TICKS_PER_S

GRACE_TICKS = TICKS_PER_S
"""Delay with which a press may come by another way."""


class KeyWay(IntEnum):
    """Way of a key, the better the greater."""

    SOUND = 0
    INFO = 1
    EVENT = 2


@dataclass(slots=True)
class Presses:
    """Keys of one leg so far."""

    way: KeyWay = KeyWay.SOUND
    inband: bool = False
    """Whether keys by INFO are in the sound, too."""
    _key: str = ""
    _tick: int = 0

    def is_new(self, way: KeyWay, key: str, duration_ms: int, now: int) -> bool:
        """Take a key reported at tick `now`, when it had been held for so long; False if it is known already."""
        pressed = now - duration_ms * TICKS_PER_S // 1000
        same = key == self._key and self._tick >= pressed - GRACE_TICKS
        if same and {way, self.way} == {KeyWay.SOUND, KeyWay.INFO}:
            self.inband = True
        if way < self.way:
            return False
        known = way > self.way and same
        self.way, self._key, self._tick = way, key, now
        return not known
