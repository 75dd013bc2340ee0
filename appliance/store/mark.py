# SPDX-License-Identifier: GPL-2.0-or-later
"""The mark: every call before it is closed, and so is its recording. From there on the books are read at a start.

It holds the highest numbers given to legs (the box's own, which are odd), segments and offers of calls before it. Moved
now and then with a call that begins, it spares every event the upkeep of indexes of what is up.
"""

import sqlite3

EVERY = 1024
"""Calls. As many rows and those of the oldest call on are looked at when it moves: about a millisecond."""

_MOVE = """
UPDATE mark SET
    leg = max(leg, coalesce((SELECT max(l.leg) FROM legs l WHERE l.call >= mark.call AND l.leg % 2 = 1), 0)),
    segment = max(segment, coalesce((SELECT max(s.segment) FROM segments s WHERE s.call >= mark.call), 0)),
    offer = max(offer, coalesce((SELECT max(o.offer) FROM offers o WHERE o.call >= mark.call), 0)),
    call = coalesce((SELECT min(up.call) FROM (
        SELECT c.call FROM calls c WHERE c.call >= mark.call AND c.closed IS NULL
        UNION ALL SELECT r.call FROM recordings r WHERE r.call >= mark.call AND r.closed IS NULL
    ) up), call)
"""


def move(cursor: sqlite3.Cursor) -> None:
    """Move the mark to the oldest call that is up, inside the transaction that is open."""
    cursor.execute(_MOVE)
