# SPDX-License-Identifier: GPL-2.0-or-later
"""The operation log is only added to: a row that was changed, put in or taken out is found."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.access import operations
from appliance.contract.access import OperationRow

NOW = 1_790_000_000_000
COPIED = 'INSERT INTO operations SELECT 6, at, user, door, what, "on", why, before, after, hash FROM operations LIMIT 1'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "access.db"
    for n in range(1, 6):
        row = OperationRow(operation=0, at=NOW + n, user="wang", door="machine", what="set_plan", after=f"值 {n}")
        assert operations.append(made, row).operation == n
    return made


def spoil(path: Path, *statements: str) -> None:
    """Do as a thief does who has the file and knows SQL."""
    with closing(sqlite3.connect(path)) as db:
        for each in ("DROP TRIGGER operations_stay", *statements):
            db.execute(each)
        db.commit()


def test_rows_that_nobody_touched_fit(path: Path) -> None:
    found = operations.verify(path)
    assert (found.rows, found.wrong, len(found.hash)) == (5, 0, 64)
    assert [each.after for each in operations.found(path, limit=2)] == ["值 5", "值 4"]


@pytest.mark.parametrize(
    ("statements", "wrong"),
    [
        (["UPDATE operations SET user = 'zhao' WHERE operation = 3"], 3),
        (["UPDATE operations SET at = at + 1 WHERE operation = 1"], 1),
        (["UPDATE operations SET hash = zeroblob(32) WHERE operation = 5"], 5),
        (["DELETE FROM operations WHERE operation = 2"], 2),
        (["DELETE FROM operations WHERE operation = 5"], 5),
        (["DELETE FROM operations"], 1),
        (
            [
                "DELETE FROM operations WHERE operation = 2",
                "UPDATE operations SET operation = operation - 1 WHERE operation > 2",
            ],
            2,
        ),
        ([COPIED], 6),
    ],
)  # fmt: skip
def test_the_first_row_that_does_not_fit_is_named(path: Path, statements: list[str], wrong: int) -> None:
    spoil(path, *statements)
    assert operations.verify(path).wrong == wrong


def test_two_rows_changed_places_do_not_fit(path: Path) -> None:
    spoil(
        path,
        "UPDATE operations SET operation = 99 WHERE operation = 2",
        "UPDATE operations SET operation = 2 WHERE operation = 3",
        "UPDATE operations SET operation = 3 WHERE operation = 99",
    )
    assert operations.verify(path).wrong == 2


def test_old_rows_move_to_the_archive_and_the_chain_goes_on(path: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "archive/operations.db"
    whole = operations.verify(path)
    assert operations.shelve(path, shelf, NOW + 3) == 2
    assert operations.shelve(path, shelf, NOW + 3) == 0
    assert operations.verify(path, shelf) == whole
    assert [each.operation for each in operations.found(path)] == [5, 4, 3]
    assert [each.operation for each in operations.found(shelf)] == [2, 1]
    assert operations.shelve(path, shelf, NOW + 100) == 3
    row = OperationRow(operation=0, at=NOW + 200, user="wang", door="machine", what="set_plan")
    assert operations.append(path, row).operation == 6
    assert (operations.verify(path, shelf).rows, operations.verify(path, shelf).wrong) == (6, 0)
    assert operations.verify(path).wrong == 1, "without its beginning it proves nothing"


def test_rows_that_are_in_both_after_a_power_cut_are_counted_once(path: Path, tmp_path: Path) -> None:
    shelf, copy = tmp_path / "archive/operations.db", path.read_bytes()
    operations.shelve(path, shelf, NOW + 3)
    path.write_bytes(copy)
    assert operations.verify(path, shelf).wrong == 0
    assert operations.shelve(path, shelf, NOW + 4) == 3
    assert operations.verify(path, shelf).wrong == 0


@pytest.mark.parametrize(
    ("file", "statement", "wrong"),
    [
        ("archive/operations.db", "UPDATE operations SET user = 'zhao' WHERE operation = 1", 1),
        ("archive/operations.db", "DELETE FROM operations WHERE operation = 2", 2),
        ("access.db", "UPDATE archived SET operation = 3", 3),
        ("access.db", "DELETE FROM operations WHERE operation = 3", 3),
    ],
)
def test_a_row_of_the_archive_or_its_seam_that_was_changed_is_found(
    path: Path, tmp_path: Path, file: str, statement: str, wrong: int
) -> None:
    shelf = tmp_path / "archive/operations.db"
    operations.shelve(path, shelf, NOW + 3)
    spoil(tmp_path / file, statement)
    assert operations.verify(path, shelf).wrong == wrong


def test_a_row_is_not_changed_by_mistake(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="only added to"):
        db.execute("UPDATE operations SET why = 'x' WHERE operation = 1")


def test_rows_are_found_by_user_kind_time_and_place(path: Path) -> None:
    operations.append(path, OperationRow(operation=0, at=NOW + 9, user="lina", door="phone", what="set_phone"))
    assert [each.operation for each in operations.found(path, user="lina")] == [6]
    assert [each.operation for each in operations.found(path, what="set_plan", before=3)] == [2, 1]
    assert [each.operation for each in operations.found(path, since=NOW + 2, until=NOW + 4)] == [3, 2]
