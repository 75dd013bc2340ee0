# SPDX-License-Identifier: GPL-2.0-or-later
"""Books of every earlier version are brought up to date with their contents; books of a later one are left alone."""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from appliance.contract.errors import StoreError
from appliance.store.migrations import MIGRATIONS
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

NAMES = [migration.name for migration in MIGRATIONS.pending(Database(memory=True))]


def schema(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_books_from_before_a_migration_are_brought_up_to_date(tmp_path: Path, name: str) -> None:
    connection = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    old = Database(connection)
    MIGRATIONS.apply(old, stop_before=name)
    had = 1 if old.table("calls").exists() else 0
    if had:
        old.table("calls").insert(
            {
                "call": 41,
                "started_at": EPOCH_MS,
                "direction": "in",
                "caller": "138",
                "caller_name": "",
                "presentation": 0,
                "called": "96900",
                "flow": "welcome",
                "opened": 5,
                "closed": 10,
                "disposition": "abandoned",
                "cause": 16,
                "ended_by": "caller",
            }
        )
    connection.close()
    Store.open(tmp_path / "new.db").close()
    with Store.open(tmp_path / "old.db", lockstep_wall(EPOCH_MS)) as store:
        assert store.open_books().next_call == (42 if had else 1)
        enter(store, queue_call(42))
        assert store.reader().execute("SELECT count(*), sum(duration_s) > 36 FROM cdr").fetchone() == (had + 1, had)
    assert schema(tmp_path / "old.db") == schema(tmp_path / "new.db")


def test_books_in_memory_are_as_those_in_a_file_and_share_nothing(tmp_path: Path) -> None:
    Store.open(tmp_path / "new.db").close()
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as one, Store.in_memory(lockstep_wall(EPOCH_MS)) as other:
        enter(one, queue_call(42))
        assert one._connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall() == schema(
            tmp_path / "new.db"
        )
        assert (one.open_books().next_call, other.open_books().next_call) == (43, 1)


def test_legs_channels_and_troubles_of_books_without_stays_are_kept(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    old = Database(connection)
    MIGRATIONS.apply(old, stop_before="0005_stays")
    legs = [
        (4, 8, "pri:carrier", "caller", "138", "", 5, 6, 90, 16),
        (4, 9, "sip:1", "agent", "1001", "8001", 7, 8, 80, 0),
    ]
    connection.executemany("INSERT INTO legs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", legs)
    connection.execute("INSERT INTO seizures VALUES (4, 8, 5, 1, 3, 90)")
    connection.execute("INSERT INTO troubles (started_at, kind, text, count, happened) VALUES (1, 's', 'a {b}', 2, 3)")
    connection.execute("CREATE VIEW cdr AS SELECT leg FROM legs")
    connection.close()
    with Store.open(tmp_path / "old.db", lockstep_wall(EPOCH_MS)) as store:
        reader = store.reader()
        names = "call, leg, line, role, number, agent, opened, answered, closed, cause"
        assert reader.execute(f"SELECT {names} FROM legs ORDER BY leg").fetchall() == legs
        assert reader.execute("SELECT span, timeslot, held_s FROM channel_use").fetchall() == [(1, 3, 1.7)]
        (trouble,) = Reads(reader).troubles(10)
        assert (trouble.text, trouble.msgid, trouble.values, trouble.count) == ("a {b}", "", {}, 2)


def test_migrations_are_numbered_in_order() -> None:
    assert [name[:4] for name in NAMES] == [f"{n:04d}" for n in range(1, len(NAMES) + 1)]


def test_books_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    Store.open(tmp_path / "store.db").close()
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('mxbox', '0999_future', '')"
    )
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="newer version \\(0999_future\\)"):
        Store.open(tmp_path / "store.db")


def test_a_view_of_an_older_program_is_renewed(tmp_path: Path) -> None:
    Store.open(tmp_path / "store.db").close()
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("DROP VIEW cdr")
    connection.execute("CREATE VIEW cdr AS SELECT 1 AS old")
    connection.commit()
    connection.close()
    with Store.open(tmp_path / "store.db") as store:
        assert store.reader().execute("SELECT * FROM cdr").fetchall() == []
