# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of recordings: which agent is heard when, after transfers too, and where silence was recorded."""

from collections.abc import Iterator

import pytest

from appliance.contract import records as r
from appliance.contract.rows import RecordingPart
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, Event, enter, queue_call

SECOND = 1001


@pytest.fixture
def store() -> Iterator[Store]:
    """Fill books with a call that one agent gives to another, recorded twice, and a call of a third agent."""
    first = queue_call(1)
    talk, end = first[4], first[5:]
    transferred: Event = (
        1000,
        [
            r.SegmentClosed(3, 1),
            r.LegClosed(1, 1, 16),
            r.LegOpened(SECOND, 1, "sip:8002@127.0.0.1:5072", "agent", "8002", "8002"),
            r.LegAnswered(SECOND, 1),
            r.SegmentOpened(900, 1, "talk", (2, SECOND), "8002"),
            r.RecordingPaused(1, 1, "8002"),
        ],
    )
    resumed: Event = (1250, [r.RecordingResumed(1, 1, "", "lina")])
    again: Event = (1500, [r.RecordingOpened(2, 1, 2, "again.wav"), r.RecordingPaused(2, 1, "8002")])
    left: Event = (
        1800,
        [r.SegmentClosed(900, 1), *[each for each in end[0][1] if not isinstance(each, r.SegmentClosed)]],
    )
    closed: Event = (1802, [r.LegClosed(SECOND, 1, 16), r.RecordingClosed(1, 0), r.RecordingClosed(2, 302 * 160)])
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq = enter(store, [*first[:4], talk, transferred, resumed, again, left, closed])
        enter(store, queue_call(3, 5000, agent="8003"), seq)
        yield store


def found(store: Store, agent: str = "") -> list[int]:
    rows = Reads(store.reader()).recordings(0, 0, "", agent, 0, 0.0, 0, 50)
    return [row.recording for row in rows]


def test_a_transfer_splits_a_recording_between_the_agents(store: Store) -> None:
    [row] = Reads(store.reader()).recordings(0, 0, "", "8001", 1, 0.0, 0, 50)
    assert [(part.from_s, part.to_s, part.kind, part.agents) for part in row.parts] == [
        (0.0, 5.0, "flow", ()),
        (5.0, 12.0, "queue", ()),
        (12.0, 20.0, "talk", ("8001",)),
        (20.0, 25.0, "pause", ()),
        (20.0, 36.0, "talk", ("8002",)),
    ]
    assert row.parts[3] == RecordingPart(from_s=20.0, to_s=25.0, kind="pause", what="8002")


def test_a_search_by_agent_finds_only_recordings_in_which_the_agent_is_heard(store: Store) -> None:
    assert found(store) == [3, 2, 1]
    assert found(store, "8001") == [1], "the second one began after that agent had left"
    assert found(store, "8002") == [2, 1]
    assert found(store, "8003") == [3]
    assert found(store, "8004") == []


def test_a_pause_that_was_not_ended_ends_with_the_recording(store: Store) -> None:
    row = next(row for row in Reads(store.reader()).recordings(0, 0, "", "", 1, 0.0, 0, 50) if row.recording == 2)
    assert [(part.from_s, part.to_s, part.kind) for part in row.parts] == [(0.0, 6.0, "talk"), (0.0, 6.04, "pause")]


def test_parts_of_a_recording_that_is_being_made_end_now() -> None:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        enter(store, [*queue_call(1)[:5], (900, [r.TroubleNoted("span", "a moment later")])])
        [row] = Reads(store.reader()).recordings(0, 0, "", "8001", 0, 0.0, 0, 50)
        assert row.running
        assert (row.parts[-1].from_s, row.parts[-1].to_s, row.parts[-1].agents) == (12.0, 18.0, ("8001",))
