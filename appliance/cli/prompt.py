# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands for prompts: `mxbox prompt list`, `show`, `listen`, `record`, `replace`, `make`, `restore`, `pin`."""

import argparse
from pathlib import Path
from typing import Final

from appliance.api.messages import (
    Done,
    MakePrompt,
    PlayPrompt,
    Prompt,
    PromptReply,
    Prompts,
    PromptsReply,
    RecordPrompt,
    ReplacePrompt,
    RestorePrompt,
)
from appliance.cli.agent_pin import prompt_pin, prompt_pin_arguments
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.doing import do
from appliance.cli.output import clock, show, show_json, table
from appliance.cli.words import word
from appliance.contract.prompt_rows import PromptChange, PromptRow
from appliance.i18n import N_, _

PART: Final = 512 << 10
"""Bytes of a file that are sent at once: a line of the control socket has room for them."""


def listed(args: argparse.Namespace) -> int:
    """List prompts, by their numbers."""
    with client(args) as box:
        reply = box.ask(Prompts(args.own), PromptsReply)
    rows = [row for row in reply.prompts if args.words in f"{row.prompt} {row.text}"]
    if args.json:
        show_json(PromptsReply(tuple(rows)))
        return 0
    columns = (_("no."), _("prompt"), _("length"), _("source"), _("changed"), _("by"), _("text"))
    show(table(columns, [_columns(row) for row in rows], right=(0, 2)))
    return 0


def _columns(row: PromptRow) -> tuple[str, ...]:
    at = clock(row.at) if row.at else ""
    return str(row.number), row.prompt, f"{row.length_s:.1f}", word(row.source), at, row.user, row.text


def show_one(args: argparse.Namespace) -> int:
    """Show a prompt and its changes."""
    with client(args) as box:
        return _tell(args, box.ask(Prompt(args.prompt), PromptReply))


def _tell(args: argparse.Namespace, reply: PromptReply) -> int:
    if args.json:
        show_json(reply)
        return 0
    row = reply.prompt
    told = _("{prompt} (no. {number}): {source}, {length:.1f} s, {level} dBm0 at its loudest")
    level = max(reply.levels, default=0)
    show(
        told.format(prompt=row.prompt, number=row.number, source=word(row.source), length=row.length_s, level=level),
        *filter(None, (row.text,)),
    )
    columns = (_("at"), _("by"), _("from"), _("step"), _("version"), _("before"), _("of"), _("why"))
    show(table(columns, [_change(each) for each in reply.changes], empty=_("it was never changed")))
    return 0


def _change(it: PromptChange) -> tuple[str, ...]:
    return clock(it.at), it.user, it.door, word(it.step), it.version or "-", it.before or "-", it.text, it.why


def listen(args: argparse.Namespace) -> int:
    """Ring a phone and play a prompt to it."""
    told = _("extension {number} is being rung").format(number=args.at)
    return do(args, PlayPrompt(args.prompt, args.at, args.version), told)


def record(args: argparse.Namespace) -> int:
    """Ring a phone, at which a prompt is recorded."""
    told = _("extension {number} is being rung: 1 records, 2 plays it, 3 keeps it").format(number=args.at)
    return do(args, RecordPrompt(args.prompt, args.at, args.new, why=args.why), told)


def replace(args: argparse.Namespace) -> int:
    """Play the sound of a file in place of a prompt."""
    data = args.file.read_bytes()
    last = max(0, len(data) - 1) // PART * PART
    with client(args) as box:
        for at in range(0, last, PART):
            box.ask(_part(args, data, at), Done)
        return _tell(args, box.ask(_part(args, data, last), PromptReply))


def _part(args: argparse.Namespace, data: bytes, at: int) -> ReplacePrompt:
    return ReplacePrompt(
        args.prompt, data[at : at + PART], at, at + PART < len(data), args.as_is, args.new, args.file.name, why=args.why
    )


def make(args: argparse.Namespace) -> int:
    """Replace a prompt by a spoken text."""
    return _asked(args, MakePrompt(args.prompt, args.text, args.new, why=args.why))


def restore(args: argparse.Namespace) -> int:
    """Play the built-in sound of a prompt again, or one that it had."""
    return _asked(args, RestorePrompt(args.prompt, args.version, why=args.why))


def _asked(args: argparse.Namespace, request: MakePrompt | RestorePrompt) -> int:
    with client(args) as box:
        return _tell(args, box.ask(request, PromptReply))


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", metavar="WORDS", nargs="?", default="", help=_("those with this in name or text"))
    parser.add_argument("--own", action="store_true", help=_("only those that are not built in"))


def _prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", metavar="PROMPT", help=_("its language and name, such as zh/welcome"))


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", metavar="TEXT", default="", help=_("the reason, which the history keeps"))


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--new", action="store_true", help=_("it may be a prompt that is not there yet"))
    _why(parser)


def _at(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", metavar="EXTENSION", required=True, help=_("the phone that is rung"))


def _version(parser: argparse.ArgumentParser) -> None:
    text = _("a sound that it had, as mxbox prompt show names it")
    parser.add_argument("--version", metavar="VERSION", default="", help=text)


def _listen_arguments(parser: argparse.ArgumentParser) -> None:
    for add in (_prompt, _at, _version):
        add(parser)


def _record_arguments(parser: argparse.ArgumentParser) -> None:
    for add in (_prompt, _at, _new):
        add(parser)


def _replace_arguments(parser: argparse.ArgumentParser) -> None:
    _prompt(parser)
    parser.add_argument("file", metavar="FILE", type=Path, help=_("a WAV file of 16-bit PCM, any rate from 8000 on"))
    text = _("leave its level and the silence around it; else it gets the level of all prompts")
    parser.add_argument("--as-is", action="store_true", help=text)
    _new(parser)


def _make_arguments(parser: argparse.ArgumentParser) -> None:
    _prompt(parser)
    parser.add_argument("text", metavar="TEXT", help=_("what is spoken, in the prompt's language"))
    _new(parser)


def _restore_arguments(parser: argparse.ArgumentParser) -> None:
    for add in (_prompt, _version, _why):
        add(parser)


PROMPT: Final = Group(
    "prompt",
    N_("prompts: list, hear, record, replace and restore them while calls go on"),
    (
        Command(
            "list",
            N_("prompts, with the numbers by which phones name them"),
            listed,
            ("mxbox prompt list", "mxbox prompt list zh/ --own", "mxbox prompt list welcome"),
            arguments=_list_arguments,
            asks=True,
        ),
        Command(
            "show",
            N_("a prompt, and who changed it when and why"),
            show_one,
            ("mxbox prompt show zh/welcome",),
            arguments=_prompt,
            asks=True,
        ),
        Command(
            "listen",
            N_("ring a phone and play a prompt to it"),
            listen,
            ("mxbox prompt listen zh/welcome --at 1001",),
            arguments=_listen_arguments,
            asks=True,
        ),
        Command(
            "record",
            N_("ring a phone, at which a prompt is recorded, heard again, and kept by a key"),
            record,
            ("mxbox prompt record zh/welcome --at 1001 --why 'new opening hours'",),
            N_("A phone may also dial codes.record_prompt: then it is asked for the PIN and the prompt's number."),
            arguments=_record_arguments,
            asks=True,
        ),
        Command(
            "replace",
            N_("play the sound of a WAV file in place of a prompt"),
            replace,
            ("mxbox prompt replace zh/welcome welcome.wav --why 'new opening hours'",),
            N_("Calls hear it from the next playing on; what was there before is kept."),
            arguments=_replace_arguments,
            asks=True,
        ),
        Command(
            "make",
            N_("speak a text in place of a prompt"),
            make,
            ("mxbox prompt make zh/holiday '春节期间照常营业。' --new",),
            arguments=_make_arguments,
            asks=True,
        ),
        Command(
            "restore",
            N_("play the built-in sound of a prompt again, or one that it had"),
            restore,
            ("mxbox prompt restore zh/welcome", "mxbox prompt restore zh/welcome --version 5f1c2a90b7d3e846"),
            arguments=_restore_arguments,
            asks=True,
        ),
        Command(
            "pin",
            N_("make a new PIN, with which any phone may record prompts"),
            prompt_pin,
            ("mxbox prompt pin", "mxbox prompt pin --remove"),
            N_("The old PIN no longer works. Without a PIN no phone records prompts by itself."),
            arguments=prompt_pin_arguments,
        ),
    ),
)
