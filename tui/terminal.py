# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal itself, asked before anything is drawn: its size, its colours, how wide it draws a box glyph."""

import contextlib
import fcntl
import os
import re
import select
import struct
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tui.skin import SkinName

ANSWER_S: Final = 0.5
_PLACE: Final = re.compile(rb"\x1b\[(\d+);(\d+)R")
_POOR: Final = ("linux", "vt100", "vt102", "vt220", "ansi", "cons25", "screen.linux")
"""Terminals without UTF-8 frames, or with 8 colours and 512 glyphs."""
_SERIAL: Final = re.compile(r"/dev/tty(S|USB|AMA|ACM)")


@dataclass(frozen=True)
class Found:
    """Properties of the terminal.

    Attributes:
        skin: the one that it can show.
        hanzi: it has glyphs for them.
        serial: it is a serial line.
    """

    skin: SkinName
    hanzi: bool
    serial: bool


def look(fd: int, environ: Mapping[str, str]) -> Found:
    """Ask the terminal at `fd`, and return what it is."""
    serial = bool(_SERIAL.match(_name(fd)))
    wide = _glyph_width(fd)
    if serial:
        _set_size(fd)
    return found(environ, serial=serial, glyph_width=wide)


def found(environ: Mapping[str, str], *, serial: bool, glyph_width: int | None) -> Found:
    """Return what a terminal is by its environment, and by the columns that a box glyph takes (None: not told)."""
    term = environ.get("TERM", "")
    text = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    utf8 = "utf" in text.lower()
    colours = environ.get("COLORTERM") in ("truecolor", "24bit") or "256color" in term
    poor = term in _POOR or serial or not utf8 or not colours or glyph_width not in (None, 1)
    hanzi = utf8 and term not in ("linux", "screen.linux", "cons25")
    return Found("plain" if poor else "house", hanzi, serial)


def _name(fd: int) -> str:
    try:
        return os.ttyname(fd)
    except OSError:
        return ""


def _glyph_width(fd: int) -> int | None:
    """Return the columns that the terminal's cursor moves by a box glyph, None if the terminal does not tell."""
    with _raw(fd) as raw:
        if not raw:
            return None
        os.write(fd, "\r─\x1b[6n".encode())
        place = _answer(fd)
        os.write(fd, b"\r\x1b[K")
    return place[1] - 1 if place is not None else None


def _set_size(fd: int) -> None:
    """Set the size of a serial line, which has none of its own, to where the cursor stops."""
    with _raw(fd) as raw:
        if not raw:
            return
        os.write(fd, b"\x1b7\x1b[999;999H\x1b[6n\x1b8")
        place = _answer(fd)
    if place is not None:
        with contextlib.suppress(OSError):
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", *place, 0, 0))


@contextlib.contextmanager
def _raw(fd: int) -> Iterator[bool]:
    """Switch the terminal to raw mode for a while; False: it is none."""
    try:
        before = termios.tcgetattr(fd)
    except termios.error:
        yield False
        return
    try:
        tty.setraw(fd, termios.TCSANOW)
        yield True
    finally:
        termios.tcsetattr(fd, termios.TCSANOW, before)


def _answer(fd: int) -> tuple[int, int] | None:
    """Return row and column of the terminal's report, None if there is none in time."""
    heard, end = b"", time.monotonic() + ANSWER_S
    while (left := end - time.monotonic()) > 0:
        if not select.select([fd], [], [], left)[0]:
            return None
        heard += os.read(fd, 64)
        if told := _PLACE.search(heard):
            return int(told[1]), int(told[2])
    return None
