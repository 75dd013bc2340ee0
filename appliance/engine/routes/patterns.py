# SPDX-License-Identifier: GPL-2.0-or-later
"""Patterns of numbers, as the configuration writes them."""

from collections.abc import Iterable


class Patterns:
    """Numbers, and beginnings of numbers that end in '*'."""

    __slots__ = ("_beginnings", "_exact")

    def __init__(self, patterns: Iterable[str]) -> None:
        patterns = tuple(patterns)
        self._exact = frozenset(each for each in patterns if not each.endswith("*"))
        self._beginnings = tuple(each[:-1] for each in patterns if each.endswith("*"))

    def __bool__(self) -> bool:
        """Return whether there is any pattern."""
        return bool(self._exact or self._beginnings)

    def has(self, number: str) -> bool:
        """Return whether a number is listed itself."""
        return number in self._exact

    def match(self, number: str) -> int:
        """Return how many characters decide, counted from 1; 0: no match."""
        if number in self._exact:
            return len(number) + 1
        return max((len(each) + 1 for each in self._beginnings if number.startswith(each)), default=0)
