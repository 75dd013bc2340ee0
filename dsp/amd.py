# SPDX-License-Identifier: GPL-2.0-or-later
"""Answering machine detection: a person or a machine at the answer of a call, with the reason.

A person says a word or two and waits; a machine goes on, and beeps at its end. Measuring and judging are apart:
`Features` are times, `AmdLimits` turn them into a verdict. Where both are likely (a company's long greeting, silence)
the verdict is unsure, and the flow decides. Beeps are reported also after the verdict, until the row is stopped, so
that a message can be left after the tone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.beep import TICK_S, Beep, BeepDetector
from dsp.blocks import Detector, Tick
from dsp.levels import power_dbm0

_ABOVE_DB: Final = 8.0  # speech stands that far above the quietest moment so far
_LEAST_DBM0: Final = -42.0
_FLOOR_RISE_DB: Final = 0.02  # a tick: 1 dB a second
_HOLD_TICKS: Final = 5  # within a word
_ONSET_TICKS: Final = 2
_ALONE_TICKS: Final = 6  # between speech and a beep


class Verdict(Enum):
    """Kind of the answering party."""

    HUMAN = "human"
    MACHINE = "machine"
    UNSURE = "unsure"


class Reason(Enum):
    """Measurement that the verdict rests on."""

    SHORT_GREETING = "short greeting, then silence"
    LONG_GREETING = "greeting goes on"
    BEEP = "beep"
    MIDDLING_GREETING = "greeting too long for most persons, too short for most machines"
    SILENCE = "nobody speaks"
    TIMEOUT = "no decision in time"


@dataclass(frozen=True, slots=True)
class AmdLimits:
    """Limits in seconds; the defaults come from greetings in seven languages (see lab/amd_report.py).

    A greeting of up to `human_s` and then `pause_s` of silence is a person's. One that lasts `machine_s` (its pauses
    below `pause_s` within) is a machine's. Silence for `silence_s`, or no decision after `timeout_s`: unsure.
    """

    human_s: float = 2.2
    machine_s: float = 2.8
    pause_s: float = 0.9
    silence_s: float = 4.0
    timeout_s: float = 8.0


@dataclass(frozen=True, slots=True)
class Features:
    """Measurements of a greeting: times in seconds, words as bursts of sound."""

    initial_silence_s: float
    greeting_s: float
    speech_s: float
    words: int
    longest_word_s: float
    longest_pause_s: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on `row`, reached `after_s` seconds after the answer."""

    row: int
    verdict: Verdict
    reason: Reason
    after_s: float
    features: Features


class AnsweringMachineDetector(Detector[Decision | Beep]):
    """Detector with one decision for each row that was started; to be fed from the answer on."""

    def __init__(self, rows: int, limits: AmdLimits | None = None) -> None:
        super().__init__(rows)
        self.limits = limits or AmdLimits()
        self._beeps = BeepDetector(rows)
        self._listening = np.zeros(rows, bool)  # started and not stopped
        self._open = np.zeros(rows, bool)  # ... and not decided
        self._floor = np.zeros(rows, np.float32)  # dBm0
        counts = np.zeros((9, rows), np.intp)
        self._counts = counts
        self._now, self._first, self._last, self._begun, self._spoken = counts[:5]  # ticks, from 1; 0: not yet
        self._words, self._word, self._pause, self._loud = counts[5:]

    def start(self, row: int) -> None:
        """Start to listen to `row` from the next tick on: its call was answered."""
        self._beeps.reset(row)
        self._counts[:, row] = 0
        self._floor[row] = np.inf
        self._listening[row] = self._open[row] = True

    def stop(self, row: int) -> None:
        """Stop listening, decided or not."""
        self._listening[row] = self._open[row] = False

    def hear(self, tick: Tick) -> list[Decision | Beep]:
        """Analyse one tick; return decisions and beeps. Rows that do not listen cost next to nothing."""
        rows = np.flatnonzero(self._listening)
        if not len(rows):
            return []
        beeps = [beep for beep in self._beeps.hear(tick, rows) if self._stands_alone(beep)]
        self._now += self._listening
        self._measure(self._speech(tick))
        return [*beeps, *self._judge(beeps)]

    def features(self, row: int) -> Features:
        """Return the measurements of `row` so far."""
        first, last = int(self._first[row]), int(self._last[row])
        quiet = (first - 1 if first else int(self._now[row])) * TICK_S
        greeting = (last - first + 1 if first else 0) * TICK_S
        speech, word, pause = (int(n[row]) * TICK_S for n in (self._spoken, self._word, self._pause))
        return Features(quiet, greeting, speech, int(self._words[row]), word, pause)

    def _speech(self, tick: Tick) -> NDArray[np.bool_]:
        """Return the rows with speech: well above the quietest moment of the call so far, and no tone."""
        level = np.asarray(power_dbm0(tick.power), np.float32)
        self._floor = np.minimum(self._floor + np.float32(_FLOOR_RISE_DB), level)
        loud = self._listening & (level > np.maximum(self._floor + np.float32(_ABOVE_DB), np.float32(_LEAST_DBM0)))
        self._loud[:] = np.where(loud & ~self._beeps.pure, self._loud + 1, 0)
        return np.asarray(self._loud >= _ONSET_TICKS)

    def _stands_alone(self, beep: Beep) -> bool:
        """Return whether no speech was right before a beep; with speech it was a vowel sung."""
        since = int(self._now[beep.row] - self._last[beep.row]) - round(beep.length_s / TICK_S)
        return not self._last[beep.row] or since >= _ALONE_TICKS

    def _measure(self, speech: NDArray[np.bool_]) -> None:
        """Update the counts of words and pauses with this tick."""
        now, gap = self._now, self._now - self._last
        word_begins = speech & ((self._last == 0) | (gap > _HOLD_TICKS))
        pause = word_begins & (self._last > 0)
        np.maximum(self._pause, np.where(pause, gap - _ONSET_TICKS, 0), out=self._pause)
        self._words += word_begins
        self._begun[:] = np.where(word_begins, np.maximum(now - _ONSET_TICKS + 1, 1), self._begun)
        self._first[:] = np.where(speech & (self._first == 0), self._begun, self._first)
        self._last[:] = np.where(speech, now, self._last)
        self._spoken += speech
        np.maximum(self._word, np.where(speech, now - self._begun + 1, 0), out=self._word)

    def _judge(self, beeps: list[Beep]) -> list[Decision]:
        limits, begun = self.limits, self._first > 0
        heard_s = np.where(begun, self._last - self._first + 1, 0) * TICK_S
        paused = begun & ((self._now - self._last) * TICK_S >= limits.pause_s)
        late = self._now * TICK_S >= limits.timeout_s
        beep = begun & np.isin(np.arange(len(begun)), [b.row for b in beeps])  # without speech it is a line's tone
        rules: list[tuple[Verdict, Reason, NDArray[np.bool_]]] = [
            (Verdict.MACHINE, Reason.BEEP, beep),
            (Verdict.MACHINE, Reason.LONG_GREETING, heard_s >= limits.machine_s),
            (Verdict.HUMAN, Reason.SHORT_GREETING, paused & (heard_s <= limits.human_s)),
            (Verdict.UNSURE, Reason.MIDDLING_GREETING, paused),
            (Verdict.UNSURE, Reason.SILENCE, ~begun & (self._now * TICK_S >= limits.silence_s)),
            (Verdict.UNSURE, Reason.TIMEOUT, late),
        ]
        decisions = []
        for verdict, reason, rows in rules:
            for row in np.flatnonzero(rows & self._open).tolist():
                decisions.append(Decision(row, verdict, reason, float(self._now[row]) * TICK_S, self.features(row)))
                self._open[row] = False
        return decisions
