# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine's work for a call is bounded, counted in calls of its functions: the same on a busy machine as on any."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from appliance.engine import engine
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.bench import million

ENGINE = str(Path(engine.__file__).parent)
WARM, COUNTED = 100, 200
MOST_CALLS = 410
"""Calls of functions for one call of a caller, on average: the mix of `million` with flow, queue, agents and talk."""
MOST_FUNCTIONS = 245
"""Different functions that more than one call in ten needs: each is code that has to be in the processor's cache."""


@contextmanager
def counted() -> Iterator[Counter[tuple[str, str]]]:
    """Count the calls of each function of the engine."""
    found = Counter[tuple[str, str]]()

    def count(frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(ENGINE):
            found[code.co_filename, code.co_qualname] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield found
    finally:
        sys.setprofile(before)


def test_a_call_costs_no_more_functions_than_it_needs() -> None:
    with Store.in_memory(lockstep_wall(million.EPOCH_MS)) as store:
        bench = million.Bench(store, 1)
        while bench.source.begun < WARM:
            bench.turn()
        with counted() as found:
            while bench.source.begun < WARM + COUNTED:
                bench.turn()
    often = [name for name, calls in found.items() if calls > COUNTED / 10]
    assert 100 < found.total() / COUNTED <= MOST_CALLS
    assert 50 < len(often) <= MOST_FUNCTIONS
