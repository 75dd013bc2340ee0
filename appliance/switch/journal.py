# SPDX-License-Identifier: GPL-2.0-or-later
"""Write-ahead journal of the switch: events not yet confirmed, legs and recordings open.

One preallocated file, and the next one at hand (a full disk cannot stop it), appended with one write in each tick with
entries, read once at start. The page cache survives kill -9; the disk thread's syncfs(2) bounds the loss at a power cut
to less than a second. Numbers therefore go on after a start with a margin that a lost second cannot have used.
"""

import contextlib
import os
import struct
import zlib
from collections import deque
from pathlib import Path

import msgspec

from appliance.contract.switch import (
    AnyEvent,
    Cause,
    Cleared,
    Envelope,
    Incoming,
    Recorded,
)
from appliance.contract.ticks import TICKS_PER_S
from appliance.contract.wire import encode
from appliance.switch.sound.wav import HEADER_BYTES, header, tracks_of

SIZE_BYTES = 4 << 20
MARGIN = 5_000
"""Numbers (of events, of legs) skipped at a start: more than one second of the busiest box uses."""
MARK_TICKS = TICKS_PER_S
_HEAD = struct.Struct(">II")  # length, CRC-32: a torn write must not be read as an entry


class Base(msgspec.Struct, frozen=True, tag="base"):
    """Head of every file: state of the counts when it was written."""

    seq: int
    tick: int
    next_leg: int
    legs: tuple[int, ...] = ()
    recordings: dict[int, str] = {}


class Dialled(msgspec.Struct, frozen=True, tag="dialled"):
    """A leg that the box started."""

    leg: int


class Recording(msgspec.Struct, frozen=True, tag="recording"):
    """A recording that was asked for."""

    recording: int
    path: str


class Happened(msgspec.Struct, frozen=True, tag="happened"):
    """An event."""

    envelope: Envelope


class Mark(msgspec.Struct, frozen=True, tag="mark"):
    """Box time of the last second: legs and recordings that were open at the switch's end, ended about then."""

    tick: int


class Confirmed(msgspec.Struct, frozen=True, tag="confirmed"):
    """Events up to here are in the store."""

    seq: int


_Entry = Base | Dialled | Recording | Happened | Mark | Confirmed
_decoder = msgspec.msgpack.Decoder(_Entry)


class Journal:
    """Journal of events, which keeps those not confirmed. With `path` None it does so in memory only (lockstep).

    Attributes:
        next_leg: the next even leg number.
        start_tick: box time to go on from.
    """

    def __init__(self, path: Path | None, recordings: Path | None = None) -> None:
        self._path = path
        self._recordings_folder = recordings
        self._fd: int | None = None
        self._spare: int | None = None  # the next file: a full disk at the time of need cannot stop the journal
        self._pending: deque[Envelope] = deque()
        self._legs: set[int] = set()
        self._recordings: dict[int, str] = {}
        self._buffer = bytearray()
        self._used = self._size = self._mark_at = 0
        self._seq = self.start_tick = 0
        self.next_leg = 2
        if path is not None:
            self._recover(path)

    @property
    def seq(self) -> int:
        """Number of the last event."""
        return self._seq

    @property
    def pending(self) -> tuple[Envelope, ...]:
        """Events that are not confirmed, in order."""
        return tuple(self._pending)

    def new_leg(self) -> int:
        """Return the next even leg number."""
        leg, self.next_leg = self.next_leg, self.next_leg + 2
        return leg

    def event(self, event: AnyEvent, tick: int) -> Envelope:
        """Number an event and keep it; return it in its envelope."""
        envelope = Envelope(self._seq + 1, tick, event)
        self._note(Happened(envelope))  # fails before any change, if it is no text
        self._seq += 1
        self._pending.append(envelope)
        return envelope

    def dialled(self, leg: int) -> None:
        """Note a leg that the box starts."""
        self._note(Dialled(leg))

    def recording(self, recording: int, path: str) -> None:
        """Note a recording that begins."""
        self._note(Recording(recording, path))

    def confirm(self, seq: int) -> None:
        """Drop events up to `seq`.

        If the store has more than this journal (it lost its end), numbering goes on above.
        """
        while self._pending and self._pending[0].seq <= seq:
            self._pending.popleft()
        self._seq = max(self._seq, seq)
        if self._path is not None:
            self._append(Confirmed(seq))

    def flush(self, tick: int) -> None:
        """Write the entries since the last time, and the time once a second; begin the file anew when it is full."""
        if self._fd is None:
            return
        if tick >= self._mark_at:
            self._append(Mark(tick))
            self._mark_at = tick + MARK_TICKS
        if not self._buffer:
            return
        if self._used + len(self._buffer) + _HEAD.size > self._size:
            self._rewrite(tick)
            return
        os.pwrite(self._fd, self._buffer, self._used)
        self._used += len(self._buffer)
        self._buffer.clear()

    def close(self) -> None:
        """Close the file."""
        for fd in (self._fd, self._spare):
            if fd is not None:
                os.close(fd)
        self._fd = self._spare = None

    # An entry changes the open state in the same way when it is made and when it is read back.
    def _note(self, entry: _Entry) -> None:
        if self._path is not None:
            self._append(entry)
        self._learn(entry)

    def _append(self, entry: _Entry) -> None:
        body = encode(entry)
        self._buffer += _HEAD.pack(len(body), zlib.crc32(body)) + body

    def _learn(self, entry: _Entry) -> None:
        match entry:
            case Dialled(leg):
                self._legs.add(leg)
            case Recording(recording, path):
                self._recordings[recording] = path
            case Happened(Envelope(event=Incoming(leg=leg))):
                self._legs.add(leg)
                self.next_leg = max(self.next_leg, leg + 2)
            case Happened(Envelope(event=Cleared(leg=leg))):
                self._legs.discard(leg)
            case Happened(Envelope(event=Recorded(recording=recording))):
                self._recordings.pop(recording, None)
            case Base():
                self._seq, self.start_tick, self.next_leg = entry.seq, entry.tick, entry.next_leg
                self._legs, self._recordings = set(entry.legs), dict(entry.recordings)
            case _:
                pass

    def _recover(self, path: Path) -> None:
        if path.exists():
            for entry in _entries(path.read_bytes()):
                self._learn(entry)
                if isinstance(entry, Happened):
                    self._pending.append(entry.envelope)
                    self._seq = entry.envelope.seq
                    self.start_tick = max(self.start_tick, entry.envelope.tick)
                elif isinstance(entry, Mark):
                    self.start_tick = max(self.start_tick, entry.tick)
                elif isinstance(entry, Confirmed):
                    while self._pending and self._pending[0].seq <= entry.seq:
                        self._pending.popleft()
                    self._seq = max(self._seq, entry.seq)
            self._seq += MARGIN
            self.next_leg += 2 * MARGIN
        for recording, name in list(self._recordings.items()):
            self.event(Recorded(recording, self._samples(name), "interrupted", "leg"), self.start_tick)
        for leg in sorted(self._legs):
            self.event(Cleared(leg, Cause.TEMPORARY_FAILURE), self.start_tick)
        self._rewrite(self.start_tick)

    def _samples(self, name: str) -> int:
        """Return the samples per track in the file of an interrupted recording, and correct its header."""
        try:
            with ((self._recordings_folder or Path()) / name).open("r+b") as file:
                tracks = tracks_of(file.read(HEADER_BYTES))
                samples = max(0, file.seek(0, os.SEEK_END) - HEADER_BYTES) // tracks
                file.seek(0)
                file.write(header(samples, tracks))
        except OSError:
            return 0
        return samples

    def _rewrite(self, tick: int) -> None:
        """Begin a new file with the open state of now, and put it in the place of the old one at once."""
        assert self._path is not None
        first = self._pending[0].seq - 1 if self._pending else self._seq
        self._buffer.clear()
        self._append(Base(first, tick, self.next_leg, tuple(self._legs), dict(self._recordings)))
        for envelope in self._pending:
            self._append(Happened(envelope))
        self._size = max(SIZE_BYTES, 2 * len(self._buffer))
        fd, self._spare = self._spare, None
        if fd is None or self._size > SIZE_BYTES:
            fd = self._allocate(self._size)
        os.pwrite(fd, self._buffer, 0)
        os.fdatasync(fd)
        self._next.replace(self._path)
        self.close()
        self._fd, self._used = fd, len(self._buffer)
        self._buffer.clear()
        with contextlib.suppress(OSError):  # the replaced file has freed its room: it is tried again then
            self._spare = self._allocate(SIZE_BYTES)

    @property
    def _next(self) -> Path:
        assert self._path is not None
        return self._path.with_suffix(".new")

    def _allocate(self, size: int) -> int:
        """Make the next file with all the room that it will take; return it open."""
        fd = os.open(self._next, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(fd, 0, size)
        except OSError as error:
            os.close(fd)
            error.filename = str(self._next)
            raise
        return fd


def _entries(data: bytes) -> list[_Entry]:
    """Return the entries up to the first that is not whole: there the written part ends."""
    entries: list[_Entry] = []
    at = 0
    while at + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, at)
        body = data[at + _HEAD.size : at + _HEAD.size + length]
        if length == 0 or zlib.crc32(body) != checksum:
            break
        entries.append(_decoder.decode(body))
        at += _HEAD.size + length
    return entries
