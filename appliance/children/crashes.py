# SPDX-License-Identifier: GPL-2.0-or-later
"""Ends of the box's processes, reported by their keeper to the call server: a small file for each kind of end.

A file, because the call server may be the one that ended. Equal ends are counted in one file.
"""

import contextlib
import hashlib
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from appliance.children.child import NOT_NOW
from appliance.contract.records import TroubleNoted
from appliance.i18n import N_

CRASH: Final = "crash"
"""Kind of the troubles about a process that ended by itself."""
NOT_READY: Final = "not_ready"
"""Kind for a process that cannot run now: a driver that is not loaded, a disk that is full."""
RESTART: Final = "restart"
"""Kind for a process that was ended on purpose."""
REPORT_INTERVAL_S: Final = 3600.0
"""Time from one report of the same end to the next, with its count meanwhile."""
_ASKED: Final = (0, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
_PATTERN: Final = "ended-*.json"


class Ended(msgspec.Struct, frozen=True):
    """A process that ended: its module, exit status (negative: the signal that killed it), last words, count."""

    module: str
    status: int
    reason: str
    count: int = 1

    @property
    def kind(self) -> str:
        """Kind of the trouble about it."""
        if self.status in _ASKED:
            return RESTART
        return NOT_READY if self.status == NOT_NOW else CRASH

    def trouble(self) -> TroubleNoted:
        """Return it as a trouble for a technician."""
        name = self.module.removeprefix("appliance.")
        values = {"name": name, "status": _status(self.status), "reason": self.reason}
        text = N_("{name} ended ({status}) and was started again")
        if self.reason:
            text = N_("{name} ended ({status}) and was started again: {reason}")
        return TroubleNoted(self.kind, text, self.count, values)


def _status(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"


class Endings:
    """The files in the run folder.

    Args:
        clock: a monotonic clock in seconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._told: dict[str, float] = {}

    def tell(self, ended: Ended) -> None:
        """Write an end down. Where that fails, it was at least on the terminal."""
        key = f"{ended.module} {ended.status} {ended.reason}"
        file = self._folder / f"ended-{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:16]}.json"
        before = _read(file)
        if before is not None:
            ended = msgspec.structs.replace(ended, count=before.count + ended.count)
        new = file.with_suffix(".new")
        with contextlib.suppress(OSError):
            new.write_bytes(msgspec.json.encode(ended))
            new.replace(file)

    def take(self) -> Iterator[Ended]:
        """Yield the ends that were written down; equal ones again only after a while, with their count."""
        now = self._clock()
        for file in sorted(self._folder.glob(_PATTERN)):
            if now < self._told.get(file.name, now):
                continue
            mine = file.with_suffix(".taken")
            with contextlib.suppress(OSError):
                file.replace(mine)
                ended = _read(mine)
                mine.unlink()
                if ended is not None:
                    self._told[file.name] = now + REPORT_INTERVAL_S
                    yield ended


def _read(file: Path) -> Ended | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Ended)
    except (OSError, msgspec.DecodeError):
        return None
