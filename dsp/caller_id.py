# SPDX-License-Identifier: GPL-2.0-or-later
"""A caller's number on an analogue line: its sound and its receiver (ETSI EN 300 659-1 and -3; China sends Bell 202).

1200 bit/s by two frequencies: an alternating pattern that wakes the receiver, mark, then octets between a start and a
stop bit: type, length, content, checksum. V.23 (1300 and 2100 Hz) and Bell 202 (1200 and 2200 Hz) lie so near to each
other that one receiver takes both: it only decides which of two bands is the louder for a bit's time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import Detector, Tick
from dsp.levels import SAMPLE_RATE, Float, amplitude

BIT_SAMPLES: Final = SAMPLE_RATE / 1200
BELL_202: Final = (2200, 1200)  # Hz of 0 (space) and 1 (mark)
V_23: Final = (2100, 1300)
_SEIZURE: Final = [0, 1] * 150
_MARK: Final = [1] * 180
_LONG_MARK: Final = round(40 * BIT_SAMPLES)
"""Length of mark that no octet can hold: a message begins after it."""
_OCTET: Final = [round((bit + 0.5) * BIT_SAMPLES) for bit in range(10)]
"""Middles of start bit, eight bits from the lowest, stop bit, in samples after the edge."""
_BANDS: Final = np.exp(-2j * np.pi * np.outer(np.arange(7), (2150, 1250)) / SAMPLE_RATE).astype(np.complex64)
_TAIL: Final = len(_BANDS) - 1
_QUIET: Final = np.float32(amplitude(-42.0) ** 2 / 2)  # a signal reaches -36 dBV at the far end of a line, EN 300 659-1
_SINGLE, _MULTIPLE = 0x04, 0x80  # types of message: SDMF, and the call set-up of EN 300 659-3
_WHEN, _NUMBER, _NO_NUMBER, _NAME = 0x01, 0x02, 0x04, 0x07


@dataclass(frozen=True, slots=True)
class CallerId:
    """Content of a message in `row`.

    `when` is month, day, hour, minute in digits; `withheld`: the caller is not to be shown.
    """

    row: int
    number: str = ""
    name: str = ""
    when: str = ""
    withheld: bool = False


def message(caller: CallerId) -> bytes:
    """Return the octets of a message with several parts (EN 300 659-3 clause 5), its checksum last."""
    number = (_NO_NUMBER, "P") if caller.withheld else (_NUMBER, caller.number)
    parts = ((_WHEN, caller.when), number, (_NAME, caller.name))
    encoded = [(kind, text.encode("gb18030")) for kind, text in parts if text]
    return framed(_MULTIPLE, b"".join(bytes([kind, len(text)]) + text for kind, text in encoded))


def single_message(caller: CallerId) -> bytes:
    """Return the octets of a message that is the time, then the number, and nothing else."""
    return framed(_SINGLE, (caller.when + ("P" if caller.withheld else caller.number)).encode("ascii"))


def framed(kind: int, content: bytes) -> bytes:
    """Return the content with type, length and checksum around it."""
    octets = bytes([kind, len(content)]) + content
    return octets + bytes([-sum(octets) & 0xFF])


def caller_id_samples(octets: bytes, level_dbm0: float = -14.0, hertz: tuple[int, int] = BELL_202) -> Float:
    """Return the sound of a message [samples], with all signals before and after it; the phase never jumps."""
    bits = [*_SEIZURE, *_MARK]
    for octet in octets:
        bits += [0, *((octet >> bit) & 1 for bit in range(8)), 1]
    bits += [1] * 10
    at = (np.arange(int(len(bits) * BIT_SAMPLES)) / BIT_SAMPLES).astype(np.intp)
    frequencies = np.array(hertz)[np.array(bits)[at]]
    phase = 2 * np.pi * np.cumsum(frequencies) / SAMPLE_RATE
    return (amplitude(level_dbm0) * np.sin(phase)).astype(np.float32)


class CallerIdReceiver(Detector[CallerId]):
    """Receiver of messages in all rows; those with a wrong checksum, or of a kind without a caller, are passed over."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self._tail = np.zeros((rows, _TAIL), np.float32)
        self._readers = [_Reader() for _ in range(rows)]
        self._busy = np.zeros(rows, np.bool_)  # loud in the tick before: the end of a signal is still in the tail

    def hear(self, tick: Tick) -> list[CallerId]:
        """See `Detector.hear`."""
        loud = tick.power > _QUIET
        rows = np.flatnonzero(loud | self._busy)
        self._busy = loud
        heard: list[CallerId] = []
        if len(rows):
            marks = self._marks(rows, tick.x)
            for row, levels in zip(rows.tolist(), marks, strict=True):
                heard += [caller for octets in self._readers[row].read(levels) if (caller := told(row, octets))]
        self._tail = tick.x[:, -_TAIL:].copy()
        return heard

    def _marks(self, rows: NDArray[np.intp], x: Float) -> NDArray[np.bool_]:
        """Return for each sample whether the bit's time that ends with it is a mark: [rows, 160]."""
        sound = np.concatenate([self._tail[rows], x[rows]], axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(sound, len(_BANDS), axis=1)
        bands = np.abs(windows @ _BANDS)
        marks: NDArray[np.bool_] = bands[..., 1] >= bands[..., 0]
        return marks


class _Reader:
    """Octets out of one row's marks and spaces."""

    def __init__(self) -> None:
        self._waiting: NDArray[np.bool_] = np.ones(0, np.bool_)
        self._marked = 0  # samples of mark before `_waiting`
        self._octets: bytearray | None = None

    def read(self, marks: NDArray[np.bool_]) -> Iterator[bytes]:
        """Take the next samples; yield the messages that they complete."""
        waiting = np.concatenate([self._waiting, marks])
        at = 0
        while (edge := _next_space(waiting, at)) + _OCTET[-1] < len(waiting):
            bits = waiting[[edge + middle for middle in _OCTET]]
            if self._marked + edge - at >= _LONG_MARK:
                self._octets = bytearray()
            self._marked = 0
            if bits[0] or not bits[9]:  # a click, or no octet
                self._octets, at = self._octets if bits[0] else None, edge + 1
                continue
            at = edge + _OCTET[-1]
            if (whole := self._add(int(np.packbits(bits[1:9], bitorder="little")[0]))) is not None:
                yield whole
        self._marked += min(edge, len(waiting)) - at
        self._waiting = waiting[edge:]

    def _add(self, octet: int) -> bytes | None:
        if self._octets is None:
            return None
        self._octets.append(octet)
        if len(self._octets) < 2 or len(self._octets) < self._octets[1] + 3:
            return None
        whole, self._octets = bytes(self._octets), None
        return whole


def _next_space(marks: NDArray[np.bool_], at: int) -> int:
    """Return the place of the next space from `at`; behind the end if there is none."""
    found = np.flatnonzero(~marks[at:])
    return at + int(found[0]) if len(found) else len(marks)


def told(row: int, octets: bytes) -> CallerId | None:
    """Read a whole message; None if its checksum is wrong or it names no caller."""
    if sum(octets) & 0xFF or octets[0] not in (_SINGLE, _MULTIPLE):
        return None
    content = octets[2:-1]
    if octets[0] == _SINGLE:
        text = content.decode("ascii", "replace")
        withheld = text[8:] in ("P", "O")
        return CallerId(row, "" if withheld else text[8:], "", text[:8], withheld)
    parts = dict(_parts(content))
    number, when = (parts.get(kind, b"").decode("ascii", "replace") for kind in (_NUMBER, _WHEN))
    name = parts.get(_NAME, b"").decode("gb18030", "replace")
    return CallerId(row, number, name, when, parts.get(_NO_NUMBER) in (b"P", b"O"))


def _parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(content):
        length = content[at + 1]
        yield content[at], content[at + 2 : at + 2 + length]
        at += 2 + length
