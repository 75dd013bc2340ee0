# SPDX-License-Identifier: GPL-2.0-or-later
"""The real program in a real pseudo-terminal, read by an emulator (pyte). It counts the bytes that were drawn."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pyte

ROOT = Path(__file__).parent.parent.parent


class Emulator(pyte.Screen):
    """A terminal. `wide_rules`: it draws box glyphs two columns wide, as some do that are set up for Chinese."""

    def __init__(self, columns: int, lines: int, reply: Callable[[bytes], None], *, wide_rules: bool) -> None:
        super().__init__(columns, lines)
        self._reply, self._wide = reply, wide_rules

    def draw(self, data: str) -> None:
        """Draw, a box glyph as wide as this terminal has it."""
        super().draw(data)
        if self._wide:
            self.cursor_forward(sum("\u2500" <= each <= "\u257f" for each in data))

    def write_process_input(self, data: str) -> None:
        """Answer a question of the program."""
        self._reply(data.encode())


class Terminal:
    """`mxbox tui`, or another command, under way in a pseudo-terminal; a context manager.

    `baud`: the line takes no more than that; 0: as much as comes.
    """

    def __init__(
        self,
        socket: Path | None,
        *words: str,
        size: tuple[int, int] = (80, 24),
        wide_rules: bool = False,
        command: str = "tui",
        baud: int = 0,
        **environ: str,
    ) -> None:
        self.columns, self.lines = size
        self.drawn, self._bytes_s = 0, baud / 10  # 8N1: ten bits a byte
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
        self.screen = Emulator(self.columns, self.lines, self.send, wide_rules=wide_rules)
        self._stream = pyte.ByteStream(self.screen)
        left_out = ("TEXTUAL", "LC_", "COLORTERM", "COLUMNS", "LINES")  # the terminal has a size of its own
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        settings = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LANGUAGE": "en", "COLORTERM": "truecolor", **environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "appliance.cli", command, *(("--socket", str(socket)) if socket else ()), *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**kept, **settings},
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        os.close(self._master)

    def send(self, data: bytes) -> None:
        """Press keys."""
        os.write(self._master, data)

    def read(self, seconds: float) -> None:
        """Take what is drawn for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and (data := self._take(left)):
            self._stream.feed(data)

    def skip(self, seconds: float) -> None:
        """Take what is drawn for so long, without an emulator's work: it would be slower than the line."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._take(left)

    def seen(self, sign: bytes, within_s: float, *, feed: bool = True) -> bool:
        """Take what is drawn until a text comes, as it is on the line; return whether it came in time."""
        end, heard = time.monotonic() + within_s, b""
        while sign not in heard and (left := end - time.monotonic()) > 0:
            heard += self._take(left)
        if feed:
            self._stream.feed(heard)
        return sign in heard

    def _take(self, within_s: float) -> bytes:
        """Return what is drawn next, nothing if it does not come in time or the program has ended."""
        if not select.select([self._master], [], [], within_s)[0]:
            return b""
        try:
            data = os.read(self._master, 64 if self._bytes_s else 1 << 16)
        except OSError:
            return b""
        self.drawn += len(data)
        if self._bytes_s:
            time.sleep(len(data) / self._bytes_s)
        return data

    @property
    def text(self) -> str:
        """What is seen, hanzi in one place. A cell that the right half of a hanzi took is empty."""
        cells = [[self.screen.buffer[row][column].data for column in range(self.columns)] for row in range(self.lines)]
        return "\n".join("".join(line).rstrip() for line in cells)

    def until(self, what: Callable[[str], object], within_s: float = 30.0) -> str:
        """Wait until the screen is so; return it."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            self.read(0.05)
            if what(self.text):
                return self.text
        raise AssertionError(f"the screen never was so:\n{self.text}")
