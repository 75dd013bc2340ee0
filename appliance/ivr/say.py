# SPDX-License-Identifier: GPL-2.0-or-later
"""Digits and numbers spoken with recorded words: the sounds and their order, by language."""

from functools import lru_cache
from typing import Final

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
    words = _chinese(n) if language == "zh" else _english(n)
    return prompts(language, tuple([f"number-{word}" for word in words]))


def _english(n: int) -> list[str]:
    """Return the words of a number: twenty-one is two, a hundred and five is three: 'one hundred five'."""
    words: list[str] = []
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if n >= size:
            words += [str(n // size), name]
            n %= size
    if n > 20 and n % 10:
        return [*words, str(n - n % 10), str(n % 10)]
    return [*words, str(n)] if n or not words else words


def _chinese(n: int) -> list[str]:
    """Return the words of a number: empty places between others are one 零 (一千零二十一); 十 alone has no 一."""
    if n < 20:
        return [str(n)] if n <= 10 else ["10", str(n - 10)]
    words: list[str] = []
    gap = False
    for size, name in ((1000, "thousand"), (100, "hundred"), (10, "10"), (1, "")):
        figure, n = divmod(n, size)
        if not figure:
            gap = bool(words)
            continue
        words += ["0"] if gap else []
        words += [str(figure), name] if name else [str(figure)]
        gap = False
    return words


def words_of(language: str, style: str) -> tuple[str, ...]:
    """Return all prompts that `digits` or `number` may use, to find missing ones."""
    if style == "digits":
        return tuple(f"digit-{name}" for name in [*"0123456789", "star", "hash"])
    figures = range(11) if language == "zh" else [*range(21), *range(30, 100, 10)]
    return (*(f"number-{n}" for n in figures), "number-hundred", "number-thousand")
