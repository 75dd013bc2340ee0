# SPDX-License-Identifier: GPL-2.0-or-later
"""The recorder of a signalling: its last messages in a ring, always on, and which of them were of a leg.

It costs an entry a message; messages are read and sorted by leg only when they are asked for. Every signalling has the
same: it says how its octets are read, and by which key they belong to a leg (a call reference, a circuit, a timeslot).
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from appliance.contract.switch import Signalling, SignalMessage
from appliance.wall import Wall, system_wall

ROOM: Final = 8192
"""Messages of a line that are kept: of a call there are ten, with those that acknowledge twenty."""
LEGS: Final = 4096


class Reading(NamedTuple):
    """A message as it was read. `key` of what it is about, None: of no leg; `opens` and `closes` a use of the key."""

    brief: str
    text: str
    key: Hashable = None
    opens: bool = False
    closes: bool = False


class _Noted(NamedTuple):
    time_us: int
    sent: bool
    octets: bytes


class Recorder:
    """The messages of one line.

    Args:
        signalling: of the line.
        peer: the far end, as it is shown.
        read: reads octets that were `sent` or received; never raises.
        wall: labels messages.
    """

    def __init__(
        self, signalling: Signalling, peer: str, read: Callable[[bytes, bool], Reading], wall: Wall = system_wall
    ) -> None:
        self._signalling, self._peer, self._read, self._wall = signalling, peer, read, wall
        self._ring: deque[_Noted] = deque(maxlen=ROOM)
        self._noted = 0
        self._legs: OrderedDict[int, list[tuple[Hashable, int, bool]]] = OrderedDict()

    def note(self, octets: bytes, now: int, *, sent: bool) -> None:
        """Keep a message of tick `now`."""
        self._noted += 1
        self._ring.append(_Noted(self._wall(now) * 1000, sent, octets))

    def begin(self, leg: int, key: Hashable, *, ours: bool) -> None:
        """Note that a leg has this key from now on. Not `ours`: the message that opened it has been kept."""
        self._legs.setdefault(leg, []).append((key, self._noted, ours))
        if len(self._legs) > LEGS:
            self._legs.popitem(last=False)

    def of(self, leg: int) -> list[SignalMessage]:
        """Return the messages of a leg that are still kept, oldest first."""
        uses = self._legs.get(leg)
        if not uses:
            return []
        read = [(place, noted, self._read(noted.octets, noted.sent)) for place, noted in self._numbered()]
        return [self._message(leg, *read[at][1:]) for use in uses for at in _of_use(read, *use)]

    def newest(self, count: int) -> list[SignalMessage]:
        """Return the newest messages of the line, oldest first, whatever they are about."""
        there = islice(self._ring, max(0, len(self._ring) - count), None)
        return [self._message(0, noted, self._read(noted.octets, noted.sent)) for noted in there]

    def _numbered(self) -> Iterator[tuple[int, _Noted]]:
        return enumerate(self._ring, self._noted - len(self._ring) + 1)

    def _message(self, leg: int, noted: _Noted, read: Reading) -> SignalMessage:
        return SignalMessage(
            leg, noted.time_us, noted.sent, self._peer, read.text, self._signalling, read.brief, noted.octets
        )


def _of_use(
    read: list[tuple[int, _Noted, Reading]],
    key: Hashable,
    begun: int,
    ours: bool,  # noqa: FBT001 - as it was noted
) -> list[int]:
    """Return the places of the messages of one use of a key: from the one that opened it to before the next that does.

    A message that opens it while it is open is the same one repeated.
    """
    of_key = [at for at, (_place, _noted, reading) in enumerate(read) if reading.key == key]
    opening = [at for at in of_key if read[at][2].opens]
    if ours:
        first = next((at for at in of_key if read[at][0] > begun), len(read))
    else:
        first = max((at for at in opening if read[at][0] <= begun), default=0)
        first = _unrepeated(read, of_key, first)
    found: list[int] = []
    closed = False
    for at in of_key:
        if at < first:
            continue
        if closed and read[at][2].opens:
            break
        closed = closed or read[at][2].closes
        found.append(at)
    return found


def _unrepeated(read: list[tuple[int, _Noted, Reading]], of_key: list[int], last: int) -> int:
    """Return the place of the first of messages that opened a use, of which the last one is known."""
    first = last
    for at in reversed([each for each in of_key if each < last]):
        if read[at][2].closes:
            break
        if read[at][2].opens:
            first = at
    return first
