# SPDX-License-Identifier: GPL-2.0-or-later
"""Our requests in calls, one after the other, and the BYE after them."""

import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

import pjsua2 as pj

from drivers._pjmedia import lib
from drivers.pjsip_calls import SipCall

Send = Callable[[SipCall], object]
MAX_WAITING: Final = 32
"""Limit for a far end that does not answer; further requests are dropped."""
BYE_WAIT_POLLS: Final = 50
"""Time for which a BYE waits for answers (1 s), as there may be none."""


class Turns:
    """Queues of requests: INFO and NOTIFY wait until the one before them is answered, BYE until all are.

    A proxy of several processes may let a later request overtake. The far end then refuses the earlier one as too late
    (500, RFC 3261 12.2.2): a key is lost, or the notice of a transfer's end.

    Args:
        calls: the calls that are up, by number; the endpoint's own table.
    """

    def __init__(self, calls: Mapping[int, SipCall]) -> None:
        self._calls = calls
        self._waiting: dict[int, deque[Send]] = {}
        self._ends: dict[int, tuple[Send, int]] = {}
        self._patience = BYE_WAIT_POLLS

    def put(self, call: int, send: Send) -> None:
        """Send a request by the next poll, or when those before it are answered."""
        waiting = self._waiting.setdefault(call, deque())
        if len(waiting) < MAX_WAITING:
            waiting.append(send)

    def end(self, live: SipCall, send: Send) -> None:
        """End a call, when all requests put before are answered."""
        if live.answered and self._patience and self._is_busy(live):
            self._ends[live.number] = (send, self._patience)
        else:
            send(live)

    def poll(self) -> None:
        """Send waiting requests, a tick later than the last poll."""
        for call in [*self._waiting]:
            self._go_on(call)
        for call, (send, polls) in [*self._ends.items()]:
            live = self._calls.get(call)
            if live is not None and polls and self._is_busy(live):
                self._ends[call] = (send, polls - 1)
                continue
            self.forget(call)
            if live is not None:
                send(live)

    def forget(self, call: int) -> None:
        """Forget a call that is over."""
        self._waiting.pop(call, None)
        self._ends.pop(call, None)

    def close(self) -> None:
        """Forget all calls, and end further ones at once from now on."""
        self._patience = 0
        self._waiting.clear()
        self._ends.clear()

    def _is_busy(self, live: SipCall) -> bool:
        return live.number in self._waiting or bool(lib.mx_asks(live.pj_call))

    def _go_on(self, call: int) -> None:
        live, waiting = self._calls.get(call), self._waiting[call]
        if live is not None and not live.over and not lib.mx_asks(live.pj_call):
            with contextlib.suppress(pj.Error):  # it hung up just now
                waiting.popleft()(live)
        if live is None or live.over or not waiting:
            del self._waiting[call]
