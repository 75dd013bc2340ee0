# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys of all calls of the endpoint: what their far ends press, and what they are sent."""

import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Final

import pjsua2 as pj

from drivers import pjsip_objects
from drivers._pjmedia import lib
from drivers.pjsip_calls import SipCall
from drivers.pjsip_media import MediaRows
from drivers.sip import SipKey
from drivers.sip_keys import KeyPresses

MOST_WAITING: Final = 32
"""Keys to be sent by INFO to a far end that does not answer; further ones are dropped."""


class CallKeys:
    """Telephone-events (RFC 4733) both ways, and INFO on its way out.

    Args:
        media: the rows of sound beside which telephone-events go.
        calls: those that are up, by number; the endpoint's own table.
    """

    def __init__(self, media: MediaRows, calls: Mapping[int, SipCall]) -> None:
        self._media = media
        self._calls = calls
        self._presses = KeyPresses()
        self._to_inform: dict[int, deque[tuple[str, int]]] = {}

    def poll(self) -> list[SipKey]:
        """Give the keys that were released since the last poll, a tick ago; send what waited to be sent."""
        for call in list(self._to_inform):
            self._inform(call)
        released: list[SipKey] = []
        if packets := self._media.key_packets():
            by_row = {call.row: call.number for call in self._calls.values()}
            for row, packet in packets:
                if row in by_row:
                    released += self._presses.report(by_row[row], packet)
        return released + self._presses.poll()

    def forget(self, call: int) -> None:
        """The call is over."""
        self._presses.forget(call)
        self._to_inform.pop(call, None)

    def takes(self, call: int) -> bool:
        """Tell whether the far end announced telephone-events."""
        live = self._calls.get(call)
        return live is not None and self._media.takes_keys(live.row)

    def send(self, call: int, key: str, duration_ms: int) -> bool:
        """Send a key by telephone-events; False if the far end did not announce them."""
        live = self._calls.get(call)
        return live is not None and self._media.send_key(live.row, key, duration_ms)

    def send_info(self, call: int, key: str, duration_ms: int) -> None:
        """Send a key by INFO (application/dtmf-relay), each when the one before it is answered.

        One that overtakes another makes it too late for its far end (500, RFC 3261 12.2.2), and the key is lost.
        """
        if call in self._calls:
            waiting = self._to_inform.setdefault(call, deque())
            if len(waiting) < MOST_WAITING:
                waiting.append((key, duration_ms))
            self._inform(call)

    def _inform(self, call: int) -> None:
        live, waiting = self._calls.get(call), self._to_inform[call]
        if live is not None and waiting and not lib.mx_informs(live.pj_call):
            with contextlib.suppress(pj.Error):  # it hung up just now
                live.sendRequest(pjsip_objects.key_info(*waiting.popleft()))
        if live is None or not waiting:
            del self._to_inform[call]
