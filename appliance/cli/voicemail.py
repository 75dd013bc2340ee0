# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands for boxes of voice messages: `mxbox voicemail list`, `export`, `mark`, `take`, `done`, `pin`."""

import argparse
from pathlib import Path
from typing import Final, get_args

from appliance.api.client import Client
from appliance.api.messages import ChangeMessage, Done, Messages, MessagesReply, PlayMessage
from appliance.cli.agent_pin import box_pin, box_pin_arguments
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.converting import Format, convert, require
from appliance.cli.doing import do
from appliance.cli.output import clock, length, show, show_json, table
from appliance.cli.words import word
from appliance.contract.errors import RequestError
from appliance.contract.message_row import MessageRow
from appliance.i18n import N_, _

MARKS: Final = ("new", "heard", "saved", "deleted")


def listed(args: argparse.Namespace) -> int:
    """List messages, newest first."""
    with client(args) as box:
        reply = box.ask(Messages(args.box, args.state, limit=args.limit, deleted=args.deleted), MessagesReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("message"), _("box"), _("left"), _("caller"), _("length"), _("state"), _("agent"), _("due"))
    show(table(columns, [_columns(row) for row in reply.messages], right=(0, 4)))
    return 0


def _columns(row: MessageRow) -> tuple[str, ...]:
    caller = _("withheld") if row.withheld else row.caller or "-"
    due = clock(row.due_at) if row.due_at and row.state != "done" else ""
    return (
        str(row.message), row.box, clock(row.at), caller, length(row.length_s), word(_state(row)), row.owner, due
    )  # fmt: skip


def _state(row: MessageRow) -> str:
    if row.deleted_at:
        return "deleted"
    if row.running:
        return "running"
    heard = "saved" if row.saved else "heard" if row.heard_at else "new"
    return row.state or heard


def _change(args: argparse.Namespace, change: ChangeMessage, told: str) -> int:
    with client(args) as box:
        reply = box.ask(change, Done)
    if args.json:
        show_json(reply)
    else:
        show(told)
    return 0


def mark(args: argparse.Namespace) -> int:
    """Mark a message."""
    told = _("message {message} is {mark} now").format(message=args.message, mark=word(args.mark))
    return _change(args, ChangeMessage(args.message, args.mark), told)


def take(args: argparse.Namespace) -> int:
    """Take a message as a task, for an agent."""
    told = _("message {message} is taken by agent {agent}").format(message=args.message, agent=args.agent)
    return _change(args, ChangeMessage(args.message, "taken", args.agent), told)


def done(args: argparse.Namespace) -> int:
    """Finish a message as a task."""
    told = _("message {message} is done").format(message=args.message)
    return _change(args, ChangeMessage(args.message, "done", args.agent), told)


def play(args: argparse.Namespace) -> int:
    """Ring a phone and play a message of a queue to it."""
    told = _("extension {number} is being rung").format(number=args.at)
    return do(args, PlayMessage(args.message, args.at), told)


def export(args: argparse.Namespace) -> int:
    """Write messages into a folder."""
    require(args.format)
    args.folder.mkdir(parents=True, exist_ok=True)
    with client(args) as box:
        names = [_written(box, number, args.folder, args.format) for number in args.message]
    if args.json:
        show_json({"folder": str(args.folder), "files": names})
    else:
        show(_("written to {folder}: {names}").format(folder=args.folder, names=", ".join(names)))
    return 0


def _written(box: Client, number: int, folder: Path, form: Format) -> str:
    reply = box.ask(Messages(before=number + 1, limit=1), MessagesReply)
    row = next((row for row in reply.messages if row.message == number), None)
    if row is None:
        hint = N_("see `mxbox voicemail list`")
        raise RequestError.of(N_("there is no message {message} in a box"), hint, message=number)
    name = f"{number:09d}.{form}"
    convert(Path(reply.folder) / row.path, folder / name, form)
    return name


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--box", metavar="NAME", default="", help=_("of this box only"))
    parser.add_argument("--state", choices=("open", "taken", "done"), default="", help=_("tasks in this state only"))
    parser.add_argument("--deleted", action="store_true", help=_("also those that have left their boxes"))
    parser.add_argument("--limit", metavar="N", type=int, default=50, help=_("at most so many (50)"))


def _message(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", metavar="MESSAGE", type=int, help=_("the message's number"))


def _mark_arguments(parser: argparse.ArgumentParser) -> None:
    _message(parser)
    parser.add_argument("mark", choices=MARKS, help=_("what it is from now on; saved ones do not go for their age"))


def _take_arguments(parser: argparse.ArgumentParser) -> None:
    _message(parser)
    parser.add_argument("--agent", metavar="NUMBER", required=True, help=_("the agent's number"))


def _done_arguments(parser: argparse.ArgumentParser) -> None:
    _message(parser)
    parser.add_argument("--agent", metavar="NUMBER", default="", help=_("the agent's number (the one who took it)"))


def _play_arguments(parser: argparse.ArgumentParser) -> None:
    _message(parser)
    parser.add_argument("--at", metavar="EXTENSION", required=True, help=_("the phone of a supervisor, which is rung"))


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("message", metavar="MESSAGE", type=int, nargs="+", help=_("the messages' numbers"))
    parser.add_argument("--folder", metavar="FOLDER", type=Path, required=True, help=_("where they are written"))
    parser.add_argument("--format", choices=get_args(Format), default="wav", help=_("of the files (wav)"))


VOICEMAIL: Final = Group(
    "voicemail",
    N_("voice messages: list, export, mark them; messages of queues as tasks"),
    (
        Command(
            "list",
            N_("voice messages in boxes, newest first"),
            listed,
            ("mxbox voicemail list", "mxbox voicemail list --box service --state open"),
            N_("Messages of a queue's box have a state, an agent and a deadline."),
            arguments=_list_arguments,
            asks=True,
        ),
        Command(
            "play",
            N_("ring the phone of a supervisor and play a message of a queue to it"),
            play,
            ("mxbox voicemail play 17 --at 1001",),
            N_("The message stays as it is. Messages of persons are heard at the phones of their boxes."),
            arguments=_play_arguments,
            asks=True,
        ),
        Command(
            "export",
            N_("write voice messages into a folder"),
            export,
            ("mxbox voicemail export 17 --folder out", "mxbox voicemail export 17 18 --format mp3 --folder out"),
            N_("Runs where the recordings are."),
            arguments=_export_arguments,
            asks=True,
        ),
        Command(
            "mark",
            N_("mark a voice message new, heard or saved, or delete it"),
            mark,
            ("mxbox voicemail mark 17 heard", "mxbox voicemail mark 17 deleted"),
            N_("The lamps of the box's phones follow. The file of a deleted message goes within ten minutes."),
            arguments=_mark_arguments,
            asks=True,
        ),
        Command(
            "take",
            N_("take a voice message of a queue, for an agent"),
            take,
            ("mxbox voicemail take 17 --agent 8001",),
            arguments=_take_arguments,
            asks=True,
        ),
        Command(
            "done",
            N_("finish a voice message of a queue"),
            done,
            ("mxbox voicemail done 17", "mxbox voicemail done 17 --agent 8001"),
            arguments=_done_arguments,
            asks=True,
        ),
        Command(
            "pin",
            N_("make a new PIN for a box, with which any phone may listen to it"),
            box_pin,
            ("mxbox voicemail pin ann", "mxbox voicemail pin ann --remove"),
            N_("The old PIN no longer works. A box without a PIN is listened to at its own phones only."),
            arguments=box_pin_arguments,
        ),
    ),
)
