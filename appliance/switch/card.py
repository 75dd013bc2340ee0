# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of a card: a group of lines that turns signalling into legs and sound into rows of the fabric.

The switch calls every card once a tick, in this order and on one thread: `receive` (sound in, and the clock's work),
`signal` (what happened), `transmit` (sound out); `execute` comes in between, when call control says something.
A card owns `rows` rows of the fabric for life; which of them carries a leg it tells by `row`. A row without a leg
must be silent.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.messages import Alert, Answer, AnyEvent, CardReport, Clear, Dial, Proceed

Sound = NDArray[np.float32]
LineCommand = Dial | Proceed | Alert | Answer | Clear


class Card(Protocol):
    """A group of lines behind one signalling."""

    rows: int
    inband_keys: bool
    """Keys are to be looked for in the sound of its rows; False where the line tells them by itself (RFC 4733)."""

    def takes(self, line: str) -> bool:
        """Tell whether `Dial.line` is of this card's kind (e.g. 'pri:carrier', 'sip:1001@127.0.0.1:5071')."""
        ...

    def has_room(self, line: str) -> bool:
        """Tell whether a `Dial` of that line would find a channel now; the switch asks its cards in order."""
        ...

    def receive(self, sound: Sound) -> None:
        """Fill `sound` [rows, 160] float32 with what the lines say in this tick. Never blocks."""
        ...

    def transmit(self, sound: Sound) -> None:
        """Send `sound` [rows, 160] float32, |sample| <= 1, to the lines. Never blocks."""
        ...

    def signal(self, now: int) -> Sequence[AnyEvent]:
        """Give what happened on the lines since the last call, in order. `now` is box time in ticks."""
        ...

    def execute(self, command: LineCommand, now: int) -> None:
        """Do what call control asks. Failure is told as `Cleared`, never raised, unless it is a bug."""
        ...

    def row(self, leg: int) -> int | None:
        """Row (0 to rows - 1) that carries the leg's sound now; None before it has one and after `Cleared`."""
        ...

    def status(self) -> Sequence[CardReport]:
        """Describe the card for people."""
        ...

    def close(self) -> None:
        """Give the lines back; calls that are up are cleared first where the line allows."""
        ...


NewLeg = Callable[[], int]
"""Gives the next even leg number to a card that has a call coming in."""
