# SPDX-License-Identifier: GPL-2.0-or-later
"""Work that lasts longer than a request: it reports its progress, can be stopped, and is told to subscribers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from msgspec.structs import replace

from appliance.contract.errors import ApplianceError, RequestError
from appliance.contract.upkeep import JobKind, JobRow
from appliance.i18n import N_

KEPT: Final = 50
"""Jobs that are remembered, with those that have ended."""

Report = Callable[..., None]
"""Function for fields of `JobRow` that have changed."""
Work = Callable[[Report], Awaitable[None]]
_log = logging.getLogger(__name__)


class Jobs:
    """All jobs.

    Args:
        tell: is told each change.
        clock: returns the time of day, Unix milliseconds.
    """

    def __init__(self, tell: Callable[[JobRow], None], clock: Callable[[], int]) -> None:
        self._tell, self._clock = tell, clock
        self._rows: dict[int, JobRow] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._last = 0

    def begin(self, kind: JobKind, what: str, by: str, work: Work) -> JobRow:
        """Begin work for a user; return its row. What it raises is the reason why it failed."""
        self._last += 1
        row = JobRow(job=self._last, kind=kind, what=what, by=by, began=self._clock())
        self._rows[row.job] = row
        while len(self._rows) > KEPT and (ended := next((each for each in self._rows.values() if each.ended), None)):
            del self._rows[ended.job]
        self._tell(row)
        self._tasks[row.job] = asyncio.create_task(self._run(row.job, work))
        return row

    async def stop(self, job: int) -> JobRow:
        """Stop a job, and wait until it has cleared up. Raises RequestError if there is none such under way."""
        task = self._tasks.get(job)
        if task is None:
            raise RequestError.of(N_("there is no job {job} under way"), N_("see `mxbox jobs list`"), job=job)
        task.cancel()
        await asyncio.wait([task])
        return self._rows[job]

    def rows(self) -> tuple[JobRow, ...]:
        """Return the jobs that are remembered, the newest first."""
        return tuple(reversed(self._rows.values()))

    def running(self, kind: JobKind, what: str) -> JobRow | None:
        """Return the job of a kind that is under way with a thing, None without one."""
        return next((row for row in self._rows.values() if (row.kind, row.what, row.ended) == (kind, what, 0)), None)

    async def close(self) -> None:
        """Stop all."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def _run(self, job: int, work: Work) -> None:
        def report(**changed: Any) -> None:
            self._put(job, **changed)

        try:
            await work(report)
            self._end(job, state="done", progress=1.0)
        except asyncio.CancelledError:
            self._end(job, state="stopped")
        except ApplianceError as error:
            text = error.msgid or error.message
            self._end(job, state="failed", error=text, hint=error.hint_id or error.hint, values=error.values)
        except Exception:  # noqa: BLE001 - any exception: a bug ends the job and nothing else
            _log.exception("a bug in job %d", job)
            self._end(job, state="failed", error=N_("a bug: see the log of the call server"))

    def _end(self, job: int, **changed: Any) -> None:
        self._tasks.pop(job, None)
        self._put(job, ended=self._clock(), **changed)

    def _put(self, job: int, **changed: Any) -> None:
        self._rows[job] = replace(self._rows[job], **changed)
        self._tell(self._rows[job])
