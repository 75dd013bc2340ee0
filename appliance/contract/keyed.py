# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers of calls, recordings and messages as they are keyed in on a phone."""

from typing import Final

_MAX_DIGITS: Final = 18
"""Digits of a number that SQLite takes (64 bits)."""


def keyed_number(text: str) -> int | None:
    """Return the number that was keyed in, None if it is none or longer than any in the books."""
    return int(text) if text.isdecimal() and len(text) <= _MAX_DIGITS else None
