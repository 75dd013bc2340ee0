# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox queue why`: which agents a queue considered for a call, and why it rang those that it rang."""

import argparse
from collections.abc import Iterator
from typing import Final

from appliance.api.messages import Choices, ChoicesReply
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.output import clock, length, show, show_json, table
from appliance.cli.queue_arrange import ARRANGE
from appliance.cli.queue_callbacks import CALL_BACKS
from appliance.cli.queue_forecast import FORECAST
from appliance.contract.choices import Choice, Strategy, WhyNot
from appliance.contract.rows import ChoiceRow
from appliance.contract.ticks import seconds
from appliance.i18n import N_, _

STRATEGIES: Final[dict[Strategy, str]] = {
    "longest_idle": N_("who is idle longest"),
    "ring_all": N_("all at once"),
    "round_robin": N_("the next in turn"),
    "fewest_calls": N_("who had the fewest calls today"),
    "least_talk": N_("who talked least today"),
    "least_occupied": N_("who was least occupied today"),
    "linear": N_("the first in the list"),
    "random": N_("one by chance"),
    "skill": N_("who is most skilled"),
}
WHY_NOT: Final[dict[WhyNot, str]] = {
    "signed_out": N_("signed out"),
    "paused": N_("paused"),
    "offered": N_("is rung for another caller"),
    "talking": N_("talking"),
    "wrap_up": N_("wrap-up"),
    "unreachable": N_("did not take a call a moment ago"),
    "no_phone": N_("has no phone"),
    "skill": N_("lacks a skill that the queue needs"),
    "reserve": N_("is in reserve"),
    "alone": N_("the caller waits for another agent"),
}


def why(args: argparse.Namespace) -> int:
    """Show the choices that queues made for a call."""
    with client(args) as box:
        reply = box.ask(Choices(args.call), ChoicesReply)
    if args.json:
        show_json(reply)
        return 0
    for row in reply.choices:
        columns = (_("agent"), _("decision"), _("compared"))
        show(_headline(row), table(columns, _agents(row.choice), right=(2,)), "")
    if not reply.choices:
        show(_("no queue has chosen an agent for call {call}").format(call=args.call))
    return 0


def _headline(row: ChoiceRow) -> str:
    text = _("{time}  queue {queue} chose by: {strategy}")
    line = text.format(time=clock(row.started_at), queue=row.queue, strategy=_(STRATEGIES[row.choice.strategy]))
    if row.choice.step:
        line += "\n" + _("after step {n} of the queue").format(n=row.choice.step)
    rivals = [(call, queue) for call, queue, _order in row.choice.rivals if call != row.call]
    others = [_("call {call} in {queue}").format(call=call, queue=queue) for call, queue in rivals]
    if others:
        line += "\n" + _("came before: {calls}").format(calls=", ".join(others))
    return line


def _agents(choice: Choice) -> Iterator[tuple[str, str, str]]:
    """Return a row for each agent: candidates with what was compared, idle longest first, then the others."""
    compared = [_figure(choice.strategy, figure) for figure in choice.figures] or [""] * len(choice.candidates)
    for agent, figure in zip(choice.candidates, compared, strict=True):
        yield agent, _("rung") if agent in choice.chosen else _("was free"), figure
    for agent, why_not in sorted(choice.passed.items(), key=lambda item: item[1]):
        yield agent, _(WHY_NOT[why_not]), ""


def _figure(strategy: Strategy, figure: int) -> str:
    match strategy:
        case "least_talk":
            return length(seconds(figure))
        case "least_occupied":
            return f"{figure / 10:.1f} %"
        case "skill":
            return str(-figure)
        case "linear" | "round_robin":
            return str(figure + 1)
        case _:
            return str(figure)


def _call(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", metavar="CALL", type=int, help=_("number of the call, as `mxbox calls` shows it"))


QUEUE: Final = Group(
    "queue",
    N_("what a queue decided, and callers who wait"),
    (
        Command(
            "why",
            N_("why a call rang those agents: who was considered, and why not"),
            why,
            ("mxbox queue why 1", "mxbox queue why 1 --json"),
            arguments=_call,
            asks=True,
        ),
        FORECAST,
        *CALL_BACKS,
        *ARRANGE,
    ),
)
