# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys of all calls of the endpoint: those that their far ends press, and those sent to them."""

from collections.abc import Mapping

from drivers import pjsip_objects
from drivers.pjsip_calls import SipCall
from drivers.pjsip_media import MediaRows
from drivers.pjsip_turns import Turns
from drivers.sip import SipKey
from drivers.sip_keys import KeyPresses


class CallKeys:
    """Telephone-events (RFC 4733) both ways, and INFO on its way out.

    Args:
        media: the rows of sound beside which telephone-events go.
        calls: the calls that are up, by number; the endpoint's own table.
        turns: the queue in which INFO goes out.
    """

    def __init__(self, media: MediaRows, calls: Mapping[int, SipCall], turns: Turns) -> None:
        self._media = media
        self._calls = calls
        self._turns = turns
        self._presses = KeyPresses()

    def poll(self) -> list[SipKey]:
        """Return the keys that were released since the last poll, a tick ago."""
        released: list[SipKey] = []
        if packets := self._media.key_packets():
            by_row = {call.row: call.number for call in self._calls.values()}
            for row, packet in packets:
                if row in by_row:
                    released += self._presses.report(by_row[row], packet)
        return released + self._presses.poll()

    def forget(self, call: int) -> None:
        """Forget a call that is over."""
        self._presses.forget(call)

    def takes(self, call: int) -> bool:
        """Return whether the far end announced telephone-events."""
        live = self._calls.get(call)
        return live is not None and self._media.takes_keys(live.row)

    def send(self, call: int, key: str, duration_ms: int) -> bool:
        """Send a key by telephone-events; False if the far end did not announce them."""
        live = self._calls.get(call)
        return live is not None and self._media.send_key(live.row, key, duration_ms)

    def send_info(self, call: int, key: str, duration_ms: int) -> None:
        """Send a key by INFO (application/dtmf-relay), each when the one before it is answered."""
        if call in self._calls:
            self._turns.put(call, lambda live: live.sendRequest(pjsip_objects.key_info(key, duration_ms)))
