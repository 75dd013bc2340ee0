# SPDX-License-Identifier: GPL-2.0-or-later
"""Removal of old rows from the books, inside the open transaction: a few rows at a time, so that no call waits.

Rows of recordings stay when their files are deleted.
"""

import sqlite3
from collections.abc import Sequence

from appliance.contract.errors import RequestError
from appliance.i18n import N_
from appliance.store import totals
from appliance.store.archive import OF_CALLS, Due


def forget(cursor: sqlite3.Cursor, due: Due) -> None:
    """Delete rows from the books; their share in the totals stays."""
    for call in due.calls:
        row = cursor.execute("SELECT disposition FROM calls WHERE call = ?", (call,)).fetchone()
        if row is None:
            continue
        totals.gone(cursor, row[0])
        for table in OF_CALLS:
            cursor.execute(f"DELETE FROM {table} WHERE call = ?", (call,))  # noqa: S608 - a table of ours
    cursor.executemany("DELETE FROM agent_states WHERE change = ?", [(change,) for change in due.states])
    cursor.executemany("DELETE FROM troubles WHERE trouble = ?", [(trouble,) for trouble in due.troubles])


def note_deleted(cursor: sqlite3.Cursor, recordings: Sequence[int], now: int, by: str = "", why: str = "") -> None:
    """Set when the files of recordings were deleted (`now`, Unix milliseconds), by whom and why; '': for their age."""
    sql = "UPDATE recordings SET deleted = ?, deleted_by = ?, deleted_why = ? WHERE recording = ? AND deleted IS NULL"
    cursor.executemany(sql, [(now, by, why, each) for each in recordings])


def deletable(books: sqlite3.Connection, recording: int) -> str:
    """Return the path of a recording whose file can be deleted. Raises RequestError."""
    sql = "SELECT path, closed, deleted FROM recordings WHERE recording = ?"
    path, closed, deleted = books.execute(sql, (recording,)).fetchone() or ("", None, None)
    if not path:
        hint = N_("see `mxbox recordings`")
        raise RequestError.of(N_("there is no recording {recording} in the books"), hint, recording=recording)
    if closed is None:
        hint = N_("wait until its call is over")
        raise RequestError.of(N_("recording {recording} is being made"), hint, recording=recording)
    if deleted is not None:
        raise RequestError.of(N_("recording {recording} was deleted before"), recording=recording)
    return str(path)
