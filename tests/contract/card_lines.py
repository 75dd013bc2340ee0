# SPDX-License-Identifier: GPL-2.0-or-later
"""Cards with a far end that does as it is told, one kind per signalling, for the contract's tests."""

import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from appliance.config.model import ExtensionConfig, SipConfig
from appliance.contract.switch import Answer, AnyEvent, Clear, Dial, Event
from appliance.switch.lines.card import Card
from appliance.switch.lines.sip.card import SipCard
from appliance.switch.lines.station import StationCard
from appliance.switch.sound.fabric import Sound
from drivers.span import D_TIMESLOT, TICK_S, TICK_SAMPLES
from dsp.g711 import alaw_decode, alaw_encode
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from hw_sim.station import StationBank
from tests.appliance.switch.pri_rig import Rig
from tests.drivers.sip_peers import read_wav, write_tone

E = TypeVar("E", bound=Event)
TONE = (0.3 * np.sin(2 * np.pi * 1000 * np.arange(TICK_SAMPLES) / 8000)).astype(np.float32)
"""1,000 Hz: every tick of it is the same."""


def loudest(samples: Sound) -> float:
    """Return the power of the loudest tick."""
    ticks = samples[: len(samples) // TICK_SAMPLES * TICK_SAMPLES].reshape(-1, TICK_SAMPLES)
    return float(np.mean(ticks.astype(np.float64) ** 2, axis=1).max(initial=0.0))


class CardLine(ABC):
    """A card, driven tick by tick as the switch does, and its far end.

    Attributes:
        line: an address that the card takes.
        alien: one that it does not.
    """

    card: Card
    line: str
    alien = "nothing:1"

    def __init__(self) -> None:
        self.now = 1000
        self.told: list[AnyEvent] = []

    def begin(self) -> None:
        """Make the arrays, once the card is there."""
        self.said: Sound = np.zeros((self.card.rows, TICK_SAMPLES), np.float32)
        self.heard = self.said.copy()

    def tick(self) -> None:
        """Do a tick; what the card is given to fill is not clean."""
        self.now += 1
        self.said.fill(0.7)
        self.card.receive(self.said)
        self.told += self.card.signal(self.now)
        self.card.transmit(self.heard)
        self.far_tick()

    def until(self, done: Callable[[], object], ticks: int = 400) -> None:
        """Tick until something is so."""
        for _tick in range(ticks):
            if done():
                return
            self.tick()
        raise AssertionError(f"it never came; told: {self.told}")

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]

    def do(self, command: Dial | Answer | Clear) -> None:
        self.card.execute(command, self.now)

    @abstractmethod
    def far_tick(self) -> None:
        """Do a tick of the far end: it says `TONE` on every call that is answered."""

    @abstractmethod
    def call(self) -> None:
        """Call from the far end; it waits for an answer."""

    @abstractmethod
    def answer(self) -> None:
        """Answer at the far end, now or as soon as it rings."""

    @abstractmethod
    def hang_up(self) -> None:
        """End the calls at the far end."""

    @abstractmethod
    def far_heard(self) -> float:
        """Return the power of the loudest tick that the far end heard on its call, which is over."""

    def close(self) -> None:
        self.card.close()


class PriLine(CardLine):
    """A primary rate access, user side, at a bare D channel."""

    line = "pri:carrier"

    def __init__(self, _folder: Path) -> None:
        super().__init__()
        self._rig = Rig("user").up()
        self.card = self._rig.card
        self._rig.far_sends[:] = alaw_encode(TONE)
        self.now = self._rig.now
        self._calls: list[int] = []
        self._setups = 0
        self._loudest = 0.0
        self.begin()

    def far_tick(self) -> None:
        self._rig.now = self.now
        self._rig._far_tick()
        voice = np.delete(self._rig.far_hears, D_TIMESLOT - 1, axis=0)
        self._loudest = max(self._loudest, loudest(alaw_decode(voice).ravel()))

    def call(self) -> None:
        self._calls.append(self._rig.far.setup(1, "95588", "13800138000"))

    def answer(self) -> None:
        from drivers.pri_events import Setup

        self.until(lambda: len(self._rig.far_of(Setup)) > self._setups)
        call = self._rig.far_of(Setup)[self._setups].call
        self._setups += 1
        self._calls.append(call)
        self._rig.far.connect(call)

    def hang_up(self) -> None:
        for call in self._calls:
            self._rig.far.hangup(call, 16)
        self._calls.clear()

    def far_heard(self) -> float:
        return self._loudest

    def close(self) -> None:
        self._rig.close()


class StationLine(CardLine):
    """Stations of the simulator: they answer by themselves, and hang up by their scripts."""

    line = "station:1"

    def __init__(self, _folder: Path) -> None:
        super().__init__()
        self.bank = StationBank(("1", "2"), "alert; wait 0.1; answer; speak tone 1000 -6 600", keep_audio=True)
        self.card = StationCard(self.bank, itertools.count(2, 2).__next__)
        self._token: int | None = None
        self.begin()

    def far_tick(self) -> None:
        """Stations tick with `transmit`."""

    def call(self) -> None:
        self._token = self.bank.dial("2", "95588", "wait answer; speak tone 1000 -6 600")

    def answer(self) -> None:
        """It does by itself."""

    def hang_up(self) -> None:
        for token in list(self.bank._calls):
            self.bank.cleared(token, 16)

    def far_heard(self) -> float:
        heard = self.bank.records[-1].heard
        assert heard is not None
        return loudest(alaw_decode(np.frombuffer(heard, np.uint8)))


class SipLine(CardLine):
    """A phone that is not ours (baresip), in real time; it answers by itself."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        says = write_tone(folder / "says.wav", 1000.0)
        self._phone = BaresipPhone(folder / "phone", PhoneOptions("1001", says=says)).__enter__()
        self.line = self._phone.line
        first = min(free_port() & ~1, 60000)
        config = SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 40, calls=2)
        extensions = [ExtensionConfig(number="1001", line=self.line, name="Ann")]
        self.card = SipCard(config, extensions, itertools.count(2, 2).__next__)
        self._next = time.monotonic()
        self.begin()

    def far_tick(self) -> None:
        self._next = max(self._next + TICK_S, time.monotonic() - TICK_S)
        time.sleep(max(0.0, self._next - time.monotonic()))

    def call(self) -> None:
        self._phone.command("dial", f"sip:95588@{self.card.status()[0].values['address']}")

    def answer(self) -> None:
        """It does by itself."""

    def hang_up(self) -> None:
        self._phone.command("hangup")

    def far_heard(self) -> float:
        self._phone.poll()
        return loudest(np.asarray(read_wav(self._phone.heard()[0]) / 32768, np.float32))

    def close(self) -> None:
        self.card.close()
        self._phone.__exit__()


LINES: dict[str, Callable[[Path], CardLine]] = {"pri": PriLine, "sip": SipLine, "station": StationLine}
