# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys of all calls of the endpoint: what their far ends press, and what they are sent."""

import contextlib
from collections.abc import Mapping

import pjsua2 as pj

from drivers import pjsip_objects
from drivers.pjsip_calls import SipCall
from drivers.pjsip_media import MediaRows
from drivers.sip import SipKey
from drivers.sip_keys import KeyPresses


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

    def poll(self) -> list[SipKey]:
        """Give the keys that were released since the last poll, a tick ago."""
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

    def send(self, call: int, key: str, duration_ms: int) -> bool:
        """Send a key by telephone-events; False if the far end did not announce them."""
        live = self._calls.get(call)
        return live is not None and self._media.send_key(live.row, key, duration_ms)

    def send_info(self, call: int, key: str, duration_ms: int) -> None:
        """Send a key by INFO (application/dtmf-relay)."""
        live = self._calls.get(call)
        if live is not None:
            with contextlib.suppress(pj.Error):  # it hung up just now
                live.sendRequest(pjsip_objects.key_info(key, duration_ms))
