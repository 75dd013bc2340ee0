# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences under way: `mxbox conference ...`."""

import argparse
from collections.abc import Callable, Iterator
from typing import Any, Final

from appliance.api.messages import (
    CallIntoConference,
    ChangeConference,
    ConferenceChange,
    ConferenceLog,
    ConferenceLogReply,
    Conferences,
    ConferencesReply,
)
from appliance.cli.agent_pin import conference_pin, conference_pin_arguments
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.doing import do
from appliance.cli.output import clock, length, show, show_json, table
from appliance.cli.words import word
from appliance.contract.rows import ConferenceLogRow
from appliance.contract.views import ConferenceView, MemberView
from appliance.i18n import N_, _

NO_MEMBER: Final = 0


def show_conferences(args: argparse.Namespace) -> int:
    """Show the conferences and their members."""
    with client(args) as box:
        reply = box.ask(Conferences(), ConferencesReply)
    there = [each for each in reply.conferences if args.conference in ("", each.number, str(each.call))]
    if args.json:
        show_json(ConferencesReply(tuple(there), reply.seq))
        return 0
    columns = (_("place"), _("number"), _("name"), _("does"), _("speaks now"))
    for each in there:
        show(_headline(each), table(columns, map(_member, each.members), right=(0,)), "")
    if not there:
        show(_("no conference is under way"))
    return 0


def log(args: argparse.Namespace) -> int:
    """Show what happened in a conference."""
    with client(args) as box:
        reply = box.ask(ConferenceLog(args.call), ConferenceLogReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("time"), _("member"), _("what"), _("by"))
    rows = ((clock(each.at), _who(each), word(each.what), each.done_by) for each in reply.changes)
    show(table(columns, rows, empty=_("call {call} is no conference").format(call=args.call)))
    return 0


def _who(change: ConferenceLogRow) -> str:
    return _("{member} (host)").format(member=change.member) if change.host else change.member


def _headline(conference: ConferenceView) -> str:
    text = _("conference {name}, call {call}, for {time}").format(
        name=" ".join(filter(None, (conference.number, conference.name))) or _("of a talk"),
        call=conference.call,
        time=length(conference.up_s),
    )
    more = [_("locked")] if conference.locked else []
    if conference.ringing:
        more.append(_("being called: {numbers}").format(numbers=", ".join(conference.ringing)))
    return ", ".join((text, *more))


def _member(member: MemberView) -> tuple[Any, ...]:
    return (member.place, member.number, member.name, ", ".join(_does(member)), _("yes") if member.speaking else "")


def _does(member: MemberView) -> Iterator[str]:
    if member.host:
        yield _("host")
    if member.asks:
        yield _("asks to speak ({n})").format(n=member.asks)
    elif not member.floor:
        yield _("listens")
    if member.muted:
        yield _("muted")


def _change(change: ConferenceChange, told: str) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        request = ChangeConference(args.conference, change, getattr(args, "member", NO_MEMBER))
        return do(args, request, _(told).format(conference=args.conference))

    return run


def call_in(args: argparse.Namespace) -> int:
    """Call a number into a conference."""
    told = _("{number} is being called").format(number=args.number)
    return do(args, CallIntoConference(args.conference, args.number), told)


def _conference(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("conference", metavar="CONFERENCE", help=_("its number, or the number of its call"))


def _any_conference(parser: argparse.ArgumentParser) -> None:
    help_text = _("its number, or the number of its call; without: all")
    parser.add_argument("conference", metavar="CONFERENCE", nargs="?", default="", help=help_text)


def _call(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", metavar="CALL", type=int, help=_("number of its call, as mxbox calls shows it"))


def _guests(parser: argparse.ArgumentParser) -> None:
    _conference(parser)
    help_text = _("the member's place, as `mxbox conference show` says; without: all guests")
    parser.add_argument("member", metavar="MEMBER", nargs="?", type=int, default=NO_MEMBER, help=help_text)


def _asking(parser: argparse.ArgumentParser) -> None:
    _conference(parser)
    help_text = _("the member's place; without: the guest who asked first")
    parser.add_argument("member", metavar="MEMBER", nargs="?", type=int, default=NO_MEMBER, help=help_text)


def _member_argument(parser: argparse.ArgumentParser) -> None:
    _conference(parser)
    parser.add_argument("member", metavar="MEMBER", type=int, help=_("the member's place"))


def _call_arguments(parser: argparse.ArgumentParser) -> None:
    _conference(parser)
    parser.add_argument("number", metavar="NUMBER", help=_("an extension, or the outside prefix and a number"))


CONFERENCE = Group(
    "conference",
    N_("conferences under way: who is there, who may speak"),
    (
        Command(
            "show",
            N_("the members: who speaks, listens, asks to speak"),
            show_conferences,
            ("mxbox conference show", "mxbox conference show 8500", "mxbox conference show --json"),
            arguments=_any_conference,
            asks=True,
        ),
        Command(
            "log",
            N_("who came and went, was muted, asked to speak, and who did it; also of a past one"),
            log,
            ("mxbox conference log 17",),
            N_("The call is that of the first member."),
            arguments=_call,
            asks=True,
        ),
        Command(
            "mute",
            N_("let nobody hear a member, or all guests"),
            _change("mute", N_("conference {conference}: muted")),
            ("mxbox conference mute 8500 3", "mxbox conference mute 8500"),
            arguments=_guests,
            asks=True,
        ),
        Command(
            "unmute",
            N_("let all hear a member again, or all guests"),
            _change("unmute", N_("conference {conference}: no longer muted")),
            ("mxbox conference unmute 8500 3",),
            arguments=_guests,
            asks=True,
        ),
        Command(
            "grant",
            N_("let a guest speak who asks to"),
            _change("grant", N_("conference {conference}: the guest may speak")),
            ("mxbox conference grant 8500", "mxbox conference grant 8500 7"),
            arguments=_asking,
            asks=True,
        ),
        Command(
            "revoke",
            N_("let a guest only listen again, or all guests"),
            _change("revoke", N_("conference {conference}: only listening")),
            ("mxbox conference revoke 8500 7",),
            arguments=_guests,
            asks=True,
        ),
        Command(
            "remove",
            N_("remove a member"),
            _change("remove", N_("conference {conference}: the member is being removed")),
            ("mxbox conference remove 8500 3",),
            arguments=_member_argument,
            asks=True,
        ),
        Command(
            "call",
            N_("call a number into it"),
            call_in,
            ("mxbox conference call 8500 1002", "mxbox conference call 8500 013800138000"),
            N_("The conference begins with its first member: `mxbox call 1001 8500` rings 1001 for it."),
            arguments=_call_arguments,
            asks=True,
        ),
        Command(
            "lock",
            N_("let nobody else in but hosts"),
            _change("lock", N_("conference {conference} is locked")),
            ("mxbox conference lock 8500",),
            arguments=_conference,
            asks=True,
        ),
        Command(
            "unlock",
            N_("let others in again"),
            _change("unlock", N_("conference {conference} is open")),
            ("mxbox conference unlock 8500",),
            arguments=_conference,
            asks=True,
        ),
        Command(
            "pin",
            N_("make the PIN of guests or hosts of a conference of the configuration"),
            conference_pin,
            ("mxbox conference pin 8500", "mxbox conference pin 8500 --host", "mxbox conference pin 8500 --choose"),
            N_("The old PIN no longer works. `guest_pin` or `host_pin` of the conference has to be true."),
            arguments=conference_pin_arguments,
        ),
        Command(
            "end",
            N_("end it for all"),
            _change("end", N_("conference {conference} is being ended")),
            ("mxbox conference end 8500",),
            arguments=_conference,
            asks=True,
        ),
    ),
)
