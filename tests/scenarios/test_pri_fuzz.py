# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that the whole box takes from an E1, each message of them right in a way of its own, into the books.

In lockstep: link, card, call control, flows, books. Calls come in and go out on one span, talk, and are cleared; beside
them an exchange's calls on another span press keys. MXBOX_FUZZ_MESSAGES says how many messages are sent (`make fuzz`:
200,000).
"""

import os
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np

from appliance.config.model import BoxConfig, RouteConfig
from appliance.store.ledger import Ledger
from drivers.pri import Side
from drivers.span import IDLE_BYTE, TICK_SAMPLES, TIMESLOTS, Span
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from tests.drivers.lapd_peer import (
    ALERTING,
    CONNECT,
    CONNECT_ACK,
    PROCEEDING,
    RELEASE,
    RELEASE_COMPLETE,
    SETUP,
    LapdPeer,
    message,
)
from tests.drivers.varied_pri import another, company, disconnect, setup
from tests.scenarios.lockbox import LockBox

MESSAGES = int(os.environ.get("MXBOX_FUZZ_MESSAGES", "2000"))
SEED = int(os.environ.get("MXBOX_FUZZ_SEED", "10"))
TO_LINK = 0x8000
TAKEN = 0.6
KEYS = "159370"
GROWTH_KB, GROWTH_A_CALL_KB = 3000, 1.0
"""The books are written to a file; what SQLite keeps of them in memory has a bound."""
CALLER = "13900139000"
CONFIG = BoxConfig(
    language="en",
    route=(
        RouteConfig(called="96900", flow="number"),
        RouteConfig(called="96901", flow="outside"),
    ),
)
FLOWS = {
    "number": """start = "number"
[node.number]
do = "collect"
prompts = ["enter-number"]
into = "n"
most = 20
timeout_s = 2.0
next = "end"
otherwise = "end"
[node.end]
do = "hangup"
""",
    "outside": """start = "out"
[node.out]
do = "dial"
outside = "10086"
otherwise = "end"
[node.end]
do = "hangup"
""",
}
CALLED = (b"96900", b"96901") * 4 + (b"96902",)
"""The last one leads nowhere."""


class Wire:
    """The link of a `LapdPeer`: the frames of a span's far end."""

    def __init__(self, span: Span, side: Side) -> None:
        self.side, self._span = side, span
        self._arrived: list[bytes] = []

    def tick(self, hears: np.ndarray, says: np.ndarray) -> None:
        self._span.receive(hears)
        self._arrived += self._span.frames()
        self._span.transmit(says)

    def take_frames(self) -> list[bytes]:
        frames, self._arrived = self._arrived, []
        return frames

    def receive(self, frame: bytes) -> None:
        self._span.send_frame(frame)


class FarEnd:
    """The far end of one span: begins calls, answers those that come, and says much in both."""

    def __init__(self, span: Span, chance: random.Random) -> None:
        self.wire, self.chance, self.counts = Wire(span, "user"), chance, Counter[str]()
        self.peer = LapdPeer(self.wire)  # type: ignore[arg-type]
        self._hears = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
        self._says = np.full((TIMESLOTS, TICK_SAMPLES), IDLE_BYTE, np.uint8)
        self.calls: dict[int, tuple[int, bool]] = {}
        """By reference, as it is written here: the channel, and whether the call talks."""
        self._next = 0

    @property
    def sent(self) -> int:
        return sum(count for kind, count in self.counts.items() if kind.startswith("sent"))

    def tick(self, *, begin: bool) -> None:
        self.wire.tick(self._hears, self._says)
        self.peer.pump()
        for said in self.peer.messages:
            self._take(said)
        self.peer.messages.clear()
        if begin and len(self.calls) < 20:
            self._begin()
        for reference in list(self.calls):
            if self.chance.random() < 0.3:
                self._go_on(reference)

    def _send(self, what: str, whole: bytes) -> None:
        self.counts[f"sent {what}"] += 1
        self.peer.send(whole)

    def _begin(self) -> None:
        taken = {channel for channel, _talks in self.calls.values()}
        free = [channel for channel in range(1, 32) if channel != 16 and channel not in taken]
        self._next = self._next % 0x7000 + 1
        self.calls[self._next] = free[0], False
        self.counts["calls"] += 1
        self._send("SETUP", setup(self.chance, self._next, free[0], self.chance.choice(CALLED)))

    def _go_on(self, reference: int) -> None:
        """Send one more message in a call, or end it."""
        if self.calls[reference][1] and self.chance.random() < 0.15:
            self._send("DISCONNECT", disconnect(self.chance, reference))
            self.calls[reference] = self.calls[reference][0], False
        elif self.calls[reference][1]:
            self._send("more", another(self.chance, reference))

    def _take(self, said: bytes) -> None:
        """A message of the box's. The bit of the reference tells whose call it is (4.3)."""
        reference, kind = int.from_bytes(said[2:4], "big") ^ TO_LINK, said[4]
        if kind == 0x46:  # RESTART
            self.peer.send(message(reference, 0x4E, said[5:]))
        elif kind == SETUP:
            self._come(reference, said)
        elif reference in self.calls:
            self._moved(reference, kind, said)

    def _moved(self, reference: int, kind: int, said: bytes) -> None:
        channel, talks = self.calls[reference]
        match kind:
            case 0x07:
                self.counts["answered"] += 1
                self.calls[reference] = channel, True
                self._send("CONNECT ACK", message(reference, CONNECT_ACK, *company(self.chance))[:260])
            case 0x0F:
                self.calls[reference] = channel, True
            case 0x45:
                self.counts[f"disconnected {'in talk' if talks else 'before'}"] += 1
                self._send("RELEASE", message(reference, RELEASE, *company(self.chance))[:260])
            case 0x4D:
                self._send("RELEASE COMPLETE", message(reference, RELEASE_COMPLETE))
                del self.calls[reference]
            case 0x5A:
                self.counts[f"refused {said.hex(' ')[15:40]}"] += not talks
                del self.calls[reference]
            case _:
                pass

    def _come(self, reference: int, said: bytes) -> None:
        """A call from the box: most are answered."""
        where = said.index(b"\x18\x03")
        self.calls[reference] = said[where + 4] & 0x7F, False
        self.counts["calls to it"] += 1
        self._send("PROCEEDING", message(reference, PROCEEDING, said[where : where + 5], *company(self.chance))[:260])
        if self.chance.random() < 0.5:
            self._send("ALERTING", message(reference, ALERTING, *company(self.chance))[:260])
        if self.chance.random() < 0.8:
            self._send("CONNECT", message(reference, CONNECT, *company(self.chance))[:260])
        else:
            self._send("DISCONNECT", disconnect(self.chance, reference))


class Beside:
    """Calls of the exchange on the other span, one after the other, each with the same keys."""

    def __init__(self, box: LockBox) -> None:
        self._box = box
        self.records: list[CallRecord] = []

    def work(self) -> None:
        if not self.records or self.records[-1].ended is not None:
            script = read_script(f"wait answer; wait 1; key {KEYS}; wait remote 10")
            self.records.append(self._box.exchange.call(CallPlan("96900", script, CALLER, keep_audio=False)))

    def check(self) -> None:
        """Each call was whole, and each of its keys was heard, once, in order."""
        assert all(record.passed for record in self.records), [record.failures for record in self.records]
        asked = "SELECT group_concat(key, '') FROM (SELECT call, key FROM keys ORDER BY call, pressed) GROUP BY call"
        heard = [keys for (keys,) in self._box.store.reader().execute(asked)]
        assert heard == [KEYS] * len(self.records)


def rss_kb() -> int:
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1])  # type: ignore[index]


def attack(box: LockBox, far: FarEnd, beside: Beside) -> list[int]:
    """All of it; what the process held after half of it, and at the end."""
    memory = []
    for share in (0.5, 1.0):
        while far.sent < share * MESSAGES:
            beside.work()
            far.tick(begin=True)
            box.tick()
        rest(box, far)
        memory.append(rss_kb())
    return memory


def rest(box: LockBox, far: FarEnd, ticks: int = 3500) -> None:
    """Time in which no call begins: longer than an announcement after DISCONNECT is heard (60 s)."""
    for _ in range(ticks):
        far.tick(begin=False)
        box.tick()


def test_calls_that_an_e1_brings_harm_nobody_whatever_their_messages_hold(tmp_path: Path) -> None:
    files = {name: tmp_path / f"{name}.toml" for name in FLOWS}
    for name, text in FLOWS.items():
        files[name].write_text(text)
    with LockBox(tmp_path, CONFIG, files, {}, spans=2, bare=1, keep_audio=False) as box:
        far, beside = FarEnd(box.bare_ends[0], random.Random(SEED)), Beside(box)
        box.exchange.subscribe("10086", read_script("answer; wait remote 120"))
        rest(box, far, 500)
        memory = attack(box, far, beside)
        print(f"seed {SEED}, {box.ticks} ticks, {dict(sorted(far.counts.items()))}")
        print(f"{len(beside.records)} calls beside, {memory} kB")
        assert far.counts["answered"] > TAKEN * far.counts["calls"]
        assert not far.calls
        assert not box.engine.calls()
        assert memory[1] - memory[0] < GROWTH_KB + GROWTH_A_CALL_KB * far.counts["calls"] / 2
        beside.check()
        result = Ledger(box.store.reader(), idle=True).check()
        assert result.balanced, result.findings
