# SPDX-License-Identifier: GPL-2.0-or-later
"""TDMoE frames: 8 samples (1 ms) of an E1's 31 channels in one Ethernet frame, in the layout of `dahdi_dynamic_eth`.

All frames of a tick are written, and all that have arrived are checked, at once as rows of one numpy array.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivers.span import TICK_SAMPLES, TIMESLOTS, Octets

ETHERTYPE = 0xD00D
FRAME_SAMPLES = 8
TICK_FRAMES = TICK_SAMPLES // FRAME_SAMPLES
YELLOW = 0x01
SIGNALLING = 0x02
"""Flags: the far end is in alarm; ABCD bits are present (DAHDI always has them)."""

FRAME = np.dtype(
    [
        ("destination", "V6"),
        ("source", "V6"),
        ("ethertype", ">u2"),
        ("sub_address", ">u2"),
        ("samples", "u1"),
        ("flags", "u1"),
        ("counter", ">u2"),
        ("channels", ">u2"),
        ("abcd", "u1", (16,)),  # big-endian words of four channels, the lowest in the low four bits
        ("octets", "<u8", (TIMESLOTS,)),  # 8 samples of a channel, moved as one word because that is many times faster
    ]
)
FRAME_OCTETS = FRAME.itemsize

MAX_FRAMES = 1024
"""Most frames that are looked at together."""
COUNTERS = np.arange(0x10000 + MAX_FRAMES).astype(">u2")
COUNTERS_ON_WIRE = COUNTERS.tobytes()
"""Transmit counters in order, going on after 65535 with 0: comparing with a piece of this is the fastest check."""

Frames = NDArray[Any]
"""[n] of dtype FRAME."""
ALL_ONES = 0xFFFF_FFFF_FFFF_FFFF
"""A channel's word of a frame, on a carrier that lost its input (AIS, ITU-T G.775 5.2)."""
Words = NDArray[np.uint64]
"""[..., 31]: the 8 samples of each channel in one frame, first sample in the lowest address."""


@dataclass(frozen=True)
class TdmoeLink:
    """Addresses of the two ends: MAC addresses (6 octets) and the number of the span between them."""

    local_mac: bytes
    remote_mac: bytes
    sub_address: int


def pack_abcd(abcd: Octets) -> Octets:
    """Pack [31] nibbles, A=8 B=4 C=2 D=1 -> [16] octets of a frame."""
    nibbles = np.append(abcd & 0x0F, np.uint8(0))
    pairs = nibbles[0::2] | nibbles[1::2] << 4
    packed: Octets = pairs.reshape(-1, 2)[:, ::-1].reshape(-1)
    return packed


def unpack_abcd(packed: Octets) -> Octets:
    """Unpack [16] octets of a frame -> [31] nibbles."""
    pairs = packed.reshape(-1, 2)[:, ::-1].reshape(-1)
    abcd: Octets = np.stack((pairs & 0x0F, pairs >> 4), axis=1).reshape(-1)[:TIMESLOTS]
    return abcd


def _headers(count: int, source: bytes, destination: bytes, sub_address: int) -> Frames:
    frames = np.zeros(count, FRAME)
    frames["destination"] = np.void(destination)
    frames["source"] = np.void(source)
    frames["ethertype"] = ETHERTYPE
    frames["sub_address"] = sub_address
    frames["samples"] = FRAME_SAMPLES
    frames["flags"] = SIGNALLING
    frames["channels"] = TIMESLOTS
    return frames


class FrameWriter:
    """Writer of the frames of a tick, always in the same memory."""

    def __init__(self, link: TdmoeLink, counter: int = 0) -> None:
        """Start with `counter` in the first frame."""
        frames = _headers(TICK_FRAMES, link.local_mac, link.remote_mac, link.sub_address)
        self._words, self._counters = frames["octets"].T, frames["counter"]
        self._flags, self._abcd = frames["flags"], frames["abcd"]
        self._counter, self._yellow = counter, False
        self.memory = memoryview(frames.view(np.uint8).reshape(-1).data)
        """The frames' octets [20 * 286]; good until the next `write`."""

    def write(self, octets: Octets, *, yellow: bool) -> None:
        """Write one tick [31, 160] into the frames and count them on (16 bits, then from 0 again)."""
        self._words[:] = np.ascontiguousarray(octets, np.uint8).view(np.uint64)
        self._counters[:] = COUNTERS[self._counter : self._counter + TICK_FRAMES]
        self._counter = (self._counter + TICK_FRAMES) & 0xFFFF
        if yellow != self._yellow:
            self._yellow = yellow
            self._flags[:] = SIGNALLING | YELLOW if yellow else SIGNALLING

    def set_row(self, row: int, octets: bytes) -> None:
        """Put other octets [160] into one channel of the tick that was written last."""
        self._words[row] = np.frombuffer(octets, np.uint64)

    def set_abcd(self, abcd: Octets) -> None:
        """Set the signalling bits [31] of all frames from now on."""
        self._abcd[:] = pack_abcd(abcd)


_CHECKED = (slice(6, 17), slice(20, 22))  # source, ethertype, sub-address, samples; number of channels


class FrameChecker:
    """Filter of the frames of this link among all others that may be on an Ethernet."""

    def __init__(self, link: TdmoeLink) -> None:
        expected = _headers(1, link.remote_mac, link.local_mac, link.sub_address).view(np.uint8)
        self._expected = [expected[part] for part in _CHECKED]
        self._all_right: list[bytes] = []  # the checked parts of `_rows` good rows
        self._rows = -1

    def frames(self, rows: Octets) -> Frames:
        """Return those rows of octets [n, 286] that are frames from our far end, as [m] of FRAME."""
        if len(rows) != self._rows:
            self._rows = len(rows)
            self._all_right = [part.tobytes() * len(rows) for part in self._expected]
        if [rows[:, part].tobytes() for part in _CHECKED] != self._all_right:
            rows = rows[self._right(rows)]
        frames: Frames = rows.reshape(-1).view(FRAME)
        return frames

    def _right(self, rows: Octets) -> NDArray[np.bool_]:
        right = np.ones(len(rows), np.bool_)
        for part, expected in zip(_CHECKED, self._expected, strict=True):
            right &= (rows[:, part] == expected).all(axis=1)
        return right
