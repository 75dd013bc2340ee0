# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox tones report`: accuracy of the detectors, beside the reference, measured now on this machine."""

import argparse
from typing import Final

from appliance.cli.command import Command, Group
from appliance.contract.errors import ApplianceError
from appliance.i18n import N_, _


def report(args: argparse.Namespace) -> int:
    """Print the report; return 1 if a criterion is not met."""
    try:
        from lab import tones_report
    except ImportError as error:
        message = _("the tone laboratory cannot run here: {why}").format(why=error)
        raise ApplianceError(message, _("run it in the source tree, after: make setup-bench")) from error
    options = [f"--{name}" for name in ("write", "quick") if getattr(args, name)]
    if args.only:
        options += ["--only", args.only]
    return tones_report.main(options)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help=_("leave out the hours of speech and music"))
    parser.add_argument("--only", metavar=_("SECTION,..."), help=_("these sections only, for example speed,r2"))
    parser.add_argument("--write", action="store_true", help=_("keep it as dsp/REPORT.md"))


TONES: Final = Group(
    "tones",
    N_("how well keys and tones are heard"),
    (
        Command(
            "report",
            N_("one table for each detector, beside spandsp on the same audio"),
            report,
            ("mxbox tones report --quick", "mxbox tones report --write"),
            N_("Needs the source tree and the packages of make setup-bench; without --quick it takes half an hour."),
            arguments=_arguments,
            json=False,
            asks=False,
        ),
    ),
)
