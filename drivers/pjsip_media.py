# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of sound on PJMEDIA's streams: decoding, jitter buffer, loss concealment, RTP are its own, in C, all at once."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drivers._pjmedia import ffi, lib
from drivers.sip_keys import EVENT_KEYS, KeyPacket
from drivers.sip_rtp import SipRtp
from drivers.span import TICK_SAMPLES

Samples = NDArray[np.int16] | NDArray[np.float32]
"""Sound [rows, 160]: linear 16 bits, or floats of full scale 1.0."""
Rows = NDArray[np.intp]
Counts = NDArray[np.uint32]
MAX_REPORTS: Final = 512
"""Telephone-event packets taken at a time; further ones wait for the next."""


class MediaRows:
    """A table of rows; a row has a stream or is silent. Streams come and go inside PJSIP's callbacks, on one thread."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._legs: Any = ffi.new("mx_leg *[]", rows)
        self._reports: Any = ffi.new("mx_key_report[]", MAX_REPORTS)
        self._told: Any = ffi.new("mx_quality *")
        self._past: dict[int, SipRtp | None] = {}  # of streams that the row's call had before
        self._all: Rows = np.arange(rows)
        self._list, self._listed = self._checked(self._all), self._all

    def attach(self, row: int, pj_call: int, stream: int) -> bool:
        """Put a stream (address of a pjmedia_stream) on a row; False if its rate cannot be brought to 8 kHz."""
        self.detach(row)
        status = ffi.new("int *")
        self._legs[row] = lib.mx_leg_open(pj_call, ffi.cast("void *", stream), row, status)
        return self.attached(row)

    def detach(self, row: int) -> None:
        """Make a row silent. Must come before its stream is destroyed."""
        if self.attached(row):
            self._past[row] = self.quality(row)
        lib.mx_leg_close(self._legs[row])
        self._legs[row] = ffi.NULL

    def quality(self, row: int) -> SipRtp | None:
        """Return what the packets of a row's call tell so far, of all its streams; None: it has had no packet."""
        before, told = self._past.get(row), self._told
        if not lib.mx_leg_quality(self._legs[row], told) or not (told.received or told.sent):
            return before
        now = SipRtp(
            codec=ffi.string(told.codec).decode(),
            received=told.received,
            lost=told.lost,
            late=told.late,
            jitter_ms=told.jitter_us / 1000,
            jitter_max_ms=told.jitter_max_us / 1000,
            held_ms=float(told.held_ms),
            sent=told.sent,
            far_lost=told.far_lost,
            far_jitter_ms=_ms(told.far_jitter_us),
            round_trip_ms=_ms(told.round_trip_us),
        )
        return before.and_then(now) if before else now

    def end(self, row: int) -> SipRtp | None:
        """Make a row silent for its next call; return what the packets of the last one tell."""
        self.detach(row)
        return self._past.pop(row, None)

    def attached(self, row: int) -> bool:
        """Return whether a row has a stream."""
        return bool(self._legs[row] != ffi.NULL)

    def takes_keys(self, row: int) -> bool:
        """Return whether the far end of a row announced telephone-events."""
        return bool(lib.mx_leg_takes_keys(self._legs[row]))

    def send_key(self, row: int, key: str, duration_ms: int) -> bool:
        """Send a key by telephone-events (RFC 4733); False if the far end of a row announced none."""
        return bool(lib.mx_leg_send_key(self._legs[row], EVENT_KEYS.index(key), duration_ms))

    def key_packets(self) -> list[tuple[int, KeyPacket]]:
        """Take the telephone-event packets that came since the last time, in order, each with its row."""
        taken = lib.mx_keys_take(self._reports, MAX_REPORTS)
        return [(each.row, _packet(each)) for each in self._reports[0:taken]]

    def alive(self) -> Counts:
        """Return the signs of life of each row's far end so far [rows]: packets of RTP and RTCP; 0 without a stream."""
        counts: Counts = np.zeros(self.rows, np.uint32)
        lib.mx_tick_alive(self._legs, self.rows, ffi.from_buffer("uint32_t[]", counts))
        return counts

    def quiet_ticks(self, row: int) -> int:
        """Return the ticks since the far end of a row sent a packet; very many if it has sent none."""
        return int(lib.mx_leg_quiet(self._legs[row]))

    def receive(self) -> None:
        """Take all packets that came."""
        lib.mx_tick_receive(self._legs, self.rows)

    def get(self, sound: Samples, rows: Rows | None = None) -> None:
        """Fill `rows` (None: all) of `sound` [rows, 160] with this tick's sound from the far ends."""
        self._move(sound, rows, lib.mx_tick_get, lib.mx_tick_get_float)

    def put(self, sound: Samples, rows: Rows | None = None) -> None:
        """Send `rows` (None: all) of `sound` [rows, 160] to the far ends."""
        self._move(sound, rows, lib.mx_tick_put, lib.mx_tick_put_float)

    def _move(self, sound: Samples, rows: Rows | None, linear: Any, real: Any) -> None:
        if sound.shape != (self.rows, TICK_SAMPLES) or sound.dtype.char not in "hf":
            wanted = f"int16 or float32 ({self.rows}, {TICK_SAMPLES})"
            raise ValueError(f"sound is {sound.dtype} {sound.shape}, not {wanted}")
        rows = self._all if rows is None else rows
        if rows is not self._listed:  # seldom: it is the same array until legs come or go
            self._list, self._listed = self._checked(rows), rows
        kind, move = ("float[]", real) if sound.dtype.char == "f" else ("int16_t[]", linear)
        move(self._legs, self._list, len(rows), ffi.from_buffer(kind, sound))

    def _checked(self, rows: Rows) -> Any:
        if len(rows) and not 0 <= rows.min() <= rows.max() < self.rows:
            raise ValueError(f"rows {rows.tolist()} are not all among {self.rows}")
        return ffi.from_buffer("ptrdiff_t[]", np.ascontiguousarray(rows, np.intp))

    def close(self) -> None:
        """Make all rows silent."""
        for row in range(self.rows):
            self.detach(row)


def _ms(us: int) -> float:
    return us / 1000 if us >= 0 else -1.0


def _packet(report: Any) -> KeyPacket:
    return KeyPacket(
        key=EVENT_KEYS[report.event],
        duration_ms=report.duration * 1000 // report.clock,
        ended=bool(report.ended),
        marked=bool(report.marked),
        sequence=report.sequence,
        timestamp=report.timestamp,
        rate=report.rate,
        source=report.source,
    )
