# SPDX-License-Identifier: GPL-2.0-or-later
"""The one grammar for numbers, for every source: configuration, API, commands, flows, phones.

    number     = 1*32( DIGIT / "*" / "#" / "+" )
    separators = SP / "-" / "." / "(" / ")" / "/", and their typographic and full-width forms

Separators are for people (RFC 3966 clause 3, visual-separator; ITU-T E.123) and are removed. Digits that a Chinese
keyboard writes full-width count as digits. All else is no number: letters, control characters, line ends.
"""

import re
from typing import Final

from appliance.contract.errors import ApplianceError
from appliance.i18n import N_

MAX_DIGITS: Final = 32
"""Characters of a number without its separators."""

_SEPARATORS: Final = (
    " -.()/\u00a0\u2009\u202f\u3000\u2010\u2011\u2012\u2013\u2014\u2212"  # spaces and dashes of other widths
    "\uff08\uff09\uff0d\uff0e\uff0f"  # ( ) - . / of full width
)
_NARROW: Final = {0xFF00 + code - 0x20: code for code in range(0x21, 0x7F)}
"""Full-width forms (Unicode U+FF01 to U+FF5E) and what they stand for."""
_FOLD: Final = {**_NARROW, **dict.fromkeys(map(ord, _SEPARATORS))}
_NUMBER: Final = re.compile(r"[0-9*#+]{1,32}", re.ASCII)


class NumberError(ApplianceError):
    """A text that should be a number is none."""


def fold(text: str) -> str:
    """Return a text without separators and full-width forms."""
    return text.translate(_FOLD)


def plain(text: str) -> str | None:
    """Return the number that `text` writes, without separators; None if it is no number."""
    if _NUMBER.fullmatch(text):
        return text
    folded = fold(text)
    return folded if _NUMBER.fullmatch(folded) else None


def number(text: str) -> str:
    """Return the number that `text` writes. Raises NumberError with what is allowed."""
    found = plain(text)
    if found is None:
        hint = N_("allowed: 1 to 32 of 0-9 * # +; spaces and - . ( ) / may stand between them")
        raise NumberError.of(N_("{text} is no number"), hint, text=_shown(text))
    return found


def plain_pattern(text: str) -> str | None:
    """Return `text` as a pattern for numbers, where '*' stands for any digits and '' matches all; None: it is none."""
    return "" if not fold(text) and _printable(text) else plain(text)


def pattern(text: str) -> str:
    """Return `text` as a pattern for numbers. Raises NumberError with what is allowed."""
    found = plain_pattern(text)
    if found is None:
        hint = N_("allowed: up to 32 of 0-9 # +, and * for any digits, e.g. 138*")
        raise NumberError.of(N_("{text} is no number to look for"), hint, text=_shown(text))
    return found


def _printable(text: str) -> bool:
    return not text or text.isprintable()


def _shown(text: str) -> str:
    """Return a text in quotation marks, in one line, cut short."""
    told = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return f'"{told if len(told) <= MAX_DIGITS + 1 else told[:MAX_DIGITS] + "…"}"'
