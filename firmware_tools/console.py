# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `console`: this terminal at a box's serial line."""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from firmware_tools import ports
from firmware_tools.errors import ToolError
from firmware_tools.flashing import Job
from firmware_tools.i18n import _
from firmware_tools.ports import Port

if sys.platform != "win32":
    import termios
    import tty

END: Final = b"\x1d"
"""Ctrl-]"""
BREAK: Final = b"\x1c"
"""Ctrl-\\: a getty changes its speed on a BREAK."""


def console(job: Job) -> int:
    """Pass on what is typed and what arrives, until Ctrl-]."""
    if sys.platform == "win32":
        text = _("there is no console on this system yet")
        raise ToolError("not_here", text, _("any terminal program does: 115200 8N1, no flow control"))
    with ports.opened(job) as port:
        told = _("{port} at {baud} 8N1. Ctrl-] ends, Ctrl-\\ sends a BREAK (the box changes its speed).")
        with raw(sys.stdin.fileno()) as fd:
            os.write(sys.stdout.fileno(), told.format(port=job.args.port, baud=job.args.baud).encode() + b"\r\n")
            while _passed_on(port, fd, job.args.log):
                pass
    return 0


def _passed_on(port: Port, fd: int, log: Path | None) -> bool:
    """Pass on once what there is; return False if the person ends."""
    ready, _writable, _failed = select.select([fd, port.fileno()], [], [])
    if port.fileno() in ready:
        data = port.read(max(1, port.in_waiting))
        os.write(sys.stdout.fileno(), data)
        if log is not None:
            with log.open("ab") as file:
                file.write(data)
    if fd in ready:
        typed = os.read(fd, 1024)
        before, ended, _after = typed.partition(END)
        for n, part in enumerate(before.split(BREAK)):
            if n:
                port.send_break()
            port.write(part)
        return bool(typed) and not ended
    return True


@contextmanager
def raw(fd: int) -> Iterator[int]:
    """Take each key of a terminal as it is."""
    if not os.isatty(fd):
        yield fd
        return
    before = termios.tcgetattr(fd)
    tty.setraw(fd)
    try:
        yield fd
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
