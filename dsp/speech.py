# SPDX-License-Identifier: GPL-2.0-or-later
"""Who speaks: speech activity in all rows, and what answered a call, a person or a machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.energy import tick_power
from dsp.levels import FLOOR_DBM0, TICK_SAMPLES, Float, power_dbm0

TICK_S: Final = TICK_SAMPLES / 8000
_ABOVE_DB: Final = 9.0  # speech stands that far above the noise of its line
_FLOOR_RISE_DB: Final = 0.06  # a tick (3 dB a second): the floor follows a line that becomes noisier
_FLOOR_FALL: Final = 0.3  # share of the way down in a tick


class SpeechActivity:
    """Speech or silence in every row: level against the row's own noise floor, held through the gaps between words.

    `active` [rows] is the decision, `level_dbm0` [rows] the tick's level, `floor_dbm0` [rows] the noise floor.
    """

    def __init__(self, rows: int, *, least_dbm0: float = -45.0, hold_s: float = 0.2, onset_ticks: int = 2) -> None:
        self.active = np.zeros(rows, bool)
        self.level_dbm0 = np.full(rows, FLOOR_DBM0, np.float32)
        self.floor_dbm0 = np.full(rows, -65.0, np.float32)
        self._least, self._hold, self._onset = np.float32(least_dbm0), round(hold_s / TICK_S), onset_ticks
        self._loud = np.zeros(rows, np.intp)  # ticks above the floor in a row
        self._left = np.zeros(rows, np.intp)  # ticks of hold left

    def feed(self, x: Float) -> NDArray[np.bool_]:
        """Hear one tick [rows, 160]; returns `active`."""
        level = np.asarray(power_dbm0(tick_power(x)), np.float32)
        loud = level > np.maximum(self.floor_dbm0 + np.float32(_ABOVE_DB), self._least)
        fall = self.floor_dbm0 + np.float32(_FLOOR_FALL) * (level - self.floor_dbm0)
        rise = self.floor_dbm0 + np.float32(_FLOOR_RISE_DB)
        self.floor_dbm0 = np.where(level < self.floor_dbm0, fall, np.minimum(rise, level))
        self._loud = np.where(loud, self._loud + 1, 0)
        sure = self._loud >= self._onset
        self._left = np.where(sure, self._hold, np.maximum(self._left - 1, 0))
        self.level_dbm0, self.active = level, sure | (self._left > 0)
        return self.active

    def reset(self, row: int) -> None:
        """Forget what was heard in `row`."""
        self.active[row], self._loud[row], self._left[row] = False, 0, 0
        self.level_dbm0[row], self.floor_dbm0[row] = FLOOR_DBM0, -65.0


class Answer(Enum):
    """What answered."""

    PERSON = "person"
    MACHINE = "machine"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """Seconds that tell a person from a machine: a person says little and waits, a greeting goes on.

    `initial_silence_s` without a sound: nobody speaks. `pause_s` of silence after at most `greeting_s` of speech
    (pauses within it included): a person. More speech than that, or `words` bursts of it: a machine.
    """

    initial_silence_s: float = 4.0
    greeting_s: float = 1.9
    pause_s: float = 0.9
    words: int = 5


@dataclass(frozen=True, slots=True)
class Answered:
    """The decision for `row`, after `after_s` seconds of listening."""

    row: int
    answer: Answer
    after_s: float


class AnswerDetector:
    """Answering machine detection on the rows that were started; feed it tick by tick from the answer on."""

    def __init__(self, rows: int, limits: AnswerLimits | None = None) -> None:
        self.limits = limits or AnswerLimits()
        self._speech = SpeechActivity(rows, hold_s=0.1)
        self._open = np.zeros(rows, bool)
        self._was = np.zeros(rows, bool)
        self._ticks = np.zeros(rows, np.intp)
        self._first = np.zeros(rows, np.intp)  # tick of the first speech, 0: none yet
        self._last = np.zeros(rows, np.intp)  # tick of the last speech
        self._words = np.zeros(rows, np.intp)

    def start(self, row: int) -> None:
        """The call of `row` was answered: listen from the next tick on."""
        self._speech.reset(row)
        for state in (self._ticks, self._first, self._last, self._words):
            state[row] = 0
        self._open[row], self._was[row] = True, False

    def stop(self, row: int) -> None:
        """Listen no longer, without a decision."""
        self._open[row] = False

    def feed(self, x: Float) -> list[Answered]:
        """Hear one tick [rows, 160]; returns the decisions made in it. Each row decides once."""
        active, limits = self._speech.feed(x), self.limits
        self._ticks[self._open] += 1
        self._words += active & ~self._was
        self._first = np.where((self._first == 0) & active, self._ticks, self._first)
        self._last = np.where(active, self._ticks, self._last)
        self._was = active.copy()
        spoken = (self._last - self._first) * TICK_S
        quiet = (self._ticks - self._last) * TICK_S
        begun = self._first > 0
        machine = begun & ((spoken > limits.greeting_s) | (self._words >= limits.words))
        person = begun & ~machine & (quiet >= limits.pause_s)
        silence = ~begun & (self._ticks * TICK_S >= limits.initial_silence_s)
        events = []
        for answer, rows in ((Answer.MACHINE, machine), (Answer.PERSON, person), (Answer.SILENCE, silence)):
            for row in np.flatnonzero(rows & self._open).tolist():
                events.append(Answered(row, answer, float(self._ticks[row]) * TICK_S))
                self._open[row] = False
        return events
