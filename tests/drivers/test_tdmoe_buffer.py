# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames lost, doubled, out of order, too early and too late; losses by explicit pattern."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.span import SpanCounters
from drivers.tdmoe_buffer import MAX_TICKS, ROWS, STALE, FrameBuffer
from drivers.tdmoe_frame import FRAME, TICK_FRAMES, Frames, Words

D_ROW = 15


class Stream:
    """A buffer, and a far end whose frame n has n on every channel."""

    def __init__(self, target: int = 1, most: int = 10) -> None:
        self.counters = SpanCounters()
        self.buffer = FrameBuffer(self.counters, D_ROW, target, most)

    def add(self, *numbers: int) -> None:
        self.buffer.add(frames(*numbers))

    def take(self) -> list[int] | None:
        """The numbers of the frames in the next tick."""
        tick = self.buffer.take()
        return None if tick is None else numbers(tick)


def frames(*numbers: int) -> Frames:
    made = np.zeros(len(numbers), FRAME)
    made["counter"] = np.array(numbers) & 0xFFFF
    made["octets"] = np.array(numbers, np.uint64)[:, None]
    return made


def numbers(tick: Words) -> list[int]:
    assert tick.shape == (TICK_FRAMES, 31)
    return [int(number) for number in tick[:, 0]]


def test_in_order() -> None:
    stream = Stream()
    for n in range(0, 4000, 20):
        stream.add(*range(n, n + 20))
        assert stream.take() == list(range(n, n + 20))
    assert stream.counters == SpanCounters()


@pytest.mark.parametrize("size", [1, 3, 7, 40])
def test_datagrams_of_any_size_and_a_counter_that_wraps(size: int) -> None:
    stream, heard = Stream(), []
    for n in range(65000, 65000 + size * 600, size):
        stream.add(*range(n, n + size))
        while stream.buffer.ready:
            heard += stream.take() or []
    assert heard == list(range(65000, 65000 + len(heard)))
    assert len(heard) > 500
    assert stream.counters.frames_lost == stream.counters.slips_repeated == 0


def test_lost_frames_are_filled_and_timing_stays() -> None:
    stream = Stream()
    stream.add(*range(20))
    assert stream.take() == list(range(20))
    stream.add(*(n for n in range(20, 50) if n not in (20, 25, 26)))
    assert stream.take() == [19, 21, 22, 23, 24, 24, 24, *range(27, 40)]
    stream.add(*range(50, 60))
    assert stream.take() == list(range(40, 60))
    assert stream.counters.frames_lost == 3


def test_what_is_lost_on_the_d_channel_becomes_ones() -> None:
    """A repeat could be taken for data; seven ones and more end a frame for certain."""
    stream = Stream()
    stream.add(*range(20), *range(21, 50))
    stream.take()
    stream.take()
    assert stream.buffer.d_octets[8 * 20 : 8 * 21] == b"\xff" * 8
    assert stream.buffer.d_octets[8 * 21 : 8 * 22] == (21).to_bytes(8, "little")


def test_a_tick_with_a_hole_waits_a_little_for_it() -> None:
    stream = Stream()
    stream.add(*range(20))
    stream.take()
    stream.add(*range(20, 25), *range(26, 42))
    assert not stream.buffer.ready
    stream.add(25)
    assert stream.take() == list(range(20, 40))
    assert stream.counters.frames_lost == 0
    assert stream.counters.frames_reordered == 1


def test_reordered_and_duplicated() -> None:
    stream = Stream()
    order = [*range(20), 21, 20, 23, 22, 22, 25, 24, *range(26, 40), 30, 40, 40]
    stream.add(*order)
    assert stream.take() == list(range(20))
    assert stream.take() == list(range(20, 40))
    assert stream.counters.frames_reordered == 3
    assert stream.counters.frames_duplicated == 3
    assert stream.counters.frames_lost == 0


def test_too_late_is_too_late() -> None:
    stream = Stream()
    stream.add(*range(10), *range(11, 60))
    assert (stream.take() or [])[10] == 9
    stream.add(10)
    assert stream.take() == list(range(20, 40))
    assert stream.counters.frames_reordered == 1
    assert stream.counters.frames_lost == 1


@pytest.mark.parametrize("counter", [30_000, 20_000, 65_000])
def test_a_far_end_that_starts_anew(counter: int) -> None:
    stream = Stream()
    stream.add(*range(1000, 1020))
    stream.take()
    stream.add(*range(counter, counter + 20))
    assert stream.take() == list(range(counter, counter + 20))
    assert stream.counters.frames_lost == 0


def test_a_far_end_that_starts_anew_a_little_behind() -> None:
    """Its frames look late at first; so many late ones in a row are a new beginning."""
    stream = Stream()
    stream.add(*range(1000, 1020))
    stream.take()
    for n in range(700, 700 + STALE + 40):
        stream.add(n)
    assert stream.take() == list(range(700 + STALE, 720 + STALE))


def test_missing_ticks_are_slips_and_their_time_is_not_filled_again() -> None:
    stream = Stream()
    stream.add(*range(30))
    stream.take()
    assert stream.take() is None
    assert stream.take() is None
    stream.add(*range(80, 100))  # 50 frames lost, and 40 of their milliseconds are over
    assert stream.counters.slips_repeated == 2
    assert stream.take() == [29] * 20  # 20 + 40 frames' time was over: this is that of frames 60 to 79
    assert stream.take() == list(range(80, 100))
    assert stream.counters.frames_lost == 50


def test_the_first_tick_waits_for_the_target() -> None:
    stream = Stream(target=3)
    stream.add(*range(59))
    assert stream.take() is None
    assert stream.counters.slips_repeated == 0
    stream.add(59)
    assert stream.take() == list(range(20))


def test_too_much_at_once_is_dropped_down_to_the_target() -> None:
    stream = Stream(target=2, most=4)
    stream.add(*range(100))
    assert stream.buffer.frames == 40
    assert stream.counters.slips_dropped == 3
    assert stream.take() == list(range(60, 80))
    assert len(stream.buffer.d_octets) == 80 * 8  # the D channel loses nothing by that


@pytest.mark.parametrize("ppm", [200, -200, 1000, -1000])
def test_drift_is_rare_slips_and_no_growing_delay(ppm: float) -> None:
    """20,000 ticks (400 s): a clock that is off by 200 ppm is four ticks off in the end."""
    stream, sent, deepest = Stream(target=2), 0, 0
    for tick in range(1, 20_001):
        due = int(tick * TICK_FRAMES * (1 + ppm * 1e-6))
        stream.add(*range(sent, due))
        sent = due
        stream.take()
        deepest = max(deepest, stream.buffer.frames)
    slips = round(20_000 * abs(ppm) * 1e-6)
    repeated, dropped = stream.counters.slips_repeated, stream.counters.slips_dropped
    assert abs((dropped if ppm > 0 else repeated) - slips) <= 2
    assert (repeated if ppm > 0 else dropped) == 0
    assert deepest <= 4 * TICK_FRAMES


def test_jitter_below_a_tick_is_no_slip() -> None:
    stream, rng, sent = Stream(target=2), np.random.default_rng(7), 0
    for tick in range(1, 5000):
        due = max(sent, tick * TICK_FRAMES - int(rng.integers(0, 20)))
        stream.add(*range(sent, due))
        sent = due
        stream.take()
    assert stream.counters.slips_repeated == stream.counters.slips_dropped == stream.counters.frames_lost == 0


steps = st.one_of(
    st.integers(0, 0xFFFF).map(lambda n: ("jump", n)),
    st.tuples(st.just("send"), st.integers(1, 60)),
    st.tuples(st.just("lose"), st.integers(1, 600)),
    st.tuples(st.just("back"), st.integers(1, 600)),
    st.tuples(st.just("take"), st.integers(1, 3)),
)


@settings(max_examples=200)
@given(st.lists(steps, max_size=60), st.integers(1, 3))
def test_whatever_comes_the_buffer_holds_and_never_grows(moves: list[tuple[str, int]], target: int) -> None:
    stream, number = Stream(target, MAX_TICKS), 0
    for move, amount in moves:
        if move == "jump":
            number = amount
        elif move == "send":
            stream.add(*range(number, number + amount))
            number += amount
        elif move == "take":
            for _ in range(amount):
                ready = stream.buffer.ready
                assert (stream.take() is not None) == ready
        else:
            number += amount if move == "lose" else -min(amount, number)
        assert 0 <= stream.buffer.frames < ROWS
        assert stream.buffer.frames <= (MAX_TICKS + 1) * TICK_FRAMES
