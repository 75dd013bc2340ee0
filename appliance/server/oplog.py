# SPDX-License-Identifier: GPL-2.0-or-later
"""The operation log, as the call server keeps it: rows for requests of users, and for codes that phones dial.

A row is on the disk before its request is answered. While the disk takes none, rows wait in memory in their order.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from appliance.access import operations
from appliance.access.errors import AccessError
from appliance.api import messages as m
from appliance.config.model import BooksConfig
from appliance.contract import records as r
from appliance.contract.access import OperationRow
from appliance.contract.errors import ApplianceError
from appliance.contract.records import TroubleNoted
from appliance.contract.rows import Finding
from appliance.engine.engine import Engine
from appliance.i18n import N_
from appliance.server.users_desk import Changed
from appliance.server.visitor import Visitor

NOTED: Final = frozenset({r.SettingChanged, r.PlanSwitched})
"""Records of settings that phones change by codes."""
_LEFT_OUT: Final = frozenset({"password", "old", "lock", "why", "text", "data"})
_ON: Final = (
    "user",
    "agent",
    "extension",
    "call",
    "callback",
    "recording",
    "message",
    "prompt",
    "plan",
    "duty",
    "conference",
    "address",
)
_CHANGED: Final = N_("A row of the operation log is not as it was written.")
_COMPARE: Final = N_("Compare access.db with a copy; `mxbox log verify` tells up to which row all is right.")
FILE: Final = "operations.db"
"""File of old rows, in the folder of the archive."""
DAY_MS: Final = 86_400_000
_MOST_WAITING: Final = 10_000

_log = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder()


class OperationLog:
    """Rows of the operation log, in their order.

    Args:
        path: `access.db`.
        engine: all calls, for what was before.
        wall: returns the time of day, Unix milliseconds.
        note: notes a trouble in the books.
        archive: the folder of the archive, None without one.
    """

    def __init__(
        self,
        path: Path,
        engine: Engine,
        wall: Callable[[], int],
        note: Callable[[TroubleNoted], None],
        archive: Path | None = None,
    ) -> None:
        self._path, self._engine, self._wall, self._note = path, engine, wall, note
        self._archive = archive / FILE if archive is not None else None
        self._keep_ms, self._refused = 0, ""
        self._waiting: deque[OperationRow] = deque(maxlen=_MOST_WAITING)
        self._one = asyncio.Lock()
        self._told = False

    def before(self, request: m.AnyRequest) -> str:
        """Return how it is before a request changes it, '' where nothing tells."""
        try:
            match request:
                case m.SetPhone():
                    return self._engine.phone_settings(request.extension)[request.setting]
                case m.SetAgent():
                    return next(
                        (f"{a.status} {a.reason}".strip() for a in self._engine.agents() if a.agent == request.agent),
                        "",
                    )
                case m.SetPlan():
                    return ", ".join("open" if each.open else "closed" for each in self._engine.plans(request.plan))
                case _:
                    return ""
        except ApplianceError:
            return ""  # the request itself says that there is none such

    def be(self, books: BooksConfig) -> None:
        """Keep rows as long as calls from now on; where these are not archived, rows stay."""
        self._keep_ms = books.keep_days * DAY_MS if books.archive else 0

    async def keep(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write what else is to be written into the file, and move old rows to the archive; log why not."""
        try:
            await write()
            if self._archive is not None and self._keep_ms:
                async with self._one:
                    await asyncio.to_thread(operations.shelve, self._path, self._archive, self._wall() - self._keep_ms)
            self._refused = ""
        except AccessError as error:
            if self._refused != error.message:
                _log.error("%s", error.message)
            self._refused = error.message

    async def audited(self, reply: m.LedgerReply) -> m.LedgerReply:
        """Return the result of the ledger with that of this log."""
        found = await asyncio.to_thread(operations.verify, self._path, self._archive)
        if not found.wrong:
            return reply
        finding = Finding(rule="operations", what=_CHANGED, where=f"operation {found.wrong}", hint=_COMPARE)
        result = reply.result
        findings, counts = (*result.findings, finding), {**result.found, "operations": 1}
        return m.LedgerReply(balanced=False, result=msgspec.structs.replace(result, findings=findings, found=counts))

    async def look(self, request: m.OperationRequest) -> m.AnyReply:
        """Return rows of the log, or whether they are as they were written."""
        await self.write()
        try:
            if isinstance(request, m.VerifyOperations):
                return m.VerifiedReply(*await asyncio.to_thread(operations.verify, self._path, self._archive))
            filters = msgspec.structs.asdict(request)
            del filters["why"]
            file = self._archive if filters.pop("archive") else self._path
            if file is None or not file.exists():
                return m.OperationsReply(())
            return m.OperationsReply(await asyncio.to_thread(partial(operations.found, file, **filters)))
        except AccessError as error:
            return m.Error.of(error.msgid, error.hint_id, **error.values)

    async def asked(self, request: m.AnyRequest, visitor: Visitor, before: str, changed: Changed | None) -> None:
        """Add a row for a request that was carried out, unless it only looked or is no person's."""
        part = isinstance(request, m.ReplacePrompt) and request.more
        if changed is None and (request.right == "read" or isinstance(request, _NO_CHANGES) or part):
            return
        on, before, after = changed if changed is not None else (_on(request), before, _after(request))
        what = str(type(request).__struct_config__.tag)
        await self.row(visitor.user, visitor.door, what, on=on, why=request.why, before=before, after=after)

    async def row(
        self, user: str, door: str, what: str, *, on: str = "", why: str = "", before: str = "", after: str = ""
    ) -> None:
        """Add a row."""
        made = OperationRow(operation=0, at=self._wall(), user=user, door=door, what=what)
        self._waiting.append(msgspec.structs.replace(made, on=on, why=why, before=before, after=after))
        await self.write()

    def noted(self, at: int, record: object) -> None:
        """Take a record that a phone made by a code; it is written with the next row, or by `write`."""
        match record:
            case r.SettingChanged(extension, setting, value, "") if setting != "messages":
                what, on, after = "set_phone", f"{extension} {setting}", value
            case r.PlanSwitched(plan, state, _, extension, "") if extension:
                what, on, after = "set_plan", plan, str(state)
            case _:
                return
        row = OperationRow(operation=0, at=at, user=extension, door="phone", what=what, on=on, after=after)
        self._waiting.append(row)

    async def write(self) -> None:
        """Write the rows that wait."""
        async with self._one:
            while self._waiting:
                try:
                    await asyncio.to_thread(operations.append, self._path, self._waiting[0])
                except AccessError as error:
                    self._tell(error)
                    return
                self._waiting.popleft()
            self._told = False

    def _tell(self, error: AccessError) -> None:
        if not self._told:
            self._told = True
            _log.error("%s", error.message)
            text = N_("the operation log cannot be written: what is changed waits in memory")
            self._note(TroubleNoted("operations", text))


_NO_CHANGES: Final = (
    *(m.Note, m.Users, m.SupervisorLog, m.Subscribe, m.GetConfig, m.CheckConfig, m.DiffConfig, m.ConfigHistory),
)
"""Requests of other rights than `read` that change nothing, and troubles, which processes of the box note."""


def _on(request: m.AnyRequest) -> str:
    return next((str(getattr(request, name)) for name in _ON if getattr(request, name, "")), "")


def _after(request: m.AnyRequest) -> str:
    """Return a request's fields but for secrets."""
    fields = {name: value for name, value in msgspec.structs.asdict(request).items() if name not in _LEFT_OUT and value}
    return _encoder.encode(fields).decode()
