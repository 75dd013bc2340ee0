# SPDX-License-Identifier: GPL-2.0-or-later
"""Removal of old rows from the books, inside the open transaction: a few rows at a time, so that no call waits.

Rows of recordings stay when their files are deleted.
"""

import sqlite3

from appliance.contract.errors import RequestError
from appliance.i18n import N_
from appliance.store import totals
from appliance.store.archive import OF_CALLS, Due
from appliance.store.shelves import FILE


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


def deletable(books: sqlite3.Connection, recording: int) -> tuple[str, str]:
    """Return the path of a recording whose file can be deleted, and the folder to which it was moved or ''.

    Raises RequestError.
    """
    sql = f"SELECT {FILE}, r.folder, r.closed, r.deleted FROM recordings r WHERE r.recording = ?"  # noqa: S608 - ours
    path, folder, closed, deleted = books.execute(sql, (recording,)).fetchone() or ("", "", None, None)
    if not path:
        hint = N_("see `mxbox recordings`")
        raise RequestError.of(N_("there is no recording {recording} in the books"), hint, recording=recording)
    if closed is None:
        hint = N_("wait until its call is over")
        raise RequestError.of(N_("recording {recording} is being made"), hint, recording=recording)
    if deleted is not None:
        raise RequestError.of(N_("recording {recording} was deleted before"), recording=recording)
    return str(path), str(folder)
