# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that change a running box: `mxbox agent ...`, `call`, `hangup`, `reload`, `flow reload`."""

import argparse
from collections.abc import Callable

from appliance.api.messages import (
    ExtensionsReply,
    FlowsReply,
    HangUp,
    Originate,
    ReloadExtensions,
    ReloadFlows,
    SetAgent,
)
from appliance.cli import agent_day
from appliance.cli.agent_pin import PIN
from appliance.cli.ask import client
from appliance.cli.card import CARD
from appliance.cli.command import Command, Group
from appliance.cli.doing import do
from appliance.cli.output import show, show_json
from appliance.contract.records import AgentStatus
from appliance.i18n import N_, _


def _set_agent(status: AgentStatus, told: str) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        request = SetAgent(args.number, status, getattr(args, "reason", ""), getattr(args, "at", ""))
        return do(args, request, _(told).replace("{number}", args.number))

    return run


def call(args: argparse.Namespace) -> int:
    """Ring an extension, then call a number for it."""
    told = _("extension {number} is being rung; this is call {call}").replace("{number}", args.extension)
    return do(args, Originate(args.extension, args.called), told)


def hangup(args: argparse.Namespace) -> int:
    """End a call."""
    return do(args, HangUp(args.call), _("call {call} is being ended"))


def reload_flows(args: argparse.Namespace) -> int:
    """Make the box read its flows again."""
    with client(args) as box:
        reply = box.ask(ReloadFlows(), FlowsReply)
    if args.json:
        show_json(reply)
    else:
        show(_("flows in force: {names}").format(names=", ".join(reply.flows)))
    return 0


def reload(args: argparse.Namespace) -> int:
    """Make the box read again all that it can change while it runs: extensions and flows."""
    with client(args) as box:
        extensions = box.ask(ReloadExtensions(), ExtensionsReply)
        flows = box.ask(ReloadFlows(), FlowsReply)
    if args.json:
        show_json({"extensions": extensions.extensions, "flows": flows.flows})
    else:
        show(_("extensions in force: {names}").format(names=", ".join(extensions.extensions)))
        show(_("flows in force: {names}").format(names=", ".join(flows.flows)))
    return 0


def _number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="NUMBER", help=_("the agent's number"))


def _number_and_reason(parser: argparse.ArgumentParser) -> None:
    _number(parser)
    parser.add_argument("--reason", default="", help=_("why, for the books"))


def _number_and_phone(parser: argparse.ArgumentParser) -> None:
    _number(parser)
    parser.add_argument("--at", metavar="EXTENSION", default="", help=_("the phone that rings until sign-out"))


def _call_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("extension", metavar="FROM", help=_("the extension that is rung first"))
    parser.add_argument("called", metavar="TO", help=_("what it calls when it answers, as if dialled there"))


def _hangup_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", metavar="CALL", type=int, help=_("number of the call, as in mxbox calls"))


AGENT = Group(
    "agent",
    N_("sign an agent in or out, pause or resume; what agents did"),
    (
        Command(
            "ready",
            N_("sign in, or end a pause: callers may be offered"),
            _set_agent("ready", N_("agent {number} is ready")),
            ("mxbox agent ready 8001", "mxbox agent ready 8001 --at 1005"),
            arguments=_number_and_phone,
            asks=True,
        ),
        Command(
            "pause",
            N_("stay signed in, but take no callers"),
            _set_agent("paused", N_("agent {number} is paused")),
            ("mxbox agent pause 8001 --reason lunch",),
            arguments=_number_and_reason,
            asks=True,
        ),
        Command(
            "sign-out",
            N_("end the agent's work"),
            _set_agent("signed_out", N_("agent {number} is signed out")),
            ("mxbox agent sign-out 8001",),
            arguments=_number,
            asks=True,
        ),
        PIN,
        *agent_day.COMMANDS,
        CARD,
    ),
)

COMMANDS = (
    Command(
        "call",
        N_("ring an extension; when it answers, call a number for it"),
        call,
        ("mxbox call 1001 1002", "mxbox call 1001 013800138000"),
        arguments=_call_arguments,
        asks=True,
    ),
    Command("hangup", N_("end a call"), hangup, ("mxbox hangup 17",), arguments=_hangup_arguments, asks=True),
    Command(
        "reload",
        N_("let the running box read its configuration and flows again"),
        reload,
        ("mxbox reload",),
        N_("Calls go on. What waits for a restart, `mxbox config diff` tells."),
        asks=True,
    ),
)

RELOAD = Command(
    "reload",
    N_("let the running box read its flows again"),
    reload_flows,
    ("mxbox flow reload",),
    N_("If one flow has a mistake, none changes. Calls go on in the flow they began."),
    asks=True,
)
