# SPDX-License-Identifier: GPL-2.0-or-later
"""Trials of a medium, and their verdicts: large as it says, smaller than it says, or failing."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from firmware_tools.errors import ToolError
from firmware_tools.i18n import _
from firmware_tools.image import Piece
from firmware_tools.sizes import gigabytes

MARK: Final = 4096
"""Bytes of a mark."""
STEPS: Final = 32
"""Parts of the disk at whose beginnings marks are set. Counterfeits hold a power of two of what they say."""


def marks(size: int, random: Callable[[int], bytes]) -> dict[int, bytes]:
    """Return where marks are written, and their bytes, each another: all over the disk, and at its end."""
    steps = {size * n // STEPS // MARK * MARK for n in range(1, STEPS)}
    last = (size - MARK) // MARK * MARK
    return {place: random(MARK) for place in sorted({*steps, last}) if place >= MARK}


def meets(piece: Piece, places: Mapping[int, bytes]) -> bool:
    """Return whether a mark was written over a piece."""
    return any(piece.place < place + MARK and place < piece.place + piece.size for place in places)


def check(written: Mapping[int, bytes], there: Mapping[int, bytes | None], blank: bytes) -> None:
    """Raise a ToolError if marks are not as they were written: the disk holds less than it says."""
    places = {mark: place for place, mark in written.items()}
    aliases = [places[mark] - place for place, mark in there.items() if mark in places and places[mark] != place]
    lost = [place for place, mark in written.items() if there[place] != mark]
    if aliases:
        raise counterfeit(min(abs(each) for each in aliases))
    if lost and lost == [place for place in written if place >= lost[0]]:
        raise counterfeit(lost[0])
    if lost or there[0] != blank:
        raise bad(lost[0] if lost else 0, max(1, len(lost)))


def verdict(wrong: Sequence[Piece], pieces: Sequence[Piece], digest: Callable[[Piece], bytes]) -> ToolError:
    """Return what is wrong with a medium on which pieces stay wrong.

    A disk that holds less than it says begins at its end again, so that pieces read as others, or forgets all from
    some place on. Pieces that are wrong here and there are those of a failing disk.
    """
    others = {piece.digest: piece.place for piece in pieces if piece.digest != _zeros(piece.size)}
    read = [(piece.place, others.get(digest(piece), piece.place)) for piece in wrong]
    aliases = [abs(other - place) for place, other in read if other != place]
    if aliases:
        return counterfeit(min(aliases))
    if len(wrong) > 1 and list(wrong) == [piece for piece in pieces if piece.place >= wrong[0].place]:
        return counterfeit(wrong[0].place)
    return bad(wrong[0].place, len(wrong))


def _zeros(size: int) -> bytes:
    return hashlib.sha256(bytes(size)).digest()


def counterfeit(place: int) -> ToolError:
    """Return that a disk holds less than it says."""
    text = _("this disk is a counterfeit: it keeps less than it says, no more than {size}")
    return ToolError("counterfeit", text.format(size=gigabytes(place)), _("throw it away; take another disk"))


def bad(place: int, count: int) -> ToolError:
    """Return that a disk fails at a place."""
    text = _("this disk is bad: at {place} it does not keep what is written, at {n} places in all")
    return ToolError(
        "bad_medium", text.format(place=gigabytes(place), n=count), _("take another disk, or another reader")
    )


def worn() -> ToolError:
    """Return that a disk takes what is written and keeps none of it, as flash memory does at the end of its life."""
    text = _("this disk is worn out: it takes what is written and keeps none of it")
    return ToolError("worn", text, _("take another disk"))
