# SPDX-License-Identifier: GPL-2.0-or-later
"""Writing an image to a disk as a fixpoint: read, write what differs, read again, until nothing differs.

So a run that was cut off is gone on with by running it again, and one more run writes nothing and proves the disk. The
first MiB (boot code, partition table) is blank from before the first write until all else was read back: what was cut
off never looks as if it could start.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from firmware_tools import trials
from firmware_tools.errors import ToolError
from firmware_tools.i18n import _
from firmware_tools.image import Image, Piece, Plan, Tell
from firmware_tools.medium import GONE, Medium
from firmware_tools.sizes import MIB, gigabytes

TRIES: Final = 4
"""Times that a piece is written before its medium is called bad."""


@dataclass
class Work:
    """One disk and what has to stand on it.

    `blank` is the first MiB while the rest is written; `keeps` says that the rest of the disk holds what is not ours
    to try the medium with.
    """

    medium: Medium
    image: Image
    plan: Plan
    tell: Tell
    blank: bytes = bytes(MIB)
    keeps: bool = False
    random: Callable[[int], bytes] = os.urandom
    written: int = field(default=0, init=False)
    """Bytes of the image that were written."""

    def wrong(self, phase: str) -> list[Piece]:
        """Return the pieces that do not stand on the disk, or cannot be read from it."""
        found, done = [], 0
        for piece in self.plan.pieces:
            if self._digest(piece) != piece.digest:
                found.append(piece)
            done += piece.size
            self.tell(phase, done, self.plan.size)
        return found

    def head_is_right(self) -> bool:
        """Return whether the first MiB stands on the disk."""
        return self._read(0, MIB) == self.plan.head

    def flash(self) -> int:
        """Make the disk as planned; return how many bytes of the image had to be written.

        Raise:
            ToolError: the medium is bad, counterfeit, or gone.
        """
        wrong = self.wrong("compare")
        if wrong:
            self._mend(wrong)
        if not self.head_is_right():
            self._write(0, self.plan.head)
            self._settle()
            if not self.head_is_right():
                raise trials.bad(0, 1)
        return self.written

    def _mend(self, wrong: Sequence[Piece]) -> None:
        self._write(0, self.blank)
        self._settle()
        if self._read(0, MIB) != self.blank:
            raise trials.worn()
        if not self.keeps:
            wrong = self._tried(wrong)
        for _try in range(TRIES):
            self._write_pieces({piece.place for piece in wrong})
            self._settle()
            wrong = self.wrong("read_back")
            if not wrong:
                return
        raise trials.verdict(wrong, self.plan.pieces, self._digest)

    def _tried(self, wrong: Sequence[Piece]) -> list[Piece]:
        """Try whether the disk is as large as it says; return what is wrong on it now."""
        marks = trials.marks(self.medium.size, self.random)
        for place, mark in marks.items():
            self._write(place, mark)
        self._settle()
        there = {place: self._read(place, trials.MARK) for place in (0, *marks)}
        trials.check(marks, there, self.blank[: trials.MARK])
        for place in marks:
            self._write(place, bytes(trials.MARK))
        wrong_places = {piece.place for piece in wrong}
        return [piece for piece in self.plan.pieces if piece.place in wrong_places or trials.meets(piece, marks)]

    def _write_pieces(self, places: set[int]) -> None:
        total, done = sum(piece.size for piece in self.plan.pieces if piece.place in places), 0
        for place, data in self._runs(places):
            self._write(place, data)
            done += len(data)
            self.written += len(data)
            self.tell("write", done, total)

    def _runs(self, places: set[int]) -> Iterator[tuple[int, bytes]]:
        return (run for run in self.image.runs() if run[0] in places)

    def _digest(self, piece: Piece) -> bytes:
        data = self._read(piece.place, piece.size)
        return hashlib.sha256(data).digest() if data is not None else b""

    def _read(self, place: int, size: int) -> bytes | None:
        """Return bytes of the disk, None where it cannot read them."""
        try:
            return self.medium.read(place, size)
        except OSError as error:
            self._raise_if_gone(error)
            return None

    def _write(self, place: int, data: bytes) -> None:
        for attempt in range(TRIES):
            try:
                self.medium.write(place, data)
            except OSError as error:
                self._raise_if_gone(error)
                if attempt == TRIES - 1:
                    raise trials.bad(place, 1) from error
            else:
                return

    def _settle(self) -> None:
        try:
            self.medium.settle()
        except OSError as error:
            self._raise_if_gone(error)
            text = _("the disk does not take what is written: {error}").format(error=error.strerror)
            raise ToolError("bad_medium", text, _("take another disk")) from error

    def _raise_if_gone(self, error: OSError) -> None:
        if error.errno in GONE or self.medium.is_gone():
            text = _("the disk has vanished at {place}").format(place=gigabytes(self.written))
            raise ToolError("vanished", text, _("plug it in again, at another port, and run the same again")) from error
