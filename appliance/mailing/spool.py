# SPDX-License-Identifier: GPL-2.0-or-later
"""Letters that wait, a file each in `<state>/mail`, and which messages were looked at already.

Every file is written whole or not at all, and is on the disk before the next step: after a kill or a power cut a letter
may be sent twice, with the same Message-ID, and none is lost.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

SEEN: Final = "seen.json"
PAUSES_S: Final = (60, 120, 300, 900, 1800, 3600)
"""Pauses after the first, second, ... try that failed; the last one again and again (RFC 5321 4.5.4.1)."""


class Waiting(msgspec.Struct, frozen=True):
    """A letter that waits: the message, how often it was tried, when it is due and since when it waits (Unix ms)."""

    message: int
    tries: int
    due_at: int
    since: int


class Seen(msgspec.Struct, frozen=True):
    """The newest message that was looked at, and those before it that were being spoken then."""

    newest: int
    spoken: tuple[int, ...] = ()


class Spool:
    """The folder of letters that wait. All methods raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def seen(self) -> Seen | None:
        """Return which messages were looked at; None: none ever, or the file cannot be read."""
        try:
            return msgspec.json.decode((self._folder / SEEN).read_bytes(), type=Seen)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def keep_seen(self, seen: Seen) -> None:
        """Keep which messages were looked at."""
        self._write(SEEN, seen)

    def put(self, message: int, now: int) -> None:
        """Add a letter, unless it waits already."""
        if not self._file(message).exists():
            self._write(self._file(message).name, Waiting(message, 0, now, now))

    def due(self, now: int) -> list[Waiting]:
        """Return the letters that are due, in the order of their messages."""
        return [each for each in self.waiting() if each.due_at <= now]

    def waiting(self) -> list[Waiting]:
        """Return all letters. A file that cannot be read is passed over."""
        found = []
        for file in sorted(self._folder.glob("[0-9]*.json")):
            try:
                found.append(msgspec.json.decode(file.read_bytes(), type=Waiting))
            except (FileNotFoundError, msgspec.DecodeError):
                continue
        return found

    def postpone(self, letter: Waiting, now: int) -> None:
        """Try a letter again later."""
        pause = PAUSES_S[min(letter.tries, len(PAUSES_S) - 1)]
        later = Waiting(letter.message, letter.tries + 1, now + pause * 1000, letter.since)
        self._write(self._file(letter.message).name, later)

    def remove(self, messages: Iterable[int]) -> None:
        """Remove letters that were sent or given up."""
        for message in messages:
            self._file(message).unlink(missing_ok=True)

    def _file(self, message: int) -> Path:
        return self._folder / f"{message:09d}.json"

    def _write(self, name: str, what: msgspec.Struct) -> None:
        part = self._folder / f".{name}"
        with part.open("wb") as file:
            file.write(msgspec.json.encode(what))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._folder / name)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
