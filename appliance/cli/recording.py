# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands for recordings: `mxbox recording on`, `pause` ... of calls that are up; `export`, `coverage`, `delete`."""

import argparse
import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, get_args

from appliance.api.client import Client
from appliance.api.messages import (
    CoverageReply,
    DeleteRecording,
    Done,
    PlayRecording,
    RecordCall,
    RecordingCoverage,
    Recordings,
    RecordingsReply,
)
from appliance.cli.ask import add_since_until, client
from appliance.cli.books import add_archive, add_recording_filters
from appliance.cli.command import Command, Group
from appliance.cli.converting import ConvertError, Format, convert, require
from appliance.cli.output import length, show, show_json, table
from appliance.cli.words import word
from appliance.contract.rows import RecordingRow
from appliance.i18n import N_, _, ngettext
from appliance.store.recordings import RecordingUnreadable

AT_ONCE: Final = 1000
"""Rows that are asked for at once."""
INDEX: Final = "index.csv"
COLUMNS: Final = (
    *("recording", "call", "started_at", "length_s", "caller", "called", "agent", "queue", "rule", "file", "remark"),
)


def export(args: argparse.Namespace) -> int:
    """Write recordings into a folder, with an index; return 0 only if none was left out."""
    require(args.format)
    args.folder.mkdir(parents=True, exist_ok=True)
    with client(args) as box:
        found = _named(box, args.recording, args.archive) if args.recording else _all(box, args)
        done = [(row, *_written(home / row.path, row, args)) for home, row in found]
    _write_index(args.folder / INDEX, done)
    left_out = sum(not file for _row, file, _remark in done)
    if args.json:
        show_json({"folder": str(args.folder), "written": len(done) - left_out, "left_out": left_out})
    else:
        told = ngettext("{n} recording written to {folder}", "{n} recordings written to {folder}", len(done) - left_out)
        show(told.format(n=len(done) - left_out, folder=args.folder))
        if left_out:
            show(
                ngettext("{n} left out: see {index}", "{n} left out: see {index}", left_out).format(
                    n=left_out, index=INDEX
                )
            )
    return 1 if left_out else 0


def _named(box: Client, numbers: Iterable[int], month: str) -> Iterator[tuple[Path, RecordingRow]]:
    for number in numbers:
        reply = box.ask(Recordings(before=number + 1, limit=1, archive=month), RecordingsReply)
        yield from ((Path(reply.folder), row) for row in reply.recordings if row.recording == number)


def _all(box: Client, args: argparse.Namespace) -> Iterator[tuple[Path, RecordingRow]]:
    before = 0
    while True:
        asked = Recordings(
            since=args.since, until=args.until, number=args.number, agent=args.agent, call=args.call, min_s=args.min_s,
            before=before, limit=AT_ONCE, caller=args.caller, called=args.called, queue=args.queue, rule=args.rule,
            max_s=args.max_s, qc=args.qc, score_min=args.score_min, score_max=args.score_max,
            archive=args.archive, rating_min=args.rating_min, rating_max=args.rating_max, least_calls=args.least_calls,
        )  # fmt: skip
        reply = box.ask(asked, RecordingsReply)
        yield from ((Path(reply.folder), row) for row in reply.recordings)
        if len(reply.recordings) < AT_ONCE:
            return
        before = reply.recordings[-1].recording


def _written(source: Path, row: RecordingRow, args: argparse.Namespace) -> tuple[str, str]:
    """Write one recording; return its file's name and a remark. Without a file the remark says why."""
    if row.deleted_at:
        return "", "deleted"
    if row.running:
        return "", "running"
    name = f"{row.recording:09d}.{args.format}"
    try:
        convert(source, args.folder / name, args.format)
    except (RecordingUnreadable, ConvertError) as error:
        return "", str(error)
    return name, row.error


def _write_index(path: Path, done: Iterable[tuple[RecordingRow, str, str]]) -> None:
    """Write the index: columns as in the books, times in the reader's zone with its offset."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for row, name, remark in done:
            at = datetime.fromtimestamp(row.started_at / 1000).astimezone().isoformat(timespec="seconds")
            head = (row.recording, row.call, at, row.length_s, row.caller, row.called, row.agent, row.queue, row.rule)
            out.writerow((*head, name, remark))


def delete(args: argparse.Namespace) -> int:
    """Delete the files of recordings; their rows stay, with the reason."""
    with client(args) as box:
        replies = [
            box.ask(DeleteRecording(recording=number, why=args.why, archive=args.archive), RecordingsReply)
            for number in args.recording
        ]
    if args.json:
        show_json([row for reply in replies for row in reply.recordings])
    else:
        show(_("deleted: {numbers}").format(numbers=", ".join(map(str, args.recording))))
    return 0


def show_one(args: argparse.Namespace) -> int:
    """Show a recording and its parts; return 0 only if it is in the books."""
    with client(args) as box:
        found = list(_named(box, (args.recording,), args.archive))
    if args.json:
        show_json(found[0][1] if found else None)
        return 0 if found else 1
    for home, row in found:
        parts = [(length(p.from_s), length(p.to_s), word(p.kind), p.what, " ".join(p.agents)) for p in row.parts]
        show(str(home / row.path), "")
        show(table((_("from"), _("to"), _("part"), _("with"), _("agents")), parts, right=(0, 1), empty=_("no part")))
    if not found:
        show(_("there is no recording {recording} in the books").format(recording=args.recording))
    return 0 if found else 1


def play(args: argparse.Namespace) -> int:
    """Ring a phone and play a recording to it."""
    with client(args) as box:
        reply = box.ask(PlayRecording(args.recording, args.at), Done)
    if args.json:
        show_json(reply)
    else:
        show(_("extension {number} is being rung; this is call {call}").format(number=args.at, call=reply.call))
    return 0


def _asked(do: str, told: str) -> Callable[[argparse.Namespace], int]:
    """Return the function of a command that asks for the recording of a call that is up, or against it."""

    def run(args: argparse.Namespace) -> int:
        with client(args) as box:
            reply = box.ask(RecordCall(args.call, do), Done)  # type: ignore[arg-type]
        if args.json:
            show_json(reply)
        else:
            show(_(told).format(call=reply.call))
        return 0

    return run


def coverage(args: argparse.Namespace) -> int:
    """Show how many talks that should be recorded are; return 0 only if all are."""
    with client(args) as box:
        found = box.ask(RecordingCoverage(args.since, args.until), CoverageReply).coverage
    if args.json:
        show_json(found)
        return 0 if found.recorded == found.wanted else 1
    share = _("of {wanted} calls with a talk that should be recorded, {recorded} are ({share} %)")
    percent = f"{100 * found.recorded / found.wanted:.1f}" if found.wanted else "100.0"
    show(share.format(wanted=found.wanted, recorded=found.recorded, share=percent))
    if found.missing:
        show(_("without a recording: {calls}").format(calls=", ".join(map(str, found.missing))))
    return 0 if found.recorded == found.wanted else 1


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", metavar="RECORDING", type=int, nargs="*", help=_("these; else all that fit"))
    parser.add_argument("--folder", metavar="FOLDER", type=Path, required=True, help=_("where they are written"))
    parser.add_argument("--format", choices=get_args(Format), default="wav", help=_("of the files (wav)"))
    add_since_until(parser)
    add_recording_filters(parser)


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", metavar="RECORDING", type=int, nargs="+", help=_("numbers of the recordings"))
    parser.add_argument("--why", metavar="TEXT", required=True, help=_("the reason, which the books keep"))
    add_archive(parser)


def _call_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", metavar="CALL", type=int, help=_("number of the call, as in mxbox calls"))


def _one_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recording", metavar="RECORDING", type=int, help=_("number of the recording"))


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    _one_argument(parser)
    add_archive(parser)


def _play_arguments(parser: argparse.ArgumentParser) -> None:
    _one_argument(parser)
    parser.add_argument("--at", metavar="EXTENSION", required=True, help=_("the phone of a supervisor, which is rung"))


_ASKED: Final = (
    (
        "on",
        "record",
        N_("record a call that is up, whatever the rules say"),
        N_("call {call} is recorded"),
    ),
    ("off", "stop", N_("do not record a call that is up, whatever the rules say"), N_("call {call} is not recorded")),
    ("rules", "rules", N_("let the rules decide again on a call"), N_("the rules decide on call {call}")),
    (
        "pause",
        "pause",
        N_("record silence, such as while a card number is said"),
        N_("call {call}: silence from now on"),
    ),
    ("resume", "resume", N_("record sound again after a pause"), N_("call {call}: sound again")),
)
"""Commands for calls that are up: name, what is asked for, help, and the confirmation."""

RECORDING: Final = Group(
    "recording",
    N_("record calls that are up, export and delete recordings, and whether none is missing"),
    (
        *(
            Command(name, told, _asked(do, done), (f"mxbox recording {name} 17",), arguments=_call_argument, asks=True)
            for name, do, told, done in _ASKED
        ),
        Command(
            "show",
            N_("where in a recording which agent is heard, and where silence was recorded"),
            show_one,
            ("mxbox recording show 17", "mxbox recording show 17 --archive 2026-01"),
            arguments=_show_arguments,
            asks=True,
        ),
        Command(
            "play",
            N_("ring the phone of a supervisor and play a recording to it"),
            play,
            ("mxbox recording play 17 --at 1001",),
            arguments=_play_arguments,
            asks=True,
        ),
        Command(
            "export",
            N_("write recordings into a folder, with an index (index.csv)"),
            export,
            (
                "mxbox recording export 17 --folder out",
                "mxbox recording export --queue sales --since 2026-01-01 --format opus --folder out",
            ),
            N_("Runs where the recordings are. Exit status 0 only if none was left out; the index says why."),
            arguments=_export_arguments,
            asks=True,
        ),
        Command(
            "coverage",
            N_("how many of the talks that should be recorded are"),
            coverage,
            ("mxbox recording coverage --since today",),
            N_("Exit status 0 only if all are; the newest calls without a recording are listed."),
            arguments=add_since_until,
            asks=True,
        ),
        Command(
            "delete",
            N_("delete recordings; the books keep who did it, when and why"),
            delete,
            ("mxbox recording delete 17 --why 'asked for by the caller'",),
            arguments=_delete_arguments,
            asks=True,
        ),
    ),
)
