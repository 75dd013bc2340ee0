# SPDX-License-Identifier: GPL-2.0-or-later
"""Acts of supervisors, read from the books."""

import sqlite3
from typing import Final

import msgspec

from appliance.contract.rows import SupervisorRow

_ACTS: Final = f"""
SELECT {", ".join(SupervisorRow.__struct_fields__)} FROM supervisor_log
WHERE started_at >= :since AND (:until = 0 OR started_at < :until) AND (:before = 0 OR number < :before)
    AND (:call = 0 OR call = :call) AND (:agent = '' OR agent = :agent) AND (:by = '' OR :by IN (extension, asked_by))
ORDER BY number DESC LIMIT :limit
"""  # noqa: S608 - names of ours


def acts(
    books: sqlite3.Connection, *, since: int, until: int, agent: str, by: str, call: int, before: int, limit: int
) -> tuple[SupervisorRow, ...]:
    """Return the acts of supervisors, newest first; arguments as in `api.messages.SupervisorLog`."""
    values = {"since": since, "until": until, "agent": agent, "by": by, "call": call, "before": before, "limit": limit}
    rows = books.execute(_ACTS, values)
    names = [column[0] for column in rows.description]
    return tuple(msgspec.convert(dict(zip(names, row, strict=True)), SupervisorRow) for row in rows)
