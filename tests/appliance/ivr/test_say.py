# SPDX-License-Identifier: GPL-2.0-or-later
"""Spoken digits and numbers, compared with ordinary speech."""

import tomllib
from pathlib import Path

import pytest

from appliance.ivr import say

PROMPTS = tomllib.loads(Path(say.__file__).with_name("prompts.toml").read_text("utf-8"))


def _spoken(sounds: tuple[str, ...], language: str) -> str:
    words = [PROMPTS[sound.removeprefix(f"prompt:{language}/")][language] for sound in sounds]
    return ("" if language == "zh" else " ").join(words)


@pytest.mark.parametrize(
    ("n", "zh", "en"),
    [
        (0, "零", "zero"),
        (2, "二", "two"),
        (10, "十", "ten"),
        (11, "十一", "eleven"),
        (20, "二十", "twenty"),
        (21, "二十一", "twenty one"),
        (40, "四十", "forty"),
        (99, "九十九", "ninety nine"),
        (100, "一百", "one hundred"),
        (101, "一百零一", "one hundred one"),
        (110, "一百一十", "one hundred ten"),
        (250, "二百五十", "two hundred fifty"),
        (1000, "一千", "one thousand"),
        (1001, "一千零一", "one thousand one"),
        (1010, "一千零一十", "one thousand ten"),
        (1021, "一千零二十一", "one thousand twenty one"),
        (9999, "九千九百九十九", "nine thousand nine hundred ninety nine"),
    ],
)
def test_number(n: int, zh: str, en: str) -> None:
    assert _spoken(say.number(n, "zh"), "zh") == zh
    assert _spoken(say.number(n, "en"), "en") == en


def test_digits() -> None:
    assert _spoken(say.digits("1086", "zh"), "zh") == "幺零八六", "a telephone number says yao"
    assert _spoken(say.digits("+10*#", "en"), "en") == "one zero star hash"


def test_beyond_the_largest_number_digits_are_read() -> None:
    assert say.number(10_000, "en") == say.digits("10000", "en")
    assert say.number(-5, "en") == say.digits("5", "en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_has_a_prompt_and_is_listed(language: str) -> None:
    listed = {f"prompt:{language}/{name}" for name in say.words_of(language, "number")}
    used = {sound for n in range(say.MAX_SPOKEN + 1) for sound in say.number(n, language)}
    assert used == listed
    assert {name.removeprefix(f"prompt:{language}/") for name in used} <= PROMPTS.keys()
    assert set(say.words_of(language, "digits")) <= PROMPTS.keys()


def test_prompts_table() -> None:
    for name, entry in PROMPTS.items():
        assert entry.keys() <= {"en", "zh", "asterisk"}, name
        assert entry["en"], name
        assert entry["zh"], name
