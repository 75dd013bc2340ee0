# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that change something in the running box and say so: one request, one sentence."""

import argparse

from appliance.api.messages import AnyRequest, Done
from appliance.cli.ask import client
from appliance.cli.output import show, show_json


def do(args: argparse.Namespace, request: AnyRequest, told: str) -> int:
    """Send a request and say what was done; `{call}` in it is the call that came of it."""
    with client(args) as box:
        reply = box.ask(request, Done)
    if args.json:
        show_json(reply)
    else:
        show(told.replace("{call}", str(reply.call)))
    return 0
