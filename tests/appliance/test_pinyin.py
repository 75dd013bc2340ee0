# SPDX-License-Identifier: GPL-2.0-or-later
"""Names are found as people type them: by their pinyin, whole or by first letters, in every reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.pinyin import fits, readings, spells

NAMES = ("李娜", "曾伟", "欧阳小明", "Wang Wei", "吕绿", "", "单 雄信")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("lina", {"李娜"}),
        ("LiNa", {"李娜"}),
        ("li na", {"李娜"}),
        ("ln", {"李娜"}),
        ("lin", {"李娜"}),
        ("na", {"李娜"}),
        ("nuo", {"李娜"}),
        ("liana", set()),
        ("i", {"Wang Wei"}),
        ("zengwei", {"曾伟"}),
        ("cengw", {"曾伟"}),
        ("wei", {"曾伟", "Wang Wei"}),
        ("oyxm", {"欧阳小明"}),
        ("xiaom", {"欧阳小明"}),
        ("lvlv", {"吕绿"}),
        ("lulu", {"吕绿"}),
        ("shanxx", {"单 雄信"}),
        ("李", {"李娜"}),
        ("wang wei", {"Wang Wei"}),
        ("wang li", set()),
        ("10", set(NAMES)),
        ("", set(NAMES)),
        ("  ", set(NAMES)),
        ("1001 lina", {"李娜"}),
    ],
)
def test_a_name_is_found(wanted: str, found: set[str]) -> None:
    assert {name for name in NAMES if fits(wanted, "1001", name)} == found


def test_any_of_several_names_counts() -> None:
    assert fits("8001 ln", "1001", "front desk", "李娜", "8001")


@given(st.text(max_size=200), st.text(max_size=80))
def test_no_text_breaks_it(wanted: str, name: str) -> None:
    assert isinstance(fits(wanted, "1", name), bool)


@given(st.text("李娜曾伟欧阳小明绿单", min_size=1, max_size=6), st.data())
def test_what_spells_a_name_finds_it(name: str, data: st.DataObject) -> None:
    """Each character by any reading, cut anywhere behind its first letter."""
    typed = ""
    for each in readings(name):
        reading = data.draw(st.sampled_from(sorted(each)))
        typed += reading[: data.draw(st.integers(1, len(reading)))]
    assert spells(typed, readings(name))
    assert fits(typed, "1", name)
    assert not spells(typed + "?", readings(name))


def test_a_long_name_of_many_readings_takes_no_long_time() -> None:
    assert not fits("c" * 60 + "x", "1", "曾" * 64)
