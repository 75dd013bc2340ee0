# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of sound on PJMEDIA's streams: decoding, jitter buffer, loss concealment, RTP are its own, in C, all at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers._pjmedia import ffi, lib
from drivers.span import TICK_SAMPLES

Samples = NDArray[np.int16]
Counts = NDArray[np.uint32]


class MediaRows:
    """A table of rows; a row has a stream or is silent. Streams come and go inside PJSIP's callbacks, on one thread."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._legs: Any = ffi.new("mx_leg *[]", rows)

    def attach(self, row: int, stream: int) -> bool:
        """Put a stream (address of a pjmedia_stream) on a row; False if its rate cannot be brought to 8 kHz."""
        self.detach(row)
        status = ffi.new("int *")
        self._legs[row] = lib.mx_leg_open(ffi.cast("void *", stream), status)
        return self.attached(row)

    def detach(self, row: int) -> None:
        """Make a row silent. Must come before its stream is destroyed."""
        lib.mx_leg_close(self._legs[row])
        self._legs[row] = ffi.NULL

    def attached(self, row: int) -> bool:
        """Tell whether a row has a stream."""
        return bool(self._legs[row] != ffi.NULL)

    def tells_keys(self, row: int) -> bool:
        """Tell whether the far end of a row announced telephone-events (RFC 4733)."""
        return bool(lib.mx_leg_tells_keys(self._legs[row]))

    def alive(self) -> Counts:
        """Signs of life of each row's far end so far [rows]: packets of RTP and RTCP; 0 without a stream."""
        counts: Counts = np.zeros(self.rows, np.uint32)
        lib.mx_rows_alive(self._legs, self.rows, ffi.from_buffer("uint32_t[]", counts))
        return counts

    def quiet_ticks(self, row: int) -> int:
        """Ticks since the far end of a row sent a packet; very many if it has sent none."""
        return int(lib.mx_leg_quiet(self._legs[row]))

    def get(self, sound: Samples) -> None:
        """Fill `sound` [rows, 160] int16 with what the far ends say in this tick."""
        lib.mx_rows_get(self._legs, self.rows, self._pointer(sound))

    def put(self, sound: Samples) -> None:
        """Send `sound` [rows, 160] int16 to the far ends."""
        lib.mx_rows_put(self._legs, self.rows, self._pointer(sound))

    def _pointer(self, sound: Samples) -> Any:
        if sound.shape != (self.rows, TICK_SAMPLES) or sound.dtype != np.int16:
            raise ValueError(f"sound is {sound.dtype} {sound.shape}, not int16 ({self.rows}, {TICK_SAMPLES})")
        return ffi.from_buffer("int16_t[]", sound)

    def close(self) -> None:
        """Make all rows silent."""
        for row in range(self.rows):
            self.detach(row)
