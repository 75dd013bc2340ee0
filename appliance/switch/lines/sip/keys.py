# SPDX-License-Identifier: GPL-2.0-or-later
"""The keys of one SIP leg: presses of its far end, each once, and keys sent to it."""

from typing import TYPE_CHECKING, Final

from appliance.config.model import SendKeys
from appliance.contract.switch import Key
from appliance.switch.lines.sip.presses import KeyWay, Presses
from drivers.sip import SipKey

if TYPE_CHECKING:  # it loads PJSIP, which is checked first
    from drivers.pjsip_keys import CallKeys


class LegKeys:
    """Both directions of a leg.

    Args:
        keys: of the endpoint.
        call: the endpoint's number of the call.
        send: the configured form of keys to the far end.
    """

    def __init__(self, keys: "CallKeys", call: int, send: SendKeys) -> None:
        self._keys: Final = keys
        self._call = call
        self._send = send
        self._presses = Presses()

    def press(self, leg: int, event: SipKey, now: int) -> list[Key]:
        """Return the key that the far end reported, unless it is known already."""
        way = KeyWay.INFO if event.way == "info" else KeyWay.EVENT
        if not self._presses.is_new(way, event.key, event.duration_ms, now):
            return []
        inband = way is KeyWay.INFO and self._presses.inband
        return [Key(leg, event.key, event.duration_ms, inband=inband)]

    def press_inband(self, key: str, duration_ms: int, now: int) -> bool:
        """Take a key from the sound; False if it is known already, or is none: see `presses`."""
        return self._presses.is_new(KeyWay.SOUND, key, duration_ms, now)

    @property
    def inband(self) -> bool:
        """Whether a tone may be a key: the far end has sent no telephone-events, beside which its sound is silenced."""
        return self._presses.way is not KeyWay.EVENT

    @property
    def takes(self) -> bool:
        """Whether the far end is known to take keys otherwise than in sound, by its own word or the configuration's."""
        return self._send == "info" or (self._send == "auto" and self._keys.takes(self._call))

    def send(self, key: str, duration_ms: int) -> bool:
        """Send a key by telephone-events where the far end takes them, by INFO where it is known to; else False."""
        if self._send == "auto" and self._keys.send(self._call, key, duration_ms):
            return True
        if self._send == "tones" or (self._send == "auto" and self._presses.way is not KeyWay.INFO):
            return False
        self._keys.send_info(self._call, key, duration_ms)
        return True
