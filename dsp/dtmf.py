# SPDX-License-Identifier: GPL-2.0-or-later
"""DTMF: keys, their sound (see `dsp.keypad`), and a detector for all rows at once (ITU-T Q.23, Q.24).

The detector computes one product of every row with the eight frequencies a tick, at the same cost for every sound. Only
rows in which two ticks in a row hold the same pair get the full look (`dsp.dtmf_look`), all of them together; only rows
with a key held are followed piece by piece to its end. State that is compared from tick to tick is kept for the rows
that are heard, in their order; state of keys, for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import A_SAMPLE, Detector, Rows, Tick, every_row
from dsp.dtmf_look import PIECE, WINDOW, Limits, Look, accept, look, phasors, power_of
from dsp.keypad import FREQUENCIES, HIGH_HZ, KEYS, LOW_HZ, dtmf_samples
from dsp.levels import OVERLOAD_DBM0, SAMPLE_RATE, TICK_SAMPLES, Float, amplitude

__all__ = ["FREQUENCIES", "KEYS", "DtmfDetector", "KeyEnd", "KeyEvent", "KeyStart", "Limits", "dtmf_samples"]

_TICKS: Final = 3  # ticks of history the full look sees
_PIECES: Final = TICK_SAMPLES // PIECE  # pieces in a tick
_GAP_PIECES: Final = 5  # 25 ms without the key end it: a 10 ms break touches three pieces, a 40 ms pause covers seven
_HELD_SHARE: Final = np.float32(0.3)  # of each frequency's power at the start: below, it is no longer the key
_HELD_PURITY: Final = np.float32(0.2)  # of the tick's power: below, it is another sound
_FIRST_PURITY: Final = np.float32(0.45)  # of a tick's power in the strongest pair, for the first test
_NEXT_PURITY: Final = np.float32(0.2)  # the same for the tick beside it: of 40 ms it holds at least 7.5 ms of the key
_PURE_ENERGY: Final = _FIRST_PURITY / np.float32(TICK_SAMPLES)
_FIRST_SHARE: Final = np.float32(0.03)  # of a tick's power in the weaker one of the pair
_SEEMS_PURITY: Final = np.float32(0.8)  # of a tick's power in the strongest pair, where a key seems to begin
_SEEMS_SHARE: Final = np.float32(0.1)  # ... in the weaker one of the pair
_SEEMS_TICKS: Final = 2  # in a row; then it is recognised as a key, or is none
_ECHO_SAMPLES: Final = 800  # a weaker copy of a key that begins within 100 ms after it is its echo
_ECHO_SHARE: Final = np.float32(0.2)


@dataclass(frozen=True, slots=True)
class KeyStart:
    """Beginning of a key in `row`, at `at_sample`, counted from the detector's first tick."""

    row: int
    key: str
    at_sample: int


@dataclass(frozen=True, slots=True)
class KeyEnd:
    """End of the key of `row`: its length, level of its stronger frequency, high over low in dB."""

    row: int
    key: str
    at_sample: int
    duration_ms: float
    level_dbm0: float
    twist_db: float


KeyEvent = KeyStart | KeyEnd
_NO_ROWS: Final = np.zeros(0, np.intp)


def _first_product() -> Float:
    """Return [16, 160]: cosine and sine of each frequency.

    The squares of the product with them are mean squares of sines.
    """
    t = np.arange(TICK_SAMPLES) / SAMPLE_RATE
    angle = 2 * np.pi * np.array(LOW_HZ + HIGH_HZ)[:, None] * t
    return np.asarray(np.concatenate([np.cos(angle), np.sin(angle)]) * np.sqrt(2) / TICK_SAMPLES, np.float32)


_FIRST: Final = _first_product()


class _FirstTest:
    """One product of each of some rows with the eight frequencies; `tones` [8, rows] is the power of each."""

    def __init__(self, rows: int) -> None:
        self.tones = np.zeros((8, rows), np.float32)
        self._product = np.zeros((len(_FIRST), rows), np.float32)
        self._two = np.zeros((4, rows), np.float32)  # the stronger of two neighbours
        self._best = np.zeros((2, rows), np.float32)  # the strongest low, the strongest high frequency
        halves, tones, two = (self._product[:8], self._product[8:]), self.tones, self._two
        self._views = (*halves, tones[::2], tones[1::2], two[::2], two[1::2], self._best[0], self._best[1])

    def seems(self, hit: NDArray[np.bool_], energy: Float) -> NDArray[np.bool_]:
        """Return which rows hold hardly anything but a pair; only after `run` found hits."""
        low, high = self._best
        pure = hit & (low + high >= energy * (A_SAMPLE * _SEEMS_PURITY))
        return np.asarray(pure & (np.minimum(low, high) >= energy * (A_SAMPLE * _SEEMS_SHARE)))

    def run(self, sound: Float, energy: Float, floor: np.float32) -> tuple[NDArray[np.bool_], int]:
        """Return which rows' strongest pair may be a key by its share of the power, and how many these are.

        In silence and in most speech there are none after the first question. All results go to arrays that exist
        already.
        """
        product, (cosines, sines, even, odd, two_even, two_odd, low, high) = self._product, self._views
        np.matmul(_FIRST, sound.T, out=product)
        np.square(product, out=product)
        np.add(cosines, sines, out=self.tones)
        np.maximum(even, odd, out=self._two)
        np.maximum(two_even, two_odd, out=self._best)
        hit = low + high >= energy * _PURE_ENERGY
        hits = np.count_nonzero(hit)
        if hits:
            hit &= np.minimum(low, high) >= np.maximum(energy * A_SAMPLE * _FIRST_SHARE, floor)
            hits = np.count_nonzero(hit)
        return hit, int(hits)


class DtmfDetector(Detector[KeyEvent]):
    """Keys in all rows at once. All state is in arrays with one entry a row."""

    def __init__(self, ports: int, limits: Limits | None = None) -> None:
        super().__init__(ports)
        self.limits = limits or Limits()
        floor = amplitude(self.limits.min_level_dbm0) ** 2 / 2
        self._floor = np.float32(floor / 4)  # the first test may see half a tick only
        self._tick = 0
        self._keys_held = 0
        self._free_from = np.zeros(ports, np.int64)  # sample before which all belongs to a key already reported
        self._held = np.full(ports, -1, np.intp)  # key number, -1: none
        self._start = np.zeros(ports, np.int64)
        self._end = np.zeros(ports, np.int64)  # sample up to which the held or last key sounded
        self._gap = np.zeros(ports, np.intp)  # pieces since
        self._power = np.zeros((ports, 2), np.float32)  # mean squares of the held or last key's frequencies
        self._last = np.full(ports, -1, np.intp)  # the key that ended at `_end`
        self._seemed = np.zeros(ports, np.intp)  # ticks in a row in which a key seemed to begin
        self._seeming = 0  # number of rows with `_seemed`
        self.sounding: Rows = np.zeros(0, np.intp)
        """Rows in which a key is held now, or seems to begin: early enough to keep its tone from others."""
        # Of the rows that are heard, in their order:
        self._heard = every_row(ports)
        self._history = [np.zeros((ports, TICK_SAMPLES), np.float32)] * _TICKS  # the oldest first
        self._test, self._tested = _FirstTest(ports), _FirstTest(ports)  # of this tick, of the tick before
        self._energy = np.zeros(ports, np.float32)  # sum of squares of the tick before
        self._hit = np.zeros(ports, bool)  # first test passed in the tick before
        self._hits = 0  # ... in how many rows

    def hear(self, tick: Tick) -> list[KeyEvent]:
        """Analyse one tick; return the keys that began and ended, in order."""
        if tick.heard is not self._heard:
            self._hear_others(tick.heard)
        energy = tick.energy.take(tick.heard)
        self._history = [*self._history[1:], tick.sound]
        self._tested, self._test = self._test, self._tested
        hit, hits = self._test.run(tick.sound, energy, self._floor)
        self._tick += 1
        events: list[KeyEvent] = []
        if self._keys_held:
            self._follow(np.flatnonzero(self._held[tick.heard] >= 0), energy * A_SAMPLE, events)
        if hits or self._hits:
            suspects = np.flatnonzero((hit | self._hit) & (self._held[tick.heard] < 0))
            if len(suspects):
                self._examine(suspects, energy * A_SAMPLE, events)
        self._energy, self._hit, self._hits = energy, hit, hits
        self.sounding = self._sounds()
        return events

    def _sounds(self) -> Rows:
        if not self._keys_held and not self._hits:
            if self._seeming:
                self._seemed[:] = self._seeming = 0
            return _NO_ROWS
        held = self._held[self._heard] >= 0
        seems = self._test.seems(self._hit, self._energy) & ~held
        seemed = self._seemed[self._heard] = np.where(seems, self._seemed[self._heard] + 1, 0)
        self._seeming = int(np.count_nonzero(seems))
        return np.asarray(self._heard[held | (seems & (seemed <= _SEEMS_TICKS))])

    def held(self, row: int) -> str | None:
        """Return the key that is held in `row` now."""
        number = int(self._held[row])
        return KEYS[number] if number >= 0 else None

    def reset(self, row: int) -> None:
        """Forget all sound of `row`: it belongs to another call from now on."""
        at = np.flatnonzero(self._heard == row)
        for sound in self._history:
            sound[at] = 0
        self._hit[at] = False
        self._keys_held -= int(self._held[row] >= 0)
        self._held[row] = self._last[row] = -1
        self._free_from[row] = self._tick * TICK_SAMPLES

    def _hear_others(self, heard: Rows) -> None:
        """Change to other heard rows. New rows were silent before; the state of rows that are gone is dropped."""
        gone = np.ones(self.rows, bool)
        gone[heard] = False
        self._held[gone] = self._last[gone] = -1
        self._keys_held = int(np.count_nonzero(self._held >= 0))
        place = np.full(self.rows, -1)
        place[self._heard] = np.arange(len(self._heard))
        known = np.flatnonzero(place[heard] >= 0)
        was_at = place[heard[known]]

        def move(was: NDArray[Any]) -> NDArray[Any]:
            now = np.zeros((len(heard), *was.shape[1:]), was.dtype)
            now[known] = was[was_at]
            return now

        tones = move(self._test.tones.T)
        self._test, self._tested = _FirstTest(len(heard)), _FirstTest(len(heard))
        self._test.tones[:] = tones.T
        self._history = [move(sound) for sound in self._history]
        self._energy, self._hit = move(self._energy), move(self._hit)
        self._hits = int(np.count_nonzero(self._hit))
        self._heard = heard

    def _examine(self, suspects: NDArray[np.intp], total: Float, events: list[KeyEvent]) -> None:
        """Take the full look at suspects, places among the heard, in which this tick and the last agree on the pair."""
        pair, share = _pair_of(self._test.tones[:, suspects], total[suspects])
        total_before = self._energy[suspects] / np.float32(TICK_SAMPLES)
        before, share_before = _pair_of(self._tested.tones[:, suspects], total_before)
        same = (pair == before) & (np.minimum(share, share_before) >= _NEXT_PURITY)
        suspects, pair = suspects[same], pair[same]
        if not len(suspects):
            return
        origin = (self._tick - _TICKS) * TICK_SAMPLES
        rows = self._heard[suspects]
        free = -((origin - self._free_from[rows]) // PIECE)
        recent = np.concatenate([sound[suspects] for sound in self._history], axis=1)
        found = look(recent, pair, free)
        keys = np.flatnonzero(accept(found, pair, self.limits) & ~self._is_echo(rows, pair, found, origin))
        for c in keys:
            self._begin(int(rows[c]), int(pair[c]), found, int(c), origin)
            events.append(KeyStart(int(rows[c]), KEYS[pair[c]], int(self._start[rows[c]])))

    def _is_echo(self, rows: NDArray[np.intp], pair: NDArray[np.intp], found: Look, origin: int) -> NDArray[np.bool_]:
        soon = origin + found.start * PIECE - self._end[rows] < _ECHO_SAMPLES
        weak = (found.power < _ECHO_SHARE * self._power[rows]).all(axis=1)
        return np.asarray((self._last[rows] == pair) & soon & weak)

    def _begin(self, row: int, number: int, found: Look, c: int, origin: int) -> None:
        """Hold key `number`; find its first and last piece around the window that was recognised."""
        filled = np.sqrt(found.pieces[c].sum(axis=1) / found.power[c].sum())  # share of the piece that sounds
        first, last = int(found.start[c]), int(found.start[c]) + WINDOW
        free = max(0, -((origin - int(self._free_from[row])) // PIECE))
        while first > free and filled[first - 1] ** 2 >= _HELD_SHARE:
            first -= 1
        while last < len(filled) and filled[last] ** 2 >= _HELD_SHARE:
            last += 1
        before = min(float(filled[first - 1]), 1.0) if first > free else 0.0
        after = min(float(filled[last]), 1.0) if last < len(filled) else 0.0
        self._held[row], self._power[row] = number, found.power[c]
        self._keys_held += 1
        self._start[row] = origin + round((first - before) * PIECE)
        self._end[row] = origin + round((last + after) * PIECE)
        self._gap[row] = len(filled) - last

    def _follow(self, places: NDArray[np.intp], total: Float, events: list[KeyEvent]) -> None:
        """Follow, piece by piece, whether the key held at each of these places among the heard still sounds."""
        rows = self._heard[places]
        number = self._held[rows]
        power = power_of(phasors(self._history[-1][places], number))
        share = (power / self._power[rows][:, None, :]).min(axis=2)
        tones = self._test.tones
        pair = tones[number // 4, places] + tones[4 + number % 4, places]
        on = (share >= _HELD_SHARE) & (pair >= _HELD_PURITY * total[places])[:, None]
        origin = (self._tick - 1) * TICK_SAMPLES
        for k in range(_PIECES):
            live = self._held[rows] >= 0
            tail = np.where(self._gap[rows] == 0, np.minimum(np.sqrt(share[:, k]), 1) * PIECE, 0).astype(np.int64)
            end = np.where(on[:, k], origin + (k + 1) * PIECE, self._end[rows] + tail)
            self._end[rows] = np.where(live, end, self._end[rows])
            self._gap[rows] = np.where(on[:, k], 0, self._gap[rows] + 1)
            events.extend(self._finish(int(row)) for row in rows[live & (self._gap[rows] >= _GAP_PIECES)])

    def _finish(self, row: int) -> KeyEnd:
        number, power = int(self._held[row]), self._power[row].astype(float)
        self._keys_held -= 1
        self._last[row], self._held[row], self._free_from[row] = number, -1, self._end[row]
        return KeyEnd(
            row=row,
            key=KEYS[number],
            at_sample=int(self._end[row]),
            duration_ms=float(self._end[row] - self._start[row]) * 1000 / SAMPLE_RATE,
            level_dbm0=float(10 * np.log10(2 * power.max()) + OVERLOAD_DBM0),
            twist_db=float(10 * np.log10(power[1] / power[0])),
        )


def _pair_of(tones: Float, total: Float) -> tuple[NDArray[np.intp], Float]:
    """Return key number [C] and share of the power `total` [C] of the strongest low and high frequency in [8, C]."""
    number = 4 * tones[:4].argmax(axis=0) + tones[4:].argmax(axis=0)
    share = (tones[:4].max(axis=0) + tones[4:].max(axis=0)) / np.maximum(total, np.float32(1e-12))
    return number, share
