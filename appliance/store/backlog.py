# SPDX-License-Identifier: GPL-2.0-or-later
"""Records that wait in memory, in order, while the disk takes nothing."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from appliance.contract.records import AnyRecord
from appliance.contract.ticks import TICKS_PER_S

MAX_RECORDS = 200_000
"""About 8000 calls, 40 MB: hours of a busy box."""
RETRY_TICKS = TICKS_PER_S


class Batch(NamedTuple):
    """Records of one event, which go into one transaction; with them everything up to event `seq` is in the books."""

    seq: int
    tick: int
    at: int
    records: Sequence[AnyRecord]


class Backlog:
    """A bounded queue of batches. A batch that no longer fits is dropped and its records are counted in `lost`.

    Attributes:
        error: why the batches wait, '' if none does.
        lost: records that were dropped; reset by the caller once a trouble is noted.
    """

    def __init__(self, max_records: int = MAX_RECORDS) -> None:
        self._max = max_records
        self._batches: deque[Batch] = deque()
        self._records = 0
        self._retry_at = 0
        self.error = ""
        self.began: tuple[int, str] | None = None
        """Box time and reason of the first failure since the backlog was last empty."""
        self.lost = 0

    def __len__(self) -> int:
        """Return the number of records that wait."""
        return self._records

    def __bool__(self) -> bool:
        return bool(self._batches)

    def add(self, batch: Batch) -> None:
        """Append a batch, or drop it and count its records if the backlog is full."""
        if self._records + len(batch.records) > self._max:
            self.lost += len(batch.records)
            return
        self._batches.append(batch)
        self._records += len(batch.records)

    def failed(self, error: str, tick: int) -> None:
        """Set why writing failed; the next try is due a second later."""
        self.error, self._retry_at = error, tick + RETRY_TICKS
        self.began = self.began or (tick, error)

    def hurry(self) -> None:
        """Make the next try due now."""
        self._retry_at = 0

    def due(self, tick: int) -> bool:
        """Return whether it is time to try again."""
        return bool(self._batches) and tick >= self._retry_at

    def first(self, n: int) -> list[Batch]:
        """Return the first `n` batches; they stay until `done`."""
        return [self._batches[i] for i in range(min(n, len(self._batches)))]

    def done(self, n: int) -> None:
        """Remove the first `n` batches, which are written."""
        for _n in range(n):
            self._records -= len(self._batches.popleft().records)
        if not self._batches:
            self.error = ""
