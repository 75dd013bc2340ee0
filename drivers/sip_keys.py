# SPDX-License-Identifier: GPL-2.0-or-later
"""Key presses out of telephone-event reports (RFC 4733): each press once, also when its last packets are lost."""

from dataclasses import dataclass

from drivers.sip import SipKey

# RFC 4733 2.5.2.2 leaves it to the receiver how long silence means the end; senders repeat every 50 ms or faster.
QUIET_POLLS = 10
"""Polls (ticks of 20 ms) without a further report after which a key counts as released."""


@dataclass
class _Press:
    key: str
    timestamp: int
    duration_ms: int
    quiet_polls: int = 0


class KeyPresses:
    """Presses of all calls that are going on."""

    def __init__(self) -> None:
        self._held: dict[int, _Press] = {}

    def report(self, call: int, key: str, timestamp: int, duration_ms: int, *, ended: bool) -> list[SipKey]:
        """Take one report; `timestamp` in ms names the press it is about. Gives the keys that ended by it."""
        released = []
        held = self._held.get(call)
        if held and (held.key, held.timestamp) != (key, timestamp):
            released.append(self._release(call))
        self._held[call] = _Press(key, timestamp, duration_ms)
        if ended:
            released.append(self._release(call))
        return released

    def poll(self) -> list[SipKey]:
        """Count one tick; gives the keys whose end was lost."""
        for press in self._held.values():
            press.quiet_polls += 1
        return [self._release(call) for call, press in list(self._held.items()) if press.quiet_polls >= QUIET_POLLS]

    def forget(self, call: int) -> None:
        """The call is over."""
        self._held.pop(call, None)

    def _release(self, call: int) -> SipKey:
        press = self._held.pop(call)
        return SipKey(call, press.key, press.duration_ms)
