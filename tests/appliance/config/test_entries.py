# SPDX-License-Identifier: GPL-2.0-or-later
"""One table of a text is changed, added, taken out; comments, order and all other tables stay byte for byte."""

import contextlib
import tomllib
from typing import Any

import pytest

from appliance.config.entries import with_entry, without_entry
from appliance.contract.errors import RequestError

TEXT = """# the box of the north station
language = "zh"   # prompts

[[extension]]
number = "1001"  # Li's desk
name = "Li Na"
follow_me = [
  "1002",  # Wang
  "1003",
]

# Wang sits by the window
[[extension]]
number = "1002"

[[queue]]
name = "sales"
max_wait_s = 60

[[queue.step]]
after_s = 30
reserve = ["8001"]

# the end of the queues
[parking]
first = "701"
"""

CHANGES: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("extension", "1001", {"name": "李娜"}, 'name = "Li Na"\n', 'name = "李娜"\n'),
    ("extension", "1001", {"number": "1009"}, 'number = "1001"  # Li\'s desk\n', 'number = "1009"  # Li\'s desk\n'),
    ("extension", "1001", {"name": None}, 'name = "Li Na"\n', ""),
    (
        "extension", "1001", {"follow_me": ["1004"]},
        'follow_me = [\n  "1002",  # Wang\n  "1003",\n]\n', 'follow_me = [\n    "1004",\n]\n',
    ),
    ("extension", "1002", {"ring_s": 5.5}, 'number = "1002"\n', 'number = "1002"\nring_s = 5.5\n'),
    ("queue", "sales", {"max_length": 7}, "max_wait_s = 60\n", "max_wait_s = 60\nmax_length = 7\n"),
    ("parking", "", {"places": 3}, 'first = "701"\n', 'first = "701"\nplaces = 3\n'),
    (
        "extension", "1003", {"number": "1003"},
        'number = "1002"\n', 'number = "1002"\n\n[[extension]]\nnumber = "1003"\n',
    ),
    ("agent", "8001", {"number": "8001"}, 'first = "701"\n', 'first = "701"\n\n[[agent]]\nnumber = "8001"\n'),
    ("lists", "", {"black": []}, 'first = "701"\n', 'first = "701"\n\n[lists]\nblack = []\n'),
]  # fmt: skip


@pytest.mark.parametrize(("table", "name", "values", "old", "new"), CHANGES)
def test_only_the_lines_of_changed_keys_differ(
    table: str, name: str, values: dict[str, Any], old: str, new: str
) -> None:
    assert TEXT.count(old) == 1
    assert with_entry(TEXT, table, name, values) == TEXT.replace(old, new)


def test_a_table_is_taken_out_with_what_belongs_to_it() -> None:
    without = without_entry(TEXT, "queue", "sales")
    assert without == TEXT.replace(TEXT[TEXT.index("\n[[queue]]") : TEXT.index("\n# the end")], "")
    assert "queue" not in tomllib.loads(without)
    first = without_entry(TEXT, "extension", "1001")
    assert "# Wang sits by the window\n[[extension]]\n" in first
    assert [each["number"] for each in tomllib.loads(first)["extension"]] == ["1002"]


@pytest.mark.parametrize(
    "text",
    [
        'extension = [{number = "1001", name = "Li"}]\n',
        '[[extension]]\nnumber = "1001"\ntext.deep = 1\n',
        'x = """\n[[extension]]\n"""\n[[extension]]\nnumber = "1001"\nname = "Li"\n',
    ],
)
def test_a_text_that_is_written_in_another_way_is_refused_or_right(text: str) -> None:
    before = tomllib.loads(text)
    before["extension"][0]["name"] = "Wang"
    with contextlib.suppress(RequestError):
        assert tomllib.loads(with_entry(text, "extension", "1001", {"name": "Wang"})) == before


def test_what_is_not_there_or_there_twice_is_named() -> None:
    with pytest.raises(RequestError, match=r"there is no \[\[extension\]\] 1009"):
        without_entry(TEXT, "extension", "1009")
    twice = '[[route]]\ncalled = "77"\nflow = "a"\n[[route]]\ncalled = "77"\nflow = "b"\n'
    with pytest.raises(RequestError, match="several"):
        without_entry(twice, "route", "77")


def test_a_text_without_an_end_of_line_and_an_empty_one() -> None:
    assert with_entry('[[agent]]\nnumber = "1"', "agent", "1", {"name": "A"}) == '[[agent]]\nnumber = "1"\nname = "A"\n'
    assert with_entry("", "agent", "1", {"number": "1"}) == '[[agent]]\nnumber = "1"\n'
