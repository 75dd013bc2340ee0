# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox run CONFIG`: the whole box in the foreground, until SIGTERM or Ctrl-C."""

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from appliance.children import Children
from appliance.config.load import load_box
from appliance.config.model import BoxConfig
from appliance.i18n import _

MODULES = ("appliance.switch", "appliance.callserver")
EDGE = "appliance.edge"
PROVISIONING = "appliance.provisioning"
LOOK_S = 0.1
REFUSED = 2
"""Status of a process that cannot run as configured, or not on this machine."""


def modules(box: BoxConfig) -> tuple[str, ...]:
    """Name the processes of a box, in the order in which they start."""
    more = {EDGE: box.edge.enabled, PROVISIONING: box.provisioning.enabled}
    return (*MODULES, *(name for name, wanted in more.items() if wanted))


def run(args: argparse.Namespace) -> int:
    """Check the configuration, then keep the box's processes running. Gives the exit status: 2 if one refuses."""
    config = Path(args.config)
    box, paths = load_box(config)
    paths.make()
    stopped = False

    def end(_number: int, _frame: FrameType | None) -> None:  # takes no lock: a second signal may come in its midst
        nonlocal stopped
        stopped = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    refused: list[str] = []

    def tell(module: str, status: int) -> None:
        if status == REFUSED:  # it has said why; starting it again would only say so again
            refused.append(module)
        else:
            text = _("{module} ended with status {status} and is started again").format(module=module, status=status)
            print(text, file=sys.stderr, flush=True)

    children = Children(modules(box), config, tell)
    try:
        while not (stopped or refused):
            children.keep()
            time.sleep(LOOK_S)
    finally:
        children.stop()
    return REFUSED if refused else 0
