# SPDX-License-Identifier: GPL-2.0-or-later
"""Duty lists: `mxbox duty show`, `set`, `clear`, `check`."""

import argparse
from typing import Final

from appliance.api.messages import Done, Duties, DutiesReply, SetDuty
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.output import clock, show, show_json, table
from appliance.contract.duties import DutyRow, DutySlot
from appliance.i18n import N_, _


def _ask(args: argparse.Namespace) -> DutiesReply:
    with client(args) as box:
        return box.ask(Duties(args.duty, getattr(args, "at", "")), DutiesReply)


def show_duties(args: argparse.Namespace) -> int:
    """Show the duty lists, or one of them with its slots."""
    reply = _ask(args)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("duty list"), _("number"), _("on duty"), _("then"), _("next gap"))
    show(table(columns, [_row(duty) for duty in reply.duties], empty=_("no duty list is configured")))
    if args.duty:
        show("", table((_("when"), _("on duty"), _("set by")), [_slot(slot) for slot in reply.duties[0].slots]))
    return 0


def _row(duty: DutyRow) -> tuple[str, ...]:
    gap = _gap(duty.gaps[0]) if duty.gaps else "-"
    return duty.duty, duty.number or "-", ", ".join(duty.call) or _("nobody"), duty.otherwise or "-", gap


def _gap(gap: tuple[int, int]) -> str:
    begin, end = gap
    return f"{clock(begin)[:-3]} - {clock(end)[:-3]}"


def _slot(slot: DutySlot) -> tuple[str, str, str]:
    by = f"{clock(slot.at)[:-3]} {slot.asked_by}" if slot.at else _("configuration")
    return slot.when, ", ".join(slot.call), by


def check_duties(args: argparse.Namespace) -> int:
    """List the gaps of the next four weeks; return 1 if there is any."""
    reply = _ask(args)
    if args.json:
        show_json(reply)
    else:
        for duty in reply.duties:
            show(*(_("{duty}: nobody from {gap}").format(duty=duty.duty, gap=_gap(gap)) for gap in duty.gaps))
            if not duty.gaps:
                show(_("{duty}: no gap in four weeks").format(duty=duty.duty))
    return 1 if any(duty.gaps for duty in reply.duties) else 0


def set_duty(args: argparse.Namespace) -> int:
    """Set who is on duty at some times."""
    numbers = (args.number, *args.deputies)
    told = _("{duty}, {when}: {numbers}").format(duty=args.duty, when=args.when, numbers=", ".join(numbers))
    return _set(args, numbers, told)


def clear_duty(args: argparse.Namespace) -> int:
    """Remove a slot that was set."""
    return _set(args, (), _("{duty}, {when}: removed").format(duty=args.duty, when=args.when))


def _set(args: argparse.Namespace, numbers: tuple[str, ...], told: str) -> int:
    with client(args) as box:
        reply = box.ask(SetDuty(args.duty, args.when, numbers), Done)
    if args.json:
        show_json(reply)
    else:
        show(told)
    return 0


def _some(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("duty", metavar="DUTY", nargs="?", default="", help=_("one duty list; else all"))


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    _some(parser)
    text = _("at that time of the site, e.g. 2026-10-01T10:00; else now")
    parser.add_argument("--at", metavar="WHEN", default="", help=text)


def _slot_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("duty", metavar="DUTY", help=_("the duty list's name"))
    text = _('the times: "2026-12-07..2026-12-13", "2026-12-24 18:00-08:00", or "mon-fri 18:00-08:00, sat, sun"')
    parser.add_argument("when", metavar="WHEN", help=text)


def _set_arguments(parser: argparse.ArgumentParser) -> None:
    _slot_arguments(parser)
    parser.add_argument("number", metavar="NUMBER", help=_("who is on duty, as a phone of the house dials it"))
    parser.add_argument("deputies", metavar="DEPUTY", nargs="*", help=_("who is called next, in this order"))


DUTY: Final = Group(
    "duty",
    N_("duty lists: who is called out of hours"),
    (
        Command(
            "show",
            N_("show who is on duty, and when nobody is"),
            show_duties,
            ("mxbox duty show", "mxbox duty show service", "mxbox duty show --at 2026-12-24T22:00"),
            arguments=_show_arguments,
            asks=True,
        ),
        Command(
            "check",
            N_("list the times of the next four weeks at which nobody is on duty"),
            check_duties,
            ("mxbox duty check", "mxbox duty check service"),
            N_("Exit status 0 if there is none, 1 if there is one."),
            arguments=_some,
            asks=True,
        ),
        Command(
            "set",
            N_("set who is on duty at some times, with deputies"),
            set_duty,
            (
                "mxbox duty set service 2026-12-07..2026-12-13 013800138000 1002",
                'mxbox duty set service "mon-fri 18:00-08:00" 1001',
            ),
            N_("Wins over the configuration's slots, is kept over a restart, and the books keep who did it."),
            arguments=_set_arguments,
            asks=True,
        ),
        Command(
            "clear",
            N_("remove a slot that was set"),
            clear_duty,
            ("mxbox duty clear service 2026-12-07..2026-12-13",),
            N_("The times are written as they were set: see `mxbox duty show DUTY`."),
            arguments=_slot_arguments,
            asks=True,
        ),
    ),
)
