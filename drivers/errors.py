# SPDX-License-Identifier: GPL-2.0-or-later
"""The error tree of the drivers.

DriverError
+-- BuildError          a C binding could not be compiled, or what it is compiled against is missing
"""


class DriverError(Exception):
    """Something between this box and a device, a line or a C library went wrong.

    Args:
        message: what happened, naming the place.
        hint: what a person can do about it, if known.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BuildError(DriverError):
    """A C binding could not be compiled, or what it is compiled against is missing."""
