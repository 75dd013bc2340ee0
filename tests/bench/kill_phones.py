# SPDX-License-Identifier: GPL-2.0-or-later
"""Desk phones whose people act by themselves: a PJSIP endpoint in this process, and for each call what its person does.

What a person does in a call is a generator that yields the seconds until it goes on; when it is done, the phone hangs
up. A call that ends for another reason ends the generator.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

from drivers.pjsip_endpoint import SipEndpoint
from drivers.sip import SipAddress, SipAnswered, SipEnded, SipIncoming, SipParty
from drivers.span import TICK_S, TICK_SAMPLES

KEY_MS, GAP_S = 80, 0.22
BUSY = 486
Doing = Generator[float, None, None]
"""What a person does in a call: it yields the seconds until it goes on."""


@dataclass
class PhoneCall:
    """A call at a phone. Ticks are the phones'; `answered` and `ended` None: not yet."""

    number: int
    extension: str
    begun: int
    doing: Doing | None = None
    due: int = 0
    answered: int | None = None
    ended: int | None = None


class Phones:
    """The phones, with one call each. Their owner ticks them.

    Args:
        endpoint: at which all of them are.
        box: port of the box.
        rung: what is done at a phone that rings, in the end with its call.
    """

    def __init__(self, endpoint: SipEndpoint, box: int, rung: Callable[[PhoneCall], Doing]) -> None:
        self.endpoint, self.now = endpoint, 0
        self.busy: dict[str, PhoneCall] = {}
        self._box, self._rung = box, rung
        self._calls: dict[int, PhoneCall] = {}
        self._sound = np.zeros((endpoint.options.calls, TICK_SAMPLES), np.int16)
        hz = 400 + 25 * np.arange(endpoint.options.calls) % 1500 // 50 * 50
        self._voices = (6000 * np.sin(2 * np.pi * hz[:, None] * np.arange(TICK_SAMPLES) / 8000)).astype(np.int16)

    def tick(self) -> None:
        """One tick: signalling, what people do, sound both ways."""
        self.now += 1
        for event in self.endpoint.poll():
            match event:
                case SipIncoming(call=number, called=called):
                    self._rings(number, called)
                case SipAnswered(call=number) if number in self._calls:
                    self._calls[number].answered = self._calls[number].due = self.now
                case SipEnded(call=number) if number in self._calls:
                    self._over(self._calls[number])
        for call in [*self._calls.values()]:
            if call.doing is not None and call.answered is not None and call.due <= self.now:
                self._go_on(call, call.doing)
        self.endpoint.media.get(self._sound)
        self.endpoint.media.put(self._voices)

    def dial(self, extension: str, to: str, does: Callable[[PhoneCall], Doing]) -> PhoneCall | None:
        """Dial from a phone, unless it has a call; what is done begins with the answer."""
        if extension in self.busy:
            return None
        number = self.endpoint.dial(SipAddress.parse(f"sip:{to}@127.0.0.1:{self._box}"), SipParty(extension))
        call = self.busy[extension] = self._calls[number] = PhoneCall(number, extension, self.now)
        call.doing = does(call)
        return call

    def press(self, call: PhoneCall, keys: str) -> Doing:
        """Press keys one after the other."""
        for key in keys:
            self.endpoint.keys.send(call.number, key, KEY_MS)
            yield GAP_S

    def _rings(self, number: int, extension: str) -> None:
        if extension in self.busy:
            self.endpoint.hangup(number, BUSY)
            return
        call = self.busy[extension] = self._calls[number] = PhoneCall(number, extension, self.now)
        call.answered, call.due, call.doing = self.now, self.now, self._rung(call)

    def _go_on(self, call: PhoneCall, doing: Doing) -> None:
        try:
            call.due = self.now + round(next(doing) / TICK_S)
        except StopIteration:
            call.doing = None
            self.endpoint.hangup(call.number)

    def _over(self, call: PhoneCall) -> None:
        call.ended = self.now
        del self._calls[call.number]
        del self.busy[call.extension]
        if call.doing is not None:
            call.doing.close()
