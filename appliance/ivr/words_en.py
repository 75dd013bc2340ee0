# SPDX-License-Identifier: GPL-2.0-or-later
"""English words of values, as names of prompts."""

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Final

_SIZES: Final = ((10**9, "number-billion"), (10**6, "number-million"), (10**3, "number-thousand"))
_SMALL: Final = (*(f"number-{n}" for n in (*range(21), *range(30, 100, 10))), "number-hundred", "number-thousand")
_COUNTED: Final = (*_SMALL, "number-million", "number-billion")
_AMOUNT: Final = (*_COUNTED, "number-minus", "number-point")
_DATE: Final = (
    *_SMALL, *(f"month-{n}" for n in range(1, 13)), *(f"day-{n}" for n in range(1, 32)), "number-oh",
)  # fmt: skip
_TIME: Final = (
    *(f"number-{n}" for n in (*range(1, 21), 30, 40, 50)),
    *("number-oh", "time-morning", "time-afternoon", "time-night", "time-noon"),
)
_PIECES: Final = {
    "number": _AMOUNT,
    "quantity": _AMOUNT,
    "money": (*_COUNTED, "number-minus", "money-yuan", "money-and", "money-fen"),
    "date": _DATE,
    "time": _TIME,
    "datetime": tuple(dict.fromkeys((*_DATE, *_TIME))),
    "weekday": tuple(f"weekday-{n}" for n in range(1, 8)),
}
"""The prompts that each style may use."""


def pieces(style: str) -> tuple[str, ...]:
    """Return the prompts that a style may use, besides those of its unit."""
    return _PIECES[style]


def count(n: int) -> list[str]:
    """Return a whole number: twenty-one is two words, a hundred and five is three: 'one hundred five'."""
    words: list[str] = []
    for size, name in _SIZES:
        if n >= size:
            words += [*_hundreds(n // size), name]
            n %= size
    return [*words, *_hundreds(n)] if n or not words else words


def _hundreds(n: int) -> list[str]:
    words = [f"number-{n // 100}", "number-hundred"] if n >= 100 else []
    n %= 100
    if n > 20 and n % 10:
        return [*words, f"number-{n - n % 10}", f"number-{n % 10}"]
    return [*words, f"number-{n}"] if n or not words else words


def amount(n: Decimal, fraction: str) -> list[str]:
    """Return a number with its figures after the point."""
    minus = ["number-minus"] if n < 0 else []
    return [*minus, *count(int(abs(n))), *_fraction(fraction)]


def _fraction(figures: str) -> Iterator[str]:
    if figures:
        yield "number-point"
        yield from (f"number-{figure}" for figure in figures)


def quantity(n: Decimal, fraction: str, unit: str) -> list[str]:
    """Return so many of a unit: 'one ticket', 'two tickets'."""
    return [*amount(n, fraction), f"unit-{unit}" if n == 1 and not fraction else f"unit-{unit}-many"]


def units(unit: str) -> tuple[str, ...]:
    """Return the prompts of a unit."""
    return f"unit-{unit}", f"unit-{unit}-many"


def money(fen: int) -> list[str]:
    """Return an amount of money: 'twelve yuan and fifty-six fen'."""
    yuan, rest = divmod(abs(fen), 100)
    whole = [*count(yuan), "money-yuan"] if yuan or not rest else []
    join = ["money-and"] if whole and rest else []
    part = [*count(rest), "money-fen"] if rest else []
    return [*(["number-minus"] if fen < 0 else []), *whole, *join, *part]


def day(when: date) -> list[str]:
    """Return a day: 'December first, twenty twenty six'."""
    return [f"month-{when.month}", f"day-{when.day}", *_year(when.year)]


def _year(year: int) -> list[str]:
    if year % 1000 < 10 or year < 1000:
        return count(year)
    first, last = divmod(year, 100)
    if last >= 10:
        return [*count(first), *count(last)]
    return [*count(first), *(["number-oh", f"number-{last}"] if last else ["number-hundred"])]


def clock(when: time) -> list[str]:
    """Return a time of day: 'two oh five p.m.'."""
    if when.minute == 0 and when.hour % 12 == 0:
        return ["time-noon" if when.hour else "time-night"]
    oh = ["number-oh"] if 0 < when.minute < 10 else []
    minutes = count(when.minute) if when.minute else []
    return [*count(when.hour % 12 or 12), *oh, *minutes, "time-morning" if when.hour < 12 else "time-afternoon"]
