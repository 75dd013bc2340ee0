# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's own line echo canceller on one span (ITU-T G.168): what the box sends is taken out of what comes back.

On whichever channels carry a leg, each from nothing when its leg begins; the others cost nothing. It is not turned off
by the 2100 Hz with phase reversals of fax and modems (G.168 clause 6.4.2.8): a span for these does without it.
"""

import numpy as np
from numpy.typing import NDArray

from appliance.switch.card import Sound
from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets
from dsp.echo import EchoCanceller
from dsp.g711 import alaw_decode


class LineEcho:
    """Echo canceller of `rows` channels for echoes of up to `tail_ms`."""

    def __init__(self, rows: int, tail_ms: float) -> None:
        self._canceller = EchoCanceller(rows, tail_ms)
        self._sent: Sound = alaw_decode(np.full((rows, TICK_SAMPLES), IDLE_BYTE, np.uint8))

    def received(self, sound: Sound, active: NDArray[np.bool_]) -> None:
        """Take the echo of what was sent out of `sound` [rows, 160], in place, on the channels in `active` [rows]."""
        self._canceller.active[:] = active
        self._canceller.cancel(self._sent, sound, sound)

    def sent(self, octets: Octets) -> None:
        """The tick that goes to the line, as its A-law `octets` [rows, 160]: the echo is of these, not of the sound."""
        alaw_decode(octets, self._sent)
