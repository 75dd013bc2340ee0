# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of a card: a group of lines that turns signalling into legs and sound into rows of the fabric.

The switch calls every card once a tick, in this order and on one thread: `receive` (sound in, and the clock's work),
`signal` (events), `transmit` (sound out); `execute` comes in between, for call control's commands. A card owns `rows`
rows of the fabric for life; `row` returns which of them carries a leg. A row without a leg must be silent.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.contract.rtp import Rtp
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
    SpanDo,
    SpanDone,
    Transferred,
)
from appliance.switch.sound.fabric import Sound

NEWEST = 500
"""Messages of a span that are returned at once."""
LineCommand = Dial | Proceed | Alert | Answer | Clear | Transferred | Show


class Card(Protocol):
    """A group of lines behind one signalling."""

    rows: int

    def takes(self, line: str) -> bool:
        """Return whether `Dial.line` is of this card's kind (e.g. 'pri:carrier', 'sip:1001@127.0.0.1:5071')."""
        ...

    def has_room(self, line: str) -> bool:
        """Return whether a `Dial` of that line would find a channel now; the switch asks its cards in order."""
        ...

    def receive(self, sound: Sound) -> None:
        """Fill `sound` [rows, 160] float32 with the lines' sound of this tick. Never blocks."""
        ...

    def transmit(self, sound: Sound) -> None:
        """Send `sound` [rows, 160] float32, |sample| <= 1, to the lines. Never blocks."""
        ...

    def signal(self, now: int) -> Sequence[AnyEvent]:
        """Return the events of the lines since the last call, in order. `now` is box time in ticks."""
        ...

    def execute(self, command: LineCommand, now: int) -> None:
        """Execute a command of call control. Failure is reported as `Cleared`, never raised, unless it is a bug."""
        ...

    def announce(self) -> None:
        """Report the lines' states (`SpanState`) again with the next `signal`: a new call server knows none."""
        ...

    def takes_inband_key(self, leg: int, key: str, duration_ms: int) -> bool:
        """Return whether a key in the sound of a leg is a press of its own.

        False where the line reports its keys by itself. Asked once for each key, when it has ended.
        """
        ...

    def keys_inband(self, leg: int) -> bool:
        """Return whether tones in the sound of a leg may be keys: its line has never reported any by itself."""
        ...

    def takes_keys(self, leg: int) -> bool:
        """Return whether the far end is known to take keys otherwise than in sound."""
        ...

    def send_key(self, leg: int, key: str, duration_ms: int) -> bool:
        """Send a key to the far end otherwise than in sound; False if it takes no other form."""
        ...

    def row(self, leg: int) -> int | None:
        """Return the row (0 to rows - 1) of the leg's sound; None before it has one and after `Cleared`."""
        ...

    def quiet_ticks(self, leg: int) -> int:
        """Return the ticks since a leg's line sent anything, even silence; 0 on lines that always send."""
        ...

    def trace(self, leg: int, span: int = 0) -> Sequence[SignalMessage]:
        """Return the signalling messages of a leg, also of one that is over, as far as they are remembered.

        Or, with `span`, the newest of that span, also those of no leg; none if it is not this card's.
        """
        ...

    def quality(self, leg: int) -> Rtp | None:
        """Return the quality of a leg's sound by its packets; None where it comes in no packets, or none came yet."""
        ...

    def span_do(self, command: SpanDo) -> SpanDone | None:  # noqa: ARG002 - of cards without spans
        """Do a technician's work on a span; None if it is not this card's."""
        return None

    def status(self) -> Sequence[CardReport]:
        """Return the state of the card, for people."""
        ...

    def close(self) -> None:
        """Close the lines; calls that are up are cleared first where the line allows."""
        ...


NewLeg = Callable[[], int]
"""Source of the next even leg number, for a card that has a call coming in."""
