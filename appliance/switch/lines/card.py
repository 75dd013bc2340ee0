# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of a card: a group of lines that turns signalling into legs and sound into rows of the fabric.

The switch calls every card once a tick, in this order and on one thread: `receive` (sound in, and the clock's work),
`signal` (what happened), `transmit` (sound out); `execute` comes in between, when call control says something.
A card owns `rows` rows of the fabric for life; which of them carries a leg it tells by `row`. A row without a leg
must be silent.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.contract.switch import (
    Alert,
    Answer,
    AnyEvent,
    CardReport,
    Clear,
    Dial,
    Proceed,
    Show,
    SignalMessage,
    Transferred,
)
from appliance.switch.sound.fabric import Sound

LineCommand = Dial | Proceed | Alert | Answer | Clear | Transferred | Show


class Card(Protocol):
    """A group of lines behind one signalling."""

    rows: int

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

    def announce(self) -> None:
        """Tell the lines' states (`SpanState`) again with the next `signal`: a call server that is new knows none."""
        ...

    def takes_inband_key(self, leg: int, key: str, duration_ms: int) -> bool:
        """Tell whether a key that was heard in the sound of a leg is a press of its own.

        False where the line tells its keys by itself. Asked once for each key, when it has ended.
        """
        ...

    def keys_inband(self, leg: int) -> bool:
        """Tell whether tones in the sound of a leg may be keys: its line has never told any by itself."""
        ...

    def takes_keys(self, leg: int) -> bool:
        """Tell whether the far end is known to take keys otherwise than in sound."""
        ...

    def send_key(self, leg: int, key: str, duration_ms: int) -> bool:
        """Send a key to the far end otherwise than in sound; False if it understands no other way."""
        ...

    def row(self, leg: int) -> int | None:
        """Row (0 to rows - 1) that carries the leg's sound now; None before it has one and after `Cleared`."""
        ...

    def quiet_ticks(self, leg: int) -> int:
        """Give the ticks since something came from a leg's line, be it silence; 0 where something always comes."""
        ...

    def trace(self, leg: int) -> Sequence[SignalMessage]:
        """Give the signalling messages of a leg, also of one that is over, as far as they are remembered."""
        ...

    def status(self) -> Sequence[CardReport]:
        """Describe the card for people."""
        ...

    def close(self) -> None:
        """Give the lines back; calls that are up are cleared first where the line allows."""
        ...


NewLeg = Callable[[], int]
"""Gives the next even leg number to a card that has a call coming in."""
