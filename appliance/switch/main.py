# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch of a configuration as a process."""

import gc
import os
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from appliance.children.child import NOT_NOW, refuse
from appliance.children.keeper import die_with_parent
from appliance.config.load import load_box
from appliance.contract.errors import ApplianceError
from appliance.switch.assemble import assemble
from appliance.switch.lines.clock import LineClock
from appliance.switch.process import serve
from appliance.switch.uplink import Uplink
from drivers.errors import DriverError, SpanAddressError, SpanError

NICE = -15
"""Before the rest of the box: lateness here is audible. Not real time: a tick without end must not stop the rest."""


def _kept_in(error: Exception) -> None:
    """Print a bug that cost no more than the leg that it was about."""
    print("switch: a bug; calls go on", file=sys.stderr)  # noqa: T201 - the log
    traceback.print_exception(error)


def main(arguments: list[str]) -> int:
    """Run the switch of a configuration.

    Exit status 2 when it cannot run as configured, 3 when a line of it is not there now (its driver is not loaded, its
    card not plugged in, another process has it) and may be later; both with one line and its remedy.
    """
    die_with_parent()
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    try:
        config, paths = load_box(Path(arguments[0]))
        switch, spans = assemble(config, paths, _kept_in)
        uplink = Uplink(paths.switch_socket)
    except (ApplianceError, DriverError, OSError) as error:
        status = refuse(error)
        return NOT_NOW if isinstance(error, SpanError) and not isinstance(error, SpanAddressError) else status
    gc.collect()
    gc.freeze()  # objects that live as long as the process need not be walked in the middle of a tick
    serve(switch, LineClock(spans, time.monotonic, time.sleep), uplink)
    return 0
