# SPDX-License-Identifier: GPL-2.0-or-later
"""Key presses out of telephone-event packets (RFC 4733): each press once, with packets lost, late or out of order.

A press is known by its time stamp, which is that of its beginning in all of its packets (2.2). Three cases are harder:
- A press longer than 0xFFFF units goes on in a further segment, whose time stamp follows on the one before (2.5.1.3).
- Some phones put the present time into each packet. Their time stamps follow each other without a pause; presses by a
  finger do not.
- Packets of the end may all be lost. Then the next press, or a pause, shows that it is over. A packet of it after
  a pause is no new press.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from drivers.sip import SipKey

EVENT_KEYS: Final = "0123456789*#ABCD"
"""Keys by their event numbers (RFC 4733 3.2)."""
QUIET_POLLS: Final = 10
"""Polls (ticks of 20 ms) without a further packet after which a key counts as released (2.5.2.2 leaves it open)."""
ENDED_POLLS: Final = 50
"""Polls for which a press is remembered after the last packet, its end having come."""
OPEN_POLLS: Final = 500
"""The same, when its end has not come: the network may have a hole."""
MIN_PAUSE_MS: Final = 30
"""Time stamps closer than this to a press under way belong to it. A finger needs longer (Q.24: 40 ms at least)."""
REPEAT_MS: Final = 50
"""The same for packets that repeat the end of a press."""
SEGMENT: Final = (0xFFFF, 0x10000)
"""Distance of one segment's beginning from the next one's, by the clock of the time stamps."""
LATE_PACKETS: Final = 100
"""A packet that is older than the newest by more was not overtaken: its sender counts anew."""


@dataclass(frozen=True, slots=True)
class KeyPacket:
    """One packet: how long the press has lasted, and its place in RTP. `rate` is the clock of the time stamp in Hz."""

    key: str
    duration_ms: int
    ended: bool
    marked: bool
    sequence: int
    timestamp: int
    rate: int = 8000
    source: int = 0


@dataclass(slots=True)
class _Press:
    key: str
    begun: int  # first time stamp
    timestamp: int  # the last
    duration_ms: int  # of the last packet
    rate: int
    ended: bool = False
    told: bool = False
    moves: bool = False  # its time stamps are those of its packets
    quiet_polls: int = 0

    @property
    def length_ms(self) -> int:
        """Length of the press so far, over all segments."""
        before = 0 if self.moves else _after(self.timestamp, self.begun) * 1000 // self.rate
        return before + self.duration_ms

    def has(self, packet: KeyPacket) -> bool:
        """Return whether a packet that came after this press's others is about it as well."""
        later = _after(packet.timestamp, self.timestamp)
        if packet.key != self.key or later < 0:
            return self.spans(packet)
        if later == 0:
            return not (self.ended and packet.marked and packet.duration_ms < self.duration_ms)
        return later in SEGMENT or later * 1000 // self.rate <= self._reach_ms(packet)

    def _reach_ms(self, packet: KeyPacket) -> int:
        """Return the distance from the last time stamp up to which a packet is of this press."""
        if self.moves:
            return packet.duration_ms + (0 if self.ended else MIN_PAUSE_MS)
        return REPEAT_MS if self.ended else self.duration_ms + MIN_PAUSE_MS

    def spans(self, packet: KeyPacket) -> bool:
        """Return whether a packet lies within this press; late ones may be about any that is remembered."""
        key, at = packet.key == self.key, packet.timestamp
        return key and _after(at, self.begun) >= 0 and _after(at, self.timestamp) <= 0

    def take(self, packet: KeyPacket) -> None:
        """Go on with a packet that is about this press."""
        self.quiet_polls = 0
        self.ended |= packet.ended
        later = _after(packet.timestamp, self.timestamp)
        if later < 0 or (later == 0 and packet.duration_ms <= self.duration_ms):
            return
        grows = packet.duration_ms > self.duration_ms
        self.moves |= later > 0 and grows and later not in SEGMENT
        self.timestamp, self.duration_ms = packet.timestamp, packet.duration_ms


@dataclass(slots=True)
class _Line:
    """The latest presses of one call, the oldest first."""

    source: int
    newest: int  # sequence number
    presses: list[_Press] = field(default_factory=list)

    def press(self, packet: KeyPacket) -> _Press:
        """Return the press that a packet is about."""
        late = 0 < (self.newest - packet.sequence) & 0xFFFF <= LATE_PACKETS
        if late and (found := [press for press in self.presses if press.spans(packet)]):
            return found[-1]
        if not late:
            self.newest = packet.sequence
        if self.presses and self.presses[-1].has(packet):
            return self.presses[-1]
        new = _Press(packet.key, packet.timestamp, packet.timestamp, packet.duration_ms, packet.rate)
        self.presses.insert(len(self.presses) - (late and bool(self.presses)), new)
        return new

    def is_over(self, press: _Press) -> bool:
        """Return whether a press's end has come, or a further press."""
        return press.ended or press is not self.presses[-1]

    def forget_old(self) -> None:
        """Drop presses of which no packet can come any more."""
        self.presses = [
            press for press in self.presses if press.quiet_polls < (ENDED_POLLS if press.ended else OPEN_POLLS)
        ]


class KeyPresses:
    """Presses of all calls that are going on."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = {}

    def report(self, call: int, packet: KeyPacket) -> list[SipKey]:
        """Take one packet; return the keys that ended by it."""
        line = self._lines.get(call)
        ended: list[SipKey] = []
        if line is None or line.source != packet.source:
            ended += _tell(call, line, lambda _press: True)
            line = self._lines[call] = _Line(packet.source, packet.sequence)
        line.press(packet).take(packet)
        ended += _tell(call, line, line.is_over)
        return ended

    def poll(self) -> list[SipKey]:
        """Count one tick; return the keys whose end was lost."""
        if not self._lines:
            return []
        released: list[SipKey] = []
        for call, line in list(self._lines.items()):
            for press in line.presses:
                press.quiet_polls += 1
            released += _tell(call, line, lambda press: press.quiet_polls >= QUIET_POLLS)
            line.forget_old()
            if not line.presses:
                del self._lines[call]
        return released

    def forget(self, call: int) -> None:
        """Forget a call that is over."""
        self._lines.pop(call, None)


def _tell(call: int, line: _Line | None, over: Callable[[_Press], bool]) -> Iterator[SipKey]:
    """Yield the presses that are over and were not reported yet."""
    for press in line.presses if line else ():
        if not press.told and over(press):
            press.told = True
            yield SipKey(call, press.key, press.length_ms)


def _after(a: int, b: int) -> int:
    """Return how much later one time stamp is than another (RFC 3550 5.1: they begin anywhere and wrap)."""
    return ((a - b + 0x80000000) & 0xFFFFFFFF) - 0x80000000
