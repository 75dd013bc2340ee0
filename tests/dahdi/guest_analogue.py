# SPDX-License-Identifier: GPL-2.0-or-later
"""Telephones and exchange lines over two spans of the kernel wired to each other, signalled with by the driver.

Not tested, for only a card has it: voltages, impedances, the ringer's power, polarity reversal, the hybrid's echo.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from appliance.dahdi.files import SYSTEM, texts
from appliance.dahdi.plan import Plan, PlannedSpan
from drivers.dahdi_analogue import Happening, LineEvent, open_line
from drivers.errors import DahdiError, SpanError
from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets
from dsp.caller_id import CallerId, CallerIdReceiver, caller_id_samples, message
from dsp.dtmf import DtmfDetector, KeyStart
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from tests.dahdi import driver

BANK = texts(Plan((PlannedSpan(1, "stations", dynamic="loc,1:0"), PlannedSpan(2, "trunks", dynamic="loc,1:1")), "cn"))[
    SYSTEM
]
TRUNKS = 31  # channel of a span's timeslot n: n, and 31 more at the other end
DEAF_S = 2.1
"""After a line is put on the hook the driver takes ringing for noise for 2 s, and lifting for a flash for 1.25 s."""


class End:
    """A line, what happened on it, and what it heard."""

    def __init__(self, channel: int) -> None:
        self.line = open_line(channel)
        self.told: list[tuple[float, LineEvent]] = []
        self.sends: Octets = np.full(TICK_SAMPLES, IDLE_BYTE, np.uint8)
        self.first: deque[Octets] = deque()  # ticks that leave before `sends`
        self.heard: list[Octets] = []

    def step(self) -> None:
        """Take what has come; each tick that came lets one leave."""
        tick: Octets = np.empty(TICK_SAMPLES, np.uint8)
        while self.line.receive(tick):
            self.heard.append(tick.copy())
            self.line.transmit(self.first.popleft() if self.first else self.sends)
        self.told += [(time.monotonic(), event) for event in self.line.events()]

    def times(self, what: Happening) -> list[float]:
        return [when for when, event in self.told if event.what is what]

    def has(self, what: Happening) -> bool:
        return bool(self.times(what))

    def digits(self) -> str:
        return "".join(event.digit for _when, event in self.told)

    def sound(self) -> Float:
        """Return the received sound, [1, samples]."""
        return alaw_decode(np.concatenate(self.heard)[None])

    def keys(self) -> str:
        """Keys in what was heard."""
        return "".join(event.key for event in DtmfDetector(1).feed(self.sound()) if isinstance(event, KeyStart))

    def forget(self) -> None:
        self.told.clear()
        self.heard.clear()


class Pair:
    """A telephone's line (station) and the exchange's line that ends in it (trunk)."""

    def __init__(self, timeslot: int = 1) -> None:
        self.station, self.trunk = End(timeslot), End(timeslot + TRUNKS)
        self.ends = (self.station, self.trunk)

    def run(self, seconds: float) -> None:
        run(seconds, self)

    def until(self, so: Callable[[], bool], most_s: float = 5.0) -> None:
        until(so, most_s, self)

    def talk(self) -> None:
        """The telephone is lifted and the exchange feeds it."""
        self.trunk.line.seize()
        self.until(lambda: self.station.has(Happening.OFF_HOOK))
        self.station.line.answer()
        self.run(1.0)  # the driver's debouncing
        for each in self.ends:
            each.forget()

    def close(self) -> None:
        for each in self.ends:
            each.line.close()


def run(seconds: float, *pairs: Pair) -> None:
    """Run these lines for so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        step(*pairs)


def until(so: Callable[[], bool], most_s: float, *pairs: Pair) -> None:
    """Run these lines until a condition holds."""
    end = time.monotonic() + most_s
    while not so():
        assert time.monotonic() < end, [[event for _when, event in end.told] for pair in pairs for end in pair.ends]
        step(*pairs)


def step(*pairs: Pair) -> None:
    for pair in pairs:
        for end in pair.ends:
            end.step()
    time.sleep(0.005)


@pytest.fixture
def pair() -> Iterator[Pair]:
    driver.load_once(BANK)
    pair = Pair()
    pair.run(DEAF_S)
    yield pair
    pair.close()


def test_rings_in_the_countrys_cadence_until_somebody_answers_or_gives_up() -> None:
    driver.load_once(BANK)
    kept, answered, given_up = pairs = [Pair(timeslot) for timeslot in (1, 2, 3)]
    run(DEAF_S, *pairs)
    for each in pairs:
        each.station.line.ring(on=True)
    until(lambda: all(each.trunk.has(Happening.RING_BEGINS) for each in pairs), 1.0, *pairs)
    given_up.station.line.ring(on=False)
    until(lambda: answered.trunk.has(Happening.RING_ENDS), 2.0, *pairs)
    answered.trunk.line.seize()
    until(lambda: answered.station.has(Happening.OFF_HOOK), 2.0, *pairs)
    assert answered.station.line.off_hook
    answered.station.line.answer()
    until(lambda: len(kept.trunk.times(Happening.RING_BEGINS)) == 2, 8.0, *pairs)
    run(0.5, *pairs)
    first, second = kept.trunk.times(Happening.RING_BEGINS)
    over = kept.trunk.times(Happening.RING_ENDS)[0]
    print(f"rings of {over - first:.2f} s every {second - first:.2f} s")
    rings = [len(each.trunk.times(Happening.RING_BEGINS)) for each in pairs]
    for each in pairs:
        each.close()
    assert second - first == pytest.approx(5.0, abs=0.3)  # China: one second of ringing, four of silence
    assert over - first == pytest.approx(1.0, abs=0.3)
    assert rings == [2, 1, 1]
    assert not given_up.station.line.off_hook


def test_ringing_twice_is_refused_and_said(pair: Pair) -> None:
    pair.station.line.ring(on=True)
    with pytest.raises(DahdiError, match="hook switch"):
        pair.station.line.ring(on=True)


def test_a_flash_is_none_of_hanging_up(pair: Pair) -> None:
    pair.talk()
    pair.trunk.line.flash()
    pair.until(lambda: pair.trunk.has(Happening.HOOK_DONE), 3.0)
    pair.run(1.5)
    assert [event.what for _when, event in pair.station.told] == [Happening.FLASH]
    assert pair.station.line.off_hook


def test_the_telephone_is_put_down(pair: Pair) -> None:
    pair.talk()
    begun = time.monotonic()
    pair.trunk.line.release()
    pair.until(lambda: pair.station.has(Happening.ON_HOOK), 3.0)
    print(f"on the hook after {pair.station.times(Happening.ON_HOOK)[0] - begun:.2f} s")
    assert not pair.station.line.off_hook


def test_the_exchange_lets_go_first_and_the_other_end_hears_of_it(pair: Pair) -> None:
    """Disconnect supervision of kewlstart: the current is broken for a moment."""
    pair.talk()
    pair.station.line.release()
    pair.until(lambda: pair.trunk.has(Happening.ON_HOOK), 3.0)


def test_digits_as_tones(pair: Pair) -> None:
    pair.talk()
    pair.trunk.line.dial("0138#*D")
    pair.until(lambda: pair.trunk.has(Happening.DIALLED))
    pair.run(0.3)
    assert pair.station.keys() == "0138#*D"


def test_digits_as_pulses(pair: Pair) -> None:
    pair.talk()
    pair.trunk.line.dial("305", pulses=True)
    pair.until(lambda: pair.trunk.has(Happening.DIALLED), 10.0)
    pair.run(1.0)
    assert pair.station.digits() == "305"
    assert pair.station.line.off_hook


def test_sound_in_a_talk_both_ways(pair: Pair) -> None:
    pair.talk()
    pair.station.sends, pair.trunk.sends = (np.full(TICK_SAMPLES, octet, np.uint8) for octet in (0x41, 0x42))
    pair.run(0.5)
    assert (pair.trunk.heard[-1] == 0x41).all()
    assert (pair.station.heard[-1] == 0x42).all()


def test_the_callers_number_comes_as_tones_before_the_telephone_is_lifted(pair: Pair) -> None:
    """The exchange sends D, the number and C while the line is idle, then rings."""
    pair.station.line.dial("D13800138000C")
    pair.until(lambda: pair.station.has(Happening.DIALLED))
    pair.run(0.2)
    pair.station.line.ring(on=True)
    pair.until(lambda: pair.trunk.has(Happening.RING_BEGINS))
    assert pair.trunk.keys() == "D13800138000C"


def test_the_callers_number_comes_as_data_between_two_rings(pair: Pair) -> None:
    """As exchanges in China send it: after the first ring, by two frequencies (Bell 202)."""
    caller = CallerId(0, "13800138000", "张伟", "11221014")
    samples = caller_id_samples(message(caller))
    whole = np.zeros(-(-len(samples) // TICK_SAMPLES) * TICK_SAMPLES, np.float32)
    whole[: len(samples)] = samples
    pair.station.line.ring(on=True)
    pair.until(lambda: pair.trunk.has(Happening.RING_ENDS))
    pair.station.first.extend(alaw_encode(whole.reshape(-1, TICK_SAMPLES)))
    pair.until(lambda: len(pair.trunk.times(Happening.RING_BEGINS)) == 2, 8.0)
    assert CallerIdReceiver(1).feed(pair.trunk.sound()) == [caller]


def test_a_line_does_not_hear_of_its_neighbours() -> None:
    driver.load_once(BANK)
    pairs = [Pair(timeslot) for timeslot in (4, 5, 6)]
    for each in pairs:
        each.run(0.2)
    pairs[1].trunk.line.seize()
    pairs[1].until(lambda: pairs[1].station.has(Happening.OFF_HOOK))
    pairs[1].trunk.line.release()
    pairs[1].until(lambda: pairs[1].station.has(Happening.ON_HOOK))
    for each in pairs:
        each.run(0.3)
    told = [[event.what for _when, event in each.station.told + each.trunk.told] for each in pairs]
    for each in pairs:
        each.close()
    assert told == [[], [Happening.OFF_HOOK, Happening.ON_HOOK], []]


def test_a_telephone_lifted_before_the_box_comes() -> None:
    driver.load_once(BANK)
    trunk = End(7 + TRUNKS)
    trunk.line.seize()
    time.sleep(0.5)
    with open_line(7) as station:
        lifted = station.off_hook
    trunk.line.close()
    assert lifted


def test_a_digital_channel_is_no_analogue_line() -> None:
    driver.load_once(driver.LOCAL + driver.PRI + driver.ZONES)
    with pytest.raises(SpanError, match="no analogue line"):
        open_line(1)
