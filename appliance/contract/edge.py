# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages between the call server and the edge: lamps and displays out, its state in."""

from typing import Literal

import msgspec


class EdgeCommand(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Base of call control's commands to the edge. Not for the switch; the last one of a kind and extension counts."""


class Lamp(EdgeCommand, frozen=True, gc=False, tag="lamp"):
    """Messages for an extension: `waiting` new ones, `old` heard ones (RFC 3842 message-summary)."""

    extension: str
    waiting: int
    old: int = 0


class Presence(EdgeCommand, frozen=True, gc=False, tag="presence"):
    """State of an extension's phone, for the keys of other phones that watch it (RFC 4235 dialog-info)."""

    extension: str
    state: Literal["idle", "ringing", "busy"]


class CodeLamp(EdgeCommand, frozen=True, gc=False, tag="code_lamp"):
    """Lamp of a feature code at one phone, for the keys of that phone that watch the code (RFC 4235 dialog-info)."""

    extension: str
    code: str
    lit: bool


AnyEdgeCommand = Lamp | Presence | CodeLamp


class TrunkState(msgspec.Struct, frozen=True):
    """A SIP trunk. `registers`: the box is to register there; `registered`: it is registered now.

    `since`: Unix milliseconds from which `registered` is as it is, as far as the call server has seen; 0: not known.
    """

    name: str
    registers: bool
    registered: bool
    since: int = 0


class EdgeBlock(msgspec.Struct, frozen=True):
    """An address or extension that the edge refuses for a while.

    `extension` '': all of the address, but for extensions that are registered from there. `why`: `passwords`, `flood`
    or `scan`. `until`: Unix milliseconds.
    """

    address: str
    extension: str
    why: str
    until: int


class EdgeState(msgspec.Struct, frozen=True):
    """The edge, some seconds ago.

    `up` False: it does not answer; `phones`: extensions with a registered phone; `blocked`: addresses it refuses.
    """

    up: bool
    phones: int
    trunks: tuple[TrunkState, ...] = ()
    blocked: tuple[EdgeBlock, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether phones and trunks can reach the box."""
        return self.up and all(trunk.registered or not trunk.registers for trunk in self.trunks)
