# SPDX-License-Identifier: GPL-2.0-or-later
"""Patterns of numbers, as the configuration writes them."""

from collections.abc import Iterable

from appliance.config.model import ListsConfig


class Patterns:
    """Numbers, and beginnings of numbers that end in '*'."""

    __slots__ = ("_beginnings", "_exact")

    def __init__(self, patterns: Iterable[str]) -> None:
        patterns = tuple(patterns)
        self._exact = frozenset(each for each in patterns if not each.endswith("*"))
        self._beginnings = tuple(each[:-1] for each in patterns if each.endswith("*"))

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._exact or self._beginnings)

    def match(self, number: str) -> int:
        """Give how many characters decide, counted from 1; 0: no match."""
        if number in self._exact:
            return len(number) + 1
        return max((len(each) + 1 for each in self._beginnings if number.startswith(each)), default=0)


class Lists:
    """Callers from outside: who is refused, who goes first."""

    __slots__ = ("_any_vip", "_black", "_only_white", "_open", "_vip", "_white")

    def __init__(self, config: ListsConfig) -> None:
        self._black, self._white, self._vip = Patterns(config.black), Patterns(config.white), Patterns(config.vip)
        self._only_white = config.only_white
        self._open = not config.black and not config.only_white
        self._any_vip = bool(config.vip)

    def refused(self, number: str) -> bool:
        """Tell whether a caller hears the busy tone."""
        if self._open:
            return False
        if self._vip.match(number) or self._white.match(number):
            return False
        return self._only_white or bool(self._black.match(number))

    def vip(self, number: str) -> bool:
        """Tell whether a caller goes before others."""
        return self._any_vip and bool(self._vip.match(number))
