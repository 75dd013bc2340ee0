# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses of lines: `<scheme>:<rest>`, as in configuration, messages and books."""

from typing import Final, NamedTuple, Self

PRI: Final = "pri"
"""Any channel of a trunk group of spans, by its name. A span with another signalling has a scheme of that name."""
TRUNK: Final = "trunk"
"""A SIP trunk, by its name."""
PHONE: Final = "phone"
"""A phone that registers with the edge, by its extension."""
SIP: Final = "sip"
"""A phone at a fixed address: `<number>@<host>:<port>`."""
STATION: Final = "station"
"""A station of the simulator, by its number."""
TRUNKS: Final = frozenset({PRI, TRUNK})
"""Lines to the network; on any other line calls a phone of the house."""


class LineAddress(NamedTuple):
    """The address of a line: its kind, and its name within the kind."""

    scheme: str
    rest: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the parts of an address; a text that is none has an empty scheme."""
        scheme, colon, rest = text.partition(":")
        return cls(scheme, rest) if colon else cls("", text)

    @property
    def trunk(self) -> bool:
        """Whether the network is at its other end, and not a phone of the house."""
        return self.scheme in TRUNKS

    @property
    def registers(self) -> bool:
        """Whether it is a phone that registers with the edge."""
        return self.scheme == PHONE

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"
