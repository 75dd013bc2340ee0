# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine: how full and how warm it is, how long its disks last, and what it has no keeper for."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from appliance.api.messages import Jobs, JobsReply, System, SystemReply
from appliance.cli.output import length, size
from appliance.cli.system import ABSENT
from appliance.cli.words import word
from appliance.contract.machine import DiskRow
from appliance.contract.reasons import shown
from appliance.contract.upkeep import JobRow
from appliance.i18n import N_, _, ngettext
from tui.cells import Cell, Line, fit, wrapped
from tui.screens.base import Every, HouseScreen
from tui.screens.operations import OperationsScreen
from tui.screens.troubles import when
from tui.screens.users import UsersScreen
from tui.skin import Role, meter

WARM_C, HOT_C = 75, 85
FEW_DAYS, NO_DAYS = 14, 3
_LABEL: Final = 13
_METER: Final = 14


class SystemScreen(HouseScreen):
    """The machine."""

    NAME, LABEL, DIGIT = "system", N_("system"), "0"
    HELP_TEXT = N_(
        "The machine: processors, memory, temperature, clock, disks and the days they last at the rate of the last "
        "week, versions, and work that lasts. u: users and their rights, o: the log of all "
        "that was changed."
    )
    ASKS = (
        Every(5.0, System(), SystemReply),
        Every(5.0, Jobs(), JobsReply),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "users", N_("users")),
        Binding("o", "operations", N_("operations")),
    ]

    def lines(self, width: int) -> Sequence[Line]:
        """Return the lines."""
        reply = self.picture.last(SystemReply)
        if reply is None:
            return [[Cell(" " + _("the box has not told yet"), "dim")]]
        return [
            *self._machine(reply), "", *self._disks(reply, width), "", *self._jobs(), "",
            *self._absent(reply, width),
        ]  # fmt: skip

    def _machine(self, reply: SystemReply) -> Iterable[Line]:
        it, skin = reply.machine, self.terminal.skin
        yield [_label(_("machine")), f"{it.host}   {it.system}   {it.kernel}"]
        machine = "-" if it.up_s is None else length(it.up_s)
        yield [_label(_("runs for")), _("{machine}, the box {box}").format(machine=machine, box=length(reply.up_s))]
        if it.cpu is not None:
            load = "-" if it.load is None else f"{it.load:.2f}"
            told = ngettext("of {n} processor, load {load}", "of {n} processors, load {load}", it.cpus)
            yield [
                _label(_("processors")), Cell(meter(skin, it.cpu, _METER), _full(it.cpu)),
                f" {it.cpu:4.0%}   {told.format(n=it.cpus, load=load)}",
            ]  # fmt: skip
        if it.memory and it.memory_free is not None:
            share = 1 - it.memory_free / it.memory
            told = _("{total}, {free} free").format(total=size(it.memory), free=size(it.memory_free))
            yield [_label(_("memory")), Cell(meter(skin, share, _METER), _full(share)), f" {share:4.0%}   {told}"]
        degree = "°C" if skin.name == "house" else "C"
        heat = Cell(_("no sensor"), "dim")
        if (warm := it.temperature) is not None:
            heat = Cell(f"{warm:.0f} {degree}", "bad" if warm > HOT_C else "warn" if warm > WARM_C else "good")
        yield [_label(_("temperature")), heat]
        yield [_label(_("clock")), self._clock(reply)]
        yield [_label(_("versions")), "   ".join(f"{name} {version}" for name, version in reply.versions.items())]

    def _clock(self, reply: SystemReply) -> Cell:
        said = reply.machine.clock
        if said.synced is None:
            return Cell(_("this machine does not say whether it is synced"), "dim")
        if not said.synced:
            return Cell(_("not synced: no time server has set it"), "warn")
        return Cell(_("synced, wrong by {ms:.0f} ms at most").format(ms=1000 * (said.error_s or 0.0)), "good")

    def _disks(self, reply: SystemReply, width: int) -> Iterable[Line]:
        what = {"books": _("books"), "recordings": _("recordings"), "archive": _("archive")}
        for it in reply.machine.disks:
            share = 1 - it.free / it.total if it.total else 0.0
            role = _lasting(it, share)
            free = _("{free} of {total} free").format(free=size(it.free), total=size(it.total))
            yield [
                _label(_("disk")), Cell(meter(self.terminal.skin, share, _METER), role),
                f" {share:4.0%}   {free}   ", Cell(_days(it), role),
            ]  # fmt: skip
            where = f"{it.folder}   {', '.join(what[each] for each in it.what)}"
            grows = "" if it.daily is None else _("   grows {size} a day").format(size=size(max(0, it.daily)))
            yield [_label(""), Cell(fit(where + grows, max(1, width - _LABEL - 1)), "dim")]

    def _jobs(self) -> Iterable[Line]:
        reply = self.picture.last(JobsReply)
        for place, it in enumerate(reply.jobs[:5] if reply is not None else ()):
            yield [_label(_("work") if not place else ""), *_job(it)]

    def _absent(self, reply: SystemReply, width: int) -> Iterable[Line]:
        if not reply.absent:
            return
        named = ", ".join(_(ABSENT[each]) for each in reply.absent)
        text = _("no keeper for: {absent}. The box's own image brings them; here use the tools of the system.")
        for place, line in enumerate(wrapped(text.format(absent=named), width - _LABEL - 2)):
            yield [_label(_("absent") if not place else ""), Cell(line, "dim")]

    def action_users(self) -> None:
        """Show the users."""
        self.app.push_screen(UsersScreen())

    def action_operations(self) -> None:
        """Show the operation log."""
        self.app.push_screen(OperationsScreen())


def _job(it: JobRow) -> Line:
    role: Role = "bad" if it.state == "failed" else "accent" if it.state == "running" else "dim"
    share = f"{it.progress:.0%}" if it.state == "running" else ""
    why = shown(it.error, it.values) if it.error else ""
    return [
        f"{it.job}  {it.what}  ",
        Cell(word(it.state), role),
        f"  {share}  ",
        Cell(when(it.began), "dim"),
        f"  {why}",
    ]


def _full(share: float) -> Role:
    return "bad" if share > 0.9 else "warn" if share > 0.75 else "good"


def _lasting(it: DiskRow, share: float) -> Role:
    days = it.days_left
    if days is None:
        return _full(share)
    return "bad" if days < NO_DAYS or share > 0.95 else "warn" if days < FEW_DAYS else "good"


def _days(it: DiskRow) -> str:
    if it.days_left is None:
        return _("days left: not known yet") if it.daily is None else _("does not grow")
    days = round(it.days_left)
    return ngettext("{n} day left", "{n} days left", days).format(n=days)


def _label(text: str) -> Cell:
    return Cell(" " + fit(text, _LABEL), "head")
