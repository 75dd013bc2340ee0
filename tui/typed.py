# SPDX-License-Identifier: GPL-2.0-or-later
"""Values that people type into forms: moments, lengths of time, numbers, ranges. Errors say how to write them."""

import argparse
import re
from collections.abc import Callable
from datetime import UTC, datetime

from appliance.cli.ask import moment_at
from appliance.contract.errors import ApiError
from appliance.i18n import _


def moment(text: str) -> int:
    """Return a moment in Unix milliseconds, 0 for none. Raises ApiError."""
    if not text:
        return 0
    try:
        return moment_at(text, datetime.now(UTC).astimezone())
    except argparse.ArgumentTypeError as error:
        raise ApiError(str(error)) from error


def number(text: str) -> float:
    """Return a number, 0 for none. Raises ApiError."""
    if not text:
        return 0.0
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", text):
        raise ApiError(_("{text} is no number").format(text=repr(text)))
    return float(text)


def length(text: str) -> float:
    """Return a length of time in seconds, 0 for none. Raises ApiError."""
    if not text:
        return 0.0
    if not re.fullmatch(r"[0-9]{1,6}(:[0-5]?[0-9]){0,2}", text):
        raise ApiError(_("{text} is no length of time").format(text=repr(text)), _("write 0:30, 1:05:00, or seconds"))
    seconds = 0
    for part in text.split(":"):
        seconds = 60 * seconds + int(part)
    return float(seconds)


def between(text: str, parse: Callable[[str], float]) -> tuple[float, float]:
    """Return the least and the most of a range, as `2-5`, `2-`, `-5`; 0 for none. Without `-` it is the least.

    Raises ApiError.
    """
    least, _dash, most = text.replace(" ", "").partition("-")
    low, high = parse(least), parse(most)
    if high and low > high:
        raise ApiError(
            _("{text} is no range: the first is above the second").format(text=repr(text)), _("write 2-5, 2-, or -5")
        )
    return low, high
