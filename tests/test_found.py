# SPDX-License-Identifier: GPL-2.0-or-later
"""FOUND.md: each fault found has its tests, and they exist."""

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FUNCTION = re.compile(r"^def (test_\w+)", re.MULTILINE)
NOT_MENDED = "not mended"
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in (TESTS / "FOUND.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| id ")
]
HELD = [row for row in ROWS if NOT_MENDED not in row[1]]
ON_THE_COMMIT = {"ran", "box", "read"}


@cache
def names_there() -> set[str]:
    """Return all tests as FOUND.md names them: by file and function."""
    return {
        f"{path.name}::{name}" for path in TESTS.rglob("*.py") for name in FUNCTION.findall(path.read_text("utf-8"))
    }


def named(row: tuple[str, ...]) -> list[str]:
    return re.findall(r"`(\w+\.py::\w+)`", row[2])


def test_each_thing_found_stands_once() -> None:
    ids = [each for row in ROWS for each in row[0].split()]
    assert len(ids) > 70
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("row", HELD, ids=[row[0] for row in HELD])
def test_what_is_mended_is_held_by_tests_that_are_there(row: tuple[str, ...]) -> None:
    _ids, _mechanism, _tests, ran, _beyond = row
    assert named(row)
    assert [test for test in named(row) if test not in names_there()] == []
    assert ran in ON_THE_COMMIT


def test_what_is_not_mended_names_no_test() -> None:
    assert [row for row in ROWS if row not in HELD and named(row)] == []
