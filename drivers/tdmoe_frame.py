# SPDX-License-Identifier: GPL-2.0-or-later
"""TDMoE frames: 8 samples (1 ms) of an E1's 31 channels in one Ethernet frame, as DAHDI's `dahdi_dynamic_eth` has them.

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

Frames = NDArray[Any]
"""[n] of dtype FRAME."""
Words = NDArray[np.uint64]
"""[..., 31]: the 8 samples of each channel in one frame, first sample in the lowest address."""


@dataclass(frozen=True)
class TdmoeLink:
    """Who speaks to whom: MAC addresses (6 octets) and the number of the span between them."""

    local_mac: bytes
    remote_mac: bytes
    sub_address: int


def pack_abcd(abcd: Octets) -> Octets:
    """[31] nibbles, A=8 B=4 C=2 D=1 -> [16] octets of a frame."""
    nibbles = np.append(abcd & 0x0F, np.uint8(0))
    pairs = nibbles[0::2] | nibbles[1::2] << 4
    packed: Octets = pairs.reshape(-1, 2)[:, ::-1].reshape(-1)
    return packed


def unpack_abcd(packed: Octets) -> Octets:
    """[16] octets of a frame -> [31] nibbles."""
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
    """Makes the frames of a tick, always in the same memory."""

    def __init__(self, link: TdmoeLink, counter: int = 0) -> None:
        """`counter` is the first frame's."""
        self._frames = _headers(TICK_FRAMES, link.local_mac, link.remote_mac, link.sub_address)
        self._words = self._frames["octets"].T
        self._numbers = np.arange(TICK_FRAMES) + counter
        self.memory = memoryview(self._frames.view(np.uint8).reshape(-1).data)
        """The frames' octets [20 * 286]; good until the next `write`."""

    def write(self, octets: Octets, *, yellow: bool) -> None:
        """Fill the frames with one tick [31, 160] and count them on (16 bits, then from 0 again)."""
        self._words[:] = np.ascontiguousarray(octets, np.uint8).view(np.uint64)
        self._frames["counter"] = self._numbers & 0xFFFF
        self._numbers += TICK_FRAMES
        self._frames["flags"] = SIGNALLING | YELLOW if yellow else SIGNALLING

    def set_row(self, row: int, octets: bytes) -> None:
        """Put other octets [160] into one channel of the tick that was written last."""
        self._words[row] = np.frombuffer(octets, np.uint64)

    def set_abcd(self, abcd: Octets) -> None:
        """Signalling bits [31] of all frames from now on."""
        self._frames["abcd"] = pack_abcd(abcd)


class FrameChecker:
    """Tells frames of this link from all else that may be on an Ethernet."""

    def __init__(self, link: TdmoeLink) -> None:
        expected, mask = _headers(1, link.remote_mac, link.local_mac, link.sub_address), np.zeros(1, FRAME)
        mask["source"] = np.void(b"\xff" * 6)
        for name in ("ethertype", "sub_address", "samples", "channels"):
            mask[name] = np.iinfo(FRAME[name]).max
        self._expected, self._mask = self._checked(expected), self._checked(mask)

    @staticmethod
    def _checked(rows: NDArray[Any]) -> NDArray[np.uint64]:
        """Everything that is checked lies from the source address to the number of channels: 16 octets, two words."""
        words: NDArray[np.uint64] = rows.view(np.uint8).reshape(-1, FRAME_OCTETS)[:, 6:22].view(np.uint64)
        return words

    def frames(self, rows: Octets) -> Frames:
        """Octets [n, 286] -> those rows that are frames from our far end, as [m] of FRAME."""
        wrong = (self._checked(rows) ^ self._expected) & self._mask
        if wrong.any():
            rows = rows[~wrong.any(axis=1)]
        frames: Frames = rows.reshape(-1).view(FRAME)
        return frames
