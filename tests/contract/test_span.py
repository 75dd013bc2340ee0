# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of `drivers.span.Span`: one class, every backend that can be opened on this machine."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.errors import SpanError
from drivers.span import D_TIMESLOT, IDLE_BYTE, TICK_SAMPLES, TIMESLOTS, Alarm, Span, SpanCounters, SpanOptions
from tests.contract.span_lines import CANNOT_OPEN_HERE, OPENERS, Line, delay_of, lay, numbered, steady

D_ROW = D_TIMESLOT - 1
VOICE = [row for row in range(TIMESLOTS) if row != D_ROW]


def cannot(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skip(reason=f"{name} cannot open here: {CANNOT_OPEN_HERE[name]}")


def alarms(span: Span) -> Alarm:
    """A fresh look, which mypy does not narrow to what was seen before."""
    return span.alarms


BACKENDS = [*OPENERS, *(pytest.param(name, marks=cannot(name)) for name in CANNOT_OPEN_HERE)]


@pytest.mark.parametrize("backend", BACKENDS)
class TestSpan:
    @pytest.fixture
    def line(self, backend: str, tmp_path: Path) -> Iterator[Line]:
        line = lay(backend, tmp_path)
        yield line
        line.close()

    @pytest.fixture
    def cas_line(self, backend: str, tmp_path: Path) -> Iterator[Line]:
        line = lay(backend, tmp_path, SpanOptions(d_channel=None))
        yield line
        line.close()

    def test_starts_without_alarms_and_with_counters_at_zero(self, line: Line) -> None:
        assert alarms(line.near) == Alarm.NONE
        assert line.near.counters == SpanCounters()

    def test_says_what_carries_it_and_what_it_counts(self, line: Line) -> None:
        """Counters that a backend lacks are declared, and None where only a framer could count."""
        line.settle()
        for span in (line.near, line.far):
            kept = vars(span.counters)
            assert span.counts <= set(kept)
            assert {"ticks", "alarms", "slips_repeated", "slips_dropped", "hdlc_frames"} <= span.counts
            assert not [name for name, count in kept.items() if count and name not in span.counts]
            said = span.condition()
            assert said.kind
            assert said.loss is None
            assert said.crc4_errors in (None, 0)

    def test_nothing_has_come_yet(self, line: Line) -> None:
        """An end alone on the line hears silence, at once and without counting it as slips."""
        _, out, _ = line.step_alone()
        assert (out == IDLE_BYTE).all()

    def test_every_octet_arrives_once_and_in_order(self, line: Line) -> None:
        line.settle()
        before = line.far.counters.slips_repeated
        heard = [line.step(numbered(tick), numbered(tick + 100)) for tick in range(30)]
        for side, offset in (("far", 0), ("near", 100)):
            octets = np.concatenate([getattr(step, side) for step in heard], axis=1)
            sent = np.concatenate([numbered(tick + offset) for tick in range(30)], axis=1)
            delays = [delay_of(octets[row], sent[row], 5 * TICK_SAMPLES) for row in VOICE]  # below 100 ms
            assert None not in delays, (side, delays)
        assert line.far.counters.slips_repeated == before
        assert line.far.counters.slips_dropped == 0
        assert line.far.counters.frames_malformed == 0

    def test_wait_says_what_receive_will_find(self, line: Line) -> None:
        line.settle()
        before = line.near.counters.ticks
        for _ in range(10):
            heard = line.step()
            assert heard.near_waited
            assert heard.near_came
            assert heard.far_waited
            assert heard.far_came
        assert line.near.counters.ticks == before + 10

    def test_wait_gives_up(self, line: Line) -> None:
        line.needs("fall silent")
        line.settle()
        line.step_alone()
        while line.near.wait(0.01):
            line.near.receive(numbered(0))
        assert not line.near.wait(0.01)

    def test_receive_never_waits_and_lets_the_last_tick_stand_in_once(self, line: Line) -> None:
        line.needs("fall silent")
        line.settle()
        line.step(from_far=numbered(7))
        for _ in range(5):
            _, out, came = line.step_alone()
            if not came:
                break
        else:
            pytest.fail("a still far end went on giving ticks")
        assert (out[VOICE] == numbered(7)[VOICE]).all()
        _, out, came = line.step_alone()
        assert not came
        assert (out == IDLE_BYTE).all()
        assert line.near.counters.slips_repeated == 2

    def test_frames_of_the_d_channel_arrive_in_order(self, line: Line) -> None:
        line.settle()
        sent = [bytes([n]) * (3 + n * 7) for n in range(20)]  # 1,390 octets: some nine ticks of 64 kbit/s
        arrived: list[bytes] = []
        for frame in sent:
            line.near.send_frame(frame)
        for _ in range(20):
            line.step()
            arrived += line.far.frames()
        assert arrived == sent
        assert line.near.frames() == []
        assert line.far.counters.hdlc_frames == len(sent)
        assert line.far.counters.hdlc_bad_fcs == 0

    def test_frames_go_both_ways_at_once(self, line: Line) -> None:
        line.settle()
        line.near.send_frame(b"near to far")
        line.far.send_frame(b"far to near")
        for _ in range(4):
            line.step()
        assert line.far.frames() == [b"near to far"]
        assert line.near.frames() == [b"far to near"]

    def test_the_row_of_the_d_channel_is_idle_for_voice(self, line: Line) -> None:
        line.settle()
        line.near.send_frame(b"not for voice")
        for _ in range(5):
            assert (line.step(numbered(3)).far[D_ROW] == IDLE_BYTE).all()

    def test_without_d_channel_all_timeslots_carry_octets(self, cas_line: Line) -> None:
        line = cas_line
        line.settle()
        heard = [line.step(steady(1)).far for _ in range(5)][-1]
        assert (heard == steady(1)).all()
        assert line.far.frames() == []
        with pytest.raises(SpanError, match="without a D channel"):
            line.near.send_frame(b"nowhere to go")

    def test_signalling_bits(self, cas_line: Line) -> None:
        line = cas_line
        if "abcd" not in line.near.can:
            pytest.skip("this backend carries no signalling bits")
        line.settle()
        assert (line.far.abcd() == 0).all()
        for timeslot, bits in ((1, 0b1001), (17, 0b1101), (31, 0b0110)):
            line.near.set_abcd(timeslot, bits)
        line.settle()
        expected = np.zeros(TIMESLOTS, np.uint8)
        expected[[0, 16, 30]] = (0b1001, 0b1101, 0b0110)
        assert (line.far.abcd() == expected).all()
        assert (line.near.abcd() == 0).all()

    @pytest.mark.parametrize(("timeslot", "bits"), [(0, 1), (32, 1), (1, 16), (1, -1)])
    def test_signalling_bits_that_cannot_be(self, line: Line, timeslot: int, bits: int) -> None:
        with pytest.raises(ValueError, match=r"timeslot|signalling bits"):
            line.near.set_abcd(timeslot, bits)

    def test_silence_raises_red_and_steady_arrival_clears_it(self, line: Line) -> None:
        line.needs("fall silent")
        line.settle()
        not_yet, by_then = line.red_ticks
        for tick in range(not_yet):
            line.step_alone()
            assert alarms(line.near) == Alarm.NONE, tick
        for _ in range(by_then - not_yet):
            _, out, came = line.step_alone()
        assert alarms(line.near) == Alarm.RED
        assert line.near.counters.alarms == 1
        assert not came
        assert (out == IDLE_BYTE).all()
        still, by_then = line.clear_ticks
        for _ in range(still):
            line.step()
            assert alarms(line.near) == Alarm.RED
        line.settle(by_then - still)
        assert alarms(line.near) == Alarm.NONE
        heard = [line.step(from_far=steady(9)).near for _ in range(6)][-1]
        assert (heard[VOICE] == steady(9)[VOICE]).all()

    def test_red_ends_neither_frames_nor_calls_for_ever(self, line: Line) -> None:
        """After RED the D channel works again."""
        line.needs("fall silent")
        line.settle()
        for _ in range(line.red_ticks[1]):
            line.step_alone()
        line.settle(line.clear_ticks[1])
        line.near.frames()
        line.far.send_frame(b"here again")
        line.settle()
        assert line.near.frames() == [b"here again"]

    def test_slips_are_not_counted_while_red(self, line: Line) -> None:
        line.needs("fall silent")
        line.settle()
        for _ in range(line.red_ticks[1]):
            line.step_alone()
        before = line.near.counters.slips_repeated
        for _ in range(50):
            line.step_alone()
        assert line.near.counters.slips_repeated == before

    def test_an_end_in_red_sends_yellow(self, line: Line) -> None:
        line.needs("fall silent")
        line.settle()
        for _ in range(line.red_ticks[1]):
            line.step_alone()
        line.settle(line.red_ticks[0] // 2)  # the near end is still in RED while its frames arrive again
        assert alarms(line.near) == Alarm.RED
        assert Alarm.YELLOW in alarms(line.far)
        line.settle(line.red_ticks[1])
        assert alarms(line.far) == Alarm.NONE

    def test_yellow_on_request(self, line: Line) -> None:
        if "yellow" not in line.near.can:
            pytest.skip("this backend sends RAI only by itself")
        line.settle()
        line.near.set_yellow(on=True)
        line.settle()
        assert alarms(line.far) == Alarm.YELLOW
        assert alarms(line.near) == Alarm.NONE
        line.near.set_yellow(on=False)
        line.settle()
        assert alarms(line.far) == Alarm.NONE

    def test_a_far_end_that_runs_ahead_slips_and_brings_no_delay(self, line: Line) -> None:
        """One tick too many in every ten: each is dropped, whole, and what is heard is never old."""
        line.needs("run ahead")
        line.settle()
        tick = 0
        for _ in range(600):
            tick += 1
            if tick % 10 == 0:
                line.far.transmit(numbered(tick % 256))
                line.carry()
                tick += 1
            heard = line.step(from_far=numbered(tick % 256)).near
        assert line.near.counters.slips_dropped >= 40
        ages = [age for age in range(20) if (heard[VOICE] == numbered((tick - age) % 256)[VOICE]).all()]
        assert ages
        assert ages[0] <= 11

    def test_the_far_end_dies_and_comes_back(self, line: Line) -> None:
        line.settle()
        line.far.close()
        for _ in range(10):
            line.step_alone()
        line.far = line.open("far")
        line.settle(10)
        heard = [line.step(steady(4), steady(5)) for _ in range(5)][-1]
        assert (heard.near[VOICE] == steady(5)[VOICE]).all()
        assert (heard.far[VOICE] == steady(4)[VOICE]).all()

    def test_out_may_be_rows_of_a_larger_array(self, line: Line) -> None:
        line.settle()
        for _ in range(5):
            line.step(from_far=steady(8))
        line.far.transmit(steady(8))
        line.carry()
        matrix = np.zeros((TIMESLOTS * 2, 200), np.uint8)
        assert line.near.receive(matrix[::2, :160])
        assert (matrix[::2, :160][VOICE] == steady(8)[VOICE]).all()
        assert (matrix[1::2] == 0).all()

    def test_what_is_sent_is_taken_at_once(self, line: Line) -> None:
        """The caller may use its array again."""
        line.settle()
        octets = steady(1)
        heard = []
        for _ in range(5):
            line.near.transmit(octets)
            octets[:] = 0
            line.carry()
            heard.append(line.take(line.far)[1])
            octets[:] = steady(1)
        assert (heard[-1][VOICE] == steady(1)[VOICE]).all()

    def test_closed_is_closed(self, line: Line) -> None:
        line.near.close()
        line.near.close()
        for use in (lambda: line.near.wait(0), lambda: line.near.receive(numbered(0)), line.near.frames):
            with pytest.raises(SpanError, match="closed"):
                use()
        with pytest.raises(SpanError, match="closed"):
            line.near.transmit(numbered(0))

    def test_is_a_context_manager(self, line: Line) -> None:
        with line.near as span:
            assert span is line.near
        with pytest.raises(SpanError):
            span.frames()
