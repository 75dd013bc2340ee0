# SPDX-License-Identifier: GPL-2.0-or-later
"""The received sound of every row, kept as octets, so that no sound has to be analysed while the line runs.

Cost per tick is one copy of the tick. Blocks of one second are dropped when no listener began before their end.
"""

from collections import Counter, deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets

_BLOCK_TICKS: Final = 50


class Tape:
    """Ticks of [rows, 160] octets, kept from the oldest listener's beginning on.

    Times are in ticks since the first `write`.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._blocks: deque[NDArray[np.uint8]] = deque()
        self._first = 0  # tick with which the oldest block begins
        self._next = 0  # tick that `write` brings next
        self._listeners: Counter[int] = Counter()

    @property
    def next_tick(self) -> int:
        """The tick that is written next."""
        return self._next

    @property
    def wanted(self) -> bool:
        """Whether there is a listener; if not, a tick need not be prepared for `write`."""
        return bool(self._listeners)

    def write(self, octets: Octets) -> None:
        """Keep one tick [rows, 160]."""
        if self._listeners:
            self._keep(octets)
        self._next += 1

    def open(self) -> int:
        """Start to listen; return the tick from which on all is kept until `close` is called with it."""
        self._listeners[self._next] += 1
        return self._next

    def close(self, start: int) -> None:
        """Stop listening."""
        self._listeners[start] -= 1
        if not self._listeners[start]:
            del self._listeners[start]
            self._let_go()

    def read(self, row: int, start: int, end: int | None = None) -> Octets:
        """Return the octets of a row from tick `start` until before tick `end` (now).

        Silence for ticks that were not kept.
        """
        end = self._next if end is None else min(end, self._next)
        out = np.full((max(0, end - start), TICK_SAMPLES), IDLE_BYTE, np.uint8)
        for number, block in enumerate(self._blocks):
            block_start = self._first + number * _BLOCK_TICKS
            low, high = max(start, block_start), min(end, block_start + _BLOCK_TICKS)
            if low < high:
                out[low - start : high - start] = block[low - block_start : high - block_start, row]
        return out.reshape(-1)

    def _keep(self, octets: Octets) -> None:
        if not self._blocks:
            self._first = self._next
        place = self._next - self._first
        if place >= len(self._blocks) * _BLOCK_TICKS:
            self._blocks.append(np.full((_BLOCK_TICKS, self._rows, TICK_SAMPLES), IDLE_BYTE, np.uint8))
        self._blocks[-1][place % _BLOCK_TICKS] = octets

    def _let_go(self) -> None:
        if not self._listeners:
            self._blocks.clear()
            return
        oldest = min(self._listeners)
        while self._blocks and self._first + _BLOCK_TICKS <= oldest:
            self._blocks.popleft()
            self._first += _BLOCK_TICKS
