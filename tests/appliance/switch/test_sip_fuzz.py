# SPDX-License-Identifier: GPL-2.0-or-later
"""Broken messages to the SIP card, straight from a phone that it knows: they harm nobody.

MXBOX_FUZZ_MESSAGES says how many are sent (`make fuzz`: 200,000).
"""

import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import Alert, Answer, Answered, AnyEvent, Cause, Clear, Cleared, Dial, Incoming
from hw_sim.baresip import BaresipPhone, PhoneOptions
from tests.appliance.switch.sip_sender import Sender
from tests.appliance.switch.test_sip_card import PHONE_SAYS_HZ, Runner, running
from tests.drivers.sip_peers import write_tone
from tests.sip.mutate import fresh, mutated

MESSAGES = int(os.environ.get("MXBOX_FUZZ_MESSAGES", "3000"))
LONG = MESSAGES >= 50_000
A_TICK = 20 if LONG else 40
SETTLED_S, GROWTH_KB = (45.0, 6000) if LONG else (0.0, 12_000)
"""Calls and transactions are kept for 32 s after their end (RFC 3261, timers H and J): until then memory grows."""


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


def rss_kb() -> int:
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1])  # type: ignore[index]


@contextmanager
def talking(box: Runner, phone: BaresipPhone, leg: int = 1) -> Iterator[int]:
    """A call from the box to a phone; gives its row."""
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
                if number % (MESSAGES // 10) == 0:
                    memory.append((time.monotonic() - begin, rss_kb()))
            box.run(0.4)
            sender.receive()
            hubbub.deal(box.events)
            print(f"{MESSAGES} messages, {hubbub.calls} calls came of them; seconds and kB: {memory}")
            settled = next(kb for at, kb in memory if at >= SETTLED_S)
            assert hubbub.calls > MESSAGES / 100
            assert memory[-1][1] - settled < GROWTH_KB
            assert np.mean([abs(hz - PHONE_SAYS_HZ) < 6 for hz in heard]) > 0.99, "the call was disturbed"
            box.card.execute(Dial(3, desk.line, "1002"), box.now)
            box.until(lambda: Answered(3) in box.events)
            box.card.execute(Clear(3), box.now)
            box.until(lambda: Cleared(3, Cause.NORMAL_CLEARING) in box.events)
            box.events.clear()
