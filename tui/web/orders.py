# SPDX-License-Identifier: GPL-2.0-or-later
"""Orders of the gate to its fork server, one datagram each."""

import msgspec


class Begin(msgspec.Struct, frozen=True, tag="begin"):
    """Start session `number` with these variables; its two descriptors come along: the terminal, and its visit."""

    number: int
    environment: dict[str, str]


class End(msgspec.Struct, frozen=True, tag="end"):
    """Kill the process of a session that did not end by itself."""

    number: int


Order = Begin | End
MAX_ORDER = 1 << 14
