# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows the first call: ladder, record, recording, ledger, checks. Exit status 0 only if every check passed."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from appliance.cli.demo.call import Outcome, first_call
from appliance.cli.demo.checks import Check, check
from appliance.cli.ladder import LadderReader, draw
from appliance.i18n import _


def demo(args: argparse.Namespace) -> int:
    """Make the call and show it. Gives the exit status."""
    folder = Path(args.folder) if args.folder else Path(tempfile.mkdtemp(prefix="mxbox-demo-"))
    if args.folder and folder.exists():
        shutil.rmtree(folder)
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


def _print_text(outcome: Outcome, checks: list[Check]) -> None:
    console = Console(highlight=False)
    console.print(f"\n[bold]{_('The ladder')}[/]")
    for line in draw(LadderReader().read(outcome.updates)):
        print(line)
    console.print(f"\n[bold]{_('The call detail record')}[/]")
    record = Table(show_header=False, box=None)
    for name, value in msgspec.structs.asdict(outcome.cdr).items():
        record.add_row(name, str(value))
    console.print(record)
    console.print(f"\n[bold]{_('The recording')}[/]\n{outcome.recording_file}", soft_wrap=True)
    console.print(f"\n[bold]{_('The ledger')}[/]")
    ledger = Table(_("what"), _("opened"), _("closed"), _("still up"), box=None)
    for row in outcome.ledger.balance:
        ledger.add_row(row.name, str(row.opened), str(row.closed), str(row.still_up))
    console.print(ledger)
    console.print(f"\n[bold]{_('What was checked')}[/]")
    table = Table(show_header=False, box=None)
    for each in checks:
        table.add_row("[green]" + _("yes") if each.passed else "[bold red]" + _("NO"), each.what, each.seen)
    console.print(table)
