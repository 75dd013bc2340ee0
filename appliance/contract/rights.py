# SPDX-License-Identifier: GPL-2.0-or-later
"""Rights of the machine's users over the box."""

from typing import Final, Literal

import msgspec

Right = Literal["read", "control", "supervise", "configure"]
"""read: look at everything; control: change calls, agents and phones; supervise: be in talks of others, end and send on
their calls, arrange callers who wait; configure: put written settings in force, and delete recordings."""
ALL: Final[tuple[Right, ...]] = ("read", "control", "supervise", "configure")


class Peer(msgspec.Struct, frozen=True):
    """The user at the other end of a connection; without rights it may request nothing."""

    user: str
    rights: tuple[Right, ...] = ()
