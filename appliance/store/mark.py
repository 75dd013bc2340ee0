# SPDX-License-Identifier: GPL-2.0-or-later
"""The mark: every call before it is closed, and so is its recording. From there on the books are read at a start.

With it are kept the highest numbers given to legs (the box's own, which are odd), segments and offers of calls before
it, that of all recordings, and each agent's newest change by then. It moves now and then, with a call that begins, and
before calls leave the books; that spares every event the upkeep of indexes of what is up. The newest call is never
before it, so the books never lose count.
"""

import sqlite3

EVERY = 1024
"""Calls. As many rows and those of the oldest call on are looked at when it moves: some milliseconds."""

LAST_CHANGES = """
SELECT max(change) FROM (
    SELECT agent, change FROM agents_at_mark
    UNION ALL SELECT agent, change FROM agent_states WHERE change > (SELECT change FROM mark)
) GROUP BY agent
"""
"""The newest change of each agent, at any time."""

_AGENTS = """
INSERT OR REPLACE INTO agents_at_mark (agent, change)
SELECT agent, max(change) FROM agent_states WHERE change > (SELECT change FROM mark) GROUP BY agent
"""
_MARK = """
UPDATE mark SET
    leg = max(leg, coalesce((SELECT max(l.leg) FROM legs l WHERE l.call >= mark.call AND l.leg % 2 = 1), 0)),
    segment = max(segment, coalesce((SELECT max(s.segment) FROM segments s WHERE s.call >= mark.call), 0)),
    offer = max(offer, coalesce((SELECT max(o.offer) FROM offers o WHERE o.call >= mark.call), 0)),
    change = coalesce((SELECT max(a.change) FROM agent_states a), 0),
    recording = max(recording, coalesce((SELECT max(r.recording) FROM recordings r), 0)),
    call = coalesce((SELECT min(up.call) FROM (
        SELECT c.call FROM calls c WHERE c.call >= mark.call AND c.closed IS NULL
        UNION ALL SELECT r.call FROM recordings r WHERE r.call >= mark.call AND r.closed IS NULL
    ) up), (SELECT max(c.call) FROM calls c), call)
"""


def move(cursor: sqlite3.Cursor) -> None:
    """Move the mark to the oldest call that is up, or to the newest of all, inside the transaction that is open."""
    cursor.execute(_AGENTS)
    cursor.execute(_MARK)
