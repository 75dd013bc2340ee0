# SPDX-License-Identifier: GPL-2.0-or-later
"""The one writer of recordings. The tick passes blocks to it and never waits for the disk.

Every file is playable at every moment: a block is appended, then the header renewed. Every `SYNC_S` all of it, and the
switch's journal, is pushed to the medium by syncfs(2), so a power cut costs no more than the block in memory and that
time.

A file that fails (disk full, folder gone) is closed at once with all it has, and reported with the system's own words;
the others go on.
"""

import ctypes
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from appliance.contract.reasons import cause_of
from appliance.i18n import N_
from appliance.switch.sound import wav

SYNC_S = 0.3
_libc = ctypes.CDLL(None)
FILE_MODE = 0o640


@dataclass(frozen=True)
class Written:
    """A recording that is closed: samples per track on disk, and the fault ('' if none)."""

    recording: int
    samples: int
    error: str


class Disk(Protocol):
    """The disk as recorders use it: three orders, the moment to begin with them, and the closed files."""

    def open(self, recording: int, path: str, tracks: int = 2) -> None:
        """Begin a file; `path` relative to the recordings folder."""
        ...

    def append(self, recording: int, block: bytes) -> None:
        """Add A-law octets, tracks interleaved."""
        ...

    def finish(self, recording: int) -> None:
        """Close the file; reported by `finished`."""
        ...

    def go(self) -> None:
        """Execute the orders since the last call: once a tick."""
        ...

    def finished(self) -> list[Written]:
        """Return the recordings that were closed since the last call."""
        ...

    def close(self) -> None:
        """Write the blocks that wait, close everything."""
        ...


@dataclass
class _File:
    fd: int
    tracks: int
    samples: int = 0


class InlineDisk:
    """Disk that writes at once, on the caller's thread: for lockstep, where a tick may take its time. No syncing.

    Args:
        folder: the recordings folder; made if missing.
        min_free_bytes: no new recording begins below it.
    """

    def __init__(self, folder: Path, min_free_bytes: int = 0) -> None:
        self._folder = folder
        self._home = folder.resolve()
        self._min_free = min_free_bytes
        self._files: dict[int, _File] = {}
        self._finished: deque[Written] = deque()
        self._made: set[Path] = set()

    def open(self, recording: int, path: str, tracks: int = 2) -> None:
        """Begin a file; a path that leads out of the folder is refused."""
        try:
            target = self._prepare(path)
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        except OSError as error:
            self._finished.append(Written(recording, 0, f"{path}: {cause_of(error)}"))
            return
        self._files[recording] = _File(fd, tracks)
        self._guard(recording, lambda: _write_all(fd, wav.header(0, tracks), 0))

    def append(self, recording: int, block: bytes) -> None:
        """Add a block and renew the header."""
        if file := self._files.get(recording):
            self._guard(recording, lambda: self._grow(file, block))

    def finish(self, recording: int) -> None:
        """Close the file; no-op if it had failed before."""
        self.fail(recording, "")

    def go(self) -> None:
        """Do nothing: all orders are executed already."""

    def fail(self, recording: int, error: str) -> None:
        """Close the file as it is, with the reason."""
        if file := self._files.pop(recording, None):
            os.close(file.fd)
            self._finished.append(Written(recording, file.samples, error))

    def finished(self) -> list[Written]:
        """Return the recordings that were closed since the last call."""
        return [self._finished.popleft() for _i in range(len(self._finished))]

    def close(self) -> None:
        """Close every file as it is."""
        for recording in list(self._files):
            self.fail(recording, "")

    def _prepare(self, path: str) -> Path:
        target = self._folder / path
        if target.parent not in self._made:  # a folder is checked once: that costs more than all else here
            if not target.parent.resolve().is_relative_to(self._home):
                raise OSError(N_("leads out of the recordings folder"))
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        free = os.statvfs(self._folder)
        if free.f_bavail * free.f_frsize < self._min_free:
            raise OSError(N_("too little of the disk is free: delete recordings or lower recording.min_free_mb"))
        return target

    @staticmethod
    def _grow(file: _File, block: bytes) -> None:
        _write_all(file.fd, block, wav.HEADER_BYTES + file.samples * file.tracks)
        file.samples += len(block) // file.tracks
        _write_all(file.fd, wav.header(file.samples, file.tracks), 0)

    def _guard(self, recording: int, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            self.fail(recording, cause_of(error))


def _write_all(fd: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written


Order = Callable[[], None]


class ThreadDisk:
    """The same on a thread of its own, with syncing: for real time.

    Orders are passed on once a tick, all together: each waking of the thread takes the interpreter from the tick. If
    the medium stalls, blocks wait in memory up to `max_waiting`; past that they are dropped and the recording ends with
    an error, as an unreported gap would be worse.
    """

    def __init__(self, folder: Path, min_free_bytes: int = 0, *, state: Path, max_waiting: int = 20_000) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._inner = InlineDisk(folder, min_free_bytes)
        self._ordered: list[Order] = []
        self._handed_over: SimpleQueue[list[Order] | None] = SimpleQueue()
        self._orders = self._done = 0  # each counted by one thread only
        self._max_waiting = max_waiting
        self._choked: set[int] = set()
        self._synced = {path.stat().st_dev: path for path in (folder, state)}  # one folder a file system
        self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
        self._thread.start()

    def open(self, recording: int, path: str, tracks: int = 2) -> None:
        """Begin a file."""
        self._order(lambda: self._inner.open(recording, path, tracks))

    def append(self, recording: int, block: bytes) -> None:
        """Add a block, unless the medium is hopelessly behind."""
        if recording in self._choked:
            return
        if self._orders - self._done > self._max_waiting:
            self._choked.add(recording)
            self._order(lambda: self._inner.fail(recording, N_("the disk is too slow")))
            return
        self._order(lambda: self._inner.append(recording, block))

    def finish(self, recording: int) -> None:
        """Close the file after the blocks that wait."""
        self._choked.discard(recording)
        self._order(lambda: self._inner.finish(recording))

    def go(self) -> None:
        """Pass on the orders since the last call."""
        if self._ordered:
            self._handed_over.put(self._ordered)
            self._ordered = []

    def finished(self) -> list[Written]:
        """Return the recordings that were closed since the last call (deque operations are atomic)."""
        return self._inner.finished()

    def close(self) -> None:
        """Write the blocks that wait, close everything, end the thread."""
        self.go()
        self._handed_over.put(None)
        self._thread.join()

    def _order(self, order: Order) -> None:
        self._orders += 1
        self._ordered.append(order)

    def _work(self) -> None:
        next_sync, dirty = time.monotonic() + SYNC_S, False
        while True:
            orders: list[Order] | None = []
            with suppress(Empty):
                orders = self._handed_over.get(timeout=max(0.01, next_sync - time.monotonic()))
            if orders is None:
                break
            for order in orders:
                order()
                self._done += 1
            dirty = dirty or bool(orders)
            if time.monotonic() >= next_sync:
                if dirty:
                    self._sync()
                next_sync, dirty = time.monotonic() + SYNC_S, False
        self._inner.close()
        self._sync()

    def _sync(self) -> None:
        for folder in self._synced.values():
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                _libc.syncfs(fd)  # a failing medium was reported already: by the write
            finally:
                os.close(fd)
