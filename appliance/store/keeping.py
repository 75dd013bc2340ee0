# SPDX-License-Identifier: GPL-2.0-or-later
"""Removal of old rows from the books, inside the open transaction: a few rows at a time, so that no call waits."""

import sqlite3
from collections.abc import Sequence

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


def note_deleted(cursor: sqlite3.Cursor, recordings: Sequence[int], now: int) -> None:
    """Set the time at which the files of recordings were deleted for their age: `now`, Unix milliseconds."""
    cursor.executemany("UPDATE recordings SET deleted = ? WHERE recording = ?", [(now, each) for each in recordings])
