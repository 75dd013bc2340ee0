# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts of subscribers by their numbers."""

from hw_sim.steps import Script


class Directory:
    """Scripts by number; a number that ends in '*' stands for all that begin so. The longest match wins."""

    def __init__(self) -> None:
        self._exact: dict[str, Script] = {}
        self._beginnings: dict[str, Script] = {}

    def enter(self, number: str, script: Script) -> None:
        """Add or replace a subscriber."""
        if number.endswith("*"):
            self._beginnings[number[:-1]] = script
        else:
            self._exact[number] = script

    def find(self, digits: str, *, complete: bool) -> Script | None:
        """Return the script for a number; None if there is none, or if digits to come may still decide."""
        if not complete and self._may_go_on(digits):
            return None
        if digits in self._exact:
            return self._exact[digits]
        fitting = [start for start in self._beginnings if digits.startswith(start)] if complete else []
        return self._beginnings[max(fitting, key=len)] if fitting else None

    def _may_go_on(self, digits: str) -> bool:
        return any(len(number) > len(digits) and number.startswith(digits) for number in self._exact)
