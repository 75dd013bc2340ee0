# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading what happened in conferences."""

import sqlite3
from typing import Final

from appliance.contract.rows import ConferenceLogRow

_LOG: Final = """
SELECT l.call, l.conference, c.started_at + (l.changed - c.opened) * 20, l.what, l.member, l.host, l.done_by
FROM conference_log l JOIN calls c ON c.call = l.call WHERE l.call = ? ORDER BY l.change
"""


def conference_log(connection: sqlite3.Connection, call: int) -> tuple[ConferenceLogRow, ...]:
    """Return the changes in the conference of a call, oldest first."""
    return tuple(
        ConferenceLogRow(
            call=number, conference=conference, at=at, what=what, member=member, host=bool(host), done_by=done_by
        )
        for number, conference, at, what, member, host, done_by in connection.execute(_LOG, (call,))
    )
