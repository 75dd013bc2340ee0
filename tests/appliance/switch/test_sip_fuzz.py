# SPDX-License-Identifier: GPL-2.0-or-later
"""Broken messages to the SIP card, straight from a phone that it knows: they harm nobody.

MXBOX_FUZZ_MESSAGES says how many are sent (`make fuzz`: 200,000).
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import Alert, Answer, Answered, AnyEvent, Cause, Clear, Cleared, Dial, Incoming
from drivers.span import TICK_S
from hw_sim.baresip import BaresipPhone, PhoneOptions
from tests.appliance.switch.sip_sender import Sender
from tests.appliance.switch.test_sip_card import PHONE_SAYS_HZ, Runner, running
from tests.drivers.memory import in_use
from tests.drivers.sip_peers import write_tone
from tests.sip.mutate import fresh, mutated

MESSAGES = int(os.environ.get("MXBOX_FUZZ_MESSAGES", "3000"))
LONG = MESSAGES >= 50_000
A_TICK = 20 if LONG else 40
REST_S, GROWTH = (45.0, 0.02) if LONG else (0.0, 0.3)
"""Transactions are kept for 32 s after their end (RFC 3261, timers H and J), so what is held follows the rate, and that
the machine's other work: what is held at rest, after each half, does not. In short runs they are growth."""


@pytest.fixture
def sender() -> Iterator[Sender]:
    made = Sender()
    yield made
    made.socket.close()


class Hubbub:
    """Deals with calls that broken messages bring about: some ring, some are answered, all are cleared soon."""

    def __init__(self, box: Runner, chance: random.Random) -> None:
        self._box, self._chance = box, chance
        self._open: list[int] = []
        self.calls = 0

    def deal(self, events: list[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Incoming):
                self.calls += 1
                self._open.append(event.leg)
                order = self._chance.choice((Answer, Alert, None))
                if order is not None:
                    self._box.card.execute(order(event.leg), self._box.now)
            elif isinstance(event, Cleared) and event.leg in self._open:
                self._open.remove(event.leg)
        while len(self._open) > 8:
            self._box.card.execute(Clear(self._open.pop(0), Cause.NORMAL_CLEARING), self._box.now)


def at_rest(box: Runner) -> int:
    """Return the memory of the process, in kB, when transactions are over."""
    end = time.monotonic() + REST_S
    while time.monotonic() < end:  # by the clock: a box that is late makes its ticks up in no time
        box.tick()
        time.sleep(TICK_S)
    del box.heard[:-20]
    return in_use() // 1024


@contextmanager
def talking(box: Runner, phone: BaresipPhone, leg: int = 1) -> Iterator[int]:
    """Call a phone from the box; return its row."""
    box.card.execute(Dial(leg, phone.line, "1002"), box.now)
    box.wait(Answered)
    box.run(0.6)
    row = box.card.row(leg)
    assert row is not None
    yield row
    box.card.execute(Clear(leg), box.now)
    assert box.wait(Cleared) == Cleared(leg, Cause.NORMAL_CLEARING)


def test_broken_messages_harm_nobody(sender: Sender, tmp_path: Path) -> None:
    chance = random.Random(44)
    says = write_tone(tmp_path / "says.wav", PHONE_SAYS_HZ, 300 + MESSAGES / 200)  # it hangs up at the end of it
    with BaresipPhone(tmp_path / "phone", PhoneOptions("1002", says=says)) as desk:
        line = f"sip:1001@{sender.here}"
        with running(line, desk.line, calls=40) as box, talking(box, desk) as row:
            target, hubbub, memory, heard, begin = sender.at(box), Hubbub(box, chance), [], [], time.monotonic()
            for number in range(MESSAGES):
                message = fresh(chance, target, sender.here, number)
                sender.send(mutated(chance, message) if chance.random() < 0.9 else message)
                if number % A_TICK == 0:
                    box.tick()
                    sender.receive()
                    hubbub.deal(box.events)
                    assert Cleared(1, Cause.NORMAL_CLEARING) not in box.events
                    box.events.clear()
                    heard.append(box.hears(row, 0.2) if number % (A_TICK * 10) == 0 else PHONE_SAYS_HZ)
                    del box.heard[:-20]
                if number in (MESSAGES // 10, MESSAGES // 2):
                    memory.append(at_rest(box))
            box.run(0.4)
            sender.receive()
            hubbub.deal(box.events)
            memory.append(at_rest(box))
            took_s = time.monotonic() - begin
            print(f"{MESSAGES} messages in {took_s:.0f} s, {hubbub.calls} calls came of them; kB at rest: {memory}")
            assert hubbub.calls > MESSAGES / 100
            assert memory[-1] < memory[-2] * (1 + GROWTH)
            assert np.mean([abs(hz - PHONE_SAYS_HZ) < 6 for hz in heard]) > 0.99, "the call was disturbed"
            box.card.execute(Dial(3, desk.line, "1002"), box.now)
            box.until(lambda: Answered(3) in box.events)
            box.card.execute(Clear(3), box.now)
            box.until(lambda: Cleared(3, Cause.NORMAL_CLEARING) in box.events)
            box.events.clear()
