# SPDX-License-Identifier: GPL-2.0-or-later
"""Digits and numbers spoken with recorded words: the sounds and their order, by language."""

from functools import lru_cache
from typing import Final

from appliance.ivr import words_en, words_zh

MAX_SPOKEN: Final = 9999
_NAMES: Final = {"*": "star", "#": "hash"}
_kept: Final = lru_cache(maxsize=1024)
"""Calls say the same few things again and again."""


def prompt(language: str, name: str) -> str:
    """Return the name of a prompt's sound, as `contract.switch.Play` takes it."""
    return f"prompt:{language}/{name}"


@_kept
def prompts(language: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of several prompts' sounds."""
    return tuple([f"prompt:{language}/{name}" for name in names])


@_kept
def digits(text: str, language: str) -> tuple[str, ...]:
    """Return the sounds of `text`, key by key; characters that are no keys of a phone are left out."""
    return prompts(language, tuple([f"digit-{_NAMES.get(key, key)}" for key in text if key in "0123456789*#"]))


@_kept
def number(n: int, language: str) -> tuple[str, ...]:
    """Return the sounds of a count, 0 to 9999; a number outside that range is spoken digit by digit."""
    if not 0 <= n <= MAX_SPOKEN:
        return digits(str(n), language)
    return prompts(language, tuple(words_zh.count(n) if language == "zh" else words_en.count(n)))


def words_of(language: str, style: str) -> tuple[str, ...]:
    """Return all prompts that `digits` or `number` may use, to find missing ones."""
    if style == "digits":
        return tuple(f"digit-{name}" for name in [*"0123456789", "star", "hash"])
    figures = range(11) if language == "zh" else [*range(21), *range(30, 100, 10)]
    return (*(f"number-{n}" for n in figures), "number-hundred", "number-thousand")
