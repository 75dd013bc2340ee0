# SPDX-License-Identifier: GPL-2.0-or-later
"""The exchange in real time, on its own clock, over datagrams."""

from pathlib import Path

import pytest

from drivers.clock import TickClock
from drivers.spans import open_span
from hw_sim.calls import CallPlan
from hw_sim.errors import ExchangeError
from hw_sim.exchange import Exchange
from hw_sim.report import report_call
from hw_sim.scenario import read_scenario
from hw_sim.script import read_script
from hw_sim.session import Session


def test_call_over_tdmoe_in_real_time(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    with open_span(f"tdmoe:{a},{b}?frames=20") as near, open_span(f"tdmoe:{b},{a}?frames=20") as far:
        net, usr = Exchange([near]), Exchange([far], "user")
        usr.subscribe("1", read_script("answer; speak tone 1004 -10 1; wait remote"))
        ticks = [0]

        def follow() -> bool:
            """The far end does a tick for each of ours."""
            while usr.now < net.now:
                usr.tick()
            ticks[0] += 1
            return net.ready and usr.ready

        clock = TickClock()
        net.run_realtime(clock, follow)
        record = net.call(CallPlan("1", read_script("wait answer; listen 1; expect 1004; key 5; hangup")))
        net.run_realtime(clock, lambda: bool(follow() and record.ended is not None and not usr.active))
        assert report_call(record, net.rows.ear).passed
        heard = report_call(usr.records[0], usr.rows.ear).heard
        assert [h.what for h in heard] == ["5"]
        assert near.counters.slips_repeated + near.counters.slips_dropped <= 2


def test_nobody_at_the_far_end_is_told(tmp_path: Path) -> None:
    prepared = read_scenario({}, tmp_path, "test")
    now = [0.0]
    clock = TickClock(lambda: now[0], lambda s: now.__setitem__(0, now[0] + s))
    with open_span(f"tdmoe:{tmp_path / 'a'},{tmp_path / 'b'}", clock=lambda: now[0]) as span:
        session = Session(Exchange([span]), prepared)
        with pytest.raises(ExchangeError, match=r"span 1 .*nothing arrives") as caught:
            session.run(clock)
        assert "other end" in caught.value.hint
