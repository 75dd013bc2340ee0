# SPDX-License-Identifier: GPL-2.0-or-later
"""Names found by pinyin, as an input method finds them: 李娜 by "lina", "ln", "lin" or "na".

A character may have several readings (曾: ceng, zeng), and any of them finds it: names have rare ones.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

MAX_NAME: Final = 64
"""Characters of a name that are looked at."""
_KEPT: Final = 4096

Readings = Sequence[frozenset[str]]
"""Spellings of each character, one after the other."""


@lru_cache(maxsize=_KEPT)
def readings(name: str) -> Readings:
    """Return the readings of the characters of a name, without tones; ü is v, and u as well. Letters read themselves.

    The first call takes a tenth of a second: it reads a table.
    """
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # readings of single characters are enough, and take less memory
    from pypinyin import Style, pinyin

    found = []
    for each in name[:MAX_NAME]:
        told = pinyin(each, style=Style.NORMAL, heteronym=True, errors="ignore")
        ways = told[0] if told else [each.casefold()]
        found.append(frozenset(way for reading in ways for way in (reading, reading.replace("v", "u"))))
    return [each for each in found if not any(way.isspace() for way in each)]


def spells(typed: str, name: Readings) -> bool:
    """Return whether a text spells some characters of a name that follow each other, each whole or by its beginning."""
    return any(_from(typed, name, first) for first in range(len(name)))


def _from(typed: str, name: Readings, first: int) -> bool:
    """Return whether a text spells the characters from the one at `first` on."""
    left = {typed}
    for each in name[first:]:
        if "" in left:
            return True
        left = {text[n:] for text in left for reading in each for n in range(1, _common(text, reading) + 1)}
    return "" in left


def _common(text: str, reading: str) -> int:
    """Return how many letters at the beginning of both are the same."""
    return next(
        (n for n, (a, b) in enumerate(zip(text, reading, strict=False)) if a != b), min(len(text), len(reading))
    )


def fits(wanted: str, number: str, *names: str) -> bool:
    """Return whether all words of a text are found: in the number, in a name, or as the pinyin of one."""
    return all(
        word in number or any(word in name.casefold() or _spelt(word, name) for name in names)
        for word in wanted.casefold().split()
    )


def _spelt(word: str, name: str) -> bool:
    return word.isascii() and word.isalpha() and not name.isascii() and spells(word.casefold(), readings(name))
