# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening of spans by address; a backend's module is loaded when its first span is opened."""

import importlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from drivers.errors import SpanAddressError
from drivers.span import TIMESLOTS, Span, SpanOptions
from drivers.span_address import SpanAddress

if TYPE_CHECKING:
    from drivers.sim import SimLines

BACKENDS = {
    "dahdi": "drivers.dahdi",
    "sim": "drivers.sim",
    "tdmoe": "drivers.tdmoe",
}
"""For each scheme the module with `open_address(address, options, *, clock, lines) -> Span`."""


def open_span(
    address: str,
    options: SpanOptions = SpanOptions(),  # noqa: B008 - frozen
    *,
    clock: Callable[[], float] = time.monotonic,
    lines: "SimLines | None" = None,
) -> Span:
    """Open the span at `address`.

    Args:
        address: ``dahdi:1``, ``tdmoe:/run/near.sock,/run/far.sock?frames=20``, ``sim:name``.
        options: see `SpanOptions`.
        clock: seconds, for alarms; never goes back.
        lines: holds the simulated lines that ``sim:`` addresses name.

    Raises:
        SpanAddressError: the address or an option is none a span can have.
        SpanError: the span is there and cannot be opened.
    """
    parsed = SpanAddress.parse(address)
    if parsed.scheme not in BACKENDS:
        known = ", ".join(f"{scheme}:" for scheme in BACKENDS)
        raise SpanAddressError(f"{address}: no kind of span is called {parsed.scheme!r}", hint=f"there are {known}")
    if options.d_channel is not None and not 1 <= options.d_channel <= TIMESLOTS:
        raise SpanAddressError(
            f"{address}: D channel on timeslot {options.d_channel}",
            hint=f"timeslots are 1 to {TIMESLOTS}; ISDN uses 16",
        )
    backend = importlib.import_module(BACKENDS[parsed.scheme])
    span: Span = backend.open_address(parsed, options, clock=clock, lines=lines)
    return span
