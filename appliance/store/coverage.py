# SPDX-License-Identifier: GPL-2.0-or-later
"""Coverage of recordings: of the calls with a talk that should be recorded, how many are."""

import sqlite3
from typing import Final

from appliance.contract.rows import Coverage

MAX_LISTED: Final = 100
"""Calls without a recording that are listed; all are counted."""
_DAY_MS: Final = 86_400_000

_TALKED: Final = """
SELECT c.call,
    EXISTS (SELECT 1 FROM recordings r WHERE r.call = c.call AND (r.closed IS NULL OR r.samples > 0)) AS recorded
FROM calls c
WHERE c.call >= coalesce((SELECT min(first) FROM days WHERE day >= :since / :day), 0)
    AND c.call <= coalesce((SELECT max(last) FROM days WHERE day <= :until / :day), 0)
    AND +c.started_at >= :since AND +c.started_at < :until AND c.answered IS NOT NULL
    AND EXISTS (SELECT 1 FROM segments s WHERE s.call = c.call AND s.kind = 'talk')
    AND (EXISTS (SELECT 1 FROM recording_decisions d WHERE d.call = c.call AND d.wanted)
        OR :all AND NOT EXISTS (SELECT 1 FROM recording_decisions d WHERE d.call = c.call))
ORDER BY c.call DESC
"""


def coverage(books: sqlite3.Connection, since: int, until: int, *, every: bool) -> Coverage:
    """Return the coverage of calls that began in a period (Unix milliseconds; `until` 0: to the end).

    A call should be recorded if a recording rule wanted it at any time; without a decision of a rule, if `every` call
    should (`recording.rule`).
    """
    values = {"since": since, "until": until or 2**62, "day": _DAY_MS, "all": every}
    rows = books.execute(_TALKED, values).fetchall()
    missing = [call for call, recorded in rows if not recorded]
    return Coverage(wanted=len(rows), recorded=len(rows) - len(missing), missing=tuple(missing[:MAX_LISTED]))
