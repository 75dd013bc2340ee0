# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver's own doings through `drivers.dahdi`, on two spans of the kernel wired to each other."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from drivers.dahdi import DahdiSpan
from drivers.dahdi_calls import DahdiCalls
from drivers.errors import DahdiError, SpanError
from drivers.span import IDLE_BYTE, TICK_SAMPLES, TIMESLOTS, Alarm, Octets, SpanOptions
from drivers.spans import open_span
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


@pytest.fixture
def wired() -> Iterator[Pair]:
    """Two spans at the ends of a cable that can be pulled."""
    driver.cable()
    driver.load_once(driver.VETH + driver.PRI + driver.ZONES, "dahdi_dynamic_eth")
    pair = Pair()
    pair.steps(SECOND)
    yield pair
    driver.plug(on=True)
    pair.close()


def test_a_line_that_fails_raises_red_and_clears_it_by_itself(wired: Pair) -> None:
    """Stop frames: RED (G.775) at both ends after one to two seconds, silence while it is up, as before after it."""
    both = (wired.near, wired.far)
    wired.steps(2 * SECOND)  # a clear second in the driver's eyes
    before = [span.counters.alarms for span in both]
    driver.plug(on=False)
    failed = ticks_until(wired, lambda: all(span.alarms == Alarm.RED for span in both))
    assert 0.9 * SECOND <= failed <= 2.5 * SECOND
    assert [span.status().alarms & 0x08 for span in both] == [8, 8]
    wired.step(from_near=np.full((TIMESLOTS, TICK_SAMPLES), 0x41, np.uint8))
    assert (wired.heard == IDLE_BYTE).all()
    driver.plug(on=True)
    cleared = ticks_until(wired, lambda: all(span.alarms == Alarm.NONE for span in both))
    assert cleared <= SECOND
    print(f"RED after {failed * 20} ms without frames, cleared after {cleared * 20} ms with them")
    assert [span.counters.alarms - had for span, had in zip(both, before, strict=True)] == [1, 1]
    wired.near.send_frame(b"here again")
    wired.steps(10)
    assert wired.far.frames() == [b"here again"]


def ticks_until(pair: Pair, what: Callable[[], bool], most: int = 5 * SECOND) -> int:
    for tick in range(most):
        if what():
            return tick
        pair.step()
    pytest.fail(f"not in {most} ticks")


def echo_tail_db(canceller: str, taps: int) -> float:
    """How far a line's echo is brought down: the far end sends our own sound back 6 dB softer."""
    names = "" if not canceller else f"echocanceller={canceller},1-15,17-31\n"
    driver.load_once(
        driver.LOCAL + driver.PRI + names + driver.ZONES,
        "dahdi_dynamic_loc",
        *[f"dahdi_echocan_{canceller}"] * bool(canceller),
    )
    pair = Pair()
    pair.steps(25)
    if canceller:
        pair.near.set_echo_canceller(1, taps)
    generator = np.random.default_rng(3)
    sent, back = [], []
    echo = silence()
    for tick in range(6 * SECOND):
        speech = silence()
        speech[0] = alaw_encode((generator.standard_normal(TICK_SAMPLES) * 0.06).astype(np.float32)[None])[0]
        pair.step(from_near=speech, from_far=echo)
        echo = silence()
        echo[0] = alaw_encode((alaw_decode(pair.heard[:1]) * 0.5).astype(np.float32))[0]
        if tick > 5 * SECOND:
            sent.append(alaw_decode(speech[:1])[0].copy())
            back.append(alaw_decode(pair.heard_near[:1])[0].copy())
    if canceller:
        pair.near.set_echo_canceller(1, 0)
    pair.close()
    power = [float(np.mean(np.concatenate(rows) ** 2)) + 1e-12 for rows in (sent, back)]
    return 10 * float(np.log10(power[0] / power[1]))


def test_echo_cancellers_take_the_echo_away() -> None:
    """Without one the far end's echo is 6 dB down; mg2 and oslec must do better by 10 dB at least."""
    plain, mg2, oslec = echo_tail_db("", 0), echo_tail_db("mg2", 256), echo_tail_db("oslec", 256)
    print(f"echo below speech: none {plain:.1f} dB, mg2 {mg2:.1f} dB, oslec {oslec:.1f} dB")
    assert 4.0 < plain < 8.0
    assert mg2 > plain + 10.0
    assert oslec > plain + 10.0


def test_tone_zone_of_china_is_loaded() -> None:
    """dahdi_cfg's loadzone=cn puts tones into the kernel."""
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    assert "cn" in driver.run("dahdi_cfg", "-vv", "-c", str(driver.CONFIGURATION)).lower()


def test_the_driver_is_unloaded_and_loaded_again() -> None:
    """What was open says so; opened again, all is well."""
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
