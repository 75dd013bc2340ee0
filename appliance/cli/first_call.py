# SPDX-License-Identifier: GPL-2.0-or-later
"""The first call, shown: ladder, record, recording, ledger, checks. Exit status 0 only if every check passed."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from appliance.cli.books import show_ledger
from appliance.cli.ladder import LadderReader, draw
from appliance.contract.errors import ApplianceError
from appliance.demo.call import Outcome, first_call
from appliance.demo.checks import Check, check
from appliance.i18n import _

MARK = ".mxbox-demo"


def demo(args: argparse.Namespace) -> int:
    """Run the call and show it. Return the exit status."""
    folder = _stage_folder(args.folder)
    print(
        _("one call through the whole box, about 40 s; everything lies in {folder}").format(folder=folder),
        file=sys.stderr,
    )
    outcome = first_call(folder, args.language)
    checks = check(outcome)
    if args.json:
        _print_json(outcome, checks)
    else:
        _print_text(outcome, checks)
    return 0 if all(each.passed for each in checks) else 1


def _stage_folder(named: str | None) -> Path:
    """Return an empty folder; a named one that exists is emptied only if an earlier demo made it."""
    if named is None:
        return Path(tempfile.mkdtemp(prefix="mxbox-demo-"))
    folder = Path(named).absolute()  # its sockets are named in the configuration, and the box may run elsewhere
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise ApplianceError(
            _("{folder} is not empty, and no demo made it").format(folder=folder), _("name another folder, or none")
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder


def _print_json(outcome: Outcome, checks: list[Check]) -> None:
    result = {
        "cdr": outcome.cdr,
        "recording": str(outcome.recording_file),
        "ledger": outcome.ledger,
        "updates": outcome.updates,
        "checks": checks,
        "passed": all(each.passed for each in checks),
    }
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(result)).decode() + "\n")


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/]")


def _print_text(outcome: Outcome, checks: list[Check]) -> None:
    console = Console(highlight=False)
    _heading(console, _("The ladder"))
    for line in draw(LadderReader().read(outcome.updates)):
        print(line)
    _heading(console, _("The call detail record"))
    record = Table(show_header=False, box=None)
    for name, value in msgspec.structs.asdict(outcome.cdr).items():
        record.add_row(name, str(value))
    console.print(record)
    _heading(console, _("The recording"))
    console.print(outcome.recording_file, soft_wrap=True)
    _heading(console, _("The ledger"))
    show_ledger(outcome.ledger)
    _heading(console, _("What was checked"))
    for each in checks:
        word = "[green]" + _("yes") if each.passed else "[bold red]" + _("NO")
        console.print(f"{word}[/]  {each.what}: {each.seen}", soft_wrap=True)
