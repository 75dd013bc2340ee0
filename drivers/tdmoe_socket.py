# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames of one size as datagrams between two Unix sockets, one or more frames a datagram.

The far end may be absent, die and come back: frames that cannot be delivered are counted and dropped, as on a wire.
"""

import contextlib
import errno
import os
import select
import socket
import stat
from collections import deque
from pathlib import Path

import numpy as np

from drivers.errors import SpanBusyError, SpanError
from drivers.span import Octets

ROOM_FRAMES = 128
"""Frames held between two calls of `take`."""
LONGEST_DATAGRAM = 64
"""Frames; a longer datagram is malformed."""
RETRY_MS = 2
"""Time between two tries: the kernel does not say when a far end's full queue has room again."""

_NO_RECEIVER = (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTCONN, errno.ECONNRESET, errno.EPIPE)


class FramePort:
    """A bound datagram socket; only `wait` blocks.

    Args:
        local: path to bind; a socket left behind by a dead process is replaced.
        remote: path of the far end.
        frame_octets: size of a frame.
        frames_per_datagram: how many leave together.
        waiting_most: frames held for a far end whose queue is full; beyond, the oldest are dropped.

    Raises:
        SpanBusyError: a living process has `local`.
        SpanError: `local` cannot be bound.
    """

    def __init__(
        self, local: Path, remote: Path, frame_octets: int, frames_per_datagram: int, waiting_most: int
    ) -> None:
        self.malformed = 0
        """Datagrams that are not whole frames."""
        self.unsent = 0
        """Frames that were not taken by the far end."""
        self._remote = os.fspath(remote)
        self._octets, self._per_datagram = frame_octets, frames_per_datagram
        self._memory = np.zeros((ROOM_FRAMES + LONGEST_DATAGRAM + 1, frame_octets), np.uint8)
        self._view = memoryview(self._memory.reshape(-1).data)
        self._have = 0
        self._waiting: deque[bytes] = deque(maxlen=max(1, waiting_most // frames_per_datagram))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            self._bind(local)
        except BaseException:
            self._socket.close()
            raise
        self._local, self._inode = local, local.stat().st_ino
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)

    @property
    def frames(self) -> int:
        """Frames collected and not yet taken."""
        return self._have // self._octets

    def wait(self, timeout_s: float) -> bool:
        """Sleep until a datagram may have come or gone (True: call `collect` again), or the time is over (False)."""
        timeout_ms = timeout_s * 1000
        if self._waiting and timeout_ms > RETRY_MS:
            self._poll.poll(RETRY_MS)
            return True
        return bool(self._poll.poll(timeout_ms))

    def collect(self) -> None:
        """Read all datagrams that are there, as far as there is room; send those that waited."""
        self._send_waiting()
        limit = LONGEST_DATAGRAM * self._octets
        while self._have < ROOM_FRAMES * self._octets:
            try:
                size = self._socket.recv_into(self._view[self._have : self._have + limit + 1])
            except BlockingIOError:
                return
            if size % self._octets or not 0 < size <= limit:
                self.malformed += 1
            else:
                self._have += size

    def take(self) -> Octets:
        """Return the collected frames [n, frame_octets]; good until the next `collect`."""
        rows: Octets = self._memory[: self.frames]
        self._have = 0
        return rows

    def send(self, frames: memoryview) -> None:
        """Send whole frames; they are copied only if they have to wait."""
        step = self._per_datagram * self._octets
        self._send_waiting()
        for begin in range(0, len(frames), step):
            datagram = frames[begin : begin + step]
            if self._waiting or not self._send(datagram):
                self._hold(bytes(datagram))

    def close(self) -> None:
        """Close, and remove the path if it still is ours."""
        self._socket.close()
        with contextlib.suppress(FileNotFoundError):
            if self._local.stat().st_ino == self._inode:
                self._local.unlink()

    def _send(self, datagram: memoryview | bytes) -> bool:
        """Send a datagram; return False if it has to wait for room."""
        try:
            self._socket.sendto(datagram, self._remote)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _NO_RECEIVER:
                raise SpanError(f"tdmoe: cannot send to {self._remote}: {error.strerror}") from error
            self.unsent += len(datagram) // self._octets
        return True

    def _send_waiting(self) -> None:
        while self._waiting and self._send(self._waiting[0]):
            self._waiting.popleft()

    def _hold(self, datagram: bytes) -> None:
        if len(self._waiting) == self._waiting.maxlen:
            self.unsent += self._per_datagram
        self._waiting.append(datagram)

    def _bind(self, local: Path) -> None:
        try:
            if local.is_socket() or local.exists():
                self._remove_stale(local)
            self._socket.bind(os.fspath(local))
        except OSError as error:
            # A path that is too long is refused by Python itself, without an errno.
            reason = error.strerror or str(error)
            hint = "its folder has to exist and be writable; a socket's path has at most 107 bytes"
            raise SpanError(f"tdmoe: cannot bind {local}: {reason}", hint=hint) from error

    @staticmethod
    def _remove_stale(local: Path) -> None:
        if not stat.S_ISSOCK(local.lstat().st_mode):
            raise SpanError(f"tdmoe: {local} exists and is no socket", hint="name another path, or remove the file")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(os.fspath(local))
            except ConnectionRefusedError:
                local.unlink()
            else:
                raise SpanBusyError(f"tdmoe: {local} is in use", hint="another process has this end of the line")
