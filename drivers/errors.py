# SPDX-License-Identifier: GPL-2.0-or-later
"""The error tree of the drivers.

DriverError
+-- BuildError          a C binding could not be compiled, or what it is compiled against is missing
+-- PriError            libpri refused a call, or was asked for what ISDN does not have
+-- SpanError           a span cannot be opened, or no longer works
    +-- SpanAddressError    the address is not one a span can have
    +-- SpanBusyError       another process has this end of the line
    +-- DahdiError          the DAHDI driver refused a call; its errno is in `errno`
+-- SipError            the SIP endpoint cannot be opened, or cannot do what it is asked
    +-- SipBuildError       the PJSIP that was found is not this box's own build, or too small
    +-- SipAddressError     a phone's address is not one that can be called
    +-- SipBusyError        all rows carry calls, or no RTP port is free
"""


class DriverError(Exception):
    """A fault between this box and a device, a line or a C library.

    Args:
        message: what happened, naming the place.
        hint: what a person can do about it, if known.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BuildError(DriverError):
    """A C binding could not be compiled, or what it is compiled against is missing."""


class PriError(DriverError):
    """libpri refused a call, or was asked for what ISDN does not have."""


class SpanError(DriverError):
    """A span cannot be opened, or no longer works."""


class SpanAddressError(SpanError):
    """The address is not one a span can have."""


class SpanBusyError(SpanError):
    """Another process has this end of the line."""


class DahdiError(SpanError):
    """The DAHDI driver refused a call.

    Args:
        message: what was asked of which device.
        errno: the driver's answer.
        hint: what a person can do about it.
    """

    def __init__(self, message: str, errno: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.errno = errno


class SipError(DriverError):
    """The SIP endpoint cannot be opened, or cannot do what it is asked."""


class SipBuildError(SipError):
    """The PJSIP that was found is not this box's own build, or too small."""


class SipAddressError(SipError):
    """A phone's address is not one that can be called."""


class SipBusyError(SipError):
    """All rows carry calls, or no RTP port is free."""
