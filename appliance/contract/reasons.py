# SPDX-License-Identifier: GPL-2.0-or-later
"""Refusals of the system and of libraries, in the reader's language.

They come as English sentences. Those that a person may meet are in our catalogue; any other stays English. Files,
messages and books carry the English ones.
"""

from collections.abc import Mapping
from typing import Final

from appliance.i18n import N_, _, filled

REASONS: Final = frozenset(
    (
        # errno, as the C library words them (`errno -l`)
        N_("Operation not permitted"),
        N_("No such file or directory"),
        N_("Interrupted system call"),
        N_("Input/output error"),
        N_("No such device or address"),
        N_("Bad file descriptor"),
        N_("Resource temporarily unavailable"),
        N_("Cannot allocate memory"),
        N_("Permission denied"),
        N_("Device or resource busy"),
        N_("File exists"),
        N_("No such device"),
        N_("Not a directory"),
        N_("Is a directory"),
        N_("Invalid argument"),
        N_("Too many open files in system"),
        N_("Too many open files"),
        N_("Text file busy"),
        N_("File too large"),
        N_("No space left on device"),
        N_("Read-only file system"),
        N_("Too many links"),
        N_("Broken pipe"),
        N_("File name too long"),
        N_("Directory not empty"),
        N_("Too many levels of symbolic links"),
        N_("Protocol not supported"),
        N_("Address family not supported by protocol"),
        N_("Address already in use"),
        N_("Cannot assign requested address"),
        N_("Network is down"),
        N_("Network is unreachable"),
        N_("Connection reset by peer"),
        N_("Transport endpoint is not connected"),
        N_("Connection timed out"),
        N_("Connection refused"),
        N_("Host is down"),
        N_("No route to host"),
        N_("Stale file handle"),
        N_("Disk quota exceeded"),
        N_("Structure needs cleaning"),
        # getaddrinfo
        N_("Name or service not known"),
        N_("Temporary failure in name resolution"),
        N_("No address associated with hostname"),
        # Python's sockets
        N_("AF_UNIX path too long"),
        N_("timed out"),
        # SQLite's result codes
        N_("database is locked"),
        N_("database table is locked"),
        N_("attempt to write a readonly database"),
        N_("disk I/O error"),
        N_("database disk image is malformed"),
        N_("database or disk is full"),
        N_("unable to open database file"),
        N_("file is not a database"),
        N_("locking protocol"),
    )
)


def cause_of(error: BaseException) -> str:
    """Return an error's reason in English: the system's sentence without number and file."""
    return getattr(error, "strerror", None) or str(error)


def english(value: object) -> str:
    """Return the value of a placeholder in the form in which it is kept and sent."""
    return cause_of(value) if isinstance(value, BaseException) else str(value)


def in_words(reason: str) -> str:
    """Return a reason in the reader's language; it may stand at the end, behind a place and a colon."""
    if reason in REASONS:
        return _(reason)
    place, colon, last = reason.rpartition(": ")
    return f"{place}{colon}{_(last)}" if last in REASONS else reason


def why(error: BaseException) -> str:
    """Return an error's reason in the reader's language."""
    return in_words(cause_of(error))


def shown(text: str, values: Mapping[str, object]) -> str:
    """Return a text in the reader's language with its placeholders filled in, reasons among them too."""
    return filled(_(text), {name: _shown(value) for name, value in values.items()})


def _shown(value: object) -> object:
    if isinstance(value, BaseException):
        return why(value)
    return in_words(value) if isinstance(value, str) else value
