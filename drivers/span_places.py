# SPDX-License-Identifier: GPL-2.0-or-later
"""Readers of the place in an address, for each kind of span; they need neither a device nor a backend.

So a configuration can be checked anywhere, by the same rules by which the span is opened later.
"""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from drivers.errors import SpanAddressError
from drivers.span_address import SpanAddress

DAHDI_SPANS = 128
"""dahdi/user.h: DAHDI_MAX_SPANS."""
FRAMES = (1, 2, 4, 5, 10, 20)
"""Possible numbers of TDMoE frames in a datagram: the divisors of a tick's twenty."""
MAX_TICKS = 20
"""Most ticks that a TDMoE span's buffer holds."""

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)


class DahdiPlace(NamedTuple):
    """The parts of a dahdi: address."""

    span: int
    buffers: int
    ahead: int


class TdmoePlace(NamedTuple):
    """The parts of a tdmoe: address."""

    local: Path
    remote: Path
    local_mac: bytes
    remote_mac: bytes
    sub_address: int
    frames: int
    target: int
    most: int


def dahdi_place(address: SpanAddress) -> DahdiPlace:
    """Read ``dahdi:SPAN?buffers=N&ahead=N``. Raises SpanAddressError."""
    address.allow("buffers", "ahead")
    number = address.place
    if not (number.isascii() and number.isdigit() and len(number) <= 3 and 1 <= int(number) <= DAHDI_SPANS):
        problem = f"{number!r} is no number of a span" if number else "the span's number is missing"
        hint = f"a number from 1 to {DAHDI_SPANS}, for example dahdi:1; see dahdi_scan"
        raise SpanAddressError(f"{address}: {problem}", hint=hint)
    buffers = address.integer("buffers", 4, 2, 32)
    return DahdiPlace(int(number), buffers, address.integer("ahead", 1, 0, max(1, buffers - 2)))


def tdmoe_place(address: SpanAddress) -> TdmoePlace:
    """Read ``tdmoe:LOCAL,REMOTE?frames=N&sub=N&local=MAC&remote=MAC&target=N&most=N``. Raises SpanAddressError."""
    address.allow("frames", "sub", "local", "remote", "target", "most")
    local, remote = _paths(address)
    frames = address.integer("frames", 1, FRAMES[0], FRAMES[-1])
    if frames not in FRAMES:
        raise SpanAddressError(f"{address}: frames={frames}", hint="frames is 1, 2, 4, 5, 10 or 20")
    target = address.integer("target", 2, 1, MAX_TICKS)
    return TdmoePlace(
        local,
        remote,
        _mac(address, "local", local),
        _mac(address, "remote", remote),
        address.integer("sub", 0, 0, 0xFFFF),
        frames,
        target,
        address.integer("most", max(10, target), target, MAX_TICKS),
    )


def sim_place(address: SpanAddress) -> str:
    """Read ``sim:NAME``. Raises SpanAddressError."""
    address.allow()
    if not address.place:
        raise SpanAddressError(f"{address}: the line's name is missing", hint="for example sim:exchange")
    return address.place


PLACES: dict[str, Callable[[SpanAddress], Any]] = {"dahdi": dahdi_place, "sim": sim_place, "tdmoe": tdmoe_place}
"""Reader of the place for each scheme."""


def _paths(address: SpanAddress) -> tuple[Path, Path]:
    paths = [Path(path) for path in address.place.split(",")]
    if len(paths) != 2 or not all(path.is_absolute() for path in paths) or paths[0] == paths[1]:
        raise SpanAddressError(
            f"{address}: two different absolute paths are needed, our socket's and the far end's",
            hint="for example tdmoe:/run/mxbox/box.sock,/run/mxbox/exchange.sock?frames=20",
        )
    return paths[0], paths[1]


def _mac(address: SpanAddress, name: str, path: Path) -> bytes:
    """Return the MAC address of a parameter, or a locally administered one made from the path."""
    text = address.parameters.get(name)
    if text is None:
        return b"\x02" + hashlib.sha256(os.fsencode(path)).digest()[:5]
    if not _MAC.fullmatch(text):
        raise SpanAddressError(f"{address}: {name}={text!r}", hint=f"{name} is a MAC address, as 02:00:00:00:00:01")
    return bytes.fromhex(text.replace(":", ""))
