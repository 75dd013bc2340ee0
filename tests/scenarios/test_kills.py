# SPDX-License-Identifier: GPL-2.0-or-later
"""200 calls, with all that a call centre does, while its processes are killed at random: all is accounted for."""

import tempfile
from pathlib import Path

import pytest

from appliance.demo.stage import CALL_SERVER, SWITCH
from tests.bench import kill


@pytest.mark.timeout(300)  # calls for a minute, then all that waits in queues, call-backs too, in real time
def test_200_calls_of_a_call_centre_under_random_kills() -> None:
    with tempfile.TemporaryDirectory(prefix="mx") as folder:  # short: Unix sockets
        result = kill.run(Path(folder), calls=200, seed=5)
    assert result.wrong == []
    assert result.calls >= 200
    assert {*result.kills} == {SWITCH, CALL_SERVER}
    assert result.kills.total() >= 4
    done = [name for name in ("queue", "offers", "talk", "recordings", "message") if not result.counts[name]]
    assert not done, f"nothing of these came about: {result.counts}"
    assert result.counts["messages kept"] >= 1
    assert result.counts["calls answered"] >= 20
