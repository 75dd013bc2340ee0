# SPDX-License-Identifier: GPL-2.0-or-later
"""The first step of every process of the box, so short that hardly a signal falls into it.

Loading a process takes a second, and Ctrl-C in it would be a traceback from inside of some library. Until the process
sets its own handler it ends at once and without output, as it does by SIGTERM: nothing is begun that has to be ended.
"""

import os
import signal
import sys
from importlib import import_module
from types import FrameType

INTERRUPTED = 130
"""A shell's status for a child that Ctrl-C ended (128 + SIGINT)."""


def start(module: str, *, hears: bool = False) -> int:
    """Import a module and run its `main` with the words of the command line; return the exit status.

    With `hears`, Ctrl-C is a KeyboardInterrupt from `main` on.
    """
    ignored = signal.getsignal(signal.SIGINT) is not signal.default_int_handler  # as of a job in the background
    if not ignored:
        signal.signal(signal.SIGINT, _leave)
    main = import_module(module).main
    if hears and not ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return int(main(sys.argv[1:]))


def _leave(_signal: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)
