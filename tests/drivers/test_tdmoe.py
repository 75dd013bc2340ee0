# SPDX-License-Identifier: GPL-2.0-or-later
"""TDMoE on real sockets: addresses, foreign octets, full queues, stale paths. (The rest: tests/contract.)"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.errors import SpanAddressError, SpanBusyError, SpanError
from drivers.span import IDLE_BYTE, TICK_SAMPLES, TIMESLOTS, Alarm, Octets, Span, SpanOptions
from drivers.spans import open_span
from drivers.tdmoe import TdmoeSpan
from tests.contract.span_lines import idle, numbered

BOX, FAR = bytes.fromhex("02000000000a"), bytes.fromhex("02000000000b")


class Wire:
    """The far end by hand: frames as of a kernel behind QEMU, one by one."""

    def __init__(self, folder: Path) -> None:
        self.box_path, self.path = folder / "box", folder / "far"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.setblocking(False)
        self.counter = 0

    def frame(self, octets: bytes = b"\xd5" * 248, flags: int = 2, source: bytes = FAR) -> bytes:
        header = struct.pack(">6s6sHHBBHH16x", BOX, source, 0xD00D, 3, 8, flags, self.counter, 31)
        self.counter = (self.counter + 1) & 0xFFFF
        return header + octets

    def send(self, *datagrams: bytes, to: TdmoeSpan | None = None) -> None:
        for datagram in datagrams:
            self.socket.sendto(datagram, str(self.box_path))
            if to is not None:
                to.wait(0.0)  # a queue may be as short as ten datagrams

    def received(self) -> list[bytes]:
        datagrams = []
        while True:
            try:
                datagrams.append(self.socket.recv(65536))
            except BlockingIOError:
                return datagrams


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.socket.close()


@pytest.fixture
def box(wire: Wire) -> Iterator[TdmoeSpan]:
    address = f"tdmoe:{wire.box_path},{wire.path}?sub=3&local=02:00:00:00:00:0a&remote=02:00:00:00:00:0b&target=1"
    with open_span(address) as span:
        assert isinstance(span, TdmoeSpan)
        yield span


def tick_of(span: Span) -> tuple[bool, Octets]:
    out = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
    return span.receive(out), out


def test_frames_as_a_kernel_sends_them(wire: Wire, box: TdmoeSpan) -> None:
    """Twenty datagrams of one frame make a tick; the first eight octets of a channel come first."""
    for number in range(20):
        wire.send(wire.frame(bytes((number * 8 + n) & 0xFF for n in range(8)) * 31), to=box)
    assert box.wait(1.0)
    came, out = tick_of(box)
    assert came
    assert out[0].tolist() == [n & 0xFF for n in range(160)]


def test_we_send_one_frame_a_datagram(wire: Wire, box: TdmoeSpan) -> None:
    box.transmit(idle())
    datagrams = wire.received()
    box.wait(0.0)  # what had to wait for room
    datagrams += wire.received()
    assert [len(datagram) for datagram in datagrams] == [286] * 20
    assert [int.from_bytes(datagram[18:20], "big") for datagram in datagrams] == list(range(20))
    assert {datagram[:16] for datagram in datagrams} == {FAR + BOX + b"\xd0\x0d\x00\x03"}
    assert datagrams[0][38 + 8 * 15 : 38 + 8 * 16] == b"\x7e" * 8  # timeslot 16: HDLC flags
    assert box.unsent == 0


class Carrier:
    """A far end that sends ticks of frames, on a clock of the test's own."""

    def __init__(self, wire: Wire, d_channel: int | None = 16) -> None:
        self.wire, self.now_s, self.hears = wire, 100.0, b""
        address = f"tdmoe:{wire.box_path},{wire.path}?frames=20&sub=3&local=02:00:00:00:00:0a&remote=02:00:00:00:00:0b"
        self.span = open_span(address, SpanOptions(d_channel=d_channel), clock=lambda: self.now_s)

    def sends(self, octets: bytes, ticks: int) -> Octets:
        """Send so many ticks of octets, or of nothing; return the sound of the last."""
        out = idle()
        for _ in range(ticks):
            self.now_s += 0.02
            if octets:
                self.wire.send(b"".join(self.wire.frame(octets) for _ in range(20)))
            self.span.wait(0.0)
            self.span.receive(out)
            self.span.transmit(idle())
            self.hears = self.wire.received()[-1]
        return out

    def alarms(self) -> Alarm:
        return self.span.alarms

    def tells_yellow(self) -> bool:
        """Return whether the span sends RAI."""
        return bool(self.hears[17] & 1)


IDLE, AIS = b"\xd5" * 120 + b"\x7e" * 8 + b"\xd5" * 120, b"\xff" * 248


def test_all_ones_are_blue(wire: Wire) -> None:
    """G.775: a carrier ahead lost its input. It is an alarm when it persists, and is over as slowly."""
    line = Carrier(wire)
    line.sends(IDLE, 60)
    assert line.alarms() == Alarm.NONE
    line.sends(AIS, 40)
    assert line.alarms() == Alarm.NONE
    heard = line.sends(AIS, 20)
    assert line.alarms() == Alarm.BLUE
    assert (heard == IDLE_BYTE).all()
    assert line.tells_yellow()
    assert line.span.counters.alarms == 1
    line.sends(IDLE, 40)
    assert line.alarms() == Alarm.BLUE
    line.sends(IDLE, 20)
    assert line.alarms() == Alarm.NONE
    assert not line.tells_yellow()
    line.span.close()


def test_all_ones_that_stop_are_red(wire: Wire) -> None:
    line = Carrier(wire)
    line.sends(AIS, 80)
    line.sends(b"", 60)
    assert line.alarms() == Alarm.RED
    line.span.close()


@pytest.mark.parametrize(
    ("octets", "d_channel"),
    [
        (b"\xff" * 120 + b"\x7e" * 8 + b"\xff" * 120, 16),  # channels that rest, beside the flags of a D channel
        (b"\xff" * 240 + b"\xd5" * 8, 16),
        (AIS, None),  # without a D channel nothing tells them apart
    ],
)
def test_channels_that_rest_are_no_alarm(wire: Wire, octets: bytes, d_channel: int | None) -> None:
    line = Carrier(wire, d_channel)
    line.sends(octets, 120)
    assert line.alarms() == Alarm.NONE
    line.span.close()


@pytest.mark.parametrize("together", [1, 3, 6, 20, 33])
def test_any_number_of_frames_in_a_datagram(wire: Wire, box: TdmoeSpan, together: int) -> None:
    heard = 0
    for _ in range(180 // together):
        wire.send(b"".join(wire.frame() for _ in range(together)))
        while box.wait(0.0):
            heard += tick_of(box)[0]
    assert heard == 180 // together * together // 20
    assert box.counters.frames_malformed == 0


def broken(change: Callable[[bytearray], object]) -> Callable[[Wire], bytes]:
    def make(wire: Wire) -> bytes:
        frame = bytearray(wire.frame())
        change(frame)
        wire.counter -= 1
        return bytes(frame)

    return make


@pytest.mark.parametrize(
    "datagram",
    [
        lambda _: b"",
        lambda _: b"\x00",
        lambda _: b"\xff" * 285,
        lambda _: b"\xff" * 286,
        lambda _: b"\x00" * 286 * 65,
        lambda _: b"\x00" * 60_000,
        lambda _: bytes(np.random.default_rng(3).integers(0, 256, 286).tolist()),
        broken(lambda frame: frame.append(0)),
        broken(lambda frame: frame.pop()),
        broken(lambda frame: frame.__setitem__(slice(6, 12), b"\x02\0\0\0\0\x0c")),
        broken(lambda frame: frame.__setitem__(13, 0x0E)),
        broken(lambda frame: frame.__setitem__(15, 4)),
        broken(lambda frame: frame.__setitem__(16, 16)),
        broken(lambda frame: frame.__setitem__(21, 30)),
    ],
    ids=[
        "empty",
        "tiny",
        "short",
        "ones",
        "sixty-five",
        "long",
        "random",
        "longer",
        "shorter",
        "mac",
        "type",
        "sub",
        "samples",
        "channels",
    ],
)
def test_foreign_and_broken_datagrams_are_counted_and_do_no_harm(
    wire: Wire, box: TdmoeSpan, datagram: Callable[[Wire], bytes]
) -> None:
    ten = [b"".join(wire.frame() for _ in range(10)) for _ in range(2)]
    wire.send(ten[0], datagram(wire), ten[1])
    assert box.wait(1.0)
    assert tick_of(box)[0]
    assert box.counters.frames_malformed >= 1
    assert box.counters.frames_lost == 0
    assert box.counters.slips_repeated == 0


def test_random_octets_on_the_d_channel_give_no_frame_and_no_harm(wire: Wire, box: TdmoeSpan) -> None:
    rng = np.random.default_rng(11)
    for _ in range(200):
        tick = [bytes(rng.integers(0, 256, 248).astype(np.uint8)) for _ in range(20)]
        wire.send(b"".join(wire.frame(octets) for octets in tick))
        tick_of(box)
    # FCS-16 lets one in 65,536 pass; of some hundreds between chance flags none may.
    assert box.frames() == []
    assert box.counters.hdlc_bad_fcs > 10
    assert box.counters.hdlc_aborted > 10


def test_a_lost_datagram_costs_the_frame_it_hit_and_no_other(tmp_path: Path) -> None:
    near = open_span(f"tdmoe:{tmp_path}/n,{tmp_path}/f?frames=20")
    far = open_span(f"tdmoe:{tmp_path}/f,{tmp_path}/n?frames=20")
    with near, far:
        sent, arrived = [bytes([n]) * 60 for n in range(30)], []
        for tick in range(40):
            if tick < len(sent):
                near.send_frame(sent[tick])
            near.transmit(idle())
            if tick == 10:
                far_socket = far._port._socket  # type: ignore[attr-defined]
                far_socket.recv(1 << 16)  # this one never came
            tick_of(far)
            arrived += far.frames()
        assert arrived == [frame for frame in sent if frame != sent[10]]
        assert far.counters.frames_lost == 20
        assert far.counters.hdlc_bad_fcs == 0


def test_yellow_bit_as_a_kernel_sends_it(wire: Wire, box: TdmoeSpan) -> None:
    wire.send(b"".join(wire.frame(flags=3) for _ in range(20)))
    tick_of(box)
    assert box.alarms == Alarm.YELLOW


def test_wait_wakes_when_the_tick_comes(wire: Wire, box: TdmoeSpan) -> None:
    tick = b"".join(wire.frame() for _ in range(20))
    later = threading.Timer(0.03, wire.send, (tick,))
    begin = time.monotonic()
    later.start()
    assert box.wait(5.0)
    assert time.monotonic() - begin < 2.0
    later.join()


def test_wait_gives_up_in_time(box: TdmoeSpan) -> None:
    begin = time.monotonic()
    assert not box.wait(0.05)
    assert 0.04 < time.monotonic() - begin < 2.0


def test_a_far_end_that_does_not_read_never_holds_us_up(wire: Wire, box: TdmoeSpan) -> None:
    begin = time.monotonic()
    for _ in range(50):
        box.transmit(numbered(1))
    assert time.monotonic() - begin < 2.0
    assert box.unsent > 500 - 40
    while wire.received():  # it reads again, and hears the newest, not the oldest
        box.wait(0.0)
    box.transmit(numbered(2))
    newest = wire.received()[0]
    assert newest[38:46] == bytes(numbered(2)[0, :8].tolist())


def test_nobody_there_is_counted_and_forgotten(tmp_path: Path) -> None:
    with open_span(f"tdmoe:{tmp_path}/n,{tmp_path}/nobody?frames=20") as span:
        assert isinstance(span, TdmoeSpan)
        for _ in range(5):
            span.transmit(idle())
        assert span.unsent == 100
        assert (tick_of(span)[1] == IDLE_BYTE).all()


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.bind(f"{tmp_path}/n")
    left.close()  # its process died and left the path behind
    with open_span(f"tdmoe:{tmp_path}/n,{tmp_path}/f"):
        assert Path(f"{tmp_path}/n").is_socket()
    assert not Path(f"{tmp_path}/n").exists()


def test_a_living_socket_is_not_taken_away(tmp_path: Path) -> None:
    address = f"tdmoe:{tmp_path}/n,{tmp_path}/f"
    with open_span(address), pytest.raises(SpanBusyError, match="in use"):
        open_span(address)


def test_close_leaves_a_successors_path_alone(tmp_path: Path) -> None:
    path = tmp_path / "n"
    first = open_span(f"tdmoe:{path},{tmp_path}/f")
    path.unlink()
    with open_span(f"tdmoe:{path},{tmp_path}/f"):
        first.close()
        assert path.exists()


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "n").write_text("precious")
    with pytest.raises(SpanError, match="is no socket") as caught:
        open_span(f"tdmoe:{tmp_path}/n,{tmp_path}/f")
    assert "another path" in caught.value.hint
    assert (tmp_path / "n").read_text() == "precious"


@pytest.mark.parametrize("path", ["/nowhere/at/all/n", "/tmp/" + "x" * 120])
def test_a_path_that_cannot_be_bound(path: str, tmp_path: Path) -> None:
    with pytest.raises(SpanError, match="cannot bind") as caught:
        open_span(f"tdmoe:{path},{tmp_path}/f")
    assert "107" in caught.value.hint


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("", "two different absolute paths"),
        ("/a", "two different absolute paths"),
        ("/a,/b,/c", "two different absolute paths"),
        ("a,/b", "two different absolute paths"),
        ("/a,/a", "two different absolute paths"),
        ("/a,/b?frames=3", "frames=3"),
        ("/a,/b?frames=0", "frames='0'"),
        ("/a,/b?frames=many", "frames='many'"),
        ("/a,/b?sub=65536", "sub='65536'"),
        ("/a,/b?local=2:0:0:0:0:1", "local='2:0:0:0:0:1'"),
        ("/a,/b?target=3&most=2", "most='2'"),
        ("/a,/b?colour=red", "knows no parameter 'colour'"),
        ("/a,/b?frames=1&frames=2", "twice"),
        ("/a,/b?frames", "bad query field"),
    ],
)
def test_addresses_that_cannot_be(rest: str, message: str) -> None:
    with pytest.raises(SpanAddressError) as caught:
        open_span(f"tdmoe:{rest}")
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"tdmoe:{rest}")
