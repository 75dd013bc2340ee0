# SPDX-License-Identifier: GPL-2.0-or-later
"""Upkeep of the lines: `mxbox span ...`, and work that lasts: `mxbox jobs ...`."""

import argparse
from collections.abc import Callable
from typing import Any, Final, Literal, get_args

from appliance.api.messages import (
    ChangeSpan,
    Done,
    Jobs,
    JobsReply,
    SpanQuarters,
    SpanQuartersReply,
    StopJob,
    TestSpan,
)
from appliance.cli.ask import add_since_until, client
from appliance.cli.command import Command, Group
from appliance.cli.output import clock, length, show, show_json, table, verdict
from appliance.contract.reasons import shown
from appliance.contract.switch import BitTest, ChannelState, Loop
from appliance.contract.upkeep import JobRow, JobState, QuarterRow
from appliance.i18n import N_, _

Act = Literal["block", "unblock", "restart", "loop", "clear"]

STATES: Final[dict[ChannelState, str]] = {
    "in_use": N_("in use"),
    "restarting": N_("being restarted"),
    "blocked_near": N_("blocked here"),
    "blocked_far": N_("blocked by the far end"),
    "testing": N_("tested"),
    "looped": N_("looped"),
    "out_of_service": N_("out of service"),
}
_TOLD: Final[dict[Act, str]] = {
    "block": N_("span {number}: no call takes these channels from now on; calls under way go on"),
    "unblock": N_("span {number}: calls may take these channels again"),
    "restart": N_("span {number}: these channels are being restarted"),
    "loop": N_("span {number}: the loop is set"),
    "clear": N_("span {number}: its counters count from 0"),
}
_JOB_STATES: Final[dict[JobState, str]] = {
    "running": N_("under way"),
    "done": N_("done"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
}


def _change(do: Act) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        loop: Loop = args.loop if do == "loop" else "none"
        timeslots = () if do == "clear" else tuple(args.timeslots)
        with client(args) as box:
            reply = box.ask(ChangeSpan(args.span, do, timeslots, loop), Done)
        if args.json:
            show_json(reply)
        elif do == "loop" and loop == "none":
            show(_("span {number}: there is no loop any more").format(number=args.span))
        else:
            show(_(_TOLD[do]).format(number=args.span))
        return 0

    return run


def _test(args: argparse.Namespace) -> int:
    with client(args) as box:
        reply = box.ask(TestSpan(args.span, tuple(args.timeslots), args.seconds), JobsReply)
    if args.json:
        show_json(reply)
    else:
        text = _("span {number} is being tested: this is job {job}; results: mxbox jobs list")
        show(text.format(number=args.span, job=reply.jobs[0].job))
    return 0


def _quarters(args: argparse.Namespace) -> int:
    with client(args) as box:
        reply = box.ask(SpanQuarters(args.span, args.since, args.until), SpanQuartersReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (
        *(_("span"), _("from"), _("looked at"), _("errored s"), _("alarm"), _("far alarm"), _("out of service")),
        _("counters"),
    )
    rows = [_quarter(row) for row in reply.quarters]
    show(table(columns, rows, right=range(2, 7), empty=_("nothing is known of these spans yet"), spare=(7, 5, 2)))
    return 0


def _quarter(row: QuarterRow) -> tuple[Any, ...]:
    grown = ", ".join(f"{name} {count}" for name, count in sorted(row.counters.items()) if count)
    times = (row.errored_s, row.alarm_s, row.far_alarm_s, row.out_s)
    good = not (row.errored_s or row.alarm_s or row.out_s)
    return (row.span, verdict(clock(row.began), good=good), length(row.seconds), *map(length, times), grown)


def _list(args: argparse.Namespace) -> int:
    with client(args) as box:
        reply = box.ask(Jobs(), JobsReply)
    return _show_jobs(args, reply)


def _stop(args: argparse.Namespace) -> int:
    with client(args) as box:
        reply = box.ask(StopJob(args.job), JobsReply)
    return _show_jobs(args, reply)


def _show_jobs(args: argparse.Namespace, reply: JobsReply) -> int:
    if args.json:
        show_json(reply)
        return 0
    columns = (_("job"), _("what"), _("begun"), _("asked by"), _("state"), _("progress"))
    show(table(columns, [_job(row) for row in reply.jobs], right=(0, 5), empty=_("no job was begun"), spare=(3,)))
    for job in reply.jobs:
        if job.tests:
            show("", _("bit error test of {what}:").format(what=job.what))
            heads = (_("timeslot"), _("pattern"), _("bits"), _("wrong"), _("share"), _("errored s"), _("lost"))
            show(table(heads, [_result(test) for test in job.tests], right=(0, 2, 3, 4, 5, 6)))
    return 0


def _job(row: JobRow) -> tuple[Any, ...]:
    state = _(_JOB_STATES[row.state]) + (f": {shown(row.error, row.values)}" if row.error else "")
    good = row.state != "failed"
    return row.job, row.what, clock(row.began), row.by, verdict(state, good=good), f"{row.progress:.0%}"


def _result(test: BitTest) -> tuple[Any, ...]:
    """Return a test in a line; the share of wrong bits as in 1e-6."""
    good = test.synced and not test.errors and not test.losses
    there = verdict(_("comes back") if test.synced else _("does not come back"), good=good)
    share = f"{test.errors / test.bits:.1e}" if test.bits else "-"
    return test.timeslot, there, test.bits, test.errors, share, test.errored_s, test.losses


def _span(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("span", metavar="SPAN", type=int, help=_("number of the span, see `mxbox spans`"))


def _channels(parser: argparse.ArgumentParser) -> None:
    _span(parser)
    parser.add_argument("timeslots", metavar="TIMESLOT", nargs="*", type=int, help=_("timeslots; all without any"))


def _loop_arguments(parser: argparse.ArgumentParser) -> None:
    _span(parser)
    text = _("local: towards the box; line: all that comes goes back; payload: only timeslots; none: no loop")
    parser.add_argument("loop", choices=get_args(Loop), help=text)
    parser.add_argument("timeslots", metavar="TIMESLOT", nargs="*", type=int, help=_("timeslots; all without any"))


def _test_arguments(parser: argparse.ArgumentParser) -> None:
    _span(parser)
    text = _("timeslots; without any all that carry no call")
    parser.add_argument("timeslots", metavar="TIMESLOT", nargs="*", type=int, help=text)
    parser.add_argument("--seconds", metavar="N", type=int, default=60, help=_("how long (60)"))


def _quarters_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("span", metavar="SPAN", type=int, nargs="?", default=0, help=_("of this span only"))
    add_since_until(parser)


def _job_number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", type=int, help=_("number of the job, see `mxbox jobs list`"))


SPAN: Final = Group(
    "span",
    N_("upkeep of the E1 lines: block, restart, loop and test channels, counters by quarter hour"),
    (
        Command(
            "block",
            N_("let no call take these channels; calls under way go on"),
            _change("block"),
            ("mxbox span block 1 5 6", "mxbox span block 2"),
            N_("Blocks outlive a restart of the box. A call for a blocked channel alone is refused (cause 44)."),
            arguments=_channels,
            asks=True,
        ),
        Command(
            "unblock",
            N_("let calls take these channels again"),
            _change("unblock"),
            ("mxbox span unblock 1 5 6", "mxbox span unblock 2"),
            arguments=_channels,
            asks=True,
        ),
        Command(
            "restart",
            N_("restart channels, so that both ends agree that they are idle (Q.931 RESTART)"),
            _change("restart"),
            ("mxbox span restart 1 5",),
            N_("Only channels without a call are restarted."),
            arguments=_channels,
            asks=True,
        ),
        Command(
            "loop",
            N_("set a loop, or take it out with none"),
            _change("loop"),
            ("mxbox span loop 1 payload 5", "mxbox span loop 1 line", "mxbox span loop 1 none"),
            N_("The box loops timeslots (payload) on every kind of line; local and line take a card that can."),
            arguments=_loop_arguments,
            asks=True,
        ),
        Command(
            "test",
            N_("a bit error test with the pattern of O.151: the far end loops the timeslots, or sends the pattern"),
            _test,
            ("mxbox span test 1 5 6 --seconds 900", "mxbox span test 2"),
            N_("The result is in `mxbox jobs list`; `mxbox jobs stop` ends it early."),
            arguments=_test_arguments,
            asks=True,
        ),
        Command(
            "clear",
            N_("let the counters of `mxbox spans` count from 0"),
            _change("clear"),
            ("mxbox span clear 1",),
            arguments=_span,
            asks=True,
        ),
        Command(
            "quarters",
            N_("errors and alarms by quarter hour, newest first; kept for 35 days"),
            _quarters,
            ("mxbox span quarters", "mxbox span quarters 1 --since 24h"),
            arguments=_quarters_arguments,
            asks=True,
        ),
    ),
)

JOBS: Final = Group(
    "jobs",
    N_("work that lasts: its progress and its results"),
    (
        Command("list", N_("jobs, newest first, with their results"), _list, ("mxbox jobs list",), asks=True),
        Command(
            "stop",
            N_("stop a job"),
            _stop,
            ("mxbox jobs stop 3",),
            arguments=_job_number,
            asks=True,
        ),
    ),
)
