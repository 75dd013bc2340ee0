# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys as tones in the sound to lines (ITU-T Q.23), for far ends that take no other form.

Levels are those of ETSI ES 201 235-2 4.2.2 and of most telephones: the high frequency is 2 dB above the low one, which
leaves enough of both at the end of a long line. Lengths and pauses are long enough for every receiver (Q.24 Table A-1).
"""

from collections import deque
from collections.abc import Collection
from typing import Final

import numpy as np

from appliance.contract.switch import Play
from appliance.switch.sound.fabric import Sound
from appliance.switch.sound.players import Players
from drivers.span import TICK_SAMPLES
from dsp.keypad import KEYS, dtmf_samples

LEVEL_DBM0: Final = -7.0
TWIST_DB: Final = 2.0
SHORTEST_MS, LONGEST_MS, USUAL_MS = 80, 5000, 100
"""A key is sent as long as it was pressed, within these; of unknown length it is sent for `USUAL_MS`."""
PAUSE_MS: Final = 80
PAUSE: Final = f"silence:{PAUSE_MS}"
MAX_WAITING: Final = 32
SECOND: Final = 8000
"""Samples after which the tones of all keys begin again: their frequencies are whole numbers of Hz."""


def length_ms(pressed_ms: int) -> int:
    """Return how long a key is sent that was pressed for so long."""
    return min(max(pressed_ms, SHORTEST_MS), LONGEST_MS) if pressed_ms else USUAL_MS


class _Pool:
    """A second of each key: `key:<key>/<milliseconds>` is the beginning of it."""

    def __init__(self) -> None:
        tones = [dtmf_samples(key, 1000, 0, LEVEL_DBM0, TWIST_DB) for key in KEYS]
        self.samples = np.rint(np.concatenate(tones) * 32767).astype(np.int16)

    def find(self, sound: str) -> tuple[int, int]:
        key, _, ms = sound.removeprefix("key:").partition("/")
        return KEYS.index(key) * SECOND, int(ms) * SECOND // 1000


class KeyTones:
    """The keys that are sent on each row, and those that wait. Rows without any cost nothing."""

    def __init__(self, rows: int) -> None:
        self._players = Players(rows, _Pool())
        self._waiting: dict[int, deque[Play]] = {}
        self._sound: Sound = np.zeros((rows, TICK_SAMPLES), np.float32)

    def send(self, row: int, key: str, ms: int) -> None:
        """Send a key after those that wait; beyond `MAX_WAITING` it is dropped."""
        whole, rest = divmod(ms, 1000)
        sounds = (*[f"key:{key}/1000"] * whole, *([f"key:{key}/{rest}"] if rest else []), PAUSE)
        waiting = self._waiting.setdefault(row, deque())
        if len(waiting) < MAX_WAITING:
            waiting.append(Play(row, 0, sounds))
        if self._players.playing(row) is None:
            self._next(row)

    def stop(self, row: int) -> None:
        """Drop the keys for a row."""
        if self._waiting.pop(row, None) is not None:
            self._players.stop(row)

    @property
    def rows(self) -> Collection[int]:
        """Rows to which keys are sent."""
        return self._waiting.keys()

    def put(self, heard: Sound) -> None:
        """Replace the sound to lines [rows, 160] by this tick's tones alone: a tone with speech in it is no key."""
        if not self._waiting:
            return
        ended = self._players.advance(self._sound)
        rows = list(self._waiting)
        heard[rows] = self._sound[rows]
        for played in ended:
            self._next(played.leg)

    def _next(self, row: int) -> None:
        if waiting := self._waiting[row]:
            self._players.play(row, waiting.popleft())
        else:
            del self._waiting[row]
