# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole calls as the records that call control writes: input of the tests of the books."""

from collections.abc import Sequence

from appliance.contract import records as r
from appliance.contract.choices import Choice
from appliance.contract.switch import Party
from appliance.store.store import Store

Event = tuple[int, list[r.AnyRecord]]

EPOCH_MS = 1_790_000_000_000
RECORDS = 29


def queue_call(n: int, start: int = 0, timeslot: int = 1, agent: str = "8001") -> list[Event]:
    """Return the n-th call (from 1): flow, key, queue, agent, talk, both recorded.

    36 s, [(tick, records of one event)]."""
    caller, phone, first = 2 * n, 2 * n - 1, 4 * n - 3
    opened = r.CallOpened(n, "in", Party(f"1380013{n % 10_000:04d}"), "96900", "welcome")
    return [
        (
            start,
            [
                opened,
                r.LegOpened(caller, n, "pri:carrier", "caller", opened.caller.number),
                r.ChannelSeized(caller, n, 1, timeslot),
                r.CallAnswered(n),
                r.LegAnswered(caller, n),
                r.RecordingOpened(n, n, caller, f"2026/{n}.wav"),
                r.SegmentOpened(first, n, "flow", (caller,), "welcome/greeting"),
            ],
        ),
        (start + 200, [r.KeyPressed(n, caller, "1", "menu", accepted=True)]),
        (
            start + 250,
            [
                r.SegmentClosed(first, n),
                r.SegmentOpened(first + 1, n, "queue", (caller,), "hotline"),
                r.QueueEntered(n, "hotline", 1),
            ],
        ),
        (
            start + 400,
            [
                r.LegOpened(phone, n, "sip:8001@127.0.0.1:5071", "agent", "8001", agent),
                r.QueueChose(n, "hotline", Choice("longest_idle", (agent,), chosen=(agent,))),
                r.OfferMade(n, n, "hotline", agent, phone),
                r.AgentChanged(agent, "ready", "offered"),
            ],
        ),
        (
            start + 600,
            [
                r.LegAnswered(phone, n),
                r.OfferEnded(n, n, "answered"),
                r.QueueLeft(n, "hotline", "answered"),
                r.SegmentClosed(first + 1, n),
                r.SegmentOpened(first + 2, n, "talk", (caller, phone), agent),
                r.AgentChanged(agent, "ready", "talking"),
            ],
        ),
        (
            start + 1800,
            [
                r.CallReleased(n),
                r.SegmentClosed(first + 2, n),
                r.LegClosed(caller, n, 16),
                r.AgentChanged(agent, "ready", "wrap_up"),
            ],
        ),
        (start + 1800, [r.LegClosed(phone, n, 16), r.CallClosed(n, "answered", 16, "caller")]),
        (start + 1802, [r.RecordingClosed(n, 1800 * 160)]),
        (start + 2300, [r.AgentChanged(agent, "ready", "idle")]),
    ]


def enter(store: Store, events: Sequence[Event], seq: int = 0) -> int:
    """Apply events, numbered from `seq` + 1; return the last number."""
    for tick, records in events:
        seq += 1
        store.apply(seq, tick, records)
    return seq
