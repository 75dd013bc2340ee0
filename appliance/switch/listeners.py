# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that listens, on all rows all the time: keys, call progress, fax, speech, levels.

What call control hears of is keys, and on legs for which it said `Listen`, tones and fax. Who answered (a person or a
machine) is looked for from the moment `Listen` asks for it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from appliance.messages import Listen
from appliance.switch.card import Sound
from dsp.amd import AnsweringMachineDetector, Decision
from dsp.dtmf import DtmfDetector, KeyEnd
from dsp.energy import LevelMeter
from dsp.fax import FaxDetector
from dsp.progress import ProgressDetector, ToneHeard
from dsp.speech import SpeechActivity


class Noticed(NamedTuple):
    """Something on a row: `kind` is 'tone', 'fax' or 'answer', `what` its name."""

    row: int
    kind: str
    what: str


class Listeners:
    """Detectors for `rows` rows; tones are those of `country`."""

    def __init__(self, rows: int, country: str) -> None:
        self._keys = DtmfDetector(rows)
        self._progress = ProgressDetector(rows, country)
        self._fax = FaxDetector(rows)
        self._speech = SpeechActivity(rows)
        self._levels = LevelMeter(rows)
        self._answer = AnsweringMachineDetector(rows)
        self._wanted: dict[int, Listen] = {}

    def keys(self, said: Sound) -> list[KeyEnd]:
        """Hear one tick [rows, 160]; give the keys that ended."""
        return [event for event in self._keys.feed(said) if isinstance(event, KeyEnd)]

    def advance(self, said: Sound) -> list[Noticed]:
        """Hear the same tick for everything else; give what is wanted of it."""
        self._levels.feed(said)
        self._speech.feed(said)
        return list(self._noticed(said))

    def listen(self, row: int, order: Listen) -> None:
        """Tell from now on what `order` asks for on a row."""
        self._wanted[row] = order
        (self._answer.start if order.answer else self._answer.stop)(row)

    def reset(self, row: int) -> None:
        """Forget what was heard on a row, and what was wanted of it."""
        if self._wanted.pop(row, None) is not None:
            self._answer.stop(row)
        for detector in (self._keys, self._progress, self._fax, self._speech, self._levels):
            detector.reset(row)

    @property
    def level_dbm0(self) -> NDArray[np.float32]:
        """Levels of all rows as they stand [rows]."""
        return self._levels.level_dbm0()

    @property
    def speaking(self) -> NDArray[np.bool_]:
        """Rows on which somebody speaks [rows]."""
        return self._speech.active

    def _noticed(self, said: Sound) -> Iterator[Noticed]:
        for tone in self._progress.feed(said):
            if isinstance(tone, ToneHeard) and self._wants(tone.row).tones:
                yield Noticed(tone.row, "tone", tone.name)
        for fax in self._fax.feed(said):
            if self._wants(fax.row).fax:
                yield Noticed(fax.row, "fax", fax.tone.value)
        for answer in self._answer.feed(said):
            yield Noticed(answer.row, "answer", answer.verdict.value if isinstance(answer, Decision) else "beep")

    def _wants(self, row: int) -> Listen:
        return self._wanted.get(row, _NOTHING)


_NOTHING = Listen(0, tones=False, fax=False, answer=False)
