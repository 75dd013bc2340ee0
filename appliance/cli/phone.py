# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings of a phone, and the routes of calls: `mxbox phone ...`, `mxbox route test`."""

import argparse
from collections.abc import Mapping
from typing import Any, Final

from appliance.api.messages import Done, GetPhone, PhoneReply, Phones, PhonesReply, RouteReply, RouteTest, SetPhone
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.output import show, show_json, table, verdict
from appliance.cli.phone_secrets import PASSWORD, PROVISION
from appliance.cli.phone_talk import TALK
from appliance.contract.phone_row import PhoneRow
from appliance.contract.records import Setting
from appliance.contract.routes import Leads
from appliance.i18n import N_, _

WHEN: Final[dict[str, Setting]] = {
    "always": "forward_always",
    "busy": "forward_busy",
    "no-answer": "forward_no_answer",
}
WORDS: Final[dict[Setting, tuple[str, str]]] = {
    "forward_always": (N_("all calls are forwarded to {value}"), N_("calls are not forwarded at once")),
    "forward_busy": (N_("when busy, calls are forwarded to {value}"), N_("when busy, calls are not forwarded")),
    "forward_no_answer": (
        N_("when not answered, calls are forwarded to {value}"),
        N_("when not answered, calls are not forwarded"),
    ),
    "do_not_disturb": (N_("do not disturb: on"), N_("do not disturb: off")),
    "call_waiting": (N_("call waiting: on"), N_("call waiting: off")),
    "messages": (N_("messages, new/heard: {value}"), N_("messages: none")),
}
"""Meaning of a setting with a value, and without one."""


def _set(args: argparse.Namespace, setting: Setting, value: str) -> int:
    with client(args) as box:
        reply = box.ask(SetPhone(args.extension, setting, value), Done)
    if args.json:
        show_json(reply)
    else:
        show(f"{args.extension}: {_shown(setting, value)}")
    return 0


def _shown(setting: Setting, value: str) -> str:
    there, without = WORDS[setting]
    return _(there).format(value=value) if value not in ("", "0/0") else _(without)


def forward(args: argparse.Namespace) -> int:
    """Set or end a forward of a phone's calls."""
    return _set(args, WHEN[args.when], "" if args.to == "off" else args.to)


def dnd(args: argparse.Namespace) -> int:
    """Set do not disturb at a phone."""
    return _set(args, "do_not_disturb", "1" if args.state == "on" else "")


def call_waiting(args: argparse.Namespace) -> int:
    """Set whether second calls ring."""
    return _set(args, "call_waiting", "1" if args.state == "on" else "")


def messages(args: argparse.Namespace) -> int:
    """Set the message lamp of a phone."""
    return _set(args, "messages", f"{args.new}/{args.heard}")


def show_phone(args: argparse.Namespace) -> int:
    """Show a phone's settings."""
    with client(args) as box:
        reply = box.ask(GetPhone(args.extension), PhoneReply)
    if args.json:
        show_json(reply)
        return 0
    for setting in WORDS:
        show(_shown(setting, reply.settings[setting]))
    return 0


def list_phones(args: argparse.Namespace) -> int:
    """List the extensions with their phones."""
    with client(args) as box:
        reply = box.ask(Phones(), PhonesReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("number"), _("name"), _("registered"), _("telephone"), _("agent"), _("call"), _("settings"))
    rows = [_phone_row(each) for each in reply.phones]
    show(table(columns, rows, right=(5,), empty=_("no extension is configured"), spare=(3, 6)))
    return 0


def _phone_row(row: PhoneRow) -> tuple[Any, ...]:
    where: Any = ", ".join(each.address for each in row.contacts) or row.line
    if row.registers and not row.contacts:
        where = verdict(_("not registered"), good=False)
    made = ", ".join(each.agent for each in row.contacts)
    return row.extension, row.name, where, made, row.agent, row.call or "", settings_in_words(row.settings)


def settings_in_words(settings: Mapping[Setting, str]) -> str:
    """Return the settings of a phone that differ from those of a new one."""
    plain = {"call_waiting": "1", "messages": ""}
    changed = [name for name in WORDS if settings.get(name, "") not in (plain.get(name, ""), "0/0")]
    return ", ".join(_shown(name, settings[name]) for name in changed)


def route_test(args: argparse.Namespace) -> int:
    """Show which route a call would take; return 1 if it would be refused."""
    with client(args) as box:
        reply = box.ask(RouteTest(args.caller, args.called, args.at, args.line), RouteReply)
    leads = reply.leads
    if args.json:
        show_json(reply)
        return 1 if leads.cause else 0
    show(*leads_in_words(leads))
    return 1 if leads.cause else 0


def leads_in_words(leads: Leads) -> list[str]:
    """Return the way of a call in lines: its steps, the lines that are tried, the cause of a refusal."""
    told = [_(step.msgid).format(**step.values) for step in leads.steps]
    for place, way in enumerate(leads.lines, 1):
        shown = _("showing {number}").format(number=way.caller) if way.caller else _("showing the caller's own number")
        told.append(f"{place}. {way.line}: {way.called}, {shown}")
    if leads.cause:
        told.append(_("refused with cause {cause} (Q.850)").format(cause=leads.cause))
    return told


def _extension(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("extension", metavar="EXTENSION", help=_("the phone's number"))


def _forward_arguments(parser: argparse.ArgumentParser) -> None:
    _extension(parser)
    parser.add_argument("when", choices=tuple(WHEN), help=_("which calls"))
    parser.add_argument("to", metavar="TO", help=_("a number as the phone would dial it, or off"))


def _switch_arguments(parser: argparse.ArgumentParser) -> None:
    _extension(parser)
    parser.add_argument("state", choices=("on", "off"), help=_("on or off"))


def _messages_arguments(parser: argparse.ArgumentParser) -> None:
    _extension(parser)
    parser.add_argument("new", metavar="NEW", type=int, help=_("messages not heard yet; 0 puts the lamp out"))
    parser.add_argument("heard", metavar="HEARD", type=int, nargs="?", default=0, help=_("messages heard already"))


def _route_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "caller", metavar="FROM", help=_("an extension, the number of a caller from outside, or anonymous")
    )
    parser.add_argument("called", metavar="TO", help=_("what is dialled"))
    parser.add_argument(
        "--at", metavar="WHEN", default="", help=_("at that local time, e.g. 2026-01-31T14:30; else now")
    )
    parser.add_argument(
        "--line",
        metavar="LINE",
        default="",
        help=_("on which a caller from outside comes: pri:<group> or trunk:<name>"),
    )


PHONE = Group(
    "phone",
    N_("what a phone does with its calls"),
    (
        Command(
            "list",
            N_("the extensions: where their phones are registered, whose they are now, their settings"),
            list_phones,
            ("mxbox phone list", "mxbox phone list --json"),
            asks=True,
        ),
        Command(
            "show",
            N_("show forwards, do not disturb, call waiting"),
            show_phone,
            ("mxbox phone show 1001",),
            arguments=_extension,
            asks=True,
        ),
        Command(
            "forward",
            N_("forward a phone's calls: always, when busy, when not answered"),
            forward,
            ("mxbox phone forward 1001 busy 1002", "mxbox phone forward 1001 always off"),
            N_("Kept until it is changed again, also by the phone's own feature codes."),
            arguments=_forward_arguments,
            asks=True,
        ),
        Command(
            "dnd",
            N_("do not disturb: callers find the phone busy"),
            dnd,
            ("mxbox phone dnd 1001 on",),
            arguments=_switch_arguments,
            asks=True,
        ),
        Command(
            "call-waiting",
            N_("whether a second call rings while the first goes on"),
            call_waiting,
            ("mxbox phone call-waiting 1001 off",),
            arguments=_switch_arguments,
            asks=True,
        ),
        Command(
            "messages",
            N_("tell a phone's message lamp how many messages wait"),
            messages,
            ("mxbox phone messages 1001 2", "mxbox phone messages 1001 0 3"),
            N_("For a voice mail beside the box. Kept until it is changed again; shown by phones that registered."),
            arguments=_messages_arguments,
            asks=True,
        ),
        TALK,
        PASSWORD,
        PROVISION,
    ),
)

ROUTE = Group(
    "route",
    N_("the ways of calls"),
    (
        Command(
            "test",
            N_("say which way a call would go, and why, without making it"),
            route_test,
            (
                "mxbox route test 1001 013800138000",
                "mxbox route test 1001 00441234567 --at 2026-01-31T22:00",
                "mxbox route test 13800138000 96900 --line pri:carrier",
            ),
            N_("Exit status 0 if it would be tried, 1 if it would be refused."),
            arguments=_route_arguments,
            asks=True,
        ),
    ),
)
