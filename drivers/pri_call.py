# SPDX-License-Identifier: GPL-2.0-or-later
"""The calls and numbers of a D channel, and the restarts that were asked for."""

import heapq
import re
from collections import deque
from collections.abc import Callable
from enum import IntEnum, auto

from drivers.errors import PriError

TRIES = 2
"""Times a RESTART is sent (Q.931 5.5.1.1)."""

NO_CHANNELS = (0, -1)
"""Channels of libpri for a message that names none."""

LONGEST_NUMBER = 31
"""Digits of a number (libpri has no room for more)."""

_NUMBER = re.compile(rf"\+?[0-9*#A-D]{{0,{LONGEST_NUMBER}}}")
_UNKNOWN_E164, _INTERNATIONAL_E164 = 0x01, 0x11  # type of number and numbering plan, Q.931 4.5.10


class Phase(IntEnum):
    """Progress of a call; a command moves it forward only."""

    PRESENT = auto()
    OVERLAP = auto()
    PROCEEDING = auto()
    ALERTING = auto()
    ACTIVE = auto()
    DISCONNECTED = auto()  # by the far end, which plays an announcement first (Q.931 5.3.4.1)
    CLEARING = auto()


class Call:
    """A call: `pointer` is libpri's record of it, `deadline_us` 0 while no timer of ours runs.

    `digits` counts those of the called number so far, `enquiries` the STATUS ENQUIRYs in a row without an answer.
    `unanswered`: its RELEASE had no answer.
    """

    __slots__ = (
        "cause", "channel", "deadline_us", "digits", "enquiries", "number", "on_timer", "outgoing", "phase", "pointer",
        "unanswered", "undialled",
    )  # fmt: skip

    def __init__(self, number: int, pointer: int, channel: int, *, outgoing: bool) -> None:
        self.number = number
        self.pointer = pointer
        self.channel = channel
        self.outgoing = outgoing
        self.phase = Phase.PRESENT
        self.cause = 0
        self.undialled = ""
        self.digits = 0
        self.enquiries = 0
        self.unanswered = False
        self.deadline_us = 0
        self.on_timer: Callable[[Call], None] | None = None

    @property
    def wants_digits(self) -> bool:
        """Whether the number may be incomplete: overlap sending, or receiving while T302 runs (Q.931 U2, U25)."""
        return self.phase is Phase.OVERLAP and (self.outgoing or self.deadline_us > 0)

    def __lt__(self, other: "Call") -> bool:
        return self.number < other.number


class CallTimers:
    """Timers, at most one for each call."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Call]] = []  # due, number of the call; stopped ones stay until they are due

    @property
    def due_us(self) -> int:
        """Earliest time at which `run` may have work; 0: no timer runs."""
        return self._heap[0][0] if self._heap else 0

    def start(self, call: Call, due_us: int, on_timer: "Callable[[Call], None]") -> None:
        """Call `on_timer` at that time, unless the call's timer is stopped or started again before."""
        call.deadline_us = due_us
        call.on_timer = on_timer
        heapq.heappush(self._heap, (due_us, call.number, call))

    def stop(self, call: Call) -> None:
        """Stop the call's timer, if it runs."""
        call.deadline_us = 0

    def run(self, now_us: int) -> None:
        """Run the timers that are due."""
        while self._heap and self._heap[0][0] <= now_us:
            due_us, _number, call = heapq.heappop(self._heap)
            if call.deadline_us == due_us and call.on_timer:
                call.deadline_us = 0
                call.on_timer(call)


class Restarts:
    """Channels to be restarted, one at a time, each `TRIES` times T316 long.

    Args:
        send: sends RESTART for a channel.
        done: called with a channel and whether its restart was acknowledged.
    """

    def __init__(self, send: Callable[[int], None], done: Callable[[int, bool], None]) -> None:
        self._send = send
        self._done = done
        self._waiting: deque[int] = deque()  # the first is under way
        self._tries = 0
        self.due_us = 0
        """When T316 runs out; 0: it does not run."""

    def add(self, channel: int, now_us: int, t316_us: int) -> None:
        """Restart this channel after those that wait."""
        self._waiting.append(channel)
        if len(self._waiting) == 1:
            self._begin(now_us, t316_us)

    def cancel(self, channel: int) -> bool:
        """Cancel a restart that still waits; return False if it is under way or unknown."""
        waits = channel in self._waiting and channel != self._waiting[0]
        if waits:
            self._waiting.remove(channel)
        return waits

    def acknowledged(self, channel: int, now_us: int, t316_us: int) -> None:
        """Note that the far end has done the restart that is under way.

        A second answer to the one before, which was sent twice (T316), is none to this one.
        """
        if self._waiting and channel in {self._waiting[0], *NO_CHANNELS}:
            self._done(self._waiting.popleft(), True)  # noqa: FBT003
            self.due_us = 0
            if self._waiting:
                self._begin(now_us, t316_us)

    def run(self, now_us: int, t316_us: int) -> None:
        """Send again, or give up: a far end that does not answer will not answer those that wait either."""
        if not 0 < self.due_us <= now_us:
            return
        if self._tries < TRIES:
            self._send_first(now_us, t316_us)
            return
        given_up = [*self._waiting]
        self.clear()
        for channel in given_up:
            self._done(channel, False)  # noqa: FBT003

    def clear(self) -> None:
        """Forget all: the data link is lost."""
        self._waiting.clear()
        self.due_us = 0

    def again(self, now_us: int, t316_us: int) -> None:
        """Send the restart under way again: the link was set up anew, so frames on their way are lost (Q.921 5.5.3)."""
        if self._waiting:
            self._begin(now_us, t316_us)

    def _begin(self, now_us: int, t316_us: int) -> None:
        self._tries = 0
        self._send_first(now_us, t316_us)

    def _send_first(self, now_us: int, t316_us: int) -> None:
        self._tries += 1
        self.due_us = now_us + t316_us
        self._send(self._waiting[0])


def is_number(text: str) -> bool:
    """Return whether `text` can be a called or calling number: up to 31 of 0-9 * # A-D, + before it, or empty."""
    return _NUMBER.fullmatch(text) is not None


def check_number(what: str, number: str, *, may_be_empty: bool) -> None:
    """Raise PriError, naming `what` number it is, unless it can be sent."""
    if not is_number(number) or (not may_be_empty and not number.strip("+")):
        raise PriError(
            f"{what} number {number!r} cannot be dialled",
            hint="an ISDN number is at most 31 of 0-9 * # A-D, with an optional + before an international one",
        )


def plan_of(number: str) -> int:
    """Return octet 3 of a number: international if it begins with +, else unknown; E.164 in both cases."""
    return _INTERNATIONAL_E164 if number.startswith("+") else _UNKNOWN_E164
