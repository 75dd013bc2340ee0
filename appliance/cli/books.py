# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that read the books: `mxbox calls`, `ledger`, `recordings`, `troubles`."""

import argparse
import csv
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

import msgspec

from appliance.api.messages import (
    Calls,
    CallsReply,
    Cdr,
    CdrReply,
    Ledger,
    LedgerReply,
    Recordings,
    RecordingsReply,
    Troubles,
    TroublesReply,
)
from appliance.cli.ask import add_period, client, limit, moment
from appliance.cli.command import Command
from appliance.cli.output import clock, length, show, show_json, table, verdict
from appliance.cli.words import text_of, word
from appliance.contract.quality import QualityState
from appliance.contract.reasons import in_words
from appliance.contract.records import Disposition
from appliance.contract.rows import CdrRow, LegRow, LiveCall, RecordingRow
from appliance.contract.views import CONSULTED
from appliance.i18n import N_, _, ngettext


def calls(args: argparse.Namespace) -> int:
    """Show the calls that are up, or with --past the call detail records."""
    filters = (args.since, args.until, args.number, args.before, args.agent, args.queue, args.result, args.archive)
    return _past(args) if args.past or args.csv or any(filters) else _live(args)


def _live(args: argparse.Namespace) -> int:
    with client(args) as box:
        reply = box.ask(Calls(), CallsReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("call"), _("since"), _("kind"), _("caller"), _("called"), _("state"), _("for"), _("where"), _("legs"))
    rows = (
        (
            each.call,
            clock(each.started_at),
            word(each.direction),
            each.caller,
            each.called,
            word(each.state),
            length(each.state_s),
            _where(each),
            "  ".join(_leg(leg) for leg in each.legs),
        )
        for each in reply.calls
    )
    show(
        table(columns, rows, right=(0, 6), empty=_("no call is up; past ones: mxbox calls --past"), spare=(2, 7, 1, 4))
    )
    return 0


def _where(call: LiveCall) -> str:
    if call.place:
        return _("place {name}").format(name=call.place)
    if call.consults:
        waits = _("waits for call {call}") if call.state == CONSULTED else _("call {call} waits for it")
        return waits.format(call=call.consults)
    flow = "/".join(part for part in (call.flow, call.node) if part)
    return _("queue {name}").format(name=call.queue) if call.queue else flow


def _leg(leg: LegRow) -> str:
    place = f"{leg.span}/{leg.timeslot}" if leg.span else ""
    holds = _("(holds)") if leg.held else ""
    return " ".join(part for part in (word(leg.role), leg.agent or leg.number, place, holds) if part)


def _past(args: argparse.Namespace) -> int:
    with client(args) as box:
        asked = Cdr(
            since=args.since, until=args.until, number=args.number, before=args.before, limit=args.limit,
            agent=args.agent, queue=args.queue, result=args.result, archive=args.archive,
        )  # fmt: skip
        reply = box.ask(asked, CdrReply)
    if args.json:
        show_json(reply)
        return 0
    if args.csv:
        _write_csv(reply.calls)
        return 0
    empty = _("no such call in the books")
    columns, rows, spare = _cdr_columns(), [_cdr(row) for row in reply.calls], (13, 12, 2, 5, 7, 11, 8)
    if any(row.forwarded_by for row in reply.calls):  # few are
        columns = (*columns, _("forwarded by"))
        rows = [(*cells, row.forwarded_by) for cells, row in zip(rows, reply.calls, strict=True)]
    show(table(columns, rows, right=(0, 7, 8, 9), empty=empty, spare=spare))
    more(len(reply.calls), args.limit, reply.calls[-1].call if reply.calls else 0)
    return 0


def _write_csv(rows: Sequence[CdrRow]) -> None:
    """Write records for spreadsheets: columns and words as in the books, times in the reader's zone with its offset."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(CdrRow.__struct_fields__)
    for row in rows:
        started = datetime.fromtimestamp(row.started_at / 1000).astimezone().isoformat(timespec="seconds")
        out.writerow(msgspec.structs.astuple(msgspec.structs.replace(row, started_at=started)))


def _cdr_columns() -> tuple[str, ...]:
    return (
        _("call"), _("started"), _("kind"), _("caller"), _("called"), _("queue"), _("agent"), _("waited"), _("talked"),
        _("length"), _("result"), _("cause"), _("ended by"), _("recording"),
    )  # fmt: skip


def _cdr(row: CdrRow) -> tuple[Any, ...]:
    return (
        row.call, clock(row.started_at), word(row.direction), row.caller, row.called, row.queue, row.agent,
        length(row.wait_s), length(row.talk_s), length(row.duration_s),
        _result(row), row.cause or "", word(row.ended_by), row.recording,
    )  # fmt: skip


def _result(row: CdrRow) -> str:
    """Return the result of a call in words: a call that the network answered may have been served by no person."""
    if not row.disposition:
        return _("still up")
    if row.disposition == "answered" and not row.served:
        return _("answered, not served")
    return word(row.disposition)


def more(shown: int, asked: int, last: int) -> None:
    """Show how a list goes on that has as many rows as were asked for."""
    if shown == asked:
        show("", _("there may be more: go on with --before {last}").format(last=last))


def recordings(args: argparse.Namespace) -> int:
    """Show recordings."""
    with client(args) as box:
        asked = Recordings(
            since=args.since, until=args.until, number=args.number, agent=args.agent, call=args.call, min_s=args.min_s,
            before=args.before, limit=args.limit, caller=args.caller, called=args.called, queue=args.queue,
            rule=args.rule, max_s=args.max_s, qc=args.qc, score_min=args.score_min, score_max=args.score_max,
            archive=args.archive, rating_min=args.rating_min, rating_max=args.rating_max, least_calls=args.least_calls,
        )  # fmt: skip
        reply = box.ask(asked, RecordingsReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (
        _("recording"),
        _("call"),
        _("started"),
        _("length"),
        _("caller"),
        _("called"),
        _("agent"),
        _("queue"),
        _("rule"),
        _("file"),
        _("remark"),
    )
    agent = args.agent
    rows = (
        (
            each.recording,
            each.call,
            clock(each.started_at),
            length(each.length_s),
            each.caller,
            each.called,
            each.agent,
            each.queue,
            each.rule,
            each.path,
            _remark(each) or (_heard(each, agent) if agent else "") or _judged(each),
        )
        for each in reply.recordings
    )
    show(
        _("in the folder {folder}:").format(folder=reply.folder),
        table(columns, rows, right=(0, 1, 3), empty=_("no such recording"), spare=(8, 7, 5, 10, 1, 4)),
    )
    more(len(reply.recordings), args.limit, reply.recordings[-1].recording if reply.recordings else 0)
    return 0


def _remark(row: RecordingRow) -> Any:
    if row.deleted_at:
        by = _("deleted by {user}: {why}").format(user=row.deleted_by, why=row.deleted_why)
        return by if row.deleted_by else _("deleted for room") if row.deleted_why else _("deleted for its age")
    if row.error:
        return verdict(_(in_words(row.error)), good=False)
    return _("being made") if row.running else ""


def _judged(row: RecordingRow) -> str:
    """Return the score of each agent."""
    return ", ".join(f"{mark.agent}: {mark.score:g} ({word(mark.state)})" for mark in row.quality)


def _heard(row: RecordingRow, agent: str) -> str:
    """Return where in a recording an agent is heard, if other parts are before or after it."""
    parts = [part for part in row.parts if agent in part.agents and part.kind in ("announce", "talk", "hold")]
    if not parts or (parts[0].from_s < 1 and parts[-1].to_s > row.length_s - 1):
        return ""
    return _("agent heard {begin} to {end}").format(begin=length(parts[0].from_s), end=length(parts[-1].to_s))


def ledger(args: argparse.Namespace) -> int:
    """Show the audit of the books; return 0 only if they balance."""
    with client(args) as box:
        reply = box.ask(Ledger(files=not args.no_files), LedgerReply)
    if args.json:
        show_json(reply)
    else:
        show_ledger(reply)
    return 0 if reply.balanced else 1


def show_ledger(reply: LedgerReply) -> None:
    """Print the ledger: the balance, the findings, the verdict."""
    result = reply.result
    columns = (_("account"), _("opened"), _("closed"), _("still up"))
    show(table(columns, ((word(b.name), b.opened, b.closed, b.still_up) for b in result.balance), right=(1, 2, 3)), "")
    if result.findings:
        rows = (
            (finding.rule, _(finding.what), in_words(finding.where), _(finding.hint)) for finding in result.findings
        )
        show(table((_("rule"), _("what is wrong"), _("where"), _("what to do")), rows, spare=(0,)), "")
    found = sum(result.found.values())
    files = ngettext("{n} file of a recording measured", "{n} files of recordings measured", result.files_checked)
    show(files.format(n=result.files_checked))
    good = _("the books balance")
    bad = ngettext("the books do NOT balance: {n} finding", "the books do NOT balance: {n} findings", found).format(
        n=found
    )
    show(verdict(good if reply.balanced else bad, good=reply.balanced))


def troubles(args: argparse.Namespace) -> int:
    """Show the troubles."""
    with client(args) as box:
        reply = box.ask(Troubles(limit=args.limit, since=args.since, kind=args.kind), TroublesReply)
    if args.json:
        show_json(reply)
        return 0
    rows = ((each.trouble, clock(each.started_at), each.kind, each.count, text_of(each)) for each in reply.troubles)
    columns = (_("entry"), _("time"), _("kind"), _("count"), _("text"))
    show(table(columns, rows, right=(0, 3), empty=_("no trouble in the books"), spare=(0, 3)))
    return 0


def _calls_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--past", action="store_true", help=_("the call detail records; any filter implies it"))
    add_period(parser)
    parser.add_argument("--number", default="", help=_("caller or called number; * stands for any digits"))
    parser.add_argument("--agent", metavar="NUMBER", default="", help=_("the agent had it last, or talked in it"))
    parser.add_argument("--queue", metavar="NAME", default="", help=_("the queue had it last"))
    parser.add_argument("--result", choices=get_args(Disposition), default="", help=_("what became of it"))
    add_archive(parser)
    parser.add_argument("--csv", action="store_true", help=_("print past calls as CSV, for spreadsheets"))


def _recordings_arguments(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    add_recording_filters(parser)


def add_archive(parser: argparse.ArgumentParser) -> None:
    """Add the month of the archive."""
    text = _("of calls of that month that left the books")
    parser.add_argument("--archive", metavar="YYYY-MM", default="", help=text)


def add_recording_filters(parser: argparse.ArgumentParser) -> None:
    """Add the filters of recordings besides time."""
    add_archive(parser)
    parser.add_argument("--number", default="", help=_("caller or called number; * stands for any digits"))
    parser.add_argument("--agent", metavar="NUMBER", default="", help=_("of this agent"))
    parser.add_argument("--call", metavar="CALL", type=int, default=0, help=_("of this call"))
    parser.add_argument("--caller", metavar="NUMBER", default="", help=_("of this caller; * stands for any digits"))
    parser.add_argument("--called", metavar="NUMBER", default="", help=_("to this number; * stands for any digits"))
    parser.add_argument("--queue", metavar="NAME", default="", help=_("the queue had it last"))
    parser.add_argument("--rule", metavar="NAME", default="", help=_("begun by this recording rule"))
    parser.add_argument("--min-s", metavar="SECONDS", type=float, default=0.0, help=_("at least that long"))
    parser.add_argument("--max-s", metavar="SECONDS", type=float, default=0.0, help=_("at most that long"))
    states = ("none", *get_args(QualityState))
    parser.add_argument("--qc", choices=states, default="", help=_("its review is in this state; none: not reviewed"))
    parser.add_argument("--score-min", metavar="N", type=float, default=0.0, help=_("reviewed with at least N of 100"))
    parser.add_argument("--score-max", metavar="N", type=float, default=100.0, help=_("reviewed with at most N of 100"))
    parser.add_argument("--rating-min", metavar="N", type=int, default=0, help=_("the caller rated it N or more"))
    parser.add_argument("--rating-max", metavar="N", type=int, default=0, help=_("the caller rated it N or less"))
    text = _("of callers who called at least N times in the period")
    parser.add_argument("--least-calls", metavar="N", type=int, default=0, help=text)


def _ledger_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-files", action="store_true", help=_("do not open and measure the recordings' files"))


def _troubles_arguments(parser: argparse.ArgumentParser) -> None:
    text = _("from then on: 2026-01-31, 2026-01-31T14:30, today, yesterday, or 90m, 2h, 7d ago")
    parser.add_argument("--since", metavar="WHEN", type=moment, default=0, help=text)
    parser.add_argument("--kind", default="", help=_("only of this kind, as in the table: span, sip, crash, ..."))
    parser.add_argument("--limit", metavar="N", type=limit, default=50, help=_("at most N, newest first (50)"))


COMMANDS = (
    Command(
        "calls",
        N_("calls that are up, or past ones"),
        calls,
        (
            "mxbox calls",
            "mxbox calls --past --since today",
            "mxbox calls --number '138*' --since 7d --json",
            "mxbox calls --agent 8001 --since 7d --csv",
        ),
        N_("A narrow screen shows fewer columns; --json has them all."),
        arguments=_calls_arguments,
        asks=True,
    ),
    Command(
        "recordings",
        N_("recordings, by time, number, agent, queue, rule, call, length, in any combination"),
        recordings,
        (
            "mxbox recordings --since yesterday",
            "mxbox recordings --agent 8001 --min-s 30",
            "mxbox recordings --queue sales --caller '138*' --since 2026-01-31T08:00 --until 2026-01-31T12:00 --json",
            "mxbox recordings --call 17",
        ),
        arguments=_recordings_arguments,
        asks=True,
    ),
    Command(
        "ledger",
        N_("proof that every channel, call and recording is accounted for"),
        ledger,
        ("mxbox ledger", "mxbox ledger --no-files", "mxbox ledger --json"),
        N_("Exit status 0 only if the books balance; else what does not is named, with what to do."),
        arguments=_ledger_arguments,
        asks=True,
    ),
    Command(
        "troubles",
        N_("what a technician should read, newest first"),
        troubles,
        ("mxbox troubles", "mxbox troubles --since today", "mxbox troubles --kind span --limit 10"),
        arguments=_troubles_arguments,
        asks=True,
    ),
)
