# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver's own doings through `drivers.dahdi`, on two spans of the kernel wired to each other."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from drivers.dahdi import DahdiSpan
from drivers.dahdi_calls import DahdiCalls
from drivers.errors import DahdiError, SpanError
from drivers.span import IDLE_BYTE, TICK_S, TICK_SAMPLES, TIMESLOTS, Alarm, Octets, SpanOptions
from drivers.spans import open_span
from drivers.tdmoe_frame import ETHERTYPE, FRAME, FRAME_OCTETS, YELLOW, FrameWriter, TdmoeLink
from dsp.g711 import alaw_decode, alaw_encode
from tests.dahdi import driver

SECOND = 50


class Pair:
    """Two spans, one beside the other, ticked by the kernel."""

    def __init__(self, d_channel: int | None = 16) -> None:
        self.near, self.far = (self._open(n, d_channel) for n in (1, 2))
        self.heard: Octets = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
        self.heard_near: Octets = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)

    @staticmethod
    def _open(number: int, d_channel: int | None) -> DahdiSpan:
        span = open_span(f"dahdi:{number}", SpanOptions(d_channel=d_channel))
        assert isinstance(span, DahdiSpan)
        return span

    def step(self, from_near: Octets | None = None, from_far: Octets | None = None) -> None:
        for span, out, octets in ((self.near, self.heard_near, from_near), (self.far, self.heard, from_far)):
            span.wait(0.2)
            span.receive(out)
            span.transmit(silence() if octets is None else octets)

    def steps(self, ticks: int) -> None:
        for _ in range(ticks):
            self.step()

    def close(self) -> None:
        self.near.close()
        self.far.close()


def silence() -> Octets:
    return np.full((TIMESLOTS, TICK_SAMPLES), IDLE_BYTE, np.uint8)


@pytest.fixture
def pri() -> Iterator[Pair]:
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    pair = Pair()
    pair.steps(25)
    yield pair
    pair.close()


@pytest.fixture
def cas() -> Iterator[Pair]:
    driver.load_once(driver.LOCAL + driver.CAS + driver.ZONES)
    pair = Pair(None)
    pair.steps(25)
    yield pair
    pair.close()


def channel(pair: Pair, timeslot: int) -> int:
    return int(pair.near._fds[timeslot - 1])


def calls() -> DahdiCalls:
    return DahdiCalls()


def test_version() -> None:
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    control = calls().open_control()
    assert calls().version(control).startswith("2.11.1")
    calls().close(control)


def test_status_says_what_the_span_is(pri: Pair) -> None:
    status = pri.near.status()
    assert status.channels == TIMESLOTS
    assert status.alarms == 0
    assert "loc" in (status.description + status.name).lower()


def test_opening_an_open_span_says_who_may_have_it(pri: Pair) -> None:
    with pytest.raises(DahdiError, match="cannot be opened") as caught:
        open_span("dahdi:1")
    assert "another process" in caught.value.hint


def test_a_span_that_is_not_there() -> None:
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    with pytest.raises(DahdiError):
        open_span("dahdi:9")


def test_set_abcd_on_a_pri_span_names_the_remedy(pri: Pair) -> None:
    with pytest.raises(SpanError, match="no signalling bits"):
        pri.near.set_abcd(1, 5)


def test_abcd_of_one_channel_does_not_touch_its_neighbours(cas: Pair) -> None:
    """The dynamic driver leaves the next channel's nibble above the low four bits."""
    expected = np.zeros(TIMESLOTS, np.uint8)
    for timeslot in range(1, TIMESLOTS + 1):
        for bits in (0b1111, timeslot & 0x0F):
            cas.near.set_abcd(timeslot, bits)
            expected[timeslot - 1] = bits
            for _ in range(10):
                cas.step()
                if (cas.far.abcd() == expected).all():
                    break
            assert cas.far.abcd().tolist() == expected.tolist()
    assert (cas.near.abcd() == 0).all()


def test_hdlc_both_ways_many_frames(pri: Pair) -> None:
    generator = np.random.default_rng(5)
    sent = [generator.integers(0, 256, int(n), np.uint8).tobytes() for n in generator.integers(3, 260, 60)]
    near, far = [], []
    for frame in sent:
        pri.near.send_frame(frame)
        pri.far.send_frame(frame[::-1])
    for _ in range(120):
        pri.step()
        near += pri.near.frames()
        far += pri.far.frames()
        if len(far) == len(near) == len(sent):
            break
    assert far == sent
    assert near == [frame[::-1] for frame in sent]
    for span in (pri.near, pri.far):
        assert (span.counters.hdlc_bad_fcs, span.counters.hdlc_aborted) == (0, 0)


def test_buffers(pri: Pair) -> None:
    info = calls().buffers(channel(pri, 1))
    assert (info.number, info.octets) == (4, TICK_SAMPLES)
    d_info = calls().buffers(pri.near._d_fd)
    assert d_info.octets == 1024


def test_gains_reach_the_sound(pri: Pair) -> None:
    """A received table that turns everything by one octet value is seen on its channel, and on no other."""
    turned = np.roll(np.arange(256, dtype=np.uint8), -1)
    same = np.arange(256, dtype=np.uint8)
    pri.far.set_gains(3, turned, same)
    read, sent = calls().gains(int(pri.far._fds[2]))
    assert (read == turned).all()
    assert (sent == same).all()
    for _ in range(10):
        pri.step(from_near=np.full((TIMESLOTS, TICK_SAMPLES), 0x41, np.uint8))
    assert (pri.heard[2] == 0x42).all()
    assert (pri.heard[[0, 1, 3, 4, 30]] == 0x41).all()


def test_loopback_request_is_answered(pri: Pair) -> None:
    """A local span has no loop of its own: the driver must say so, not pretend."""
    with pytest.raises(DahdiError):
        pri.near.set_loop("local")
    with pytest.raises(ValueError, match="loop"):
        pri.near.set_loop("sideways")


def test_counters_of_the_driver_stay_at_zero(pri: Pair) -> None:
    pri.steps(SECOND)
    status = pri.near.status()
    assert (status.code_violations, status.crc4_errors, status.framing_errors) == (0, 0, 0)


class FarEnd:
    """The other card of the cable: sends frames, a tick at a time, as an exchange with a clock of its own would."""

    def __init__(self) -> None:
        near, far = (bytes.fromhex(mac.replace(":", "")) for mac in driver.CABLE_MACS)
        self._writer = FrameWriter(TdmoeLink(far, near, 0))
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE))
        self._socket.bind((driver.CABLE[1], ETHERTYPE))
        self._socket.setblocking(False)
        self._due = time.monotonic()
        self._last = b""

    def tick(self, octets: Octets | None, *, yellow: bool = False) -> None:
        """Send a tick, if there is one, and let its time go by."""
        if octets is not None:
            self._writer.write(octets, yellow=yellow)
            for begin in range(0, len(self._writer.memory), FRAME_OCTETS):
                self._socket.send(self._writer.memory[begin : begin + FRAME_OCTETS])
        self._due += TICK_S
        time.sleep(max(0.0, self._due - time.monotonic()))
        with contextlib.suppress(BlockingIOError):
            while frame := self._socket.recv(2048):
                self._last = frame

    def hears_yellow(self) -> bool:
        """Return whether the span's last frame reports that it receives nothing."""
        return bool(np.frombuffer(self._last, FRAME)["flags"][0] & YELLOW)

    def close(self) -> None:
        self._socket.close()


class Wire:
    """A span of the driver and that far end."""

    def __init__(self) -> None:
        self.span, self.far = Pair._open(1, 16), FarEnd()
        self.heard = silence()

    def step(self, octets: Octets | None, *, yellow: bool = False) -> None:
        self.far.tick(octets, yellow=yellow)
        self.span.receive(self.heard)
        self.span.transmit(silence())

    def until(self, octets: Octets | None, alarms: Alarm, *, yellow: bool = False, most_s: float = 5.0) -> float:
        """Go on so until the span has these alarms; after how many seconds it had."""
        begun = time.monotonic()
        while self.span.alarms != alarms:
            assert time.monotonic() - begun < most_s, self.span.alarms
            self.step(octets, yellow=yellow)
        return time.monotonic() - begun


@pytest.fixture
def wire() -> Iterator[Wire]:
    driver.cable()
    driver.load_once(driver.ETHERNET + driver.ONE_PRI + driver.ZONES, "dahdi_dynamic_eth")
    wire = Wire()
    for _ in range(SECOND):
        wire.step(silence())
    yield wire
    wire.span.close()
    wire.far.close()


def test_a_line_that_fails_raises_red_tells_the_far_end_and_heals(wire: Wire) -> None:
    """Stop frames: RED (G.775) after one to two seconds, silence and RAI while it is up, all as before after it."""
    loud = np.full((TIMESLOTS, TICK_SAMPLES), 0x41, np.uint8)
    wire.until(loud, Alarm.NONE)
    for _ in range(10):
        wire.step(loud)
    assert (wire.heard[:15] == 0x41).all()
    before = wire.span.counters.alarms
    failed_s = wire.until(None, Alarm.RED)
    assert 0.9 < failed_s < 2.6
    assert wire.span.status().alarms & 0x08
    wire.step(None)
    assert (wire.heard == IDLE_BYTE).all()
    for _ in range(2 * SECOND):  # the kernel's own clock takes over, and what it sends says so
        wire.step(None)
    assert wire.far.hears_yellow()
    cleared_s = wire.until(loud, Alarm.NONE)
    assert cleared_s < 0.5
    for _ in range(10):
        wire.step(loud)
    assert (wire.heard[:15] == 0x41).all()
    assert not wire.far.hears_yellow()
    assert wire.span.counters.alarms == before + 1
    print(f"RED after {failed_s:.2f} s without frames, cleared after {cleared_s:.2f} s with them")


def test_a_far_end_in_alarm_is_seen(wire: Wire) -> None:
    wire.until(silence(), Alarm.NONE)
    wire.until(silence(), Alarm.YELLOW, yellow=True, most_s=0.5)
    wire.until(silence(), Alarm.NONE, most_s=0.5)


class Hybrid(threading.Thread):
    """The line's end at a subscriber: a fork that sends back, 6 dB softer, what it hears, after some 15 ms."""

    BLOCK = 40
    LOSS_DB = 6.0

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True)
        self._calls, self._over = calls(), threading.Event()
        self._fd = raw_channel(number, self.BLOCK)
        codes = np.arange(256, dtype=np.uint8)[None]
        softer = alaw_decode(codes) * 10 ** (-self.LOSS_DB / 20)
        self._table = alaw_encode(softer.astype(np.float32))[0].tobytes()

    def run(self) -> None:
        while not self._over.is_set():
            self._calls.wait_readable(self._fd, 0.1)
            heard = self._calls.read(self._fd, self.BLOCK)
            if isinstance(heard, bytes):
                self._calls.write(self._fd, heard.translate(self._table))

    def end(self) -> None:
        self._over.set()
        self.join()
        self._calls.close(self._fd)


def raw_channel(number: int, block: int) -> int:
    fd = calls().open_channel(number)
    calls().set_buffers(fd, 4, block)
    calls().set_block_size(fd, block)
    calls().set_a_law(fd)
    calls().set_audio_mode(fd, on=True)
    calls().flush(fd)
    return fd


def echo_db(canceller: str, taps: int) -> float:
    """Return how far the echo is below the sent sound in the last of six seconds, with a canceller or none, in dB."""
    names = "" if not canceller else f"echocanceller={canceller},1-15,17-31\n"
    modules = [f"dahdi_echocan_{canceller}"] * bool(canceller)
    driver.load_once(driver.LOCAL + driver.PRI + names + driver.ZONES, "dahdi_dynamic_loc", *modules)
    near, hybrid = raw_channel(1, TICK_SAMPLES), Hybrid(32)
    calls().set_echo_canceller(near, taps)
    hybrid.start()
    generator = np.random.default_rng(3)
    sent, back = [], []
    for tick in range(6 * SECOND):
        speech = alaw_encode((generator.standard_normal(TICK_SAMPLES) * 0.06).astype(np.float32)[None])
        calls().write(near, speech.tobytes())
        calls().wait_readable(near, 0.1)
        heard = calls().read(near, TICK_SAMPLES)
        assert isinstance(heard, bytes)
        if tick >= 5 * SECOND:
            sent.append(alaw_decode(speech)[0])
            back.append(alaw_decode(np.frombuffer(heard, np.uint8)[None])[0])
    calls().set_echo_canceller(near, 0)
    calls().close(near)
    hybrid.end()
    power = [float(np.mean(np.concatenate(rows) ** 2)) + 1e-12 for rows in (sent, back)]
    return 10 * float(np.log10(power[0] / power[1]))


def test_echo_cancellers_take_the_echo_away() -> None:
    """Without one the echo is 6 dB down. After five seconds of noise: oslec far below it, mg2 on its way."""
    plain, mg2, oslec = echo_db("", 0), echo_db("mg2", 256), echo_db("oslec", 256)
    print(f"echo below what is sent: without canceller {plain:.1f} dB, mg2 {mg2:.1f} dB, oslec {oslec:.1f} dB")
    assert 4.0 < plain < 8.0
    assert mg2 > plain + 6.0
    assert oslec > plain + 30.0


def test_the_tones_of_china_are_in_the_kernel() -> None:
    """Dial tone of zone cn, asked of the kernel: 450 Hz (ITU-T E.180 Supplement 2)."""
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    near, far = raw_channel(1, TICK_SAMPLES), raw_channel(32, TICK_SAMPLES)
    calls().send_tone(near, 0)
    heard = []
    for _ in range(30):
        calls().wait_readable(far, 0.1)
        heard.append(calls().read(far, TICK_SAMPLES))
    for fd in (near, far):
        calls().close(fd)
    sound = alaw_decode(
        np.frombuffer(b"".join(block for block in heard[-20:] if isinstance(block, bytes)), np.uint8)[None]
    )
    spectrum = np.abs(np.fft.rfft(sound[0] * np.hanning(sound.shape[1])))
    assert abs(float(np.argmax(spectrum)) * 8000 / sound.shape[1] - 450) < 5


def test_the_driver_is_unloaded_and_loaded_again() -> None:
    """Open spans report it; opened again, all is well."""
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    pair = Pair()
    pair.steps(5)
    pair.close()
    driver.unload()
    with pytest.raises(DahdiError, match=r"/dev/dahdi"):
        open_span("dahdi:1")
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES + "# again\n")
    pair = Pair()
    pair.steps(25)
    assert pair.near.alarms == Alarm.NONE
    pair.close()
