# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox run CONFIG`: the whole box in the foreground, until SIGTERM or Ctrl-C."""

import argparse
import contextlib
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from appliance.children.child import REFUSED, ending_signals
from appliance.children.crashes import Ended, Endings
from appliance.children.keeper import Children
from appliance.cli.welcome import welcome
from appliance.config.load import load_box
from appliance.config.model import BoxConfig
from appliance.i18n import _

MODULES = ("appliance.switch", "appliance.server")
EDGE = "appliance.edge"
PROVISIONING = "appliance.provisioning"
MAILING = "appliance.mailing"
WEB = "tui.web"
INTERVAL_S = 0.1


def modules(box: BoxConfig) -> tuple[str, ...]:
    """Return the processes of a box, in the order in which they start."""
    more = {EDGE: box.edge.enabled, PROVISIONING: box.provisioning.enabled, MAILING: _mails(box), WEB: box.web.enabled}
    return (*MODULES, *(name for name, wanted in more.items() if wanted))


def _mails(box: BoxConfig) -> bool:
    return bool(box.mail.server) and any(each.mail for each in box.voicemail)


def run(args: argparse.Namespace) -> int:
    """Check the configuration, then keep the box's processes running. Return the exit status: 2 if one refuses."""
    config = Path(args.config)
    box, paths = load_box(config)
    paths.make()
    stopped = False

    def end(_number: int, _frame: FrameType | None) -> None:  # takes no lock: a second signal may interrupt it
        nonlocal stopped
        stopped = True

    for number in ending_signals():
        signal.signal(number, end)
    refused: list[str] = []

    endings, printed = Endings(paths.run), set[Ended]()

    def tell(module: str, status: int, reason: str) -> None:
        if status == REFUSED:  # it has printed the reason; a new start would only print it again
            refused.append(module)
            return
        ended = Ended(module, status, reason)
        endings.tell(ended)
        if ended not in printed:
            printed.add(ended)
            text = _("{module} ended with status {status} and is started again").format(module=module, status=status)
            with contextlib.suppress(OSError):  # the terminal is gone
                print(text, file=sys.stderr, flush=True)

    children = Children(modules(box), config, tell)
    welcome(box, paths, lambda: stopped or bool(refused))
    try:
        while not (stopped or refused):
            children.keep()
            time.sleep(INTERVAL_S)
    finally:
        children.stop()
    return REFUSED if refused else 0
