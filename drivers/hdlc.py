# SPDX-License-Identifier: GPL-2.0-or-later
"""HDLC framing of a D channel in software (ISO/IEC 13239; ITU-T Q.921 clause 2).

A timeslot octet enters and leaves here as the line carries it: its most significant bit is bit 1 of the timeslot and is
sent first (G.704), while HDLC sends the least significant bit of an octet first (Q.921 clause 2.8.2). So a frame's
octets lie on the line with their bits mirrored; DAHDI's kernel (`fasthdlc.h`) does the same, and a test compares the
two.

The bits are handled as strings of '0' and '1': searching, stuffing and splitting then run inside C for a whole block,
and no work is done per bit or per octet in Python.
"""

import re
from binascii import crc_hqx
from collections import deque
from dataclasses import dataclass

FLAG = "01111110"
FCS_OCTETS = 2
SHORTEST_FRAME = 3
"""Octets without FCS: an unnumbered frame of Q.921 (clause 2.9 calls less invalid)."""
LONGEST_FRAME = 512
"""Octets without FCS: N201 is 260 octets of information (Q.921 clause 5.9.3); a larger limit costs nothing."""

_RESIDUE = 0x1D0F  # crc_hqx of a frame and its right FCS
_MIRROR = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
_ONES = re.compile("1{6,}")  # no frame has six ones in a row: each such run is a flag's (six) or an abort's (more)


@dataclass
class HdlcCounters:
    """Frames and faults that a receiver met since it was made."""

    frames: int = 0
    bad_fcs: int = 0
    malformed: int = 0  # too short, or not whole octets
    overlong: int = 0
    aborted: int = 0  # seven ones or more inside a frame


def fcs_ok(line_octets: bytes) -> bool:
    """Return whether mirrored octets end in the right FCS-16 (ISO/IEC 13239 clause 4.2.5.3; CRC-16/X-25)."""
    return crc_hqx(line_octets, 0xFFFF) == _RESIDUE


def frame_bits(frame: bytes) -> str:
    """Return the bits of a frame between its flags, in the order of sending: mirrored, FCS added, zeros stuffed."""
    mirrored = frame.translate(_MIRROR)
    mirrored += (crc_hqx(mirrored, 0xFFFF) ^ 0xFFFF).to_bytes(FCS_OCTETS, "big")
    return _bits(mirrored).replace("11111", "111110")


def _bits(octets: bytes) -> str:
    return f"{int.from_bytes(octets, 'big'):0{8 * len(octets)}b}" if octets else ""


class HdlcReceiver:
    """Frames out of a bit stream of any alignment.

    Between frames may lie flags, flags that share a zero, and continuous ones. The cuts between blocks make no
    difference to what is found and counted.
    """

    def __init__(self, longest: int = LONGEST_FRAME, shortest: int = SHORTEST_FRAME) -> None:
        """Pass on frames of `shortest` to `longest` octets (without FCS)."""
        self.counters = HdlcCounters()
        self._shortest_bits = 8 * (shortest + FCS_OCTETS)
        self._longest_bits = 8 * (longest + FCS_OCTETS) * 6 // 5 + 2  # stuffed, with a flag's zero at each end
        self._in_frame = False
        self._tail = ""
        self._still = b""

    def reset(self) -> None:
        """Drop a frame that is half received; the next frame needs a flag before it."""
        self._in_frame, self._tail, self._still = False, "", b""

    def feed(self, octets: bytes) -> list[bytes]:
        """Take octets off the line; return the frames that ended in them, FCS checked and removed."""
        if octets == self._still:
            return []
        before, was_in_frame, troubles = self._tail, self._in_frame, self._troubles()
        frames = self._scan(before + _bits(octets))
        # An idle line repeats itself: a block that changed no state changes none when it comes again.
        same = self._tail == before and self._in_frame == was_in_frame and self._troubles() == troubles
        self._still = octets if same and not frames else b""
        return frames

    def _scan(self, bits: str) -> list[bytes]:
        frames: list[bytes] = []
        begin = 0
        for run in _ONES.finditer(bits):
            length = run.end() - run.start()
            if length == 6 and run.end() == len(bits):
                break  # flag or abort: the next bit decides
            if self._in_frame:
                self._close(bits[begin : run.start()], frames, aborted=length > 6)
            self._in_frame = length == 6
            # Ones up to the block's end may continue in the next: seven of them stay to be joined.
            begin = run.end() if run.end() < len(bits) else run.end() - 7
        self._keep(bits[begin:])
        return frames

    def _keep(self, rest: str) -> None:
        """Keep the bits that are not decided yet, never more than a frame."""
        if self._in_frame and len(rest) > self._longest_bits + 7:
            self.counters.overlong += 1
            self._in_frame = False
        # Without a flag before them, only ones at the end can become a flag.
        self._tail = rest if self._in_frame else rest[len(rest.rstrip("1")) :]

    def _close(self, between: str, frames: list[bytes], *, aborted: bool) -> None:
        """Deliver or count a frame.

        `between` runs from the opening flag's last zero to the first zero of the flag or abort that follows.
        """
        stuffed = between[1:-1]
        if not stuffed:
            return
        if len(between) > self._longest_bits:
            self.counters.overlong += 1
        elif aborted:
            self.counters.aborted += 1
        else:
            self._deliver(stuffed.replace("111110", "11111"), frames)

    def _deliver(self, bits: str, frames: list[bytes]) -> None:
        if len(bits) % 8 or len(bits) < self._shortest_bits:
            self.counters.malformed += 1
            return
        mirrored = int(bits, 2).to_bytes(len(bits) // 8, "big")
        if not fcs_ok(mirrored):
            self.counters.bad_fcs += 1
            return
        self.counters.frames += 1
        frames.append(mirrored[:-FCS_OCTETS].translate(_MIRROR))

    def _troubles(self) -> int:
        count = self.counters
        return count.bad_fcs + count.malformed + count.overlong + count.aborted


class HdlcTransmitter:
    """Bit stream of frames in order, with flags while no frame waits.

    Each frame has an opening and a closing flag of its own, so that a lost piece of the line hits no frame but its own.
    """

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._rest = ""  # begun and not yet sent

    def __len__(self) -> int:
        """Return the number of frames not yet begun."""
        return len(self._waiting)

    def send(self, frame: bytes) -> None:
        """Queue a frame (without FCS)."""
        self._waiting.append(FLAG + frame_bits(frame) + FLAG)

    def abort(self) -> None:
        """Drop all frames that wait; a frame that is half out ends with eight ones (ISO/IEC 13239 clause 4.5)."""
        self._waiting.clear()
        if len(self._rest) >= len(FLAG):
            self._rest = "1" * 8 + FLAG

    def take(self, count: int) -> bytes:
        """Return the next `count` octets for the line."""
        if not self._waiting and len(self._rest) < len(FLAG):
            return self._idle(count)
        wanted = 8 * count
        parts, have = [self._rest], len(self._rest)
        while have < wanted:
            part = self._waiting.popleft() if self._waiting else FLAG
            parts.append(part)
            have += len(part)
        bits = "".join(parts)
        self._rest = bits[wanted:]
        return int(bits[:wanted] or "0", 2).to_bytes(count, "big")

    def _idle(self, count: int) -> bytes:
        """Return flags only: the rest of the last flag begins every octet, so all octets are equal."""
        turned = self._rest + FLAG[: 8 - len(self._rest)]
        self._rest = FLAG[8 - len(self._rest) :]
        return bytes((int(turned, 2),)) * count
