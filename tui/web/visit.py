# SPDX-License-Identifier: GPL-2.0-or-later
"""Visit: the user of a session and what is to be shown, told to its process on a descriptor that it alone reads.

Neither its environment nor its arguments name the ticket: other processes of this machine can read both.
"""

import os
from pathlib import Path
from typing import Final, Literal

import msgspec

from appliance.contract.access import Do, Kind

TICKET_FD: Final = 3
"""Descriptor from which the process of a session reads its visit, once."""
NO_TICKET: Final = 4
"""Exit status of a session whose ticket is no longer good."""
MAX_BYTES: Final = 1 << 15

Shows = Literal["terminal", "board"]
"""terminal: the whole app; board: figures for a wall, without keys."""


class Guest(msgspec.Struct, frozen=True):
    """A user who is signed in, and the ticket that the control socket takes for that user.

    `access`: what the role holds, by kind of thing; `good_s`: how long the ticket is good, from now on; 0: not known.
    `agent` is the one that the user is; `own`: the role is for that agent's own things alone, so a desk is shown.
    """

    user: str
    role: str = ""
    ticket: str = ""
    access: dict[Kind, tuple[Do, ...]] = {}
    good_s: float = 0.0
    agent: str = ""
    own: bool = False


class Visit(msgspec.Struct, frozen=True):
    """One session in the browser."""

    guest: Guest
    kind: Shows
    control: str

    @property
    def control_socket(self) -> Path:
        """The box's control socket."""
        return Path(self.control)


def written(visit: Visit) -> int:
    """Return a descriptor from which `visit` can be read once. Raises OSError."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as file:
        file.write(msgspec.json.encode(visit))
    return reader


def read(descriptor: int) -> Visit:
    """Return the visit, and close the descriptor. Raises OSError, msgspec.DecodeError."""
    with os.fdopen(descriptor, "rb") as file:
        return msgspec.json.decode(file.read(MAX_BYTES), type=Visit)
