# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's own line echo canceller on one span (ITU-T G.168): the sent sound is removed from the received one.

On all channels that carry a leg, each from nothing when its leg begins; the others cost nothing. Fax machines and
modems do without: 2100 Hz with phase reversals (V.25, V.8), from either side, turns it off until the leg ends. Other
cancellers come back when the line has been silent for a moment; a fax call is one to its end.
"""

import numpy as np
from numpy.typing import NDArray

from appliance.switch.sound.fabric import Sound
from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets
from dsp.blocks import tick_of
from dsp.echo import EchoCanceller
from dsp.fax import FaxDetector, FaxTone
from dsp.g711 import alaw_decode


class LineEcho:
    """Echo canceller of `rows` channels for echoes of up to `tail_ms`."""

    def __init__(self, rows: int, tail_ms: float) -> None:
        self._rows = rows
        self._canceller = EchoCanceller(rows, tail_ms)
        self._fax = FaxDetector(2 * rows)  # the sent sound, and below it the received one
        self._both: Sound = np.zeros((2 * rows, TICK_SAMPLES), np.float32)
        self._sent = alaw_decode(np.full((rows, TICK_SAMPLES), IDLE_BYTE, np.uint8), self._both[:rows])
        self._taken = np.zeros(rows, np.bool_)
        self.off = np.zeros(rows, np.bool_)
        """Channels whose leg is a fax or modem call."""

    def received(self, sound: Sound, taken: NDArray[np.bool_]) -> None:
        """Remove the echo of the sent sound from `sound` [rows, 160], in place, on the channels in `taken` [rows]."""
        self._both[self._rows :] = sound
        self._look_for_fax(taken)
        self._canceller.active[:] = taken & ~self.off
        self._canceller.cancel(self._sent, sound, sound)

    def sent(self, octets: Octets) -> None:
        """Note the tick sent to the line, as its A-law `octets` [rows, 160]: the echo is of these, not of the sound."""
        alaw_decode(octets, self._sent)

    def _look_for_fax(self, taken: NDArray[np.bool_]) -> None:
        for row in np.flatnonzero(taken != self._taken).tolist():  # another leg, or none
            self.off[row] = False
            for side in (row, row + self._rows):
                self._fax.reset(side)
        self._taken[:] = taken
        channels = np.flatnonzero(taken)
        rows = np.concatenate([channels, channels + self._rows])
        for heard in self._fax.hear(tick_of(self._both, 2 * self._rows), rows):
            if heard.tone is FaxTone.CED_REVERSED:
                self.off[heard.row % self._rows] = True
