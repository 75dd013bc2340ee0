# SPDX-License-Identifier: GPL-2.0-or-later
"""What a jitter buffer holds in hand: given back in a pause when nothing has needed it for ten seconds."""

from typing import Any

import pytest
from drivers._pjmedia import ffi, lib

WINDOW_S, FRAME_MS = 11, 10


class Buffer:
    """A jitter buffer that is left with so much after each tick."""

    def __init__(self, left_ms: int) -> None:
        self.spare: Any = ffi.new("mx_spare *")
        self.left_ms = left_ms

    def go_on(self, seconds: float, *, silent: bool) -> int:
        """Let a time pass; return the number of frames that were left out."""
        left_out = 0
        for _ in range(round(seconds * 50)):
            lib.mx_spare_note(self.spare, self.left_ms)
            if lib.mx_spare_too_much(self.spare, FRAME_MS, silent):
                lib.mx_spare_left_out(self.spare, FRAME_MS)
                self.left_ms -= FRAME_MS
                left_out += 1
        return left_out

    def come_late(self, late_ms: int) -> None:
        """One tick has that much less to take from."""
        lib.mx_spare_note(self.spare, max(0, self.left_ms - late_ms))


@pytest.mark.parametrize("left_ms", [20, 60, 200])
def test_nothing_is_given_back_before_ten_seconds_have_shown_that_it_is_not_needed(left_ms: int) -> None:
    assert Buffer(left_ms).go_on(9, silent=True) == 0


@pytest.mark.parametrize("left_ms", [10, 20, 60, 200])
def test_a_pause_gives_back_all_that_ten_seconds_did_not_need(left_ms: int) -> None:
    buffer = Buffer(left_ms)
    assert buffer.go_on(WINDOW_S, silent=False) * FRAME_MS == max(0, left_ms - 60)
    assert buffer.go_on(0.4, silent=True) > 0
    assert buffer.left_ms == 0


@pytest.mark.parametrize(("late_ms", "kept_ms"), [(20, 20), (30, 30), (40, 40), (60, 40)])
def test_what_one_late_packet_needed_is_kept_for_the_next(late_ms: int, kept_ms: int) -> None:
    buffer = Buffer(40)
    for _ in range(6):
        buffer.go_on(7, silent=True)
        buffer.come_late(late_ms)
    assert buffer.left_ms == kept_ms
    buffer.go_on(12, silent=True)
    assert buffer.left_ms == 0


@pytest.mark.parametrize("left_ms", [10, 40, 60])
def test_sound_without_a_pause_is_left_whole(left_ms: int) -> None:
    assert Buffer(left_ms).go_on(600, silent=False) == 0


def test_what_a_stall_left_goes_within_seconds_a_tenth_of_the_sound_at_most() -> None:
    buffer = Buffer(300)
    assert buffer.go_on(1.9, silent=False) == 0
    assert 0 < buffer.go_on(1, silent=False) <= 10
    buffer.go_on(3, silent=False)
    assert buffer.left_ms == 60


def test_what_is_held_back_for_packets_that_are_overtaken_stays() -> None:
    buffer = Buffer(50)
    for _ in range(round(50 * WINDOW_S)):
        lib.mx_spare_note(buffer.spare, buffer.left_ms)
    assert not lib.mx_spare_too_much(buffer.spare, 60, 1)
    assert lib.mx_spare_too_much(buffer.spare, 50, 1)
