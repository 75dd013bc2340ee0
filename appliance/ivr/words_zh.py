# SPDX-License-Identifier: GPL-2.0-or-later
"""Mandarin words of values, as names of prompts.

Two before a measure word is 两 (两张, 两千元, 两点), otherwise 二 (第二, 十二张, 二百). Empty places between others are
one 零 (一千零二十一). Figures of years and after the point are 一, 二, not the 幺 of telephone numbers.
"""

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Final

_GROUPS: Final = ((10**8, "number-yi"), (10**4, "number-wan"), (1, ""))
_PLACES: Final = ((1000, "number-thousand"), (100, "number-hundred"), (10, "number-10"), (1, ""))
_FIGURES: Final = tuple(f"number-{n}" for n in range(10))
_SMALL: Final = (*_FIGURES, "number-10")
_COUNTED: Final = (*_SMALL, "number-hundred", "number-thousand", "number-wan", "number-yi")
_PAIRED: Final = (*_COUNTED, "number-pair")
_DATE: Final = (
    *_FIGURES, "date-year", *(f"month-{n}" for n in range(1, 13)), *(f"day-{n}" for n in range(1, 32)),
)  # fmt: skip
_TIME: Final = (
    *_SMALL, "number-pair", "time-night", "time-morning", "time-noon", "time-afternoon", "time-evening",
    *("time-hour", "time-sharp", "time-minute"),
)  # fmt: skip
_BEFORE: Final = ("percent",)
"""Units that are said before their number: 百分之五."""

_PIECES: Final = {
    "number": (*_COUNTED, "number-minus", "number-point"),
    "quantity": (*_PAIRED, "number-minus", "number-point"),
    "money": (*_PAIRED, "number-minus", "money-yuan", "money-jiao", "money-fen"),
    "date": _DATE,
    "time": _TIME,
    "datetime": tuple(dict.fromkeys((*_DATE, *_TIME))),
    "weekday": tuple(f"weekday-{n}" for n in range(1, 8)),
}
"""The prompts that each style may use."""


def pieces(style: str) -> tuple[str, ...]:
    """Return the prompts that a style may use, besides those of its unit."""
    return _PIECES[style]


def count(n: int, *, paired: bool = False) -> list[str]:
    """Return a whole number; `paired`: a measure word follows."""
    if not n:
        return ["number-0"]
    words: list[str] = []
    gap = False
    for size, name in _GROUPS:
        group, n = divmod(n, size)
        if group:
            lead = ["number-0"] if words and (gap or group < 1000) else []
            words += [*lead, *_group(group, paired=paired and not words, alone=paired and bool(name or not words))]
            words += [name] if name else []
        gap = bool(words) and not group
    return words[1:] if words[:2] == ["number-1", "number-10"] else words


def _group(n: int, *, paired: bool, alone: bool) -> list[str]:
    """Return up to four figures; `paired`: 2000 begins with 两, `alone`: and 2 is 两."""
    if alone and n == 2:
        return ["number-pair"]
    words: list[str] = []
    gap = False
    for size, name in _PLACES:
        figure, n = divmod(n, size)
        if not figure:
            gap = bool(words)
            continue
        words += ["number-0"] if gap else []
        words.append("number-pair" if paired and size == 1000 and figure == 2 else f"number-{figure}")
        words += [name] if name else []
        gap = False
    return words


def amount(n: Decimal, fraction: str) -> list[str]:
    """Return a number with its figures after the point."""
    return [*_minus(n), *count(int(abs(n))), *_fraction(fraction)]


def _minus(n: Decimal | int) -> list[str]:
    return ["number-minus"] if n < 0 else []


def _fraction(figures: str) -> Iterator[str]:
    if figures:
        yield "number-point"
        yield from (f"number-{figure}" for figure in figures)


def quantity(n: Decimal, fraction: str, unit: str) -> list[str]:
    """Return so many of a unit: 两张."""
    if unit in _BEFORE:
        return [*_minus(n), f"unit-{unit}", *amount(abs(n), fraction)]
    whole = count(int(abs(n)), paired=not fraction)
    return [*_minus(n), *whole, *_fraction(fraction), f"unit-{unit}"]


def units(unit: str) -> tuple[str, ...]:
    """Return the prompts of a unit."""
    return (f"unit-{unit}",)


def money(fen: int) -> list[str]:
    """Return an amount of money: 一百零二元五角, 十元零五分, 五角."""
    yuan, rest = divmod(abs(fen), 100)
    jiao, last = divmod(rest, 10)
    words = [*_minus(fen)]
    words += [*count(yuan, paired=True), "money-yuan"] if yuan or not rest else []
    words += [*count(jiao, paired=True), "money-jiao"] if jiao else []
    words += ["number-0"] if yuan and last and not jiao else []
    words += [*count(last, paired=not yuan and not jiao), "money-fen"] if last else []
    return words


def day(when: date) -> list[str]:
    """Return a day: 二零二六年十二月一日."""
    return [*(f"number-{figure}" for figure in str(when.year)), "date-year", f"month-{when.month}", f"day-{when.day}"]


def clock(when: time) -> list[str]:
    """Return a time of day: 下午两点零五分."""
    hour = when.hour % 12 or (12 if when.hour else 0)
    words = [_part(when.hour), *count(hour, paired=True), "time-hour"]
    if not when.minute:
        return [*words, "time-sharp"]
    return [*words, *(["number-0"] if when.minute < 10 else []), *count(when.minute), "time-minute"]


def _part(hour: int) -> str:
    """Return the part of the day, as it is called in spoken times."""
    parts = ((18, "evening"), (13, "afternoon"), (12, "noon"), (6, "morning"))
    return "time-" + next((name for begin, name in parts if hour >= begin), "night")
