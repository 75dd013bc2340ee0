# SPDX-License-Identifier: GPL-2.0-or-later
"""What leaves the books, inside the transaction that is open: a few rows at a time, so that no call waits for it."""

import sqlite3
from collections.abc import Sequence

from appliance.store import totals
from appliance.store.archive import OF_CALLS, Due


def forget(cursor: sqlite3.Cursor, due: Due) -> None:
    """Take rows out of the books; the totals keep what they added."""
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
    """Note that the files of recordings were deleted for their age at `now` (Unix milliseconds)."""
    cursor.executemany("UPDATE recordings SET deleted = ? WHERE recording = ?", [(now, each) for each in recordings])
