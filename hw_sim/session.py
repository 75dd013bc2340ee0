# SPDX-License-Identifier: GPL-2.0-or-later
"""A scenario running on an exchange: `run` in real time, or step by step in lockstep."""

from collections.abc import Callable
from typing import Final

from drivers.clock import TickClock
from drivers.span import TICK_S
from hw_sim.calls import CallRecord
from hw_sim.errors import ExchangeError
from hw_sim.exchange import Exchange
from hw_sim.load import LoadRun
from hw_sim.report import RunReport, report_run
from hw_sim.scenario import Prepared

READY_S: Final = 15.0
_CLEAR_S: Final = 0.1
"""Time for the last RELEASE COMPLETE to leave."""


class Session:
    """A scenario on an exchange: first wait until the lines are `ready`, then `begin`, tick until `done`, `report`.

    Args:
        exchange: made with the scenario's side, seed and library.
        prepared: the scenario.
    """

    def __init__(self, exchange: Exchange, prepared: Prepared) -> None:
        self.exchange = exchange
        self._prepared = prepared
        self._calls: list[CallRecord] = []
        self._left = len(prepared.calls)
        self._load: LoadRun | None = None
        self._end = 0
        for number, script in prepared.called:
            exchange.subscribe(number, script)

    def begin(self) -> None:
        """Start the scenario's time now."""
        exchange, scenario = self.exchange, self._prepared.scenario
        self._end = exchange.now + round(scenario.longest_s / TICK_S)
        for impairment in scenario.impairment:
            exchange.impair(impairment)
        for fault in scenario.fault:
            act = exchange.cut if fault.kind == "cut" else exchange.cut_d
            exchange.at(fault.at_s, lambda fault=fault, act=act: act(fault.span, fault.for_s))  # type: ignore[misc]
        for number, (at_s, _plan) in enumerate(self._prepared.calls):
            exchange.at(at_s, lambda number=number: self._call(number))  # type: ignore[misc]
        if scenario.load:
            self._load = LoadRun(exchange, scenario.load)

    @property
    def done(self) -> bool:
        """Whether all calls of the scenario are over, or its time is."""
        if self.exchange.now >= self._end:
            return True
        over = not self._left and all(record.ended is not None for record in self._calls)
        return over and (self._load is None or self._load.done)

    def report(self) -> RunReport:
        """Return the report. Calls of a load run are in its figures, not in the list."""
        if self._load is None:
            return report_run(self.exchange)
        made = {id(record) for record in self._load.records}
        others = [record for record in self.exchange.records if id(record) not in made]
        return report_run(self.exchange, others, self._load.result())

    def run(self, clock: TickClock, stopped: Callable[[], bool] = lambda: False) -> RunReport:
        """Run the scenario in real time; return the report.

        Raises:
            ExchangeError: a D channel does not come up.
        """
        self.wait_ready(clock, stopped)
        self.begin()
        self.exchange.run_realtime(clock, lambda: self.done or stopped())
        self.settle(clock)
        return self.report()

    def wait_ready(self, clock: TickClock, stopped: Callable[[], bool] = lambda: False) -> None:
        """Tick until all spans can carry the calls: one call need not wait for all channels. Raises ExchangeError."""
        exchange, one = self.exchange, len(self._prepared.calls) == 1 and not self._prepared.scenario.load
        end = exchange.now + round(READY_S / TICK_S)
        exchange.run_realtime(
            clock, lambda: (exchange.stands if one else exchange.ready) or exchange.now >= end or stopped()
        )
        for trunk in exchange.trunks:
            if not (trunk.stands if one else trunk.settled) and not stopped():
                state = "nothing arrives" if trunk.red else "the D channel does not come up"
                raise ExchangeError(
                    f"span {trunk.number} ({trunk.span.address}): {state} within {READY_S:g} s",
                    "is the other end running, at the mirrored address, as the other side (user, network)?",
                )

    def settle(self, clock: TickClock) -> None:
        """Tick a little longer, so that the last frames leave."""
        end = self.exchange.now + round(_CLEAR_S / TICK_S)
        self.exchange.run_realtime(clock, lambda: self.exchange.now >= end)

    def _call(self, number: int) -> None:
        self._left -= 1
        self._calls.append(self.exchange.call(self._prepared.calls[number][1]))
