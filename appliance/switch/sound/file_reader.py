# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading of sound files for players: on a thread of its own, as a file takes longer than a tick."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from appliance.contract.switch import Play

SCHEME: Final = "file:"
Samples = NDArray[np.int16]
Read = Callable[[str], Samples | None]
"""Reader of a file by its name after `SCHEME`; None if it cannot be played."""


class Arrived(NamedTuple):
    """The files of a play list on a row, by the names of the sounds; those that cannot be played are left out."""

    row: int
    order: Play
    files: Mapping[str, Samples]


class FileReader:
    """Reader of the files of play lists.

    Args:
        read: reads one file.
        start: runs a function, on a thread or at once; None: on one thread, one after the other.
    """

    def __init__(self, read: Read, start: Callable[[Callable[[], None]], None] | None = None) -> None:
        self._read = read
        self._start = start or _Worker()
        self._arrived: deque[Arrived] = deque()

    def ask(self, row: int, order: Play) -> None:
        """Queue the files of a play list for reading."""
        self._start(lambda: self._arrived.append(Arrived(row, order, self._files(order))))

    def arrived(self) -> list[Arrived]:
        """Return the lists whose files were read since the last call (deque operations are atomic)."""
        return [self._arrived.popleft() for _each in range(len(self._arrived))]

    def _files(self, order: Play) -> dict[str, Samples]:
        wanted = dict.fromkeys(sound for sound in order.sounds if sound.startswith(SCHEME))
        read = {sound: self._read_one(sound.removeprefix(SCHEME)) for sound in wanted}
        return {sound: samples for sound, samples in read.items() if samples is not None}

    def _read_one(self, name: str) -> Samples | None:
        try:
            return self._read(name)
        except (OSError, ValueError, MemoryError):  # a file that is no sound must not end the thread
            return None


class _Worker:
    """A thread that begins with the first work."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def __call__(self, work: Callable[[], None]) -> None:
        self._work.put(work)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sound files", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._work.get()()
