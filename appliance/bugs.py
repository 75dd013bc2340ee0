# SPDX-License-Identifier: GPL-2.0-or-later
"""An unexpected exception in one line for a technician: what, and where in the code."""

import traceback
from collections.abc import Callable
from typing import Any, Final

KIND: Final = "internal"
"""Kind of the troubles that report a bug."""
FRAMES: Final = 8

Guard = Callable[[Exception], None]
"""Log of exceptions that were contained."""


def describe(error: BaseException) -> str:
    """Return the exception and its places in the code, the innermost first."""
    words = "".join(traceback.format_exception_only(error)).strip().replace("\n", " ")
    frames: list[Any] = traceback.extract_tb(error.__traceback__)[::-1][:FRAMES]
    places = [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
    return f"{words:.300} at {', from '.join(places)}"
