# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory of calls: what a call used is free as soon as it is over, for the next call."""

import dataclasses
import gc
import random
from typing import Any

import pytest

from appliance.contract import switch as m
from appliance.contract.books import OpenBooks
from appliance.engine.engine import Engine
from appliance.engine.parts.call import Call, Leg
from appliance.ivr.check import load_flow
from tests.bench import million
from tests.bench.callsource import CallSource

HABITS = dataclasses.replace(million.HABITS, from_phones=0.0, glare=0.0)
"""Callers of a hotline: flow, queue, talk."""


class Hotline:
    """Engine and source of calls, turned by hand; the records are dropped."""

    def __init__(self) -> None:
        config = million.settings()
        self.source = CallSource(random.Random(1), config, HABITS, million.CHANNELS)
        self.engine = Engine(config, {"hotline": load_flow(million.HOTLINE)}, OpenBooks())
        self.engine.handle(m.Attached("bench", million.CHANNELS), 0)

    def run(self, calls: int) -> None:
        """Go on until so many calls have begun."""
        while self.source.begun < calls:
            due, tick = self.engine.next_deadline(), self.source.next_tick()
            if due is not None and (tick is None or due <= tick):
                self.source.now, step = due, self.engine.advance(due)
            else:
                event = self.source.take()
                if tick is None or event is None:
                    continue
                step = self.engine.handle(event, tick)
            for command in step.commands:
                self.source.execute(command)


@pytest.fixture
def garbage() -> Any:
    """Return the list into which the collector puts what only it can free."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


def test_calls_of_a_hotline_leave_no_circle_of_references(garbage: list[object]) -> None:
    hotline = Hotline()
    hotline.run(100)
    gc.collect()
    garbage.clear()
    hotline.run(300)
    gc.collect()
    assert [each for each in garbage if isinstance(each, Call | Leg)] == []
