# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands for an overview: `mxbox system`, `mxbox today`."""

import argparse
from collections.abc import Iterator
from typing import Any, Final

from appliance.api.messages import Figures, FiguresReply, System, SystemReply
from appliance.cli.ask import client
from appliance.cli.command import Command
from appliance.cli.output import facts, length, show, show_json, size, table, verdict
from appliance.contract.machine import Absent, ClockRow, DiskRow
from appliance.contract.rows import Colour
from appliance.i18n import N_, _

LEAST_FREE: Final = 0.1
"""Share of a disk below which what is free is bad news; so are fewer days than `LEAST_DAYS`."""
LEAST_DAYS: Final = 14.0
ABSENT: Final[dict[Absent, str]] = {
    "slots": N_("slots"),
    "updates": N_("updates"),
    "backups": N_("backups"),
    "network": N_("network settings"),
    "power": N_("power"),
}


def system(args: argparse.Namespace) -> int:
    """Show the machine."""
    with client(args) as box:
        reply = box.ask(System(), SystemReply)
    if args.json:
        show_json(reply)
        return 0
    show(facts(_facts(reply)))
    columns = (_("disk"), _("what"), _("size"), _("free"), _("grows a day"), _("days left"))
    rows = [_disk(each) for each in reply.machine.disks]
    show("", table(columns, rows, right=(2, 3, 4, 5)))
    absent = ", ".join(_(ABSENT[each]) for each in reply.absent)
    show("", _("this machine has no keeper for: {absent}").format(absent=absent) if absent else "")
    return 0


def _facts(reply: SystemReply) -> Iterator[tuple[str, Any]]:
    machine = reply.machine
    yield _("machine"), f"{machine.host}, {machine.system}, {machine.kernel}"
    yield _("up"), _("{machine}, the box {box}").format(machine=_length(machine.up_s), box=length(reply.up_s))
    used = "-" if machine.cpu is None else f"{machine.cpu:.0%}"
    load = "-" if machine.load is None else f"{machine.load:.2f}"
    yield _("processors"), _("{n}, {used} in use, load {load}").format(n=machine.cpus, used=used, load=load)
    if machine.memory and machine.memory_free is not None:
        text = _("{total}, {free} free").format(total=size(machine.memory), free=size(machine.memory_free))
        yield _("memory"), text
    heat = _("no sensor") if machine.temperature is None else f"{machine.temperature:.0f} °C"
    yield _("temperature"), heat
    yield _("clock"), _clock(machine.clock)
    yield _("versions"), ", ".join(f"{name} {version}" for name, version in reply.versions.items())


def _length(seconds: float | None) -> str:
    return "-" if seconds is None else length(seconds)


def _clock(said: ClockRow) -> Any:
    if said.synced is None:
        return _("this machine does not say whether it is synced")
    if not said.synced:
        return verdict(_("not synced: no time server has set it"), good=False)
    error = _("synced, wrong by {ms:.0f} ms at most").format(ms=1000 * (said.error_s or 0.0))
    return verdict(error, good=True)


def _disk(disk: DiskRow) -> tuple[Any, ...]:
    few = disk.days_left is not None and disk.days_left < LEAST_DAYS
    what = {"books": _("books"), "recordings": _("recordings"), "archive": _("archive")}
    return (
        disk.folder,
        ", ".join(what[each] for each in disk.what),
        size(disk.total),
        verdict(size(disk.free), good=disk.free >= LEAST_FREE * disk.total),
        "-" if disk.daily is None else size(max(0, disk.daily)),
        "-" if disk.days_left is None else verdict(f"{disk.days_left:.0f}", good=not few),
    )


def today(args: argparse.Namespace) -> int:
    """Show the figures of a day."""
    with client(args) as box:
        reply = box.ask(Figures(args.day), FiguresReply)
    if args.json:
        show_json(reply)
        return 0
    box_day = reply.box
    text = _("{day}: {calls} calls, {answered} answered, {abandoned} hung up before, {lost} talked with no person")
    values = {"day": reply.day, "calls": box_day.calls, "answered": box_day.answered}
    show(text.format(**values, abandoned=box_day.abandoned, lost=box_day.lost), "")
    hours = ((f"{each.hour:02}:00", each.calls, each.answered, each.abandoned) for each in reply.hours)
    heads = (_("hour"), _("calls"), _("answered"), _("abandoned"))
    show(table(heads, hours, right=(1, 2, 3), empty=_("no call yet")), "")
    columns = (
        *(_("queue"), _("entered"), _("answered"), _("abandoned"), _("in time")),
        *(_("service level"), _("mean wait"), _("longest")),
    )
    queues = (
        (
            each.queue, each.entered, each.answered, each.abandoned, each.in_time,
            coloured("-" if each.service_level is None else f"{each.service_level:.0%}", each.colour),
            length(each.wait_s), length(each.longest_s),
        )
        for each in reply.queues
    )  # fmt: skip
    show(table(columns, queues, right=range(1, 8), empty=_("no queue is configured"), spare=(7, 6, 4)), "")
    agents = ((each.agent, each.offered, each.answered, length(each.talk_s)) for each in reply.agents)
    heads = (_("agent"), _("offered"), _("answered"), _("talked"))
    show(table(heads, agents, right=(1, 2, 3), empty=_("no agent was offered a call")))
    return 0


def coloured(text: str, colour: Colour) -> Any:
    """Return a text in the colour of a board."""
    from rich.text import Text

    return Text(text, style=f"bold {colour}" if colour else "")


def _day(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("day", metavar="DAY", nargs="?", default="", help=_("a day like 2026-01-31; today if absent"))


SYSTEM: Final = Command(
    "system",
    N_("the machine: processors, memory, disks and how long they last, clock, temperature, versions"),
    system,
    ("mxbox system", "mxbox system --json"),
    N_("What a machine cannot say is shown as -. The days left are at the rate of the last week."),
    asks=True,
)
TODAY: Final = Command(
    "today",
    N_("the figures of today or another day: calls by hour, each queue and its service level, each agent"),
    today,
    ("mxbox today", "mxbox today 2026-01-31", "mxbox today --json"),
    arguments=_day,
    asks=True,
)
