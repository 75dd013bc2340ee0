# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration of the running box: `mxbox config show`, `diff`, `apply`, `history`, `undo`, `set`, `remove`."""

import argparse
import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from appliance.api.messages import (
    AnyRequest,
    ApplyConfig,
    ConfigChange,
    ConfigChangesReply,
    ConfigHistory,
    ConfigHistoryReply,
    ConfigReply,
    DiffConfig,
    GetConfig,
    RemoveEntry,
    SetEntry,
    UndoConfig,
)
from appliance.cli.ask import client, limit
from appliance.cli.command import Command
from appliance.cli.output import clock, show, show_json, table
from appliance.contract.errors import ApplianceError
from appliance.contract.reasons import why
from appliance.contract.restarts import Restart
from appliance.i18n import N_, _, reader_language

WAITS: Final = {
    "box": N_("restart of the box: calls end"),
    "edge": N_("restart of the edge"),
    "provisioning": N_("restart of the provisioning"),
    "mailing": N_("restart of the mailing"),
    "web": N_("restart of the terminal in browsers"),
}


def show_config(args: argparse.Namespace) -> int:
    """Print the text of the configuration."""
    with client(args) as box:
        reply = box.ask(GetConfig(args.version, args.flow), ConfigReply)
    if args.json:
        show_json(reply)
    elif args.output:
        _write(Path(args.output), reply.text)
    else:
        sys.stdout.write(reply.text)
    return 0


def _write(file: Path, text: str) -> None:
    """Write a text, which may have passwords in it, for its owner only. Raises OSError."""
    with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


def diff(args: argparse.Namespace) -> int:
    """Show what a text would change, or what waits for a restart."""
    with client(args) as box:
        reply = box.ask(
            DiffConfig(_text(args.file) if args.file else "", args.flow, language=_language()), ConfigChangesReply
        )
    return _told(args, reply, _("it would change nothing") if args.file else _("nothing waits for a restart"))


def apply(args: argparse.Namespace) -> int:
    """Put a text in force."""
    text = _text(args.file)
    with client(args) as box:
        base = args.base or ("" if args.new else box.ask(GetConfig(flow=args.flow), ConfigReply).version)
        reply = box.ask(ApplyConfig(text, base, args.flow, why=args.why, language=_language()), ConfigChangesReply)
    return _told(args, reply, _("it is in force, and changes nothing"))


def undo(args: argparse.Namespace) -> int:
    """Put an older text back."""
    return _change(args, UndoConfig(args.version, args.flow, why=args.why, language=_language()))


def set_entry(args: argparse.Namespace) -> int:
    """Change one table, or add it."""
    values = dict(_value(each) for each in args.values)
    return _change(args, SetEntry(args.table, args.name, values, why=args.why, language=_language()))


def remove_entry(args: argparse.Namespace) -> int:
    """Take one table out of a list."""
    return _change(args, RemoveEntry(args.table, args.name, why=args.why, language=_language()))


def history(args: argparse.Namespace) -> int:
    """List the texts that the configuration had."""
    with client(args) as box:
        reply = box.ask(ConfigHistory(args.limit, args.flow), ConfigHistoryReply)
    if args.json:
        show_json(reply)
        return 0
    rows = [(each.version, clock(each.at), each.user, each.door, each.why, each.after) for each in reply.entries]
    heads = (_("version"), _("until"), _("changed by"), _("from"), _("why"), _("then"))
    told = _("now: {version}").format(version=reply.version)
    show(table(heads, rows, empty=_("nothing was changed yet")), told)
    return 0


def _language() -> Literal["en", "zh"]:
    return "zh" if reader_language() == "zh" else "en"


def _change(args: argparse.Namespace, request: AnyRequest) -> int:
    with client(args) as box:
        reply = box.ask(request, ConfigChangesReply)
    return _told(args, reply, _("it changes nothing"))


def _told(args: argparse.Namespace, reply: ConfigChangesReply, nothing: str) -> int:
    if args.json:
        show_json(reply)
        return 0
    heads = (_("setting"), _("before"), _("after"), _("counts"))
    show(table(heads, [_row(each) for each in reply.changes], empty=nothing))
    return 0


def _row(each: ConfigChange) -> tuple[str, ...]:
    return each.key, each.before, each.after, counts(each.needs)


def counts(needs: Sequence[Restart]) -> str:
    """Return in words when a change counts."""
    return ", ".join(_(WAITS[process]) for process in needs) or _("at once")


def _text(file: str) -> str:
    try:
        return (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()).decode("utf-8-sig")
    except OSError as error:
        raise ApplianceError(_("{file} cannot be read: {why}").format(file=file, why=why(error))) from error
    except UnicodeDecodeError as error:
        message = _("{file} is not written in {encoding}").format(file=file, encoding="UTF-8")
        raise ApplianceError(message, _("save the file as UTF-8")) from error


def _value(text: str) -> tuple[str, Any]:
    """Parse KEY=VALUE; a value is as in TOML, or any other text; none takes the key out."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ApplianceError(_("{text} sets no key").format(text=text), _("write it as KEY=VALUE, e.g. ring_s=15"))
    try:
        return key, tomllib.loads(f"x = {value}")["x"] if value else None
    except tomllib.TOMLDecodeError:
        return key, value


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", default="", help=_("why, for the history and the operation log"))


def _version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", metavar="VERSION", nargs="?", default="", help=_("as in mxbox config history"))


def _flow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--flow", metavar="NAME", default="", help=_("the text of this flow, not the configuration's"))


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    _version(parser)
    _flow(parser)
    text = _("write it into this file, readable for its owner only")
    parser.add_argument("--output", metavar="FILE", default="", help=text)


def _diff_arguments(parser: argparse.ArgumentParser) -> None:
    text = _("a text of the configuration; without it: what the file changed since the start, and still waits")
    parser.add_argument("file", metavar="FILE", nargs="?", default="", help=text)
    _flow(parser)


def _apply_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_("a text of the configuration; -: standard input"))
    parser.add_argument("--base", metavar="VERSION", default="", help=_("refuse if another version is in force now"))
    _flow(parser)
    parser.add_argument("--new", action="store_true", help=_("with --flow: a flow that is not there yet"))
    _why(parser)


def _undo_arguments(parser: argparse.ArgumentParser) -> None:
    _version(parser)
    _flow(parser)
    _why(parser)


def _history_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", metavar="N", type=limit, default=50, help=_("at most N, newest first (50)"))
    _flow(parser)


def _entry_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", metavar="TABLE", help=_("e.g. extension, queue, parking"))
    parser.add_argument("name", metavar="NAME", help=_('number or name of the table; "" for one that is no list'))


def _set_arguments(parser: argparse.ArgumentParser) -> None:
    _entry_arguments(parser)
    text = _("KEY=VALUE, the value as in TOML or any text; KEY= takes the key out")
    parser.add_argument("values", metavar="KEY=VALUE", nargs="+", help=text)
    _why(parser)


def _remove_arguments(parser: argparse.ArgumentParser) -> None:
    _entry_arguments(parser)
    _why(parser)


_OTHERS: Final = N_("Comments and all other tables stay as they are written. With a mistake nothing is changed.")
COMMANDS: Final = (
    Command(
        "show",
        N_("print the text of the configuration of the running box"),
        show_config,
        ("mxbox config show", "mxbox config show --output new.toml", "mxbox config show --flow hotline"),
        arguments=_show_arguments,
        asks=True,
    ),
    Command(
        "diff",
        N_("show what a text would change, what counts at once and what needs a restart"),
        diff,
        ("mxbox config diff new.toml", "mxbox config diff", "mxbox config diff --flow hotline new.toml"),
        arguments=_diff_arguments,
        asks=True,
    ),
    Command(
        "apply",
        N_("put a text of the configuration in force while calls go on"),
        apply,
        (
            'mxbox config apply new.toml --why "night service"',
            "mxbox config apply - --base 5f1c2a90b7d3e846",
            "mxbox config apply --flow night night.toml --new",
        ),
        N_("With a mistake in it or in its flows nothing is changed. The text before goes into the history."),
        arguments=_apply_arguments,
        asks=True,
    ),
    Command(
        "undo",
        N_("put the text before the last change back, or that of a version"),
        undo,
        (
            "mxbox config undo",
            'mxbox config undo 5f1c2a90b7d3e846 --why "too many calls lost"',
            "mxbox config undo --flow night",
        ),
        N_("A change that began a flow is undone by taking the flow away; its text stays in the history."),
        arguments=_undo_arguments,
        asks=True,
    ),
    Command(
        "history",
        N_("list the texts that the configuration had: until when, who changed it, and why"),
        history,
        ("mxbox config history", "mxbox config history --flow hotline --json"),
        arguments=_history_arguments,
        asks=True,
    ),
    Command(
        "set",
        N_("change one table of the configuration, or add it, while calls go on"),
        set_entry,
        (
            'mxbox config set extension 1001 name="Li Na" ring_s=15',
            'mxbox config set queue sales agents=\'["8001", "8002"]\' --why "two more"',
            'mxbox config set parking "" places=12',
        ),
        _OTHERS,
        arguments=_set_arguments,
        asks=True,
    ),
    Command(
        "remove",
        N_("take one table out of the configuration while calls go on"),
        remove_entry,
        ('mxbox config remove agent 8001 --why "has left"',),
        _OTHERS,
        arguments=_remove_arguments,
        asks=True,
    ),
)
