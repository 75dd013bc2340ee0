# SPDX-License-Identifier: GPL-2.0-or-later
"""How good the forecasts of waits were: predicted and real waits of callers who were served, queue by queue."""

import sqlite3
from statistics import fmean, median
from typing import Final

from appliance.contract.rows import ForecastRow
from appliance.contract.ticks import seconds, ticks
from appliance.store.search import Search

LONG: Final = ticks(60)
"""Waits from this length on are compared: of a shorter one every forecast is far off, and nothing is announced."""

_WAITS: Final = (
    "SELECT q.queue, q.predicted, q.left - q.entered FROM calls c JOIN queue_entries q ON q.call = c.call"
    " WHERE {} AND q.reason = 'answered' AND q.left - q.entered >= ? ORDER BY q.queue"
)


def forecasts(connection: sqlite3.Connection, since: int, until: int, queue: str = "") -> tuple[ForecastRow, ...]:
    """Return the error of the forecasts of each queue, of calls that began from `since` to before `until` (0: any)."""
    where, values = Search(connection, since, until).condition()
    waits: dict[str, list[tuple[int | None, int]]] = {}
    for name, predicted, real in connection.execute(_WAITS.format(where), (*values, LONG)):
        if queue in ("", name):
            waits.setdefault(name, []).append((predicted, real))
    return tuple(_row(name, pairs) for name, pairs in waits.items())


def _row(queue: str, waits: list[tuple[int | None, int]]) -> ForecastRow:
    told = [(predicted, real) for predicted, real in waits if predicted is not None]
    return ForecastRow(
        queue=queue,
        waits=len(waits),
        predicted=len(told),
        error=median([abs(predicted - real) / real for predicted, real in told]) if told else 0.0,
        predicted_s=seconds(round(fmean([predicted for predicted, _ in told]))) if told else 0.0,
        waited_s=seconds(round(fmean([real for _, real in told]))) if told else 0.0,
    )
