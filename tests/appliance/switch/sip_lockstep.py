# SPDX-License-Identifier: GPL-2.0-or-later
"""A call between the SIP card and a phone written word by word, in box time: ten minutes pass in seconds.

Only signalling waits for the machine; RTP goes over real sockets, through PJMEDIA's jitter buffer, to the recorder.
Not shown: late ticks, and timers of SIP, which count the machine's time.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from appliance.config.model import ExtensionConfig, SipConfig
from appliance.contract.switch import Answer, AnyEvent, Incoming, Record
from appliance.contract.ticks import MS_PER_TICK, TICKS_PER_S
from appliance.switch.lines.sip.card import SipCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.recorders import Recorders
from drivers.span import TICK_SAMPLES
from dsp.correlate import find
from dsp.g711 import alaw_encode
from dsp.levels import Float
from hw_sim.bad_network import BadNetwork, NetworkPlan
from hw_sim.baresip import free_port
from hw_sim.wav import read_wav
from tests.drivers.word_phone import WordPhone

RECORDING = 1


@dataclass
class LockstepCall:
    """One call that came in and was answered."""

    phone: WordPhone
    card: SipCard
    folder: Path
    network: BadNetwork[bytes]
    rate: float = 1.0
    """Rate of the phone's clock, by the box's."""
    events: list[AnyEvent] = field(default_factory=list)
    now: int = 0
    leg: int = 0
    sent: int = 0

    def __post_init__(self) -> None:
        self._said = np.zeros((self.card.rows, TICK_SAMPLES), np.float32)
        self._silence = np.zeros((self.card.rows, TICK_SAMPLES), np.float32)
        self._recorders = Recorders(1, InlineDisk(self.folder))
        self._spoken = 0.0

    def set_up(self) -> None:
        host, port = self.card.status()[0].values["address"].split(":")
        self.phone.call((host, int(port)), "95588")
        deadline = time.monotonic() + 10
        while not self.phone.answered:
            assert time.monotonic() < deadline, self.phone.received
            self.tick()
            if came := [event for event in self.events if isinstance(event, Incoming)]:
                self.leg = came[0].leg
                self.events.clear()
                self.card.execute(Answer(self.leg), self.now)
            time.sleep(0.001)
        row = self.card.row(self.leg)
        assert row is not None
        self._recorders.start(Record(self.leg, RECORDING, "call.wav"), row)
        self.now = 0

    def tick(self) -> None:
        self.card.receive(self._said)
        self.events += self.card.signal(self.now)
        self._recorders.advance(self._said, self._silence)
        self.card.transmit(self._silence)
        if self.now % 8 == 0:
            self.phone.poll()
        self.now += 1

    def speak(self, sound: Float, alter: Callable[[int], bool] = lambda _packet: True) -> None:
        """Send a sound from the phone, packet after packet by its own clock; `alter` may spoil or swallow one."""
        end = self._spoken + len(sound) // TICK_SAMPLES
        first, octets = self._spoken, alaw_encode(sound)
        while self._spoken < end:
            now_ms = self.now * MS_PER_TICK
            while self._spoken < end and (due_ms := self._spoken * MS_PER_TICK / self.rate) <= now_ms:
                at = round(self._spoken - first) * TICK_SAMPLES
                if alter(self.sent):
                    payload = octets[at : at + TICK_SAMPLES].tobytes()
                    self.network.send(self.phone.packet(payload), due_ms)
                self._spoken += 1
                self.sent += 1
            self.pass_on()
            self.tick()

    def pass_on(self) -> None:
        """Pass on the packets that have arrived by now."""
        for packet in self.network.arrived(self.now * MS_PER_TICK):
            self.phone.speak(packet)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * TICKS_PER_S)):
            self.pass_on()
            self.tick()

    def recorded(self) -> Float:
        """End the recording; return the phone's voice in it."""
        self._recorders.stop(RECORDING)
        assert [(done.samples, done.error) for done in self._recorders.finished()] == [(self.now * TICK_SAMPLES, "")]
        said: Float = read_wav(self.folder / "call.wav")[0]
        return said


@contextmanager
def lockstep_call(folder: Path, plan: NetworkPlan = NetworkPlan(), *, ppm: float = 0.0) -> Iterator[LockstepCall]:  # noqa: B008 - frozen
    """A call from a phone whose clock is `ppm` millionths fast, over such a network."""
    phone = WordPhone()
    first = min(free_port() & ~1, 60000)
    config = SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 40, calls=1)
    legs = iter(range(2, 100, 2))
    card = SipCard(config, [ExtensionConfig(number="1001", line=phone.line)], legs.__next__)
    try:
        call = LockstepCall(phone, card, folder, BadNetwork(plan, seed=4), 1 + ppm * 1e-6)
        call.set_up()
        yield call
    finally:
        card.close()
        phone.close()


@dataclass(frozen=True)
class Delays:
    """Stretches of a sound that were found again: when they were sent (s), how much later heard (ms), how alike."""

    said_s: NDArray[np.float64]
    late_ms: NDArray[np.float64]
    score: NDArray[np.float64]

    def share(self, score: float) -> float:
        return float((self.score > score).mean())

    def late(self, first_s: float, last_s: float) -> float:
        """Return the median of the findings in a stretch of time."""
        chosen = (self.said_s >= first_s) & (self.said_s < last_s) & (self.score > 0.7)
        return float(np.median(self.late_ms[chosen]))


def delays(said: Float, heard: Float, rate: float = 1.0, *, every_s: float = 0.2, most_late_s: float = 0.4) -> Delays:
    """Search for each 200 ms of `said` that is not silence, where it must lie in `heard` and a bit after."""
    found, length, before = [], 1600, 400
    for at in range(0, len(said) - length, round(every_s * 8000)):
        stretch, ideal = said[at : at + length], at / rate
        first = max(0, round(ideal) - before)
        window = heard[first : first + length + before + round(most_late_s * 8000)]
        if np.sqrt(np.square(stretch).mean()) > 0.01 and len(window) > length:
            match = find(stretch, window)
            found.append((at / 8000, (first + match.offset_samples - ideal) / 8, match.score))
    said_s, late_ms, score = np.array(found).T
    return Delays(said_s, late_ms, score)
