# SPDX-License-Identifier: GPL-2.0-or-later
"""What a user of the machine may ask of the box."""

from typing import Final, Literal

import msgspec

Right = Literal["read", "control", "configure"]
"""read: look at everything; control: change what calls, agents and phones do; configure: put written settings in
force."""
ALL: Final[tuple[Right, ...]] = ("read", "control", "configure")


class Peer(msgspec.Struct, frozen=True):
    """The user at the other end of a connection; without rights it may ask nothing."""

    user: str
    rights: tuple[Right, ...] = ()
