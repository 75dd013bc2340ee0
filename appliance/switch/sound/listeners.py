# SPDX-License-Identifier: GPL-2.0-or-later
"""All detectors: keys, speech and levels on all rows that are heard; tones, fax and answers on request.

Call control gets keys and, for legs with a `Listen`, tones, fax, human or machine, and speech. Detectors that are not
requested on a row cost nothing there; they run from the moment of `Listen`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from appliance.contract.switch import Listen
from dsp.amd import AnsweringMachineDetector, Decision
from dsp.blocks import Rows, Tick
from dsp.dtmf import DtmfDetector, KeyEnd
from dsp.energy import LevelMeter
from dsp.fax import FaxDetector
from dsp.progress import ProgressDetector, ToneHeard
from dsp.speech import SpeechActivity


class Noticed(NamedTuple):
    """An event on a row: `kind` is 'tone', 'fax', 'answer' or 'speech', `what` its name."""

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
        self._spoke = np.zeros(rows, np.bool_)  # as reported
        self._rows_wanted()

    def keys(self, said: Tick) -> list[KeyEnd]:
        """Analyse one tick; return the keys that ended. No-op if no row is heard."""
        if not len(said.heard):
            return []
        return [event for event in self._keys.hear(said) if isinstance(event, KeyEnd)]

    @property
    def pressing(self) -> Rows:
        """Rows in which a key sounds now, or seems to begin."""
        return self._keys.sounding

    def advance(self, said: Tick) -> list[Noticed]:
        """Analyse the same tick for everything else; return the requested events."""
        if not len(said.heard):
            return []
        self._levels.hear(said)
        self._speech.hear(said)
        return list(self._noticed(said)) if self._wanted else []

    def listen(self, row: int, order: Listen) -> None:
        """Report from now on what `order` requests on a row; a detector that is requested anew starts fresh."""
        before = self._wanted.get(row, _NOTHING)
        self._wanted[row] = order
        if order.tones and not before.tones:
            self._progress.reset(row)
        if order.fax and not before.fax:
            self._fax.reset(row)
        if order.speech and not before.speech:
            self._spoke[row] = False
        (self._answer.start if order.answer else self._answer.stop)(row)
        self._rows_wanted()

    def reset(self, row: int) -> None:
        """Reset the detectors of a row, and drop its requests."""
        if self._wanted.pop(row, None) is not None:
            self._answer.stop(row)
            self._rows_wanted()
        for detector in (self._keys, self._speech, self._levels):
            detector.reset(row)

    @property
    def level_dbm0(self) -> NDArray[np.float32]:
        """Present levels of all rows [rows]."""
        return self._levels.level_dbm0()

    @property
    def speaking(self) -> NDArray[np.bool_]:
        """Rows with speech [rows]."""
        return self._speech.active

    def _noticed(self, said: Tick) -> Iterator[Noticed]:
        if len(self._tone_rows):
            for tone in self._progress.hear(said, self._tone_rows):
                if isinstance(tone, ToneHeard):
                    yield Noticed(tone.row, "tone", tone.name)
        if len(self._fax_rows):
            for fax in self._fax.hear(said, self._fax_rows):
                yield Noticed(fax.row, "fax", fax.tone.value)
        speaks = self._speech.active[self._speech_rows]
        for at in np.flatnonzero(speaks != self._spoke[self._speech_rows]).tolist():
            yield Noticed(int(self._speech_rows[at]), "speech", "begins" if speaks[at] else "ends")
        self._spoke[self._speech_rows] = speaks
        for answer in self._answer.hear(said):
            yield Noticed(answer.row, "answer", answer.verdict.value if isinstance(answer, Decision) else "beep")

    def _rows_wanted(self) -> None:
        self._tone_rows = np.array([row for row, order in self._wanted.items() if order.tones], np.intp)
        self._fax_rows = np.array([row for row, order in self._wanted.items() if order.fax], np.intp)
        self._speech_rows = np.array([row for row, order in self._wanted.items() if order.speech], np.intp)


_NOTHING = Listen(0, tones=False, fax=False, answer=False, speech=False)
