# SPDX-License-Identifier: GPL-2.0-or-later
"""The ledger: an audit that accounts for every seizure, leg, call and recording, and names each contradiction."""

import sqlite3
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Literal

from appliance.contract.rows import BalanceLine, Finding, LedgerResult
from appliance.contract.ticks import ticks
from appliance.store import ledger_files as files
from appliance.store.ledger_rules import (
    BALANCE,
    MESSAGE_UP,
    RECORDING_UP,
    RULE_UNRECORDED,
    RULES,
    STILL_UP,
    UNRECORDED,
    WAITING,
    Rule,
)

MAX_LISTED = 20
"""Findings of one rule that are listed; all are counted."""


class Ledger:
    """An audit of the books, over all time.

    Args:
        connection: to read from, `Store.reader()` or `database.open_reader(path)`.
        recordings: the recordings folder; None: files are not checked.
        rule: `RecordingConfig.rule`; with 'all' every answered call must have a recording.
        tolerance_s: by how much a recording may differ from its leg. 0.02 holds on a box that was never cut off.
        idle: nothing should be up now, so what is up is a finding too.
        archive: folder of the archive, whose recordings are known too.
        waiting: records that could not be written yet (`StoreStatus.waiting`), a finding too: the books lack them.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        recordings: Path | None = None,
        rule: Literal["all", "none"] = "all",
        tolerance_s: float = 1.0,
        *,
        idle: bool = False,
        waiting: int = 0,
        archive: Path | None = None,
    ) -> None:
        self._connection = connection
        self._folder = recordings
        self._tolerance = ticks(tolerance_s)
        self._rules = [*RULES, RECORDING_UP, MESSAGE_UP, RULE_UNRECORDED, files.LENGTH]
        self._rules += [UNRECORDED] if rule == "all" else []
        self._rules += [STILL_UP] if idle else []
        self._waiting = waiting
        self._archive = archive
        self._findings: list[Finding] = []
        self._found: dict[str, int] = {}

    def check(self) -> LedgerResult:
        """Return the result of one pass through the books, in one read transaction; calls go on meanwhile."""
        self._findings, self._found = [], {}
        if self._waiting:
            self._note(WAITING, (f"records: {self._waiting}",))
        checked = files.note_files(self._connection, self._folder) if self._folder is not None else 0
        self._connection.execute("BEGIN")
        try:
            balance = tuple(self._line(*line) for line in BALANCE)
            for rule in self._rules:
                rows = self._connection.execute(rule.sql, {"tolerance": self._tolerance})
                self._note(rule, (str(where) for (where,) in rows))
            if self._folder is not None:
                self._note(files.READABLE, files.unreadable(self._connection, self._folder))
                self._note(files.MESSAGE, files.messages_unreadable(self._connection, self._folder))
                self._note(files.STRAY, files.strays(self._connection, self._archive))
        finally:
            self._connection.execute("COMMIT")
        return LedgerResult(
            balance=balance, findings=tuple(self._findings), found=self._found, files_checked=max(0, checked)
        )

    def _note(self, rule: Rule, wheres: Iterable[str]) -> None:
        rest = iter(wheres)
        listed = [
            Finding(rule=rule.name, what=rule.what, where=where, hint=rule.hint) for where in islice(rest, MAX_LISTED)
        ]
        if listed:
            self._findings += listed
            self._found[rule.name] = len(listed) + sum(1 for _where in rest)

    def _line(self, name: str, table: str, end: str) -> BalanceLine:
        sql = f"SELECT count(*), count({end}) FROM {table}"  # noqa: S608 - a table of ours
        opened, closed = self._connection.execute(sql).fetchone()
        return BalanceLine(name=name, opened=opened, closed=closed, still_up=opened - closed)
