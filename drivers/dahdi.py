# SPDX-License-Identifier: GPL-2.0-or-later
"""`dahdi:SPAN`: an E1 port of a card through the DAHDI driver, configured before by dahdi_cfg.

    dahdi:1?buffers=4&ahead=1

`ahead`: ticks that lie ready in the driver before the line takes the first, each 20 ms of delay. Work that ends late by
less than that leaves no gap in the sent sound: 1 is for a machine of its own, more for one that shares its processor.
`buffers`: of 20 ms each way, at least two more than `ahead`; octets that arrive while all are full are lost.

Timing, framing, alarms, and the D channel's HDLC are the card's and the kernel's; here a tick is one block of 160
octets of every channel. The driver sends RAI (yellow) by itself while a span is in RED and has no call to ask for it.
"""

import errno
from collections import deque
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from drivers.alarm_watch import count_raised
from drivers.errors import DahdiError, SpanError
from drivers.span import (
    IDLE_BYTE,
    TICK_SAMPLES,
    TIMESLOTS,
    Alarm,
    Loss,
    Octets,
    Span,
    SpanCondition,
    SpanCounters,
    SpanOptions,
    check_abcd,
)
from drivers.span_address import SpanAddress
from drivers.span_places import dahdi_place

if TYPE_CHECKING:
    from drivers.dahdi_calls import ChannelParameters, DahdiCalls, SpanStatus

# Numbers of dahdi/user.h; a test compares them with the compiled header.
EVENT_NONE, EVENT_ALARM, EVENT_NOALARM, EVENT_ABORT, EVENT_OVERRUN, EVENT_BADFCS = 0, 4, 5, 6, 7, 8
EVENT_BITSCHANGED, EVENT_REMOVED = 13, 20
EVENT_PENDING, NOTHING_YET = -500, -errno.EAGAIN
SIG_NONE, SIG_CLEAR, SIG_HDLCFCS, SIG_CAS = 0, 0x80, 0x380, 0x8000
ALARMS = {0x01: Alarm.RED, 0x02: Alarm.LOOPBACK, 0x04: Alarm.YELLOW, 0x08: Alarm.RED, 0x10: Alarm.BLUE, 0x20: Alarm.RED}
"""Alarm for each bit of the span's alarm word. A span that recovers (0x01) or is not open (0x20) is still in RED."""
LOSSES = {0x100: Loss.SIGNAL, 0x200: Loss.FRAMES, 0x400: Loss.MULTIFRAMES}
"""The reason of RED for each bit, the first set one counts; some cards' drivers set none."""
DYNAMIC = "DYN/"
"""Prefix of the names of spans without a card: their framer's counters stay 0."""
LOOPS = {"none": 0, "local": 1, "line": 2, "payload": 13}

SET_UP = "write /etc/dahdi/system.conf with mxbox dahdi write CONFIG, then run dahdi_cfg"

D_FRAME_OCTETS = 1024
D_BUFFERS = 32
D_READY_TICKS = 15
"""A frame written at once after opening was seen to be lost; after 0.3 s none was."""
FCS_OCTETS = 2


class DahdiSpan(Span):
    """One span of the driver, all its channels open."""

    can = frozenset({"abcd", "gains", "echo_canceller", "loopback"})
    counts = frozenset(
        {"ticks", "alarms", "slips_repeated", "slips_dropped", "hdlc_frames", "hdlc_bad_fcs", "hdlc_aborted"}
    )

    def __init__(
        self,
        address: str,
        number: int,
        options: SpanOptions,
        calls: "DahdiCalls",
        buffers: int = 4,
        ahead: int = 1,
    ) -> None:
        """Open and set up all channels.

        Raises:
            DahdiError: the driver refused a call.
            SpanError: the span has no E1's channels, or they are configured for something else.
        """
        self.address = address
        self.alarms = Alarm.NONE
        self.counters = SpanCounters()
        self._calls, self._number = calls, number
        self._d_row = None if options.d_channel is None else options.d_channel - 1
        self._fds = np.full(TIMESLOTS, -1, np.int32)
        """Device of each voice channel by row, -1 without one; the D channel's is apart."""
        self._d_fd = self._control = -1
        self._cas = np.zeros(TIMESLOTS, np.bool_)
        self._abcd: Octets = np.zeros(TIMESLOTS, np.uint8)
        self._in: Octets = np.full((TIMESLOTS, TICK_SAMPLES), IDLE_BYTE, np.uint8)
        self._results = np.zeros(TIMESLOTS, np.int32)
        self._came_before = False
        self._arrived: list[bytes] = []
        self._leaving: deque[bytes] = deque()
        self._closed = False
        self._ahead = ahead
        try:
            self._control = calls.open_control()
            for channel in self._channels():
                self._open(channel, buffers)
            self._voice = int(np.count_nonzero(self._fds >= 0))
            self._last = int(np.flatnonzero(self._fds >= 0)[-1])
            for row in np.flatnonzero(self._fds >= 0).tolist() if options.echo_taps else ():
                self.set_echo_canceller(row + 1, options.echo_taps)
            self._begin_together()
            self._refresh_alarms()
        except BaseException:
            self.close()
            raise

    def status(self) -> "SpanStatus":
        """Return name, alarms and error counters as the driver has them."""
        self._check_open()
        return self._calls.span_status(self._control, self._number)

    def wait(self, timeout_s: float) -> bool:
        """See `Span.wait`: the driver fills all channels in one interrupt, the last timeslot last."""
        self._check_open()
        return self._calls.wait_readable(int(self._fds[self._last]), timeout_s)

    def receive(self, out: Octets) -> bool:
        """See `Span.receive`."""
        self._check_open()
        self.counters.ticks += 1
        missing = None  # a look at each channel costs more than reading them all: only if one had less than a tick
        if self._calls.read_rows(self._fds, self._in, self._results) != self._voice:
            missing = self._read_rest()
        self._read_d_channel()
        came = missing is None or not missing[self._last]
        self._fill(out, came=came)
        if came and missing is not None:
            self._in[missing] = IDLE_BYTE
        return came

    def transmit(self, octets: Octets) -> None:
        """See `Span.transmit`; octets for which the driver has no room are dropped and counted."""
        self._check_open()
        while self._ahead:
            self._ahead -= 1
            self._write(np.full_like(self._in, IDLE_BYTE))
        if not self._write(np.ascontiguousarray(octets, np.uint8)):
            self.counters.slips_dropped += 1
        self._write_d_channel()

    def frames(self) -> list[bytes]:
        """See `Span.frames`."""
        self._check_open()
        arrived, self._arrived = self._arrived, []
        return arrived

    def send_frame(self, frame: bytes) -> None:
        """See `Span.send_frame`."""
        self._check_open()
        if self._d_fd < 0:
            raise SpanError(f"{self.address}: opened without a D channel, so no frame can be sent")
        self._leaving.append(bytes(frame))

    def abcd(self) -> Octets:
        """See `Span.abcd`."""
        return self._abcd.copy()

    def set_abcd(self, timeslot: int, bits: int) -> None:
        """See `Span.set_abcd`; only channels configured as cas have such bits."""
        check_abcd(timeslot, bits)
        self._check_open()
        if not self._cas[timeslot - 1]:
            raise SpanError(
                f"{self.address}: timeslot {timeslot} has no signalling bits",
                hint="only a span with signalling by bits has them (cas= in /etc/dahdi/system.conf)",
            )
        self._calls.send_bits(int(self._fds[timeslot - 1]), bits)

    def set_yellow(self, *, on: bool) -> None:
        """Refuse: the driver has no call for it, and sends RAI by itself while the span is in RED.

        Raises:
            SpanError: it was asked for.
        """
        self._check_open()
        if on:
            raise SpanError(f"{self.address}: DAHDI sends RAI by itself, while the span is in RED, and not on request")

    def set_gains(self, timeslot: int, received: Octets, sent: Octets) -> None:
        """Set the gain tables [256] octet -> octet of a voice channel, both ways."""
        self._calls.set_gains(self._fd(timeslot), received, sent)

    def set_echo_canceller(self, timeslot: int, taps: int) -> None:
        """Set the taps of 125 us (32 to 1024; 0 for off) of a voice channel's echo canceller."""
        self._calls.set_echo_canceller(self._fd(timeslot), taps)

    def set_loop(self, kind: str) -> None:
        """Set a maintenance loop: none, local (towards us), line or payload (towards the far end)."""
        self._check_open()
        if kind not in LOOPS:
            raise ValueError(f"loop {kind!r} is one of {', '.join(LOOPS)}")
        self._calls.set_maintenance(self._control, self._number, LOOPS[kind])

    def condition(self) -> SpanCondition:
        """See `Span.condition`: as the card's driver reports it; of a dynamic span only its kind and description."""
        said = self.status()
        if said.name.startswith(DYNAMIC):
            return SpanCondition(kind="dynamic", description=said.description)
        return SpanCondition(
            kind=said.kind or "E1",
            description=said.description,
            loss=next((loss for bit, loss in LOSSES.items() if said.alarms & bit), None),
            clock_source=said.clock_source_span,
            code_violations=said.code_violations,
            crc4_errors=said.crc4_errors,
            e_bits=said.e_bits,
            framing_errors=said.framing_errors,
            errored_seconds=said.errored_seconds,
            timing_slips=self._calls.timing_slips(self._number),
            irq_misses=said.irq_misses,
        )

    def close(self) -> None:
        """See `Span.close`."""
        if self._closed:
            return
        self._closed = True
        for fd in (*self._fds.tolist(), self._d_fd, self._control):
            if fd >= 0:
                self._calls.close(fd)

    def _channels(self) -> "list[ChannelParameters]":
        status = self._calls.span_status(self._control, self._number)
        channels = self._calls.channels_of(self._control, self._number, status.channels)
        if status.channels != TIMESLOTS or [channel.timeslot for channel in channels] != list(range(1, TIMESLOTS + 1)):
            raise SpanError(
                f"{self.address}: {status.description or status.name} has {status.channels} channels, "
                f"{len(channels)} of them numbered; an E1 has {TIMESLOTS}",
                hint="a dynamic span has channels only after modprobe dahdi auto_assign_spans=1",
            )
        return channels

    def _open(self, channel: "ChannelParameters", buffers: int) -> None:
        row = channel.timeslot - 1
        if row == self._d_row:
            self._open_d_channel(channel)
        elif channel.signalling & (SIG_CLEAR | SIG_CAS):
            fd = self._fds[row] = self._calls.open_channel(channel.channel)
            self._calls.set_buffers(fd, buffers, TICK_SAMPLES)
            self._calls.set_block_size(fd, TICK_SAMPLES)
            self._calls.set_a_law(fd)
            self._cas[row] = channel.signalling == SIG_CAS
            if channel.signalling == SIG_CLEAR:
                self._calls.set_audio_mode(fd, on=True)
            if self._cas[row]:
                self._abcd[row] = self._calls.received_bits(fd)
        elif row != 15:  # timeslot 16 of a CAS span carries the bits of the others and is no channel
            raise SpanError(
                f"{self.address}: channel {channel.channel} is not configured",
                hint=SET_UP,
            )

    def _open_d_channel(self, channel: "ChannelParameters") -> None:
        if channel.signalling & SIG_HDLCFCS != SIG_HDLCFCS:
            raise SpanError(
                f"{self.address}: channel {channel.channel} is no D channel",
                hint=SET_UP,
            )
        self._d_fd = self._calls.open_channel(channel.channel)
        self._calls.set_buffers(self._d_fd, D_BUFFERS, D_FRAME_OCTETS)

    def _begin_together(self) -> None:
        """Drop what each channel has taken in since it was opened: they were opened one after the other."""
        for fd in self._fds[self._fds >= 0].tolist():
            self._calls.flush(fd)

    def _read_rest(self) -> NDArray[np.bool_]:
        """Read the channels that had an event once more; return the rows that still have no tick."""
        self._again(self._calls.read_rows, self._in)
        self._check_results("reading")
        missing: NDArray[np.bool_] = (self._fds >= 0) & (self._results != TICK_SAMPLES)
        return missing

    def _write(self, rows: Octets) -> bool:
        """Write a tick; return whether the driver had room."""
        if self._calls.write_rows(self._fds, rows, self._results) != self._voice:
            self._again(self._calls.write_rows, rows)
            self._check_results("writing")
        return bool(self._results[self._last] == TICK_SAMPLES)

    def _again(self, move: Callable[..., int], rows: Octets) -> None:
        """Take the events of channels that have one, then move their rows again: until then they move no octets."""
        waiting = self._results == EVENT_PENDING
        if not waiting.any():
            return
        for row in np.flatnonzero(waiting).tolist():
            self._take_events(int(self._fds[row]), row)
        move(np.where(waiting, self._fds, -1).astype(np.int32), rows, self._results)

    def _take_events(self, fd: int, row: int) -> None:
        while (event := self._calls.event(fd)) != EVENT_NONE:
            if event in (EVENT_ALARM, EVENT_NOALARM):
                self._refresh_alarms()
            elif event == EVENT_BITSCHANGED:
                self._abcd[row] = self._calls.received_bits(fd)
            elif event == EVENT_BADFCS:
                self.counters.hdlc_bad_fcs += 1
            elif event in (EVENT_ABORT, EVENT_OVERRUN):
                self.counters.hdlc_aborted += 1
            elif event == EVENT_REMOVED:
                raise DahdiError(f"{self.address}: the card was removed", errno.ENODEV, "plug it in and start again")

    def _refresh_alarms(self) -> None:
        word = self._calls.span_status(self._control, self._number).alarms
        alarms = Alarm.NONE
        for bit, alarm in ALARMS.items():
            if word & bit:
                alarms |= alarm
        count_raised(self.counters, self.alarms, alarms)
        self.alarms = alarms

    def _check_results(self, doing: str) -> None:
        wrong = (self._results < 0) & (self._results != NOTHING_YET) & (self._results != EVENT_PENDING)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            code = -int(self._results[row])
            raise DahdiError(f"{self.address}: {doing} timeslot {row + 1} failed with errno {code}", code)

    def _read_d_channel(self) -> None:
        while self._d_fd >= 0:
            got = self._calls.read(self._d_fd, D_FRAME_OCTETS)
            if got == EVENT_PENDING:
                self._take_events(self._d_fd, int(self._d_row or 0))
            elif isinstance(got, bytes):
                self.counters.hdlc_frames += 1
                self._arrived.append(got[:-FCS_OCTETS])
            elif got == NOTHING_YET:
                return
            else:
                raise DahdiError(f"{self.address}: reading the D channel failed with errno {-got}", -got)

    def _write_d_channel(self) -> None:
        while self._leaving and self.counters.ticks >= D_READY_TICKS:
            written = self._calls.write(self._d_fd, self._leaving[0] + bytes(FCS_OCTETS))
            if written == EVENT_PENDING:
                self._take_events(self._d_fd, int(self._d_row or 0))
            elif written == NOTHING_YET:
                return
            elif written < 0:
                raise DahdiError(f"{self.address}: writing the D channel failed with errno {-written}", -written)
            else:
                self._leaving.popleft()

    def _fill(self, out: Octets, *, came: bool) -> None:
        if not came and Alarm.RED not in self.alarms and self.counters.ticks > 1:
            self.counters.slips_repeated += 1
        if Alarm.RED in self.alarms or not (came or self._came_before):
            out.fill(IDLE_BYTE)
        else:
            out[:] = self._in  # rows that are missing still hold the octets that arrived last
        self._came_before = came

    def _fd(self, timeslot: int) -> int:
        self._check_open()
        if not 1 <= timeslot <= TIMESLOTS or self._fds[timeslot - 1] < 0:
            raise ValueError(f"timeslot {timeslot} of {self.address} is no voice channel")
        return int(self._fds[timeslot - 1])

    def _check_open(self) -> None:
        if self._closed:
            raise SpanError(f"{self.address}: the span is closed")


def open_address(address: SpanAddress, options: SpanOptions, *, clock: Callable[[], float], lines: object) -> Span:  # noqa: ARG001 - the driver keeps time
    """Open `dahdi:SPAN?buffers=N&ahead=N`: see the module's docstring."""
    place = dahdi_place(address)
    try:
        calls = import_module("drivers.dahdi_calls").DahdiCalls()
    except ModuleNotFoundError as error:
        raise SpanError(
            f"{address}: the DAHDI binding is not compiled", hint="python -m drivers.build dahdi; it needs dahdi-source"
        ) from error
    return DahdiSpan(address.text, place.span, options, calls, place.buffers, place.ahead)
