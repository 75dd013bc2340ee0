# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults on a simulated line, and lines by name. (The rest: tests/contract.)"""

import numpy as np
import pytest

from drivers.errors import SpanAddressError, SpanBusyError
from drivers.sim import SimLine, SimLines, SimSpan
from drivers.sim_path import TICK_BITS
from drivers.span import IDLE_BYTE, TICK_SAMPLES, TIMESLOTS, Alarm, Octets, Span
from drivers.spans import open_span
from tests.contract.span_lines import idle, numbered

VOICE = [row for row in range(TIMESLOTS) if row != 15]


@pytest.fixture
def line() -> SimLine:
    return SimLine()


def step(near: Span, far: Span, octets: Octets | None = None) -> Octets:
    """Run one tick both ways; return the sound at the far end."""
    out = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
    near.transmit(idle() if octets is None else octets)
    far.transmit(idle())
    near.receive(out)
    assert far.wait(0.0)
    far.receive(out)
    return out


def test_one_tick_of_delay_whoever_begins(line: SimLine) -> None:
    near, far = line.ends()
    assert (step(near, far, numbered(1)) == IDLE_BYTE).all()
    assert (step(near, far, numbered(2))[VOICE] == numbered(1)[VOICE]).all()


def test_a_cut_line_goes_on_ticking_and_both_ends_see_red(line: SimLine) -> None:
    near, far = line.ends()
    line.set_cut(on=True)
    for _ in range(60):
        step(near, far, numbered(1))
    assert [near.alarms, far.alarms] == [Alarm.RED] * 2
    assert far.counters.slips_repeated == 0
    line.set_cut(on=False)
    for _ in range(60):
        step(near, far)
    assert [near.alarms, far.alarms] == [Alarm.NONE] * 2


def test_cut_one_way_the_other_end_hears_yellow(line: SimLine) -> None:
    near, far = line.ends()
    line.paths[1].cut = True
    for _ in range(60):
        step(near, far)
    assert far.alarms == Alarm.RED
    assert near.alarms == Alarm.YELLOW


def test_frames_on_a_cut_line_are_lost(line: SimLine) -> None:
    near, far = line.ends()
    line.set_cut(on=True)
    near.send_frame(b"lost")
    step(near, far)
    line.set_cut(on=False)
    near.send_frame(b"kept")
    step(near, far)
    step(near, far)
    assert far.frames() == [b"kept"]


def test_cut_d_channel_leaves_voice_alone(line: SimLine) -> None:
    near, far = line.ends()
    line.paths[1].d_cut = True
    near.send_frame(b"lost")
    step(near, far, numbered(1))
    assert (step(near, far)[VOICE] == numbered(1)[VOICE]).all()
    assert far.frames() == []
    assert far.alarms == Alarm.NONE


def test_a_slip_repeats_a_tick_and_a_slip_drops_one(line: SimLine) -> None:
    near, far = line.ends()
    step(near, far, numbered(1))
    step(near, far, numbered(2))
    line.paths[1].slip_repeat()
    assert (step(near, far, numbered(3))[VOICE] == numbered(1)[VOICE]).all()
    assert (step(near, far, numbered(4))[VOICE] == numbered(2)[VOICE]).all()
    assert far.counters.slips_repeated == 1
    line.paths[1].slip_drop()
    assert (step(near, far, numbered(5))[VOICE] == numbered(4)[VOICE]).all()
    assert far.counters.slips_dropped == 1


def test_bit_errors_come_at_their_rate_and_hit_frames(line: SimLine) -> None:
    near, far = line.ends()
    line.paths[1].set_bit_errors(1e-3, np.random.default_rng(5))
    octets, wrong = idle(), 0
    for _ in range(200):
        near.send_frame(bytes(125))  # 1,000 bits and FCS: 36 % come through
        heard = step(near, far, octets)
        wrong += int(np.unpackbits(heard ^ octets).sum())
    assert wrong / (200 * TICK_BITS * 30 / 31) == pytest.approx(1e-3, rel=0.1)
    whole = len(far.frames())
    assert whole == pytest.approx(200 * (1 - 1e-3) ** 1016, abs=25)
    assert far.counters.hdlc_bad_fcs in {200 - whole, 199 - whole}


def test_same_seed_same_errors() -> None:
    heard = []
    for _ in range(2):
        line = SimLine()
        near, far = line.ends()
        line.paths[1].set_bit_errors(1e-3, np.random.default_rng(5))
        heard.append([step(near, far).tobytes() for _ in range(5)])
    assert heard[0] == heard[1]


def test_lines_have_names_and_two_ends_each() -> None:
    lines = SimLines()
    first, second, other = (open_span(f"sim:{name}", lines=lines) for name in "aab")
    with pytest.raises(SpanBusyError, match="both ends"):
        open_span("sim:a", lines=lines)
    step(first, second, numbered(1))
    assert (step(first, second)[VOICE] == numbered(1)[VOICE]).all()
    assert isinstance(other, SimSpan)
    second.close()
    again = open_span("sim:a", lines=lines)
    step(first, again, numbered(2))
    assert (step(first, again)[VOICE] == numbered(2)[VOICE]).all()


@pytest.mark.parametrize(("address", "lines"), [("sim:", SimLines()), ("sim:a", None), ("sim:a?x=1", SimLines())])
def test_addresses_that_cannot_be(address: str, lines: SimLines | None) -> None:
    with pytest.raises(SpanAddressError):
        open_span(address, lines=lines)
