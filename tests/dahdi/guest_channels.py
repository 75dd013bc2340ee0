# SPDX-License-Identifier: GPL-2.0-or-later
"""Behaviour of the driver's channels under faults, and functions that the driver adds itself.

Two spans of the kernel, wired to each other, as in guest_driver.py."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from drivers.hdlc import HdlcTransmitter
from drivers.span import IDLE_BYTE, TICK_S, TICK_SAMPLES, TIMESLOTS, Octets, SpanOptions
from drivers.spans import open_span
from dsp.g711 import alaw_decode
from tests.dahdi import driver
from tests.dahdi.guest_driver import Pair, calls, raw_channel, silence

BUFFERS = 4
TONE_BUSY, TONE_RINGING = 1, 2
"""DAHDI_TONE_BUSY, DAHDI_TONE_RINGTONE of dahdi/user.h."""
FAR_D_ROW = 15
FAR_D_OPEN = driver.LOCAL + driver.ONE_PRI + "bchan=32-62\n" + driver.ZONES
"""The far span's timeslot 16 is a channel like the others: what is written there is what the D channel hears."""


@pytest.fixture
def pair() -> Iterator[Pair]:
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    pair = Pair()
    pair.steps(25)
    yield pair
    pair.close()


def counted(tick: int) -> Octets:
    """A tick in which each octet says which tick it is of."""
    return np.full((TIMESLOTS, TICK_SAMPLES), tick & 0xFF, np.uint8)


def test_what_nobody_reads_is_kept_as_far_as_there_are_buffers(pair: Pair) -> None:
    """Then the newest is let go, and what is read afterwards is whole again."""
    for tick in range(50, 60):
        pair.step(counted(tick))
    for tick in range(60, 75):  # the far end sleeps
        pair.near.wait(0.2)
        pair.near.receive(pair.heard_near)
        pair.near.transmit(counted(tick))
    heard = []
    while pair.far.wait(0.0):
        pair.far.receive(pair.heard)
        heard.append(pair.heard[3].copy())
    assert len(heard) == BUFFERS
    stream = np.concatenate(heard).astype(int)
    assert np.diff(stream).min() >= 0
    assert np.diff(stream).max() == 1, "octets are missing in what was kept"
    assert stream[-1] < 74, "the oldest should be kept"
    for tick in range(75, 85):
        pair.step(counted(tick))
    assert len(set(pair.heard[3])) <= 2
    assert pair.heard[3].max() > 74


def test_what_is_written_without_room_is_counted(pair: Pair) -> None:
    before = pair.near.counters.slips_dropped
    for _ in range(BUFFERS + 3):
        pair.near.transmit(silence())
    assert BUFFERS + 3 > pair.near.counters.slips_dropped - before >= 3


def test_what_is_sent_when_nothing_was_written_is_silence(pair: Pair) -> None:
    """A-law's, not mu-law's and not what was sent last."""
    for _ in range(10):
        pair.step(counted(0x41))
    assert (pair.heard[:15] == 0x41).all()
    for _ in range(2 * BUFFERS):
        pair.far.wait(0.2)
        pair.far.receive(pair.heard)
    assert (pair.heard == IDLE_BYTE).all()


def test_gains_of_what_is_sent(pair: Pair) -> None:
    turned = np.roll(np.arange(256, dtype=np.uint8), 1)
    pair.near.set_gains(5, np.arange(256, dtype=np.uint8), turned)
    for _ in range(10):
        pair.step(counted(0x41))
    assert (pair.heard[4] == turned[0x41]).all()
    assert (pair.heard[[0, 3, 5, 30]] == 0x41).all()


@pytest.mark.parametrize(("tone", "on_s", "off_s"), [(TONE_BUSY, 0.35, 0.35), (TONE_RINGING, 1.0, 4.0)])
def test_the_cadences_of_china_are_in_the_kernel(tone: int, on_s: float, off_s: float) -> None:
    """Busy tone and ringing tone of zone cn, asked of the kernel (ITU-T E.180 Supplement 2)."""
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    near, far = raw_channel(1, TICK_SAMPLES), raw_channel(32, TICK_SAMPLES)
    calls().send_tone(near, tone)
    sounds: list[bool] = []
    while len(sounds) * TICK_S < 2 * (on_s + off_s) + 0.5:
        calls().wait_readable(far, 0.1)
        heard = calls().read(far, TICK_SAMPLES)
        assert isinstance(heard, bytes)
        sounds.append(bool(np.abs(alaw_decode(np.frombuffer(heard, np.uint8)[None])).max() > 0.01))
    for fd in (near, far):
        calls().close(fd)
    edges = np.flatnonzero(np.diff(np.array(sounds).astype(int)))
    assert len(edges) >= 3
    lasted = {sounds[begin + 1]: (end - begin) * TICK_S for begin, end in itertools.pairwise(edges.tolist())}
    assert lasted[True] == pytest.approx(on_s, abs=0.05)
    assert lasted[False] == pytest.approx(off_s, abs=0.05)


def test_broken_frames_of_a_d_channel_are_counted_and_good_ones_pass() -> None:
    driver.load_once(FAR_D_OPEN)
    near, far = (open_span(f"dahdi:{n}", SpanOptions(d_channel=d)) for n, d in ((1, 16), (2, None)))
    good = [b"first frame", b"second frame", b"third frame"]
    line = d_octets(good)
    heard, arrived = silence(), []
    for step in range(60):
        near.wait(0.2)
        near.receive(heard)
        near.transmit(silence())
        far.receive(heard)
        sent = silence()
        sent[FAR_D_ROW] = line[min(max(0, step - 19), len(line) - 1)]
        far.transmit(sent)
        if step == 19:
            before = (near.counters.hdlc_bad_fcs, near.counters.hdlc_aborted)
        arrived += near.frames()
    after = (near.counters.hdlc_bad_fcs, near.counters.hdlc_aborted)
    for span in (near, far):
        span.close()
    assert arrived == good
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]


def d_octets(good: list[bytes]) -> Octets:
    """Ticks [n, 160] of a D channel: good frames, a wrong bit in one between them, another broken off; flags around."""
    sender = HdlcTransmitter()

    def tick(*frames: bytes) -> Octets:
        for frame in frames:
            sender.send(frame)
        return np.frombuffer(sender.take(TICK_SAMPLES), np.uint8).copy()

    flags = tick()
    first, wrong, second, broken_off, third = map(tick, (good[0], bytes(60), good[1], bytes(60), good[2]))
    wrong[30] ^= 0x10  # among zeros: one 1 more makes neither a flag nor a stuffed bit
    broken_off[30:32] = 0xFF
    return np.array([flags, first, wrong, second, broken_off, third, tick()])
