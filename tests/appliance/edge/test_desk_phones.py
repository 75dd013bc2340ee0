# SPDX-License-Identifier: GPL-2.0-or-later
"""Foreign desk phones (baresip, registered at the edge) in calls with each other, an E1 and a queue."""

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.api.messages import Agents, AgentsReply, Ledger, LedgerReply, SipLadder, SipLadderReply
from appliance.config.model import RouteConfig
from appliance.config.queues import AgentConfig, QueueConfig
from hw_sim.baresip import BaresipPhone
from hw_sim.calls import CallPlan
from hw_sim.script import read_script
from tests.appliance.edge.house import House, count, short_folder
from tests.appliance.edge.rig import DOMAIN
from tests.drivers.sip_peers import read_wav, strongest_hz
from tests.scenarios import house

TONES_HZ = {"1001": 700.0, "1002": 900.0, "1003": 1100.0, "1004": 1300.0}
NUMBERS = tuple(TONES_HZ)
SILENT = "1004"
"""Its phone rings until the test answers."""
CALL_CENTRE: dict[str, Any] = {
    "flows": {name: file.read_text() for name, file in house.HOTLINE.items()},
    "agent": (AgentConfig(number="2001", extension="1001", start="ready"),),
    "queue": (QueueConfig(name="service", agents=("2001",), wrap_up_s=1.0),),
    "route": (RouteConfig(called="96900", flow="hotline"),),
}


class Desks:
    """A box and its phones; reports of each count from the last `afresh`."""

    def __init__(self, box: House, phones: dict[str, BaresipPhone]) -> None:
        self.box, self.phones = box, phones

    def tell(self, number: str, command: str, to: str = "") -> None:
        self.phones[number].command(command, f"sip:{to}@{DOMAIN}" if to else "")

    def sees(self, number: str, event: str, times: int = 1) -> None:
        self.box.until(lambda: count(self.phones[number], event) >= times, 15, f"{number} sees no {event}")

    def talk(self, caller: str, called: str, *, by: str = "") -> None:
        self.tell(caller, "dial", by or called)
        for number in (caller, called):
            self.sees(number, "CALL_ESTABLISHED")

    def afresh(self) -> None:
        """End all talks, and drop the phones' reports."""
        for number in NUMBERS:
            self.tell(number, "hangup")
        self.box.until(self.box.quiet, 15, "a call is left", every_s=0.2)
        for phone in self.phones.values():
            phone.poll()
            phone.events.clear()

    def read(self, asked: str, *values: object) -> list[Any]:
        """Return rows of the books."""
        books = f"file:{self.box.paths.state / 'store.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(books, uri=True)) as reader:
            return reader.execute(asked, values).fetchall()

    def last_call(self) -> int:
        (call,) = self.read("SELECT max(call) FROM calls")[0]
        return int(call)

    def kinds(self, call: int = 0) -> list[str]:
        """Return the kinds of a call's segments, in order; of the last call if none is named."""
        asked = "SELECT kind FROM segments WHERE call = ? ORDER BY segment"
        return [kind for (kind,) in self.read(asked, call or self.last_call())]

    def heard_hz(self, number: str) -> float:
        """Return the tone that a phone heard in the last second of its last call, without the end, where the other
        hangs up."""
        return strongest_hz(read_wav(self.phones[number].heard()[-1])[-9600:-1600])

    def consult(self, number: str, other: str) -> str:
        """Call another phone from one in a talk; return the Call-ID of the first talk."""
        first = str(self.phones[number].events[-1]["id"])
        self.tell(number, "hold")
        self.box.until(lambda: self.kinds()[-1] == "hold", 10, "nobody is held", every_s=0.2)
        self.tell(number, "dial", other)
        if other == SILENT:
            self.sees(other, "CALL_INCOMING")
        else:
            self.sees(number, "CALL_ESTABLISHED", 2)
        return first

    def give(self, number: str, first: str, to: str) -> None:
        """Transfer the other party of `first` to that of the last call (REFER with Replaces, RFC 5589 7.3)."""
        said: list[str] = []

        def rings() -> bool:  # the other phone says so after it has shown the call
            ladder = self.box.client.ask(SipLadder(self.last_call()), SipLadderReply).messages
            said[:] = [each.text for each in ladder if re.match(r"SIP/2.0 (18\d|200)", each.text) and each.sent]
            return bool(said)

        self.box.until(rings, 10, "nothing rings", every_s=0.2)
        call_id, ours, theirs = (
            re.search(pattern, said[-1])[1]  # type: ignore[index]
            for pattern in (r"Call-ID: (\S+)", r"From: .*;tag=([^;\s]+)", r"To: .*;tag=([^;\s]+)")
        )
        self.phones[number].command("callfind", first)
        replaces = f"{call_id}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{ours}"
        self.phones[number].command("transfer", f"<sip:{to}@{DOMAIN}?Replaces={replaces}>")


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    folder = tmp_path_factory.mktemp("desks")
    with contextlib.ExitStack() as stack:
        box = stack.enter_context(House(stack.enter_context(short_folder()), NUMBERS, **CALL_CENTRE))
        phones = {n: stack.enter_context(box.phone(folder, n, TONES_HZ[n], answers=n != SILENT)) for n in NUMBERS}
        box.start()
        for phone in phones.values():
            box.wait_registered(phone)
        yield Desks(box, phones)
        assert box.client.ask(Ledger(files=False), LedgerReply).balanced


def test_a_phone_holds_and_comes_back(desks: Desks) -> None:
    desks.talk("1001", "1002")
    desks.box.run_s(0.5)
    desks.tell("1001", "hold")
    desks.box.until(lambda: desks.kinds()[-1] == "hold", 10, "nobody is held", every_s=0.2)
    desks.tell("1001", "resume")
    desks.box.until(lambda: desks.kinds()[-1] == "talk", 10, "nobody comes back", every_s=0.2)
    desks.afresh()
    assert desks.kinds() == ["ring", "talk", "hold", "talk"]


def test_a_phone_gives_its_call_to_another(desks: Desks) -> None:
    desks.talk("1001", "1002")
    desks.tell("1001", "transfer", "1003")
    desks.sees("1003", "CALL_ESTABLISHED")
    desks.sees("1001", "CALL_CLOSED")
    assert not count(desks.phones["1002"], "CALL_CLOSED")
    desks.tell("1003", "hangup")
    desks.sees("1002", "CALL_CLOSED")
    desks.afresh()


def test_a_phone_asks_another_before_it_gives_its_call_away(desks: Desks) -> None:
    desks.talk("1002", "1001")
    talk = desks.last_call()
    first = desks.consult("1001", "1003")
    consulting = desks.last_call()
    desks.box.run_s(1)
    desks.give("1001", first, "1003")
    desks.sees("1001", "CALL_CLOSED", 2)
    desks.box.run_s(2)
    assert not count(desks.phones["1002"], "CALL_CLOSED")
    desks.tell("1003", "hangup")
    desks.sees("1002", "CALL_CLOSED")
    desks.afresh()
    assert {number: desks.heard_hz(number) for number in ("1002", "1003")} == {
        "1002": pytest.approx(TONES_HZ["1003"], abs=4),
        "1003": pytest.approx(TONES_HZ["1002"], abs=4),
    }
    assert desks.kinds(talk) == ["ring", "talk", "hold", "talk"]
    assert desks.kinds(consulting) == ["ring", "talk"]
    stays = "SELECT number, opened, closed, cause FROM legs WHERE call = ? ORDER BY opened, role <> 'caller', leg"
    caller, giver, taker = desks.read(stays, talk)
    asker, asked = desks.read(stays, consulting)
    assert [stay[0] for stay in (caller, giver, taker, asker, asked)] == ["1002", "1001", "1003", "1001", "1003"]
    assert asked[2] == taker[1], "its stay in one call begins where that in the other ends"
    assert [stay[3] for stay in (caller, giver, taker, asker, asked)] == [16, 16, 16, 16, 0]


def test_a_phone_gives_its_call_to_one_that_still_rings(desks: Desks) -> None:
    desks.talk("1002", "1001")
    desks.give("1001", desks.consult("1001", SILENT), SILENT)
    desks.sees("1001", "CALL_CLOSED", 2)
    desks.sees(SILENT, "CALL_INCOMING", 2)
    desks.tell(SILENT, "accept")
    desks.sees(SILENT, "CALL_ESTABLISHED")
    desks.box.run_s(2)
    desks.tell(SILENT, "hangup")
    desks.sees("1002", "CALL_CLOSED")
    desks.afresh()
    assert desks.heard_hz("1002") == pytest.approx(TONES_HZ[SILENT], abs=4)
    assert desks.heard_hz(SILENT) == pytest.approx(TONES_HZ["1002"], abs=4)


def test_a_parked_call_is_taken_back_by_another_phone(desks: Desks) -> None:
    desks.talk("1001", "1002")
    desks.tell("1001", "transfer", "*68")
    desks.sees("1001", "CALL_CLOSED")
    desks.tell("1003", "dial", "701")
    desks.sees("1003", "CALL_ESTABLISHED")
    desks.tell("1003", "hangup")
    desks.sees("1002", "CALL_CLOSED")
    desks.afresh()


def test_a_phone_picks_up_what_rings_at_another(desks: Desks) -> None:
    desks.tell("1001", "dial", SILENT)
    desks.sees(SILENT, "CALL_INCOMING")
    desks.tell("1003", "dial", f"**{SILENT}")
    for number in ("1001", "1003"):
        desks.sees(number, "CALL_ESTABLISHED")
    desks.sees(SILENT, "CALL_CLOSED")
    desks.afresh()


def test_an_agents_phone_is_rung_for_a_caller_in_the_queue(desks: Desks) -> None:
    record = desks.box.exchange.call(
        CallPlan("96900", read_script("wait answer 10; wait 4; key 1; wait remote 60"), "13800138000")
    )
    desks.sees("1001", "CALL_ESTABLISHED")
    (agent,) = desks.box.client.ask(Agents(), AgentsReply).agents
    assert agent.state == "talking"
    desks.box.run_s(1)
    desks.tell("1001", "hangup")
    desks.box.until(lambda: record.ended is not None, 10, "the caller is not let go")
    assert record.passed, record.failures
    desks.afresh()
