# SPDX-License-Identifier: GPL-2.0-or-later
"""`tdmoe:LOCAL,REMOTE`: an E1 as TDMoE frames in datagrams on two Unix sockets.

    tdmoe:/run/a.sock,/run/b.sock?frames=20&sub=0&local=02:00:00:00:00:01&remote=02:00:00:00:00:02&target=2&most=10

`frames` in a datagram: 1 is the number of QEMU and of a real kernel (and the default), 20 is cheapest between two ends
of ours; any number is accepted on arrival. Without `local` and `remote` each end's MAC address is made from its
socket's path, so that two ends that name each other's paths agree. `target` and `most`: ticks of jitter buffer (see
`FrameBuffer`).

All frames of a tick leave together. There is no framing and no CRC-4 on this carrier, so no error counters of those.
All ones in every channel are AIS (BLUE) where one of them is a D channel: HDLC has flags between its frames, whereas
idle channels may all carry ones.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drivers.alarm_watch import SignalWatch, count_raised
from drivers.errors import SpanError
from drivers.hdlc import HdlcReceiver, HdlcTransmitter
from drivers.span import (
    IDLE_BYTE,
    TICK_SAMPLES,
    TIMESLOTS,
    Alarm,
    Octets,
    Span,
    SpanCondition,
    SpanCounters,
    SpanOptions,
    check_abcd,
)
from drivers.span_address import SpanAddress
from drivers.span_places import tdmoe_place
from drivers.tdmoe_buffer import FrameBuffer
from drivers.tdmoe_frame import (
    ALL_ONES,
    FRAME_OCTETS,
    TICK_FRAMES,
    YELLOW,
    FrameChecker,
    Frames,
    FrameWriter,
    TdmoeLink,
    Words,
    unpack_abcd,
)
from drivers.tdmoe_socket import FramePort


@dataclass(frozen=True)
class TdmoeAddress:
    """The parts of a tdmoe: address, with the link they make."""

    local: Path
    remote: Path
    link: TdmoeLink
    frames_per_datagram: int
    target: int
    most: int

    @classmethod
    def parse(cls, address: SpanAddress) -> "TdmoeAddress":
        """Read an address.

        Raises:
            SpanAddressError: naming what is wrong with it and what is right.
        """
        place = tdmoe_place(address)
        link = TdmoeLink(place.local_mac, place.remote_mac, place.sub_address)
        return cls(place.local, place.remote, link, place.frames, place.target, place.most)


class TdmoeSpan(Span):
    """One end of a TDMoE line."""

    can = frozenset({"abcd", "yellow"})
    counts = frozenset(vars(SpanCounters()))

    def __init__(
        self,
        address: str,
        where: TdmoeAddress,
        options: SpanOptions = SpanOptions(),  # noqa: B008 - frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Bind the socket; the far end need not be there yet.

        Raises:
            SpanError: see `FramePort`.
        """
        self.address = address
        self.alarms = Alarm.NONE
        self.counters = SpanCounters()
        self._clock = clock
        self._d_row = None if options.d_channel is None else options.d_channel - 1
        self._writer, self._checker = FrameWriter(where.link), FrameChecker(where.link)
        self._buffer = FrameBuffer(self.counters, self._d_row, where.target, where.most)
        self._hdlc_in, self._hdlc_out = HdlcReceiver(), HdlcTransmitter()
        now_s = clock()
        self._watch, self._sense = SignalWatch(options.red_after_s, now_s), SignalWatch(options.red_after_s, now_s)
        self._blue = False
        self._heard: Octets | None = None  # the last tick that came, while it may be repeated for a missing one
        self._arrived: list[bytes] = []
        self._abcd_in: Octets = np.zeros(TIMESLOTS, np.uint8)
        self._abcd_packed = b""
        self._abcd_out: Octets = np.zeros(TIMESLOTS, np.uint8)
        self._yellow = self._far_yellow = False
        self._foreign = 0
        self._closed = False
        self._port = FramePort(where.local, where.remote, FRAME_OCTETS, where.frames_per_datagram, 2 * TICK_FRAMES)

    @property
    def unsent(self) -> int:
        """Frames that the far end was absent for, or too slow."""
        return self._port.unsent

    def wait(self, timeout_s: float) -> bool:
        """See `Span.wait`; after True the next `receive` takes a tick."""
        self._check_open()
        deadline_s = time.monotonic() + timeout_s
        while True:
            self._port.collect()
            if self._port.frames + self._buffer.frames >= TICK_FRAMES:  # else no look at them can make a tick
                self._sort()
                if self._buffer.ready:
                    return True
            if not self._port.wait(max(0.0, deadline_s - time.monotonic())):
                break
        self._sort()
        self._update_alarms()
        return False

    def receive(self, out: Octets) -> bool:
        """See `Span.receive`."""
        self._check_open()
        self.counters.ticks += 1
        self._port.collect()
        self._sort()
        tick = self._buffer.take()
        self._update_alarms()
        self._take_d_octets()
        self._fill(out, tick)
        return tick is not None

    def transmit(self, octets: Octets) -> None:
        """See `Span.transmit`."""
        self._check_open()
        self._writer.write(octets, yellow=self._yellow or self._watch.red or self._blue)
        if self._d_row is not None:
            self._writer.set_row(self._d_row, self._hdlc_out.take(TICK_SAMPLES))
        self._port.send(self._writer.memory)

    def frames(self) -> list[bytes]:
        """See `Span.frames`."""
        self._check_open()
        arrived, self._arrived = self._arrived, []
        return arrived

    def send_frame(self, frame: bytes) -> None:
        """See `Span.send_frame`."""
        self._check_open()
        if self._d_row is None:
            raise SpanError(f"{self.address}: opened without a D channel, so no frame can be sent")
        self._hdlc_out.send(frame)

    def abcd(self) -> Octets:
        """See `Span.abcd`."""
        return self._abcd_in

    def set_abcd(self, timeslot: int, bits: int) -> None:
        """See `Span.set_abcd`."""
        check_abcd(timeslot, bits)
        self._check_open()
        self._abcd_out[timeslot - 1] = bits
        self._writer.set_abcd(self._abcd_out)

    def set_yellow(self, *, on: bool) -> None:
        """See `Span.set_yellow`."""
        self._yellow = on

    def condition(self) -> SpanCondition:
        """See `Span.condition`: this carrier has no framing, so there are no counters below the frames."""
        return SpanCondition(kind="TDMoE")

    def close(self) -> None:
        """See `Span.close`."""
        if not self._closed:
            self._closed = True
            self._port.close()

    def _sort(self) -> None:
        """Sort the collected frames into the buffer."""
        rows = self._port.take()
        if len(rows):
            frames = self._checker.frames(rows)
            self._foreign += len(rows) - len(frames)
            if len(frames):
                now_s = self._clock()
                self._watch.heard(now_s)
                if not self._all_ones(frames):
                    self._sense.heard(now_s)
                self._far_yellow = bool(frames[-1]["flags"] & YELLOW)
                self._note_abcd(frames[-1]["abcd"])
                self._buffer.add(frames)
        self.counters.frames_malformed = self._port.malformed + self._foreign

    def _all_ones(self, frames: Frames) -> bool:
        """Return whether all channels of the newest frame are ones.

        The D channel first, which decides except in alarm.
        """
        words = frames["octets"][-1]
        return self._d_row is not None and words[self._d_row] == ALL_ONES and bool((words == ALL_ONES).all())

    def _note_abcd(self, packed: Octets) -> None:
        octets = packed.tobytes()
        if octets != self._abcd_packed:
            self._abcd_packed = octets
            self._abcd_in = unpack_abcd(packed)

    def _update_alarms(self) -> None:
        was_red = self._watch.red
        now_s = self._clock()
        red, senseless = self._watch.check(now_s), self._sense.check(now_s)
        self._blue = senseless and not red
        seen = (Alarm.BLUE if self._blue else Alarm.NONE) | (Alarm.YELLOW if self._far_yellow else Alarm.NONE)
        alarms = Alarm.RED if red else seen
        count_raised(self.counters, self.alarms, alarms)
        self.alarms = alarms
        if red and not was_red:
            self._buffer.restart()
            self._far_yellow = False
            self._hdlc_in.reset()

    def _take_d_octets(self) -> None:
        octets = self._buffer.d_octets
        if not octets:
            return
        if not self._watch.red:
            self._arrived += self._hdlc_in.feed(bytes(octets))
            seen = self._hdlc_in.counters
            self.counters.hdlc_frames = seen.frames
            self.counters.hdlc_bad_fcs = seen.bad_fcs + seen.malformed
            self.counters.hdlc_aborted = seen.aborted + seen.overlong
        octets.clear()

    def _fill(self, out: Octets, tick: Words | None) -> None:
        if tick is not None:
            self._heard = np.ascontiguousarray(tick.T).view(np.uint8)
            if self._d_row is not None:
                self._heard[self._d_row] = IDLE_BYTE
        if self._watch.red or self._blue or self._heard is None:
            out.fill(IDLE_BYTE)
        else:
            out[:] = self._heard
        if tick is None:
            self._heard = None  # one repeat is hardly heard, a second would buzz

    def _check_open(self) -> None:
        if self._closed:
            raise SpanError(f"{self.address}: the span is closed")


def open_address(address: SpanAddress, options: SpanOptions, *, clock: Callable[[], float], lines: object) -> Span:  # noqa: ARG001 - for sim:
    """Open `tdmoe:LOCAL,REMOTE?...`: see the module's docstring."""
    return TdmoeSpan(address.text, TdmoeAddress.parse(address), options, clock)
