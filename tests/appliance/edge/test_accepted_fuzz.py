# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that the running box accepts, with valid variations of each message: no process ends, nothing grows.

Names, numbers, headers, descriptions and packets vary (`tests.sip.varied_words` and its kin) in calls of a trunk by way
of the edge, of phones at fixed addresses, to a flow, to each other and out, held, transferred and cleared.
MXBOX_FUZZ_MESSAGES is the number of messages and packets (`make fuzz`: 200,000).

A transaction is kept for 32 s after its answer (RFC 3261, timers H and J), so the memory of a process follows the rate
of calls; and malloc(3) keeps the peak. More calls a second in the second half would look like a leak, fewer would hide
one. So a long run begins calls at one rate, below the machine's limit, and rests after each third until every
transaction is over: the last rises to the level of those before, and memory above it was leaked."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.api.messages import Cdr, CdrReply, Ledger, LedgerReply, SipLadder, SipLadderReply, Status, StatusReply
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.appliance.edge.rig import DOMAIN, password, until
from tests.appliance.edge.running_box import Box, hang_up, running_box, saw, talk
from tests.appliance.edge.test_fuzz import TONES_HZ, Memory, undisturbed
from tests.drivers.sip_peers import write_tone
from tests.sip.varied_phone import VariedPhone, run

MESSAGES = int(os.environ.get("MXBOX_FUZZ_MESSAGES", "1500"))
SEED = int(os.environ.get("MXBOX_FUZZ_SEED", "10"))
CALLS_AT_ONCE = 10
DESKS = ("1101", "1102", "1103", "1104")
TRUNK, HOUSE = ("127.0.0.21", free_port(kept=True)), {number: ("127.0.0.22", free_port(kept=True)) for number in DESKS}
LINES = "".join(f'[[extension]]\nnumber = "{n}"\nline = "sip:{n}@{at[0]}:{at[1]}"\n' for n, at in HOUSE.items())
SIP = "rtp_first = 20000\nrtp_last = 32766"
"""Ports rest before they are used again: calls are much shorter here than calls of people."""
CONFIG = f"""requests_per_s = 100000
strange_requests_per_s = 100000
[outside]
line = "trunk:carrier"
[[trunk]]
name = "carrier"
host = "{TRUNK[0]}"
port = {TRUNK[1]}
[[route]]
called = "96900"
flow = "number"
{LINES}"""
FLOW = """start = "number"
[node.number]
do = "collect"
prompts = ["enter-number"]
into = "n"
most = 20
timeout_s = 5.0
next = "end"
otherwise = "end"
[node.end]
do = "hangup"
"""
LONG = MESSAGES >= 50_000
CALLS_A_S = 12.0 if LONG else 1000.0
SETTLE_S = 45.0 if LONG else 1.0
"""Time until transactions are over: in short runs they count as growth."""
GROWTH = {"switch": 0.01, "server": 0.01, "shared": 0.05} if LONG else {"switch": 0.3, "server": 0.3, "shared": 1.0}
"""Share of the memory held after two thirds: until then the busiest half minute has come, and SQLite's cache is
full."""
TAKEN = 0.6
"""Share of the calls that have to become talks, else the test would show nothing."""
KEYS = "159*#0"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running_box(CONFIG, {"number": FLOW}, SIP) as up:
        yield up


class Crowd:
    """The trunk's end and the phones, and the numbers that they call."""

    def __init__(self, box: Box, chance: random.Random) -> None:
        edge, self._chance = box.edge, chance
        self.trunk = VariedPhone("13800138000", TRUNK, ("127.0.0.1", edge.port), chance)
        self.desks = [VariedPhone(n, at, ("127.0.0.1", edge.switch_port), chance) for n, at in HOUSE.items()]
        self.insider = VariedPhone("1003", ("127.0.0.23", 0), ("127.0.0.1", edge.port), chance, password("1003"))
        self.phones = [self.trunk, self.insider, *self.desks]
        self.calls, self._due = 0, 0.0

    def begin(self) -> None:
        """Begin one more call, if there is room and it is time."""
        now = time.monotonic()
        if now < self._due or sum(phone.begun for phone in self.phones) >= CALLS_AT_ONCE:
            return
        self._due = now + 1 / CALLS_A_S
        phone = self._chance.choice((self.trunk, self.trunk, self.insider))
        inside = ("96900", "96900", *DESKS)
        phone.call(self._chance.choice(inside if phone is self.trunk else (*inside, "013900139000", "0+44-20-7946")))
        self.calls += 1

    @property
    def counts(self) -> Counter[str]:
        return sum((phone.counts for phone in self.phones), Counter[str]())

    def sent(self, presser: "Presser") -> int:
        """Return the number of messages so far; the call beside goes on meanwhile."""
        presser.work()
        return sum(phone.sent for phone in self.phones)

    def close(self) -> None:
        for phone in self.phones:
            phone.close()


def _phone(box: Box, folder: Path, number: str) -> BaresipPhone:
    says = write_tone(folder / f"{number}.wav", TONES_HZ[number], 200 + MESSAGES / 100)
    registrar = f"sip:127.0.0.1:{box.edge.port}"
    made = PhoneOptions(number, says=says, registrar=registrar, domain=DOMAIN, password=password(number))
    return BaresipPhone(folder / number, made)


def keys_heard(phone: BaresipPhone) -> str:
    """Return the keys that a phone was sent by the other side."""
    phone.poll()
    return "".join(each["param"] for each in phone.events if each["type"] == "CALL_DTMF_START" and each.get("param"))


class Presser:
    """Presses keys in the call beside, one after the other, some seconds apart."""

    def __init__(self, phone: BaresipPhone, every_s: float = 4.0) -> None:
        self._phone, self._every_s, self._due = phone, every_s, time.monotonic() + every_s
        self.pressed = ""

    def work(self) -> None:
        if time.monotonic() > self._due:
            key = KEYS[len(self.pressed) % len(KEYS)]
            self._phone.press(key)
            self.pressed += key
            self._due += self._every_s


def only_one_call(box: Box) -> bool:
    with box.client as client:
        return client.ask(Status(), StatusReply).calls_up == 1


def _story(box: Box) -> str:
    """Return the messages of the call beside, which was the box's first."""
    with box.client as client:
        messages = client.ask(SipLadder(1), SipLadderReply).messages
        cdr = client.ask(Cdr(limit=500), CdrReply)
    print([row for row in cdr.calls if row.call == 1])
    return "\n".join(f"{each.sent} {each.peer} {each.text[:600]}" for each in messages[-6:])


def children(box: Box) -> list[int]:
    return [box.child(f"appliance.{name}") for name in ("switch", "server", "edge")]


def attack(box: Box, crowd: Crowd, presser: Presser) -> Memory:
    """Send all of it in thirds; return the memory of the processes after each."""
    memory = Memory(box)
    for share in (1 / 3, 2 / 3, 1.0):
        run(crowd.phones, crowd.begin, lambda share=share: crowd.sent(presser) >= share * MESSAGES)  # type: ignore[misc]
        time.sleep(SETTLE_S)
        memory.take()
    return memory


@pytest.mark.timeout(1800)
def test_calls_that_are_taken_harm_nobody_whatever_they_say(box: Box, tmp_path: Path) -> None:
    crowd = Crowd(box, random.Random(SEED))
    with _phone(box, tmp_path, "1001") as caller, _phone(box, tmp_path, "1002") as called:
        for phone in (caller, called):
            until(lambda phone=phone: "200 OK (MXBox)" in (phone.folder / "baresip.log").read_text())  # type: ignore[misc]
        talk(caller, called)
        before, begin, presser = children(box), time.monotonic(), Presser(caller)
        memory, counts = attack(box, crowd, presser), crowd.counts
        print(f"seed {SEED}: {crowd.calls} calls in {time.monotonic() - begin:.0f} s, {dict(sorted(counts.items()))}")
        print(f"keys {presser.pressed}, kB {memory.taken}")
        crowd.close()
        if LONG:  # a call whose phone is gone for a 481 or 408 is found by its silence
            until(lambda: only_one_call(box), 120)
        assert children(box) == before
        assert not saw(called, "CALL_CLOSED"), _story(box)
        assert not saw(caller, "CALL_CLOSED"), _story(box)
        until(lambda: len(keys_heard(called)) >= len(presser.pressed))
        assert keys_heard(called) == presser.pressed
        hang_up(caller, called)
    assert undisturbed(caller, TONES_HZ["1002"]) > 0.95
    assert undisturbed(called, TONES_HZ["1001"]) > 0.9  # it hears the keys, too
    assert counts["calls 2xx"] > TAKEN * crowd.calls
    assert counts["answers acknowledged"] > TAKEN * counts["calls to it"]
    assert all(memory.grown(name) < most * memory.taken[-2][name] for name, most in GROWTH.items()), memory.taken
    assert "Traceback" not in box.edge.log()
    with box.client as client:
        assert client.ask(Ledger(files=False), LedgerReply).balanced
