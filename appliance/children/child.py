# SPDX-License-Identifier: GPL-2.0-or-later
"""Common parts of every process of the box: the signals that end it, and the sentence why it cannot run."""

import errno
import signal
import sys
from typing import Final

from appliance.contract.errors import ApplianceError
from appliance.contract.reasons import why
from appliance.i18n import _

REFUSED: Final = 2
"""Status of a process that cannot run as configured, or not on this machine."""
NOT_NOW: Final = 3
"""Status of a process that may run later: it is started again."""

_PASSES: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EBUSY, errno.EIO}
)
"""Refusals of the system that may be over by the next try."""


class SystemRefusedError(ApplianceError):
    """The operating system refused a call: no permission, no space, something else in its place.

    Attributes:
        passes: it may be over by the next try.
    """

    passes = False


def in_words(error: OSError) -> ApplianceError:
    """Return the system's refusal as a sentence, with a remedy for a person."""
    told = why(error)
    places = [str(place) for place in (error.filename, error.filename2) if place is not None]
    refusal = SystemRefusedError(f"{', '.join(places)}: {told}" if places else told, _hint(error.errno))
    refusal.passes = error.errno in _PASSES
    return refusal


def _hint(number: int | None) -> str:
    match number:
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return _("the user who runs the box must be able to write there: change the owner, or [paths]")
        case errno.ENOSPC | errno.EDQUOT:
            return _("make room on that disk")
        case errno.EEXIST | errno.ENOTDIR | errno.EISDIR:
            return _("something else is in its place: move it away, or change [paths]")
        case errno.ENOENT:
            return _("look whether its folder is there")
        case errno.EADDRINUSE:
            return _("another program has this place: is the box running already?")
        case _:
            return _("this is what the operating system says; look at its log")


def refuse(error: Exception) -> int:
    """Write in a line, and its remedy, why this process cannot run; return its exit status."""
    told = in_words(error) if isinstance(error, OSError) else error
    hint = str(getattr(told, "hint", ""))
    sys.stderr.write(f"{told}\n  {hint}\n" if hint else f"{told}\n")
    return NOT_NOW if getattr(told, "passes", False) else REFUSED


def ending_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that end a process in order; SIGHUP is one, unless it is ignored from the start (nohup)."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT) if ignored else (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
