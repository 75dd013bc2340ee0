# SPDX-License-Identifier: GPL-2.0-or-later
"""Registered phones, as the edge keeps them: read from its file, so that it need not even run."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.edge.databases import FILE
from drivers.text import decode

JULIAN_EPOCH: Final = 2440587.5
"""1970-01-01 as a Julian day: usrloc keeps times so in SQLite."""
DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class Contact:
    """One registered phone: `address` host:port, seen from the box; `until` Unix milliseconds UTC."""

    address: str
    transport: str
    agent: str
    until: int


def contacts(state: Path, now: int) -> dict[str, list[Contact]]:
    """Return the phones that are registered at `now` (Unix milliseconds UTC), by their extension.

    Raises:
        sqlite3.Error: the file is damaged.
    """
    path = state / FILE
    if not path.exists():  # no edge has run here yet
        return {}
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    database.text_factory = decode  # texts of phones: SQLite itself refuses all rows for one that is no UTF-8
    try:
        rows = database.execute(
            "SELECT username, contact, received, socket, user_agent, expires FROM location WHERE expires > ?"
            " ORDER BY username, expires",
            (now / DAY_MS + JULIAN_EPOCH,),
        ).fetchall()
    finally:
        database.close()
    found: dict[str, list[Contact]] = {}
    for username, contact, received, socket, agent, expires in rows:
        until = round((expires - JULIAN_EPOCH) * DAY_MS)
        here = Contact(_address(received or contact), (socket or "").partition(":")[0], agent, until)
        found.setdefault(username, []).append(here)
    return found


def _address(uri: str) -> str:
    """Return the host:port of a SIP URI without its user and parameters (RFC 3261 section 19.1.1)."""
    return uri.partition(":")[2].partition(";")[0].rpartition("@")[2]
