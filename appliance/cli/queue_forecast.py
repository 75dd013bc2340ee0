# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox queue forecast`: how far the predicted waits were from the real ones."""

import argparse
from typing import Final

from appliance.api.messages import Forecasts, ForecastsReply
from appliance.cli.ask import add_since_until, client
from appliance.cli.command import Command
from appliance.cli.output import length, show, show_json, table
from appliance.i18n import N_, _


def forecast(args: argparse.Namespace) -> int:
    """Show the error of the forecasts, queue by queue."""
    with client(args) as box:
        reply = box.ask(Forecasts(args.since, args.until, args.queue), ForecastsReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("queue"), _("waits"), _("predicted"), _("median error"), _("mean forecast"), _("mean wait"))
    rows = [
        (
            each.queue,
            each.waits,
            each.predicted,
            f"{100 * each.error:.0f} %" if each.predicted else "",
            length(each.predicted_s) if each.predicted else "",
            length(each.waited_s) if each.predicted else "",
        )
        for each in reply.forecasts
    ]
    show(table(columns, rows, right=(1, 2, 3, 4, 5), empty=_("nobody was served after a minute or more")))
    return 0


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_since_until(parser)
    parser.add_argument("--queue", metavar="NAME", default="", help=_("of this queue"))


FORECAST: Final = Command(
    "forecast",
    N_("how far predicted waits were from real ones"),
    forecast,
    ("mxbox queue forecast --since today", "mxbox queue forecast --queue sales --since 7d --json"),
    N_("Callers who were served after a minute or more are compared; the median error is a share of the real wait."),
    arguments=_arguments,
    asks=True,
)
