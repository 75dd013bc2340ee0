# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast the box's files grow: recordings made in the last week less those deleted, and the books."""

import sqlite3
from typing import Final, NamedTuple

DAY_MS: Final = 86_400_000
WINDOW_DAYS: Final = 7
_OCTETS: Final = 2
"""Of a sample in a recording: most have two tracks of A-law."""

_MADE: Final = """
SELECT coalesce(sum(r.samples), 0) FROM recordings r
WHERE r.call >= coalesce((SELECT min(first) FROM days WHERE day >= :since / :day), 0) AND +r.started_at >= :since
"""
_DELETED: Final = "SELECT coalesce(sum(samples), 0) FROM recordings WHERE deleted >= :since"
_OLDEST: Final = "SELECT started_at FROM calls ORDER BY call LIMIT 1"


class Growth(NamedTuple):
    """Bytes a day."""

    books: int
    recordings: int


def growth(books: sqlite3.Connection, now: int, size: int, keep_days: int) -> Growth | None:
    """Return how fast files grow at a time (Unix ms); None: the books are younger than a day.

    Args:
        books: to read from.
        now: the time.
        size: of the books in bytes.
        keep_days: after which calls leave them; 0: never.
    """
    (began,) = books.execute(_OLDEST).fetchone() or (now,)
    age = (now - began) / DAY_MS
    if age < 1:
        return None
    window = min(WINDOW_DAYS, age)
    since = {"since": round(now - window * DAY_MS), "day": DAY_MS}
    (made,), (deleted,) = books.execute(_MADE, since).fetchone(), books.execute(_DELETED, since).fetchone()
    full = keep_days and age >= keep_days  # as much leaves them as comes in
    return Growth(0 if full else round(size / age), round((made - deleted) * _OCTETS / window))
