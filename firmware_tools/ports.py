# SPDX-License-Identifier: GPL-2.0-or-later
"""Serial ports: which there are, and one that is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

import serial
from serial.tools import list_ports

from firmware_tools.errors import ToolError, WronglyAskedError
from firmware_tools.flashing import Job
from firmware_tools.i18n import _
from firmware_tools.output import Row


class Port(Protocol):
    """A serial port of pyserial's, as far as it is used; `timeout` is how long a read waits, in seconds."""

    timeout: float
    in_waiting: int

    def read(self, size: int) -> bytes:
        """Return bytes that arrived."""

    def write(self, data: bytes) -> object:
        """Send bytes."""

    def send_break(self) -> None:
        """Send a BREAK."""

    def fileno(self) -> int:
        """Return the number by which the system knows it."""

    def close(self) -> None:
        """Close it."""


def show(job: Job) -> None:
    """Print the ports of this machine."""
    rows = [
        Row(
            [port.device, port.description or "", port.serial_number or ""],
            {"port": port.device, "what": port.description, "serial": port.serial_number},
        )
        for port in sorted(cast("Any", list_ports).comports())
    ]
    job.out.table("port", [_("port"), _("model"), _("serial number")], rows)


@contextmanager
def opened(job: Job) -> Iterator[Port]:
    """Open the port that the command names; without a name show all.

    Raise:
        ToolError: it cannot be opened.
    """
    if not job.args.port:
        show(job)
        raise WronglyAskedError("no_port", _("no port is named"), "--port PORT")
    try:
        port: Port = cast("Any", serial).serial_for_url(job.args.port, baudrate=job.args.baud, exclusive=True)
    except (serial.SerialException, ValueError) as error:
        text = _("{port} cannot be opened: {error}").format(port=job.args.port, error=error)
        raise ToolError("no_port", text, _("is another program using it, and may this user open it?")) from error
    try:
        yield port
    except serial.SerialException as error:
        text = _("{port} has failed: {error}").format(port=job.args.port, error=error)
        raise ToolError("port_failed", text, _("plug it in again, and run the same again")) from error
    finally:
        port.close()
