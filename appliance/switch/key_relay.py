# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys on their way to the lines, each in its line's form, and in one form only.

Call control sends the keys that were not in the sound. A key in the sound (`Key.inband`) reaches its listeners in it,
unless their line takes keys otherwise: then the switch sends it so and cuts the tone out of their sound. A pure tone is
cut from the first tick on that it fills, so that less than 20 ms of it are heard: no receiver takes that for a key
(ITU-T Q.24 Table A-1: below 23 ms). One with speech or noise in it is cut when the detector is sure of it, after 40 to
60 ms.

A line that was sent a tone may send its echo back: for so long its tones pass as they are, or two boxes would go on
sending each other the same key.
"""

from collections.abc import Callable, Mapping
from typing import Final

from appliance.contract.switch import Key, SendKey
from appliance.contract.ticks import MS_PER_TICK, ticks
from appliance.switch.lines.card import Card
from appliance.switch.sound.fabric import Fabric
from appliance.switch.sound.key_tones import PAUSE_MS, KeyTones, length_ms
from dsp.blocks import Rows
from dsp.keypad import KEYS

ECHO_TICKS: Final = ticks(0.6)
"""Time from a tone's end until its echo has come back and is recognised: networks take up to half a second."""


class KeyRelay:
    """Sender of keys to legs.

    Args:
        fabric: listeners and rows of legs.
        card_of: the card of each leg.
        tones: for lines that take no other form.
        now: returns the tick.
    """

    def __init__(self, fabric: Fabric, card_of: Mapping[int, Card], tones: KeyTones, now: Callable[[], int]) -> None:
        self._fabric = fabric
        self._card_of = card_of
        self._tones = tones
        self._now = now
        self._echoes: dict[int, int] = {}  # leg -> tick until which its tones may be echoes

    def send(self, command: SendKey) -> None:
        """Send a key to the far end of a leg."""
        card, row = self._card_of.get(command.leg), self._fabric.row(command.leg)
        if card is None or row is None or command.key not in KEYS:
            return
        length = length_ms(command.duration_ms)
        if not card.send_key(command.leg, command.key, length):
            self._tones.send(row, command.key, length)
            begins = max(self._now(), self._echoes.get(command.leg, 0) - ECHO_TICKS)
            self._echoes[command.leg] = begins + -(-(length + PAUSE_MS) // MS_PER_TICK) + ECHO_TICKS

    def pressed(self, key: Key) -> None:
        """Send a key in the sound of a leg to those listeners that had the tone cut out."""
        converts = self._converts(key.leg)
        for listener in self._fabric.listeners(key.leg):
            if converts and self._takes(listener):
                self.send(SendKey(listener, key.key, key.duration_ms))
            else:
                self._echoes[listener] = max(self._echoes.get(listener, 0), self._now() + ECHO_TICKS)

    def cut(self, rows: Rows) -> None:
        """Cut the tones of keys that begin or go on in these rows out of their listeners' sound."""
        for row in rows.tolist():
            leg = self._fabric.leg(row)
            if leg is None:
                continue
            if not self._converts(leg):
                self._pass(leg)
                continue
            for listener in self._fabric.listeners(leg):
                hears = self._fabric.row(listener)
                if hears is not None and self._takes(listener):
                    self._fabric.y[hears] = 0

    def _pass(self, leg: int) -> None:
        """Pass on a tone that began to pass, to its end, which is reported a tick later."""
        if leg in self._echoes:
            self._echoes[leg] = max(self._echoes[leg], self._now() + 1)

    def forget(self, leg: int) -> None:
        """Forget a leg that is gone."""
        self._echoes.pop(leg, None)

    def _takes(self, leg: int) -> bool:
        card = self._card_of.get(leg)
        return card is not None and card.takes_keys(leg)

    def _converts(self, leg: int) -> bool:
        card = self._card_of.get(leg)
        return card is not None and card.keys_inband(leg) and self._now() > self._echoes.get(leg, -1)
