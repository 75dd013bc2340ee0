# SPDX-License-Identifier: GPL-2.0-or-later
"""Analogue lines through the DAHDI driver: a telephone's (station) or one from an exchange (trunk), a channel each.

The driver signals by itself, on a card by currents, over a span by ABCD bits (a channel bank). Here are its hook
switch, its events, its dialler, and the sound. Sound passes while a line is idle as well, so a caller's number is heard
before the answer.

Not here, as only a card has them: voltages and impedances, polarity reversal (the driver's event is passed on), the
ringer's power, lamps of telephones, echo of the hybrid.
"""

import errno
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from drivers.dahdi import EVENT_ALARM, EVENT_NOALARM, EVENT_NONE, EVENT_PENDING, EVENT_REMOVED, NOTHING_YET
from drivers.errors import DahdiError, SpanError
from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets

if TYPE_CHECKING:
    from drivers.dahdi_calls import DahdiCalls

# Numbers of dahdi/user.h; a test compares them with the compiled header.
SIG_FXOKS, SIG_FXOLS, SIG_FXSKS, SIG_FXSLS = 0x1020, 0x1008, 0x2004, 0x2001
HOOK_ON, HOOK_OFF, HOOK_FLASH, HOOK_RING, HOOK_RINGOFF = 0, 1, 3, 5, 6
EVENT_PULSEDIGIT = 1 << 16

SILENCE: Final = bytes([IDLE_BYTE]) * TICK_SAMPLES
_DIGITS: Final = re.compile(r"[0-9*#A-DW]{1,64}")


class Side(Enum):
    """Kind of device at the other end of the line."""

    STATION = auto()  # a telephone: it is rung, it is lifted
    TRUNK = auto()  # an exchange: it rings us, we seize it


class Happening(Enum):
    """Kind of an event on a line, as the driver reports it."""

    OFF_HOOK = auto()  # station: lifted
    ON_HOOK = auto()  # station: put down; trunk: the exchange has released the line
    FLASH = auto()  # station: the hook was pressed for a moment
    RING_BEGINS = auto()  # trunk
    RING_ENDS = auto()  # trunk: a ring of the cadence is over
    RINGER_ON = auto()  # station: our ringer, in its cadence
    RINGER_OFF = auto()
    PULSE_BEGINS = auto()  # station: a digit is being dialled by pulses
    DIGIT = auto()  # station: that digit
    DIALLED = auto()  # the digits for our dialler are out
    HOOK_DONE = auto()  # our hook switch's operation is done
    POLARITY = auto()
    ALARM = auto()
    NO_ALARM = auto()


@dataclass(frozen=True)
class LineEvent:
    """An event on the line; `digit` only with DIGIT."""

    what: Happening
    digit: str = ""


_COMMON: Final = {
    1: Happening.ON_HOOK,
    3: Happening.FLASH,
    EVENT_ALARM: Happening.ALARM,
    EVENT_NOALARM: Happening.NO_ALARM,
    9: Happening.DIALLED,
    10: Happening.RINGER_ON,
    11: Happening.RINGER_OFF,
    12: Happening.HOOK_DONE,
    14: Happening.PULSE_BEGINS,
    17: Happening.POLARITY,
    18: Happening.RING_BEGINS,
}
EVENTS: Final = {
    Side.STATION: _COMMON | {2: Happening.OFF_HOOK},
    Side.TRUNK: _COMMON | {2: Happening.RING_ENDS},
}
"""Event of each of the driver's numbers; 2 is 'went off hook or got ring'."""
SIDES: Final = {SIG_FXOKS: Side.STATION, SIG_FXOLS: Side.STATION, SIG_FXSKS: Side.TRUNK, SIG_FXSLS: Side.TRUNK}
"""Side for each signalling: a telephone is signalled with as an exchange does (fxo), and the other way round."""


class AnalogueLine:
    """One line, open. Context manager; `close` is idempotent.

    Limits of the driver: a ring within two seconds after a trunk was opened or put on the hook counts as noise (its
    begin is not reported), and a telephone lifted within 1.25 s after it was put down has flashed.

    Attributes:
        side: kind of device on the line.
        off_hook: station: the telephone is lifted.
        dialling: our dialler is at work.
    """

    def __init__(self, channel: int, calls: "DahdiCalls", buffers: int = 4) -> None:
        """Open a channel.

        Raises:
            DahdiError: the driver refused a call.
            SpanError: the channel is not configured as an analogue line.
        """
        self.channel = channel
        self._calls = calls
        self.dialling = self._primed = False
        self._events: list[LineEvent] = []
        self._fd = calls.open_channel(channel)
        try:
            self.side, self.off_hook = self._found()
            calls.set_a_law(self._fd)
            calls.set_buffers(self._fd, buffers, TICK_SAMPLES)
            calls.set_block_size(self._fd, TICK_SAMPLES)
            calls.flush(self._fd)
        except BaseException:
            self.close()
            raise

    def receive(self, out: Octets) -> bool:
        """Read one tick [160] uint8, A-law; False when none has come: `out` is silence then. Never blocks."""
        while isinstance(got := self._asked(lambda: self._calls.read(self._fd, TICK_SAMPLES)), bytes):
            if len(got) == TICK_SAMPLES:
                out[:] = np.frombuffer(got, np.uint8)
                return True
        out.fill(IDLE_BYTE)
        return False

    def transmit(self, octets: Octets) -> bool:
        """Send one tick [160] uint8, A-law; False when the driver has no room. Never blocks.

        While the dialler is at work the tick is dropped: a write to the driver would stop it in mid-number.
        """
        if self.dialling:
            self._take_events()
            if self.dialling:
                return True
        if not self._primed:  # one tick ahead of the line: work that ends late by less than that leaves no gap
            self._primed = True
            self._write(SILENCE)
        return self._write(octets.tobytes())

    def events(self) -> list[LineEvent]:
        """Return the events since the last call, in order."""
        self._take_events()
        happened, self._events = self._events, []
        return happened

    def seize(self) -> None:
        """Trunk: close the loop, which asks the exchange for its dial tone, or answers its ring."""
        self._hook(Side.TRUNK, HOOK_OFF)

    def answer(self) -> None:
        """Station: feed the line for a talk, after the telephone was lifted; it stops the ringer."""
        self._hook(Side.STATION, HOOK_OFF)

    def release(self) -> None:
        """Put the line on the hook; a telephone still off the hook sees a break of the current."""
        self._hook(self.side, HOOK_ON)

    def flash(self) -> None:
        """Trunk: open the loop for a moment. HOOK_DONE reports the end."""
        self._hook(Side.TRUNK, HOOK_FLASH)

    def ring(self, *, on: bool) -> None:
        """Station: ring in the cadence of the driver's tone zone, or stop."""
        self._hook(Side.STATION, HOOK_RING if on else HOOK_RINGOFF)

    def dial(self, digits: str, *, pulses: bool = False) -> None:
        """Send digits (0-9 * # A-D, W waits half a second) as DTMF or, on a trunk, as pulses. DIALLED reports the end.

        Raises:
            ValueError: another character is among the digits.
        """
        if not _DIGITS.fullmatch(digits) or (pulses and not digits.isdigit()):
            raise ValueError(f"digits to dial: 1 to 64 of 0-9 * # A-D W, by pulses 0-9 only, not {digits!r}")
        self._calls.dial(self._fd, ("P" if pulses else "T") + digits)
        self.dialling = True

    def close(self) -> None:
        """Close the channel: the driver puts the line on the hook."""
        if self._fd >= 0:
            self._calls.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, octets: bytes) -> bool:
        return self._asked(lambda: self._calls.write(self._fd, octets)) == TICK_SAMPLES

    def _found(self) -> tuple[Side, bool]:
        parameters = self._calls.parameters(self._fd)
        side = SIDES.get(parameters.signalling)
        if side is None:
            raise SpanError(
                f"DAHDI channel {self.channel} is no analogue line",
                hint="write fxoks= (a telephone) or fxsks= (an exchange) in /etc/dahdi/system.conf and run dahdi_cfg",
            )
        return side, side is Side.STATION and parameters.off_hook

    def _hook(self, side: Side, operation: int) -> None:
        if side is not self.side:
            raise SpanError(f"DAHDI channel {self.channel}: not on the line of a {self.side.name.lower()}")
        self._calls.set_hook(self._fd, operation)
        self.dialling = False  # the driver stops its dialler

    def _asked(self, ask: Callable[[], bytes | int]) -> bytes | int:
        """Move octets; take the events that stand before them first."""
        got = ask()
        if got == EVENT_PENDING:
            self._take_events()
            got = ask()
        if isinstance(got, int) and got < 0 and got not in (NOTHING_YET, EVENT_PENDING):
            raise DahdiError(f"DAHDI channel {self.channel} failed with errno {-got}", -got)
        return got

    def _take_events(self) -> None:
        while (event := self._calls.event(self._fd)) != EVENT_NONE:
            if event == EVENT_REMOVED:
                raise DahdiError(f"DAHDI channel {self.channel} was removed", errno.ENODEV, "start again")
            if event & EVENT_PULSEDIGIT:
                self._events.append(LineEvent(Happening.DIGIT, chr(event & 0xFF)))
            elif what := EVENTS[self.side].get(event):
                self._events.append(LineEvent(what))
                self._note(what)

    def _note(self, what: Happening) -> None:
        if what is Happening.DIALLED:
            self.dialling = False
        if self.side is Side.STATION and what in (Happening.OFF_HOOK, Happening.ON_HOOK):
            self.off_hook = what is Happening.OFF_HOOK


def open_line(channel: int, buffers: int = 4) -> AnalogueLine:
    """Open the analogue line on a channel by its DAHDI number.

    Raises:
        SpanError: see `AnalogueLine`; or the binding is not compiled.
    """
    try:
        from drivers.dahdi_calls import DahdiCalls  # noqa: PLC0415 - compiled where there is DAHDI's header
    except ModuleNotFoundError as error:
        raise SpanError(
            "the DAHDI binding is not compiled", hint="python -m drivers.build dahdi; it needs dahdi-source"
        ) from error
    return AnalogueLine(channel, DahdiCalls(), buffers)
