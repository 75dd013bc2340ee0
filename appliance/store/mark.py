# SPDX-License-Identifier: GPL-2.0-or-later
"""The mark: every call before it is closed, and so is its recording. From there on the books are read at a start.

Beside it are kept the highest numbers given to legs (the box's own, which are odd), segments and offers of calls before
it, the highest number of a recording, and each agent's newest change by then. The mark moves once in `INTERVAL_CALLS`
calls, when a call begins, and before calls leave the books; so no event has to maintain indexes of what is up. The
newest call is never before the mark, so the next number of a call is always found.
"""

import sqlite3

INTERVAL_CALLS = 1024
"""As many rows and those of the oldest open call on are read when the mark moves: some milliseconds."""

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
    """Set the mark to the oldest open call, or to the newest call of all, inside the open transaction."""
    cursor.execute(_AGENTS)
    cursor.execute(_MARK)
