# SPDX-License-Identifier: GPL-2.0-or-later
"""`DahdiSpan` on answers of the driver.

The call layer is played here from a script of answers. It is no driver: no timing, no buffers, no framing; that the
real driver gives such answers is for a machine that has it.
"""

import errno
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

from drivers import dahdi
from drivers.dahdi import DahdiSpan
from drivers.errors import DahdiError, SpanAddressError, SpanError
from drivers.span import IDLE_BYTE, TICK_SAMPLES, TIMESLOTS, Alarm, Octets, SpanOptions
from drivers.spans import open_span
from tests.contract.span_lines import idle, numbered

calls_module = pytest.importorskip("drivers.dahdi_calls", reason="drivers._dahdi is not compiled")
VOICE = [row for row in range(TIMESLOTS) if row != 15]
FIRST = 32  # channel number of timeslot 1: a second span behind one of 31 channels
CONTROL = 3


class Script:
    """Answers by fd; fd of channel c is 1000 + c. Everything that was asked is in `asked`."""

    def __init__(self, signalling: Callable[[int], int]) -> None:
        self.signalling = signalling
        self.asked: list[tuple[Any, ...]] = []
        self.alarm_word = 0
        self.name = "TE2/0/1"
        self.counted: dict[str, int] = {}
        self.slips: int | None = 0
        self.events: dict[int, deque[int]] = defaultdict(deque)
        self.blocks: dict[int, deque[Octets]] = defaultdict(deque)
        self.bits: dict[int, int] = defaultdict(int)
        self.frames: deque[bytes | int] = deque()
        self.fail: dict[str, int] = {}
        self.full: set[int] = set()
        self.written: list[Octets] = []
        self.sent: dict[int, list[Octets]] = defaultdict(list)
        self.frames_out: list[bytes] = []
        self.open: set[int] = set()

    def __getattr__(self, name: str) -> Callable[..., None]:
        def ask(*arguments: Any, **named: Any) -> None:
            self.asked.append((name, *arguments, *named.values()))
            if name in self.fail:
                calls_module.checked(-self.fail[name], name)

        return ask

    def open_control(self) -> int:
        self.open.add(CONTROL)
        return CONTROL

    def open_channel(self, channel: int) -> int:
        if self.fail.get("open_channel") == channel:
            calls_module.checked(-errno.EBUSY, f"channel {channel} cannot be opened")
        self.open.add(1000 + channel)
        return 1000 + channel

    def close(self, fd: int) -> None:
        self.open.remove(fd)

    def span_status(self, _: int, span: int) -> Any:
        return calls_module.SpanStatus(span, self.name, "a card", self.alarm_word, 31, "E1", **self.counted)

    def timing_slips(self, _: int) -> int | None:
        return self.slips

    def channels_of(self, _: int, span: int, most: int) -> list[Any]:
        make = calls_module.ChannelParameters
        return [make(FIRST + n, span, n + 1, self.signalling(n + 1), f"TE/{n + 1}") for n in range(most)]

    def event(self, fd: int) -> int:
        return self.events[fd].popleft() if self.events[fd] else 0

    def received_bits(self, fd: int) -> int:
        return self.bits[fd]

    def read_rows(self, fds: Octets, rows: Octets, results: Octets) -> int:
        for row, fd in enumerate(fds.tolist()):
            if fd < 0:
                continue
            if self.events[fd]:
                results[row] = dahdi.EVENT_PENDING
            elif self.blocks[fd]:
                rows[row] = self.blocks[fd].popleft()
                results[row] = TICK_SAMPLES
            else:
                results[row] = self.fail.get("read_rows", dahdi.NOTHING_YET)
        return int(np.count_nonzero(results[fds >= 0] == TICK_SAMPLES))

    def write_rows(self, fds: Octets, rows: Octets, results: Octets) -> int:
        self.written.append(rows.copy())
        for row, fd in enumerate(fds.tolist()):
            if fd < 0:
                continue
            if self.events[fd]:
                results[row] = dahdi.EVENT_PENDING
            elif fd in self.full:
                results[row] = dahdi.NOTHING_YET
            else:
                self.sent[fd].append(rows[row].copy())
                results[row] = TICK_SAMPLES
        return int(np.count_nonzero(results[fds >= 0] == TICK_SAMPLES))

    def read(self, fd: int, _: int) -> bytes | int:
        if self.events[fd]:
            return dahdi.EVENT_PENDING
        return self.frames.popleft() if self.frames else dahdi.NOTHING_YET

    def write(self, fd: int, octets: bytes) -> int:
        if self.events[fd]:
            return dahdi.EVENT_PENDING
        if fd in self.full:
            return dahdi.NOTHING_YET
        self.frames_out.append(octets)
        return len(octets)

    def tick(self, octets: Octets, without: tuple[int, ...] = ()) -> None:
        for row in VOICE:
            if row + 1 not in without:
                self.blocks[1000 + FIRST + row].append(octets[row])


def pri(timeslot: int) -> int:
    return dahdi.SIG_HDLCFCS if timeslot == 16 else dahdi.SIG_CLEAR


def cas(timeslot: int) -> int:
    return dahdi.SIG_NONE if timeslot == 16 else dahdi.SIG_CAS


def opened(signalling: Callable[[int], int] = pri, d_channel: int | None = 16) -> tuple[DahdiSpan, Script]:
    script = Script(signalling)
    return DahdiSpan("dahdi:2", 2, SpanOptions(d_channel=d_channel), cast("Any", script), 4), script


def take(span: DahdiSpan) -> tuple[bool, Octets]:
    out = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
    return span.receive(out), out


def fd(timeslot: int) -> int:
    return 1000 + FIRST + timeslot - 1


def test_channels_are_set_up_for_ticks() -> None:
    _, script = opened()
    for timeslot in (1, 15, 17, 31):
        asked = [call for call in script.asked if call[1] == fd(timeslot)]
        assert asked == [
            ("set_buffers", fd(timeslot), 4, 160),
            ("set_block_size", fd(timeslot), 160),
            ("set_a_law", fd(timeslot)),
            ("set_audio_mode", fd(timeslot), True),
            ("flush", fd(timeslot)),
        ]
    assert [call for call in script.asked if call[1] == fd(16)] == [("set_buffers", fd(16), 32, 1024)]
    flushes = [n for n, call in enumerate(script.asked) if call[0] == "flush"]
    assert flushes == list(range(len(script.asked) - 30, len(script.asked)))  # together, when all are open


def test_a_tick_is_a_block_of_every_channel() -> None:
    span, script = opened()
    script.tick(numbered(5))
    came, out = take(span)
    assert came
    assert (out[VOICE] == numbered(5)[VOICE]).all()
    assert (out[15] == IDLE_BYTE).all()
    span.transmit(numbered(6))
    span.transmit(numbered(7))
    sent = np.array(script.written)
    assert (sent[0, VOICE] == IDLE_BYTE).all()  # one tick ahead of the line
    assert (sent[1:, VOICE] == np.array([numbered(6), numbered(7)])[:, VOICE]).all()


def test_an_event_costs_no_octets_on_their_way_out() -> None:
    span, script = opened()
    script.events[fd(3)] += [dahdi.EVENT_ALARM]
    span.transmit(numbered(6))
    for timeslot in (2, 3, 4):
        ahead, sent = script.sent[fd(timeslot)]
        assert (ahead == IDLE_BYTE).all()
        assert (sent == numbered(6)[timeslot - 1]).all()


def test_events_stand_before_the_octets_and_cost_none() -> None:
    span, script = opened()
    script.tick(numbered(5))
    script.alarm_word = 0x04
    script.events[fd(3)] += [dahdi.EVENT_ALARM]
    came, out = take(span)
    assert came
    assert (out[VOICE] == numbered(5)[VOICE]).all()
    assert span.alarms == Alarm.YELLOW
    assert span.counters.alarms == 1


@pytest.mark.parametrize(
    ("word", "alarms"),
    [
        (0, Alarm.NONE),
        (0x08, Alarm.RED),
        (0x108, Alarm.RED),
        (0x01, Alarm.RED),
        (0x04, Alarm.YELLOW),
        (0x10, Alarm.BLUE),
        (0x02, Alarm.LOOPBACK),
        (0x14, Alarm.BLUE | Alarm.YELLOW),
    ],
)
def test_alarm_word(word: int, alarms: Alarm) -> None:
    script = Script(pri)
    script.alarm_word = word
    assert DahdiSpan("dahdi:2", 2, SpanOptions(), cast("Any", script)).alarms == alarms


def test_red_is_silence_and_no_slips() -> None:
    span, script = opened()
    script.tick(numbered(1))
    take(span)
    script.alarm_word = 0x08
    script.events[fd(1)] += [dahdi.EVENT_ALARM]
    script.tick(numbered(2))
    assert (take(span)[1] == IDLE_BYTE).all()
    assert not take(span)[0]
    assert span.counters.slips_repeated == 0


def test_a_missing_tick_is_repeated_once() -> None:
    span, script = opened()
    script.tick(numbered(1))
    take(span)
    came, out = take(span)
    assert not came
    assert (out[VOICE] == numbered(1)[VOICE]).all()
    assert (take(span)[1] == IDLE_BYTE).all()
    assert span.counters.slips_repeated == 2


def test_one_channel_that_is_late_is_repeated_alone() -> None:
    span, script = opened()
    script.tick(numbered(1))
    take(span)
    script.tick(numbered(2), without=(5,))
    came, out = take(span)
    assert came
    assert (out[4] == numbered(1)[4]).all()
    assert (out[5] == numbered(2)[5]).all()
    assert span.counters.slips_repeated == 0


def test_frames_come_without_their_fcs() -> None:
    span, script = opened()
    script.frames += [b"SETUP\x12\x34", b"RR\x56\x78"]
    take(span)
    assert span.frames() == [b"SETUP", b"RR"]
    assert span.frames() == []
    assert span.counters.hdlc_frames == 2


def test_bad_frames_are_counted() -> None:
    span, script = opened()
    script.events[fd(16)] += [dahdi.EVENT_BADFCS, dahdi.EVENT_ABORT, dahdi.EVENT_OVERRUN]
    script.frames += [b"good\x00\x00"]
    take(span)
    assert span.frames() == [b"good"]
    assert span.counters.hdlc_bad_fcs == 1
    assert span.counters.hdlc_aborted == 2


def test_frames_leave_with_room_for_the_fcs_but_not_before_the_channel_is_ready() -> None:
    span, script = opened()
    span.send_frame(b"one")
    span.send_frame(b"two")
    for _ in range(dahdi.D_READY_TICKS - 1):
        take(span)
        span.transmit(idle())
    assert script.frames_out == []
    take(span)
    script.full.add(fd(16))
    span.transmit(idle())
    assert script.frames_out == []
    script.full.clear()
    script.events[fd(16)] += [dahdi.EVENT_BADFCS]
    span.transmit(idle())
    assert script.frames_out == [b"one\0\0", b"two\0\0"]


def test_no_room_to_write_is_a_dropped_tick() -> None:
    span, script = opened()
    script.full |= {fd(n) for n in range(1, 32)}
    span.transmit(idle())
    assert span.counters.slips_dropped == 1


def test_signalling_bits_of_a_cas_span() -> None:
    span, script = opened(cas, d_channel=None)
    assert not any(call[0] == "set_audio_mode" for call in script.asked)  # the driver refuses it on cas
    script.bits[fd(7)] = 0b1001
    script.events[fd(7)] += [dahdi.EVENT_BITSCHANGED]
    take(span)
    assert span.abcd()[6] == 0b1001
    assert span.abcd().sum() == 0b1001
    span.set_abcd(31, 0b0101)
    assert script.asked[-1] == ("send_bits", fd(31), 0b0101)
    with pytest.raises(SpanError, match="timeslot 16 has no signalling bits"):
        span.set_abcd(16, 1)


def test_gains_echo_canceller_and_loops() -> None:
    span, script = opened()
    table = np.arange(256).astype(np.uint8)
    span.set_gains(4, table, table)
    span.set_echo_canceller(31, 128)
    span.set_loop("line")
    assert script.asked[-3][:2] == ("set_gains", fd(4))
    assert script.asked[-2:] == [("set_echo_canceller", fd(31), 128), ("set_maintenance", CONTROL, 2, 2)]
    with pytest.raises(ValueError, match="no voice channel"):
        span.set_echo_canceller(16, 128)
    with pytest.raises(ValueError, match="none, local, line, payload"):
        span.set_loop("around")


def test_yellow_cannot_be_asked_for() -> None:
    span, _ = opened()
    span.set_yellow(on=False)
    with pytest.raises(SpanError, match="by itself"):
        span.set_yellow(on=True)
    assert "yellow" not in span.can


def test_a_card_that_is_pulled_out_is_an_error() -> None:
    span, script = opened()
    script.events[fd(9)] += [dahdi.EVENT_REMOVED]
    with pytest.raises(DahdiError, match="removed"):
        take(span)


def test_a_channel_that_breaks_is_named() -> None:
    span, script = opened()
    script.fail["read_rows"] = -errno.EIO
    with pytest.raises(DahdiError, match="reading timeslot 1 failed with errno 5") as caught:
        take(span)
    assert caught.value.errno == errno.EIO


def test_a_busy_channel_gives_everything_back() -> None:
    script = Script(pri)
    script.fail["open_channel"] = FIRST + 20
    with pytest.raises(DahdiError, match=f"channel {FIRST + 20} cannot be opened: Device or resource busy") as caught:
        DahdiSpan("dahdi:2", 2, SpanOptions(), cast("Any", script))
    assert "Asterisk" in caught.value.hint
    assert script.open == set()


@pytest.mark.parametrize(
    ("signalling", "message"),
    [
        (lambda _: dahdi.SIG_CLEAR, "channel 47 is no D channel"),
        (lambda n: 0 if n == 4 else pri(n), "channel 35 is not configured"),
    ],
)
def test_wrong_configuration_is_named(signalling: Callable[[int], int], message: str) -> None:
    with pytest.raises(SpanError, match=message) as caught:
        opened(signalling)
    assert "/etc/dahdi/system.conf" in caught.value.hint


def test_close_gives_all_back_once() -> None:
    span, script = opened()
    assert len(script.open) == 32
    span.close()
    span.close()
    assert script.open == set()
    with pytest.raises(SpanError, match="closed"):
        take(span)


@pytest.mark.parametrize(
    "address",
    ["dahdi:", "dahdi:x", "dahdi:0", "dahdi:129", "dahdi:1?buffers=1", "dahdi:1?buffers=8&ahead=7", "dahdi:1?x=1"],
)
def test_addresses_that_cannot_be(address: str) -> None:
    with pytest.raises(SpanAddressError):
        open_span(address)
