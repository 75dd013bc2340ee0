# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch process.

`python -m appliance.switch CONFIG`. One thread, one tick; a second thread only writes recordings.
"""

import signal
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from types import FrameType

from appliance.children.child import ending_signals
from appliance.contract.switch import Envelope, Heartbeat, StatusReport, Trouble
from appliance.contract.ticks import TICKS_PER_S
from appliance.i18n import N_
from appliance.switch.core import Switch
from appliance.switch.lines.clock import LineClock
from appliance.switch.uplink import Uplink

HEARTBEAT_TICKS = 5
REPORT_TICKS = TICKS_PER_S
LATE_TOLD_TICKS = 60 * TICKS_PER_S
"""Time from one entry about late ticks to the next: a machine overloaded for a night must not fill the list."""


class TickTimes:
    """Work of the last second's ticks, in microseconds; the worst since the start."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=TICKS_PER_S)
        self._worst = 0.0

    def add(self, microseconds: float) -> None:
        """Add one tick."""
        self._recent.append(microseconds)
        self._worst = max(self._worst, microseconds)

    def report(self, late: int, switch: Switch) -> StatusReport:
        """Return the state of the switch."""
        ordered = sorted(self._recent) or [0.0]
        p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
        times = (round(p50, 1), round(p99, 1), round(self._worst, 1))
        return StatusReport(late, *times, switch.report(), *switch.levels())


class Process:
    """Loop that runs a `Switch` by the line clock and joins it to the call server.

    Args:
        perf: a monotonic clock in seconds, to measure the tick's work with.
    """

    def __init__(self, switch: Switch, clock: LineClock, uplink: Uplink, perf: Callable[[], float]) -> None:
        self._switch = switch
        self._clock = clock
        self._uplink = uplink
        self._perf = perf
        self._times = TickTimes()
        self._silent = 0
        self._late_told = self._late_next = 0
        self._stop = False

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Stop after the tick at hand (a signal handler)."""
        self._stop = True

    def run(self) -> None:
        """Tick until stopped, then close lines and files in order."""
        try:
            while not self._stop:
                self._clock.wait()
                begun = self._perf()
                self._tick()
                self._times.add((self._perf() - begun) * 1e6)
        finally:
            self._switch.close()
            self._uplink.close()

    def _tick(self) -> None:
        self._obey()
        envelopes = self._switch.tick()
        if not self._uplink.connected:
            return
        self._silent = 0 if envelopes else self._silent + 1
        if self._switch.now % REPORT_TICKS == 0:
            envelopes += self._report()
        elif self._silent >= HEARTBEAT_TICKS:
            envelopes.append(self._switch.peek(Heartbeat()))
            self._silent = 0
        self._uplink.send(envelopes)

    def _obey(self) -> None:
        for command in self._uplink.commands():
            self._switch.execute(command)
        if self._switch.attached and not self._uplink.connected:
            self._switch.detach()
        if confirm := self._uplink.greeting():
            self._uplink.send(self._switch.attach(confirm))

    def _report(self) -> list[Envelope]:
        report = self._switch.peek(self._times.report(self._clock.late, self._switch))
        late = self._clock.late - self._late_told
        if not late or self._switch.now < self._late_next:
            return [report]
        self._late_told, self._late_next = self._clock.late, self._switch.now + LATE_TOLD_TICKS
        trouble = Trouble(
            "late_ticks", N_("ticks began late, the machine is overloaded: {count}"), late, {"count": str(late)}
        )
        return [self._switch.trouble(trouble), report]


def serve(switch: Switch, clock: LineClock, uplink: Uplink) -> None:
    """Run until a signal that ends a process."""
    process = Process(switch, clock, uplink, time.perf_counter)
    for number in ending_signals():
        signal.signal(number, partial(Process.stop, process))
    process.run()
