# SPDX-License-Identifier: GPL-2.0-or-later
"""Call progress: the tone of a country's network in each row, by frequency and cadence (ITU-T E.180), in the tick.

A tone is reported when its on and off times have been met for one period, three stretches at least (music often holds
one note and then not for a while); a tone of rare bursts for two periods, one of short times for three; a continuous
tone when it has sounded for longer than any tone with a cadence would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from dsp.blocks import HOP, Detector, Rows, Tick
from dsp.levels import TICK_SAMPLES
from dsp.sounds import HOP_S, HOPS_A_TICK, Runs, SoundBank
from dsp.tone_table import Tone, load_tone, tone_names

TOLERANCE: Final = 0.25
_SLACK_HOPS: Final = 2  # error of a time from the 10 ms steps
_NEVER: Final = np.iinfo(np.intp).max
_SHORT_S: Final = 0.09
_SPARSE: Final = 0.15  # share of the time that sounds: call waiting tones are below, ringing tones above
_LEAST_CONTINUOUS_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class ToneHeard:
    """A tone `name` in `row`; `at_sample` is when it became sure."""

    row: int
    name: str
    at_sample: int


@dataclass(frozen=True, slots=True)
class ToneGone:
    """End of the tone that was reported for `row`."""

    row: int
    name: str
    at_sample: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A tone as symbols and hops: one period, () when continuous; how many stretches must fit."""

    name: str
    stretches: tuple[tuple[int, float], ...]
    sound: int
    needed: int


class ProgressDetector(Detector[ToneHeard | ToneGone]):
    """Tones of one country in all rows."""

    def __init__(self, rows: int, country: str, tolerance: float = TOLERANCE) -> None:
        """Prepare the patterns of a country's tones.

        Raises:
            UnknownCountry: there is no such country.
        """
        super().__init__(rows)
        tones = [load_tone(country, name) for name in tone_names(country)]
        sounds = list(dict.fromkeys(piece.frequencies_hz for tone in tones for piece in tone.pieces))
        self._tolerance = tolerance
        self._patterns = self._told_apart([_pattern(tone, sounds) for tone in tones])
        self._bank = SoundBank(rows, sounds)
        self._runs = Runs(rows, max(pattern.needed for pattern in self._patterns))
        self._continuous = self._continuous_names(len(sounds))
        self._until = np.array([self._longest_on(symbol) for symbol in range(len(sounds) + 1)], np.intp)
        self._heard: list[_Pattern | None] = [None] * rows
        self._due = np.full(rows, _NEVER)  # length in hops at which the run that goes on is a result by itself
        self._silence = np.zeros((HOPS_A_TICK, rows), np.intp)
        self._samples = 0

    def hear(self, tick: Tick, rows: Rows | None = None) -> list[ToneHeard | ToneGone]:
        """Analyse one tick; return the tones that became sure, in order.

        With `rows` the others count as silent, at no cost.
        """
        events: list[ToneHeard | ToneGone] = []
        symbols = self._bank.hear(tick, rows)
        if symbols is None and self._due.min() == _NEVER and self._runs.silent_tick():
            self._samples += TICK_SAMPLES
            return events
        for now in self._silence if symbols is None else symbols:
            self._samples += HOP
            for row in self._runs.advance(now).tolist():
                self._ended(row, events)
            for row in np.flatnonzero(self._runs.length >= self._due).tolist():
                self._overdue(row, events)
        return events

    def heard(self, row: int) -> str | None:
        """Return the tone in `row` now."""
        pattern = self._heard[row]
        return pattern.name if pattern else None

    def reset(self, row: int) -> None:
        """Forget all sound of `row`: it belongs to another call from now on."""
        self._bank.reset(row)
        self._runs.reset(row)
        self._heard[row] = None
        self._due[row] = _NEVER

    def _ended(self, row: int, events: list[ToneHeard | ToneGone]) -> None:
        """Report the tone that the cadence so far fits, as a run has ended in `row`."""
        symbols, lengths = self._runs.past_symbols[row].tolist(), self._runs.past_lengths[row].tolist()
        fits = [
            (misfit, n)
            for n, p in enumerate(self._patterns)
            if (misfit := self._misfit(p, symbols, lengths)) is not None
        ]
        self._tell(row, self._patterns[min(fits)[1]] if fits else None, events)

    def _misfit(self, pattern: _Pattern, symbols: list[int], lengths: list[int]) -> float | None:
        """Return the mean relative error of the last runs against the pattern at its best shift.

        None when they do not fit.
        """
        needed, period = pattern.needed, pattern.stretches
        if not period or not lengths[-needed]:
            return None
        runs = list(zip(symbols[-needed:], lengths[-needed:], strict=True))
        errors = [self._error(runs, period, shift) for shift in range(len(period))]
        return min((error for error in errors if error is not None), default=None)

    def _error(self, runs: list[tuple[int, int]], period: tuple[tuple[int, float], ...], shift: int) -> float | None:
        total = 0.0
        for n, (symbol, hops) in enumerate(runs):
            want_symbol, want = period[(n + shift) % len(period)]
            if symbol != want_symbol or abs(hops - want) > want * self._tolerance + _SLACK_HOPS:
                return None
            total += abs(hops - want) / want
        return total / len(runs)

    def _tell(self, row: int, pattern: _Pattern | None, events: list[ToneHeard | ToneGone]) -> None:
        before = self._heard[row]
        if before is not pattern:
            if before:
                events.append(ToneGone(row, before.name, self._samples))
            if pattern:
                events.append(ToneHeard(row, pattern.name, self._samples))
            self._heard[row] = pattern
        self._due[row] = min(self._lasts(row), self._expires(row))

    def _overdue(self, row: int, events: list[ToneHeard | ToneGone]) -> None:
        """Report a run of `row` that has become too long for the present tone, or long enough for a continuous one."""
        self._due[row] = _NEVER
        if self._runs.length[row] >= self._lasts(row):
            self._tell(row, self._continuous.get(int(self._runs.symbol[row])), events)
            self._due[row] = _NEVER
        else:
            self._tell(row, None, events)

    def _lasts(self, row: int) -> int:
        """Return the hops after which the run of `row` is a continuous tone."""
        symbol = int(self._runs.symbol[row])
        return int(self._until[symbol]) if symbol else _NEVER

    def _expires(self, row: int) -> int:
        """Return the hops after which the run of `row` no longer fits the present tone."""
        pattern = self._heard[row]
        if not pattern or not pattern.stretches:
            return _NEVER
        return int(max(hops for _, hops in pattern.stretches) * (1 + self._tolerance)) + _SLACK_HOPS + 1

    def _told_apart(self, patterns: list[_Pattern]) -> list[_Pattern]:
        """Return the patterns; those that may be a part of a longer one need as many stretches as that has."""
        return [
            replace(
                p, needed=max([p.needed, *(len(q.stretches) for q in patterns if q is not p and self._within(p, q))])
            )
            for p in patterns
        ]

    def _within(self, part: _Pattern, whole: _Pattern) -> bool:
        """Return whether some stretches of `whole` would pass for `part`."""
        if not part.stretches or len(whole.stretches) <= part.needed:
            return False
        around = [*whole.stretches, *whole.stretches]
        pieces = [around[at : at + part.needed] for at in range(len(whole.stretches))]
        return any(
            self._error([(symbol, round(hops)) for symbol, hops in piece], part.stretches, shift) is not None
            for piece in pieces
            for shift in range(len(part.stretches))
        )

    def _continuous_names(self, sounds: int) -> dict[int, _Pattern]:
        """Return the continuous tone of each sound; the first of the table where several are alike."""
        found: dict[int, _Pattern] = {}
        for pattern in self._patterns:
            if not pattern.stretches and pattern.sound <= sounds:
                found.setdefault(pattern.sound, pattern)
        return found

    def _longest_on(self, symbol: int) -> int:
        """Return the hops after which a sound is no burst of a cadence any more."""
        bursts = [hops for pattern in self._patterns for sound, hops in pattern.stretches if sound == symbol]
        return int(max([*bursts, _LEAST_CONTINUOUS_S / HOP_S]) * (1 + self._tolerance)) + _SLACK_HOPS + 1


def _pattern(tone: Tone, sounds: list[tuple[int, ...]]) -> _Pattern:
    stretches: list[tuple[int, float]] = []
    if not tone.continuous:
        for piece in tone.pieces:
            stretches.append((sounds.index(piece.frequencies_hz) + 1, piece.on_s / HOP_S))
            if piece.off_s * 8000 >= 4 * HOP:  # shorter pauses do not settle
                stretches.append((0, piece.off_s / HOP_S))
    least = 3
    if any(hops * HOP_S < _SHORT_S for _, hops in stretches):
        least = 3 * len(stretches) + 1  # music has such short times by chance
    elif sum(hops for symbol, hops in stretches if symbol) < _SPARSE * sum(hops for _, hops in stretches):
        least = 2 * len(stretches) + 1  # ... and such lone notes
    return _Pattern(
        tone.name, tuple(stretches), sounds.index(tone.pieces[0].frequencies_hz) + 1, max(len(stretches), least)
    )
