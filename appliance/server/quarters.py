# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters of spans by quarter hour, from the switch's reports: one a second, each with what the counters say."""

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from appliance.contract.records import AnyRecord
from appliance.contract.switch import CardReport, SpanReport, SpanState, StatusReport
from appliance.contract.upkeep import JobRow, QuarterRow
from appliance.store import lines
from appliance.store.store import Store

QUARTER_MS: Final = 900_000
SAVE_MS: Final = 60_000
"""How often quarters are written: a crash loses no more."""
_DEAD: Final = {"RED", "BLUE"}
_ERRORS: Final = frozenset(
    (
        *("code_violations", "crc4_errors", "framing_errors", "timing_slips", "slips_repeated", "slips_dropped"),
        *("frames_lost", "frames_malformed"),
    )
)
_log = logging.getLogger(__name__)


class _Quarter:
    """A span in the present quarter."""

    def __init__(self, row: QuarterRow) -> None:
        self.span, self.began, self.seconds, self.counters = row.span, row.began, row.seconds, dict(row.counters)
        self.errored_s, self.alarm_s, self.far_alarm_s, self.out_s = (
            row.errored_s, row.alarm_s, row.far_alarm_s, row.out_s,
        )  # fmt: skip

    def add(self, report: SpanReport, grown: Mapping[str, int], *, in_service: bool) -> None:
        self.seconds += 1
        for name, more in grown.items():
            self.counters[name] = self.counters.get(name, 0) + more
        self.errored_s += any(grown.get(name) for name in _ERRORS)
        self.alarm_s += bool(_DEAD & {*report.alarms})
        self.far_alarm_s += "YELLOW" in report.alarms
        self.out_s += not in_service

    def row(self) -> QuarterRow:
        return QuarterRow(**vars(self) | {"counters": dict(self.counters)})


class Quarters:
    """Counts of all spans. `tell` fits `CallServer.watchers`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._saved = 0
        self._last: dict[int, dict[str, int | None]] = {}
        self._now: dict[int, _Quarter] = {}
        reader = store.reader()
        began = store.label(store.last_tick()) // QUARTER_MS * QUARTER_MS
        for row in lines.quarters(reader, 0, began, 0):
            self._now[row.span] = _Quarter(row)

    def tell(self, now: int, what: Sequence[AnyRecord] | SpanState | StatusReport | JobRow) -> None:
        """Count a second."""
        if not isinstance(what, StatusReport):
            return
        at = self._store.label(now)
        for card in what.cards:
            if card.span is not None:
                self._count(card, card.span, at // QUARTER_MS * QUARTER_MS)
        if self._now and at - self._saved >= SAVE_MS:
            self._saved = at
            self.save()

    def save(self) -> None:
        """Write the present quarters; on a disk that takes nothing they are written with the next."""
        try:
            self._store.put_quarters([each.row() for each in self._now.values()])
        except sqlite3.Error as error:
            _log.warning("counters of spans are not written: %s", error)

    def present(self) -> list[QuarterRow]:
        """Return the present quarters so far."""
        return [each.row() for _span, each in sorted(self._now.items())]

    def _count(self, card: CardReport, report: SpanReport, began: int) -> None:
        quarter = self._now.get(report.span)
        if quarter is None or quarter.began != began:
            if quarter is not None:
                self.save()
            empty = QuarterRow(
                span=report.span, began=began, seconds=0, counters={}, errored_s=0, alarm_s=0, far_alarm_s=0, out_s=0
            )
            quarter = self._now[report.span] = _Quarter(empty)
        before = self._last.get(report.span)
        self._last[report.span] = report.counters
        quarter.add(report, _grown(report.counters, before), in_service=card.healthy)


def _grown(now: Mapping[str, int | None], before: Mapping[str, int | None] | None) -> dict[str, int]:
    """Return how much each counter grew; one that began again at 0, or was cleared, grew by what it has."""
    if before is None:
        return {}
    pairs = ((name, count, before.get(name)) for name, count in now.items())
    return {
        name: count - was if count >= was else count
        for name, count, was in pairs
        if count is not None and was is not None and name != "ticks" and count != was
    }
