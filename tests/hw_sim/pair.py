# SPDX-License-Identifier: GPL-2.0-or-later
"""Two exchanges back to back: network and user side of one to eight lines, in lockstep."""

from collections.abc import Callable, Sequence

from drivers.sim import SimLine
from drivers.span import Span
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.exchange import Exchange
from hw_sim.hearing import Heard
from hw_sim.report import CallReport, report_call
from hw_sim.script import read_script
from hw_sim.sounds import Library


class Pair:
    """`net` and `usr` on lines of their own, up and settled."""

    def __init__(
        self, spans: int = 1, seed: int = 1, library: Library | None = None, ends: Sequence[tuple[Span, Span]] = ()
    ) -> None:
        self.lines = [SimLine(f"line{n}") for n in range(spans)]
        pairs = ends or [line.ends() for line in self.lines]
        self.net = Exchange([near for near, _far in pairs], "network", seed, library)
        self.usr = Exchange([far for _near, far in pairs], "user", seed + 1, library)
        self.until(lambda: self.net.ready and self.usr.ready, 10)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self.net.tick()
            self.usr.tick()

    def until(self, what: Callable[[], bool], within_s: float = 60) -> None:
        for _ in range(round(within_s * 50)):
            if what():
                return
            self.run(0.02)
        raise AssertionError(f"not within {within_s} s")

    def call(
        self, to: str, script: str, caller: str = "13800138000", *, exchange: Exchange | None = None
    ) -> CallRecord:
        """Make a call and run until its end, at both ends."""
        record = (exchange or self.net).call(CallPlan(to, read_script(script), caller))
        self.until(lambda: record.ended is not None and not self.net.active and not self.usr.active)
        return record

    def report(self, record: CallRecord) -> CallReport:
        return report_call(record, self.net.rows.ear)


def names(heard: Sequence[Heard]) -> list[str]:
    return [h.what for h in heard]
