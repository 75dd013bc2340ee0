# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox quality`: recordings are reviewed by score cards, step by step, and drawn for it by plans."""

import argparse
from collections.abc import Callable
from typing import Final, cast

from appliance.api.messages import QualityOf, QualityReply, QualitySample, QualitySampleReply, Review
from appliance.cli.ask import add_since_until, client
from appliance.cli.command import Command, Group
from appliance.cli.output import clock, length, show, show_json, table
from appliance.cli.words import word
from appliance.contract.quality import QualityEvent, QualityStep
from appliance.i18n import N_, _

NOT_APPLICABLE: Final = "-"


def points_of(text: str) -> dict[str, float | None]:
    """Parse points as people type them: greeting=5,closing=- . Raises argparse.ArgumentTypeError."""
    found: dict[str, float | None] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        try:
            found[name.strip()] = None if value == NOT_APPLICABLE else float(value)
        except ValueError:
            equals = ""
        if not equals:
            message = _("{part!r} is no item with points: write greeting=5,closing=- (-: does not apply)")
            raise argparse.ArgumentTypeError(message.format(part=part))
    return found


def _step(step: str) -> Callable[[argparse.Namespace], int]:
    """Return the function of the command for a step of a review."""

    def run(args: argparse.Namespace) -> int:
        request = Review(
            args.recording, cast("QualityStep", step), args.agent, getattr(args, "card", ""),
            getattr(args, "points", {}), args.note,
        )  # fmt: skip
        with client(args) as box:
            reply = box.ask(request, QualityReply)
        return _show(args, reply)

    return run


def show_one(args: argparse.Namespace) -> int:
    """Show the steps of the reviews of a recording."""
    with client(args) as box:
        reply = box.ask(QualityOf(args.recording), QualityReply)
    return _show(args, reply)


def _show(args: argparse.Namespace, reply: QualityReply) -> int:
    if args.json:
        show_json(reply)
        return 0
    columns = (_("time"), _("step"), _("agent"), _("by"), _("score card"), _("score"), _("points"), _("note"))
    rows = [
        (clock(each.at), word(each.step), each.agent, each.by, each.card, _score(each), _points(each), each.note)
        for each in reply.events
    ]
    show(table(columns, rows, right=(5,), empty=_("no review of this recording"), spare=(6, 4)))
    return 0


def _score(event: QualityEvent) -> str:
    failed = "" if event.passed else " " + _("(failed)")
    return "" if event.step == "appeal" else f"{event.score:g}{failed}"


def _points(event: QualityEvent) -> str:
    given = (f"{name}={NOT_APPLICABLE if value is None else f'{value:g}'}" for name, value in event.points.items())
    return " ".join(given)


def sample(args: argparse.Namespace) -> int:
    """Show the recordings that a plan draws, and its coverage; return 0 only if all of them are reviewed."""
    with client(args) as box:
        reply = box.ask(QualitySample(args.plan, args.since, args.until), QualitySampleReply)
    done = all(each.reviewed == each.drawn for each in reply.agents)
    if args.json:
        show_json(reply)
        return 0 if done else 1
    columns = (_("agent"), _("talks"), _("drawn"), _("reviewed"), _("mean score"))
    agents = [(a.agent, a.talks, a.drawn, a.reviewed, f"{a.score:g}" if a.reviewed else "") for a in reply.agents]
    show(table(columns, agents, right=(1, 2, 3, 4), empty=_("no talk fits the plan in this period")))
    drawn = [
        (each.recording, each.agent, length(each.talk_s), word(each.state) if each.state else _("to be reviewed"))
        for each in reply.drawn
    ]
    if drawn:
        show("", table((_("recording"), _("agent"), _("talk"), _("state")), drawn, right=(0, 2)))
    return 0 if done else 1


def _review_arguments(parser: argparse.ArgumentParser) -> None:
    _step_arguments(parser)
    parser.add_argument("--card", metavar="NAME", default="", help=_("the score card; else the last one, or the first"))
    text = _("points by item, as greeting=5,closing=- (-: does not apply)")
    parser.add_argument("--points", metavar="LIST", type=points_of, default={}, help=text)


def _step_arguments(parser: argparse.ArgumentParser) -> None:
    _one(parser)
    parser.add_argument("--agent", metavar="NUMBER", default="", help=_("whose part; needed where several talk in it"))
    parser.add_argument("--note", metavar="TEXT", default="", help=_("a remark, which the books keep"))


def _one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", metavar="RECORDING", type=int, help=_("number of the recording"))


def _sample_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN", help=_("a [[quality_plan]]"))
    add_since_until(parser)


QUALITY: Final = Group(
    "quality",
    N_("review recordings by score cards, and draw those that are to be reviewed"),
    (
        Command(
            "sample",
            N_("recordings that a plan draws, and how many of each agent are reviewed"),
            sample,
            ("mxbox quality sample weekly --since 7d",),
            N_("Exit status 0 only if all that are drawn are reviewed. The same period gives the same sample."),
            arguments=_sample_arguments,
            asks=True,
        ),
        Command(
            "review",
            N_("the first score of an agent's part of a recording"),
            _step("review"),
            ("mxbox quality review 17 --card service --points greeting=5,solution=4,closing=-",),
            arguments=_review_arguments,
            asks=True,
        ),
        Command(
            "appeal",
            N_("object to a score, with a reason"),
            _step("appeal"),
            ("mxbox quality appeal 17 --note 'the caller had hung up'",),
            arguments=_step_arguments,
            asks=True,
        ),
        Command(
            "second",
            N_("a second score, by another reviewer"),
            _step("second"),
            ("mxbox quality second 17 --points greeting=5,solution=5,closing=-",),
            arguments=_review_arguments,
            asks=True,
        ),
        Command(
            "final",
            N_("the last word: with points a new score, without them the last one"),
            _step("final"),
            ("mxbox quality final 17",),
            arguments=_review_arguments,
            asks=True,
        ),
        Command(
            "show",
            N_("all steps of the reviews of a recording"),
            show_one,
            ("mxbox quality show 17",),
            arguments=_one,
            asks=True,
        ),
    ),
)
