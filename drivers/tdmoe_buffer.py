# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames of a TDMoE span in the order of their counters, taken out as whole ticks.

Positions count frames since the stream began. Frame p lies in row p % ROWS; `_head` is the position after the newest
frame, `_tail` that of the next frame to be taken; the counter on the wire is position + `_offset`, modulo 2**16.
"""

import numpy as np

from drivers.span import SpanCounters
from drivers.tdmoe_frame import COUNTERS_ON_WIRE, TICK_FRAMES, Frames, Words

ROWS = 1024
WINDOW = ROWS // 2
"""Distance in frames from which a counter is no gap: the far end has started anew."""
REORDER = 8
"""Frames after a tick with a hole that are waited for before the hole stays."""
STALE = 2 * TICK_FRAMES
"""Old frames in a row, with no new one, that mean that the far end has started anew, a little behind."""
MAX_TICKS = 20
"""Largest `most`: with a gap of WINDOW behind it the ring still holds everything."""
LOOK_BACK_TICKS = 50
"""Ticks without a need for all of the delay, after which it is made shorter."""

_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)
_COUNT = np.arange(ROWS)


class FrameBuffer:
    """Jitter buffer of one span.

    Args:
        counters: where losses, duplicates, reordering and slips are counted.
        d_row: the D channel's row; frames lost there become ones (HDLC abort), never a repeat that looks like data.
        target: ticks in hand before the first is taken out.
        most: most ticks in hand; beyond, all but `target` are dropped.
    """

    def __init__(self, counters: SpanCounters, d_row: int | None = None, target: int = 2, most: int = 10) -> None:
        self.d_octets = bytearray()
        """D-channel octets of all ticks taken or dropped: slips of the voice channels do not cut it."""
        self._counters, self._d_row = counters, d_row
        self._target, self._most = target, most
        self._words: Words = np.zeros((ROWS, 31), np.uint64)
        self._have = np.zeros(ROWS, np.bool_)
        self._last: Words = np.zeros(31, np.uint64)
        self.restart()

    def restart(self) -> None:
        """Drop the stream; the next frame begins a new one."""
        self._started = self._primed = False
        self._head = self._tail = self._gap_end = 0
        self._missed = self._stale = 0
        self._spare, self._taken = self._most, 0

    @property
    def frames(self) -> int:
        """Frames in hand, holes counted."""
        return self._head - self._tail

    @property
    def ready(self) -> bool:
        """Whether `take` has a tick."""
        frames = self.frames
        if not self._primed:
            self._primed = frames >= self._target * TICK_FRAMES
            if not self._primed:
                return False
        if self._gap_end <= self._tail or frames >= TICK_FRAMES + REORDER:
            return frames >= TICK_FRAMES
        return frames >= TICK_FRAMES and bool(self._have[self._rows(self._tail, TICK_FRAMES)].all())

    def add(self, frames: Frames) -> None:
        """Add frames [n] of FRAME, in the order of their arrival."""
        if not len(frames):
            return
        counters, words = frames["counter"], frames["octets"]
        if not self._started:
            self._begin(int(counters[0]))
        expected = 2 * ((self._head + self._offset) & 0xFFFF)
        if counters.tobytes() == COUNTERS_ON_WIRE[expected : expected + 2 * len(frames)]:
            self._append(words)
        else:
            for counter, row in zip(counters.tolist(), words, strict=True):
                self._place(counter, row)
                self._hold_down()
        self._hold_down()

    def take(self) -> Words | None:
        """Return one tick [20, 31]; None when it has not come: that is a slip, unless the stream is only beginning."""
        if not self.ready:
            if self._primed:
                self._missed += 1
                self._counters.slips_repeated += 1
            return None
        self._missed = 0
        tick = self._pop(TICK_FRAMES)
        self._shorten()
        return tick

    def _begin(self, counter: int) -> None:
        self.restart()
        self._started = True
        self._have.fill(False)  # noqa: FBT003 - numpy's signature
        self._offset = counter

    def _append(self, words: Words) -> None:
        rows = self._rows(self._head, len(words))
        self._words[rows] = words
        self._have[rows] = True
        self._head += len(words)
        self._stale = 0

    def _place(self, counter: int, words: Words) -> None:
        """Place one frame that may be early, late, or there already."""
        ahead = (counter - self._head - self._offset + 0x8000 & 0xFFFF) - 0x8000
        if not -WINDOW <= ahead < WINDOW or self._stale >= STALE:
            self._begin(counter)
            ahead = 0
        if ahead >= 0:
            self._leave_gap(ahead)
            self._append(words[np.newaxis])
        else:
            self._place_late(self._head + ahead, words)

    def _place_late(self, position: int, words: Words) -> None:
        self._stale += 1
        row = position % ROWS
        if self._have[row]:
            self._counters.frames_duplicated += 1
            return
        self._counters.frames_reordered += 1
        if position >= self._tail:
            self._words[row] = words
            self._have[row] = True

    def _leave_gap(self, frames: int) -> None:
        if not frames:
            return
        self._have[self._rows(self._head, frames)] = False
        self._head += frames
        self._gap_end = self._head
        if self._missed:
            # Repeats took the place of this time already; filling it again would only make the delay longer.
            self._pop(min(self._missed * TICK_FRAMES, self.frames))
            self._missed = 0

    def _pop(self, count: int) -> Words:
        """Take `count` frames out, holes filled: voice repeats the frame before, the D channel has ones."""
        rows = self._rows(self._tail, count)
        words: Words = self._words[rows].copy()
        if self._gap_end > self._tail:
            for hole in np.flatnonzero(~self._have[rows]).tolist():
                words[hole] = words[hole - 1] if hole else self._last
                self._counters.frames_lost += 1
                if self._d_row is not None:
                    words[hole, self._d_row] = _ONES
        if count:
            self._last = words[-1]
        if self._d_row is not None:
            self.d_octets += words[:, self._d_row].tobytes()
        self._tail += count
        return words

    def _drop_ticks(self, ticks: int) -> None:
        self._pop(ticks * TICK_FRAMES)
        self._counters.slips_dropped += ticks

    def _hold_down(self) -> None:
        """Drop ticks beyond `most` of delay."""
        ticks = self.frames // TICK_FRAMES
        if ticks > self._most:
            self._drop_ticks(ticks - self._target)

    def _shorten(self) -> None:
        """Drop a tick when the far end's clock has gained one on ours, seen by the ticks that always stay in hand."""
        self._spare = min(self._spare, self.frames // TICK_FRAMES)
        self._taken += 1
        if self._taken >= LOOK_BACK_TICKS:
            if self._spare >= self._target:
                self._drop_ticks(1)
            self._spare, self._taken = self._most, 0

    @staticmethod
    def _rows(position: int, count: int) -> slice | np.ndarray[tuple[int], np.dtype[np.int64]]:
        first = position % ROWS
        if first + count <= ROWS:
            return slice(first, first + count)  # the common case, and the fast one
        return (first + _COUNT[:count]) % ROWS
