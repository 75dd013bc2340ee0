# SPDX-License-Identifier: GPL-2.0-or-later
"""TDMoE in real time between two processes; the far end is killed and comes back."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.span import TICK_SAMPLES, TIMESLOTS, Alarm, Octets, Span, SpanOptions
from drivers.spans import open_span
from tests.contract.span_lines import idle


class FarEnd:
    """The far end's process."""

    def __init__(self, folder: Path) -> None:
        self.address = f"tdmoe:{folder}/f,{folder}/n?frames=20"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ppm: float = 0) -> None:
        command = [sys.executable, "-m", "tests.drivers.tdmoe_far_end", self.address, str(ppm)]
        self.process = subprocess.Popen(command)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def far(tmp_path: Path) -> Iterator[FarEnd]:
    far = FarEnd(tmp_path)
    yield far
    far.kill()


def run(span: Span, seconds: float, *, until: Alarm | None = None) -> list[Octets]:
    """Run the near end, clocked by the line, for a while or until it has these alarms; return its ticks."""
    heard, end = [], time.monotonic() + seconds
    while time.monotonic() < end and (until is None or span.alarms != until):
        if span.wait(0.05):
            out = np.empty((TIMESLOTS, TICK_SAMPLES), np.uint8)
            span.receive(out)
            span.transmit(idle())
            heard.append(out)
    return heard


def test_the_line_is_the_clock_and_its_end_may_die(tmp_path: Path, far: FarEnd) -> None:
    with open_span(f"tdmoe:{tmp_path}/n,{tmp_path}/f?frames=20", SpanOptions(red_after_s=0.3)) as span:
        far.start()
        assert span.wait(20)  # it takes a while to start
        run(span, 20, until=Alarm.NONE)
        run(span, 0.1)

        begin, had = time.monotonic(), slips(span)
        span.send_frame(b"to the far end and back")
        heard = run(span, 1.5)
        ticks_a_second = len(heard) / (time.monotonic() - begin)
        assert 45 < ticks_a_second < 55
        numbers = [int(octets[0, 0]) for octets in heard]
        assert numbers == [(numbers[0] + n) % 128 for n in range(len(numbers))]
        assert span.frames() == [b"to the far end and back"]
        assert slips(span) == had
        assert span.counters.frames_lost == 0

        far.kill()
        run(span, 5, until=Alarm.RED)
        assert Alarm.RED in span.alarms

        far.start()
        run(span, 20, until=Alarm.NONE)
        span.send_frame(b"once more")
        run(span, 0.5)
        assert span.frames() == [b"once more"]


def slips(span: Span) -> int:
    return span.counters.slips_repeated + span.counters.slips_dropped


def run_together(spans: list[Span], ticks: int) -> None:
    """The first span's ticks are everybody's."""
    out = np.empty((TIMESLOTS, TICK_SAMPLES), np.uint8)
    for _ in range(ticks):
        assert spans[0].wait(10)
        for span in spans:
            span.receive(out)
            span.transmit(idle())


def slipped_together(spans: list[Span], ticks: int) -> int:
    """Slips of the worst of them."""
    before = [slips(span) for span in spans]
    run_together(spans, ticks)
    return max(slips(span) - had for span, had in zip(spans, before, strict=True))


def test_three_spans_on_three_clocks_need_only_the_first(tmp_path: Path) -> None:
    """As an MX90 has them: the first is the clock, the others are read on its ticks."""
    ends = [FarEnd(folder) for folder in (tmp_path / "1", tmp_path / "2", tmp_path / "3")]
    for number in "123":
        (tmp_path / number).mkdir()
    spans = [open_span(f"tdmoe:{tmp_path}/{n}/n,{tmp_path}/{n}/f?frames=20") for n in "123"]
    try:
        for end, ppm in zip(ends, (0, 200, -200), strict=True):
            end.start(ppm)
        assert all(span.wait(20) for span in spans)
        run_together(spans, 50)
        # 2 s at 200 ppm is 0.4 ms: a slip here is a stall of this machine, which does not stall all the time.
        assert any(slipped_together(spans, 100) <= 3 for _try in range(5))
    finally:
        for end in ends:
            end.kill()
        for span in spans:
            span.close()
