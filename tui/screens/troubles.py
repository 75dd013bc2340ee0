# SPDX-License-Identifier: GPL-2.0-or-later
"""Troubles, newest first; behind each one its meaning, its remedy, and what else happened within a minute."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from textual import work

from appliance.api.messages import Cdr, CdrReply, Troubles, TroublesReply
from appliance.cli.output import length
from appliance.cli.words import text_of, word
from appliance.contract.errors import ApiError
from appliance.contract.rows import CdrRow, TroubleRow
from appliance.i18n import N_, _
from tui.cells import Cell, Line, wrapped
from tui.live_table import Column
from tui.remedies import remedy_of
from tui.screens.base import Every, HouseScreen, TableScreen
from tui.skin import Role

NEAR_MS: Final = 60_000
MAX_NEAR: Final = 200
_ROLES: Final[dict[str, Role]] = {
    **dict.fromkeys(("crash", "internal", "books", "disk"), "bad"),
    **dict.fromkeys(("span", "trunk", "late_ticks"), "warn"),
}  # fmt: skip


class TroublesScreen(TableScreen[TroubleRow]):
    """The troubles."""

    NAME, LABEL, DIGIT = "troubles", N_("troubles"), "8"
    HELP_TEXT = N_(
        "What a technician should read, newest first. Enter tells what it means, what to do, and what else happened "
        "within a minute before and after."
    )
    EMPTY = N_("there is no trouble")
    ASKS = (Every(30.0, Troubles(limit=200), TroublesReply),)

    def columns(self) -> Sequence[Column[TroubleRow]]:
        """Return the columns."""
        return (
            Column(N_("time"), 11, lambda it: when(it.started_at), order=lambda it: -it.started_at),
            Column(N_("kind"), 12, lambda it: Cell(it.kind, _ROLES.get(it.kind, "dim")), spare=1),
            Column(
                N_("times"),
                5,
                lambda it: f"x{it.count}" if it.count > 1 else "",
                right=True,
                order=lambda it: -it.count,
            ),
            Column(N_("trouble"), 30, text_of, grow=1),
        )

    def rows(self) -> Sequence[TroubleRow]:
        """Return the troubles."""
        return self.picture.troubles

    def key(self, row: TroubleRow) -> tuple[int, str, str]:
        """Return its time and text: one that was just heard has no number yet."""
        return row.started_at, row.kind, row.text

    def enter(self, row: TroubleRow) -> None:
        """Show all about it."""
        self.app.push_screen(TroubleScreen(row))


class TroubleScreen(HouseScreen):
    """One trouble."""

    NAME, LABEL = "trouble", N_("trouble")
    HELP_TEXT = N_("One trouble: what it means, what to do, and what else happened within a minute before and after.")

    def __init__(self, trouble: TroubleRow) -> None:
        super().__init__()
        self._trouble = trouble
        self._calls: Sequence[CdrRow] = ()
        self._why_none = ""

    def on_mount(self) -> None:
        """Look for the calls of that minute."""
        super().on_mount()
        self._look()

    @work
    async def _look(self) -> None:
        at = self._trouble.started_at
        try:
            reply = await self.terminal.ask(Cdr(since=at - NEAR_MS, until=at + NEAR_MS, limit=MAX_NEAR), CdrReply)
            self._calls = reply.calls
        except ApiError as error:
            self._why_none = error.message
        self.picture.touch()
        self.beat()

    def lines(self, width: int) -> Sequence[Line]:
        """Return the lines."""
        it, remedy = self._trouble, remedy_of(self._trouble.kind)
        many = _("   {n} times").format(n=it.count) if it.count > 1 else ""
        return [
            [" ", Cell(when(it.started_at, seconds=True), "accent"), f"   {it.kind}{many}"],
            *([f" {line}"] for line in wrapped(text_of(it), width - 2)),
            "",
            [Cell(" " + _("What it means"), "head")],
            *([f" {line}"] for line in wrapped(_(remedy.meaning), width - 2)),
            "",
            [Cell(" " + _("What to do"), "head")],
            *([f" {line}"] for line in wrapped(_(remedy.remedy), width - 2)),
            "",
            [Cell(" " + _("Within a minute of it"), "head")],
            *(self._near() or ([Cell(" " + _("nothing else"), "dim")],)),
        ]

    def _near(self) -> Sequence[Line]:
        at = self._trouble.started_at
        found: list[tuple[int, Line]] = [
            (
                it.started_at,
                [Cell(f" {when(it.started_at, seconds=True)}  ", "dim"), Cell(f"{it.kind}  ", "warn"), text_of(it)],
            )
            for it in self.picture.troubles
            if it != self._trouble and abs(it.started_at - at) <= NEAR_MS
        ]
        found += [(it.started_at, self._call(it)) for it in self._calls]
        if self._why_none:
            found.append((at, [Cell(" " + self._why_none, "bad")]))
        return [line for _at, line in sorted(found, key=lambda each: each[0])]

    def _call(self, it: CdrRow) -> Line:
        role: Role = "bad" if it.disposition in ("failed", "interrupted") else ""
        parts: Iterable[str] = (
            _("call {n}").format(n=it.call), it.caller or _("unknown"), self.terminal.skin.arrow, it.called,
            word(it.disposition) if it.disposition else _("under way"), length(it.duration_s),
        )  # fmt: skip
        return [Cell(f" {when(it.started_at, seconds=True)}  ", "dim"), Cell("  ".join(parts), role)]


def when(at_ms: int, *, seconds: bool = False) -> str:
    """Return a time of the box in the reader's time zone: day, hour and minute."""
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%m-%d %H:%M:%S" if seconds else "%m-%d %H:%M")
