# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts a process for each session by fork: all that the app imports is loaded once, and its memory shared.

Measured by `python -m tests.bench web`. The server has one thread and no event loop, so a fork copies a state that is
whole. It runs with little claim to the processor: calls go before screens.
"""

import gc
import logging
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

import msgspec

from appliance.children.keeper import PARENT, die_with_parent
from tui.web.orders import MAX_ORDER, Begin, End, Order
from tui.web.packets import STATUS, meta
from tui.web.visit import TICKET_FD, Visit, read

_FAILED: Final = 1
_STDIN, _STDOUT, _DESCRIPTORS = 0, 1, 1 << 16
_decoder: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
_log = logging.getLogger(__name__)

Run = Callable[[Visit], int]
"""Shows a session until it ends; returns the exit status."""


def main(arguments: list[str]) -> int:
    """Serve orders from a descriptor until it closes. Arguments: the descriptor, what to run, how nice to be."""
    die_with_parent()
    os.environ[PARENT] = str(os.getpid())
    logging.basicConfig(level=logging.INFO, format="web session: %(message)s")
    module, _colon, name = arguments[1].partition(":")
    run: Run = getattr(import_module(module), name)
    import_module("textual.drivers.web_driver")
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that it looks at
    os.nice(int(arguments[2]))
    with socket.socket(fileno=int(arguments[0])) as orders:
        ForkServer(orders, run).serve()
    return 0


class ForkServer:
    """Forks a process for each `Begin`, kills it at `End`, and reaps it when it ends."""

    def __init__(self, orders: socket.socket, run: Run) -> None:
        self._orders, self._run = orders, run
        self._children: dict[int, int] = {}
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Serve until the gate is gone; then no session is left."""
        self._selector.register(self._orders, selectors.EVENT_READ)
        while True:
            for key, _events in self._selector.select():
                if key.data is not None:
                    self._reap(key.data, key.fd)
                elif not self._order():
                    for process in self._children.values():
                        os.kill(process, signal.SIGKILL)
                    return

    def _order(self) -> bool:
        """Take one order; return whether the gate is still there."""
        data, descriptors, _flags, _address = socket.recv_fds(self._orders, MAX_ORDER, 2)
        try:
            match _decoder.decode(data) if data else None:
                case Begin() as begin:
                    self._begin(begin, *descriptors)
                case End(number=number) if number in self._children:
                    os.kill(self._children[number], signal.SIGKILL)  # not reaped yet, so the process is still that one
        finally:
            for each in descriptors:
                os.close(each)
        return bool(data)

    def _begin(self, begin: Begin, terminal: int, visit: int) -> None:
        process = os.fork()
        if not process:
            os._exit(self._child(begin, terminal, visit))
        self._children[begin.number] = process
        self._selector.register(os.pidfd_open(process), selectors.EVENT_READ, begin.number)

    def _reap(self, number: int, descriptor: int) -> None:
        self._selector.unregister(descriptor)
        os.close(descriptor)
        _process, status = os.waitpid(self._children.pop(number), 0)
        if status:
            _log.warning("session %d ended with status %d", number, os.waitstatus_to_exitcode(status))

    def _child(self, begin: Begin, terminal: int, visit: int) -> int:
        """Run a session in the process just forked; return its exit status."""
        try:
            die_with_parent()
            for number in (_STDIN, _STDOUT):
                os.dup2(terminal, number)
            os.dup2(visit, TICKET_FD)
            os.closerange(TICKET_FD + 1, _DESCRIPTORS)  # orders, and the processes of other sessions
            os.environ.update(begin.environment)
            if status := self._run(read(TICKET_FD)):
                os.write(_STDOUT, meta(STATUS, status=status))
        except Exception:  # noqa: BLE001 - a fault of the app is logged, and this process is no server
            _log.exception("session %d", begin.number)
            return _FAILED
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
