# SPDX-License-Identifier: GPL-2.0-or-later
"""Broken messages to the running box, through the edge and past it: no process ends, nothing grows, calls go on.

MXBOX_FUZZ_MESSAGES is their number (`make fuzz`: 200,000)."""

import contextlib
import itertools
import json
import os
import random
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from appliance.api.messages import Ledger, LedgerReply
from hw_sim.baresip import BaresipPhone, PhoneOptions
from tests.appliance.edge.rig import DOMAIN, Edge, End, password, until
from tests.appliance.edge.running_box import Box, hang_up, running_box, saw, talk
from tests.drivers.sip_peers import read_wav, strongest_hz, write_tone
from tests.sip.mutate import fresh, mutated
from tests.sip.torture import TORTURE

MESSAGES = int(os.environ.get("MXBOX_FUZZ_MESSAGES", "3000"))
SOURCES = 40
AT_ONCE, PAUSE_S = 20, 0.008
TONES_HZ = {"1001": 700.0, "1002": 1100.0}
NUMBERS = ("99999", "1003", "*43", "701", "**1002", "0571", "96900#")
SETTLE_S = 1.0 if MESSAGES < 10_000 else 9.0
"""Transactions are kept for some seconds after their end: in short runs they count as growth."""
GROWTH_KB = {"switch": 8000, "server": 8000}
GROWTH_SHARED_KB = 2500 if MESSAGES < 10_000 else 500
LIMITS = "requests_per_s = 100000\nwrong_passwords = 1000\nregister_min_s = 60\n"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running_box(LIMITS) as up:
        yield up


@dataclass
class Memory:
    """Memory of the box's processes: resident memory of ours, used shared memory of kamailio's."""

    box: Box
    taken: list[dict[str, int]] = field(default_factory=list)

    def take(self) -> None:
        rss = {name: _rss_kb(self.box.child(f"appliance.{name}")) for name in GROWTH_KB}
        self.taken.append({**rss, "shared": self._shared_kb()})

    def _shared_kb(self) -> int:
        path = str(self.box.edge.folder / "run" / "edge.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asker:
            asker.bind(f"{self.box.edge.folder}/asker{len(self.taken)}")
            asker.settimeout(5)
            asker.sendto(
                json.dumps({"jsonrpc": "2.0", "method": "core.shmmem", "params": ["k"], "id": 1}).encode(), path
            )
            reply = json.loads(asker.recv(65536))
        return int(re.sub(r"\D", "", str(reply["result"]["real_used"])))

    def grown(self, name: str) -> int:
        """Return the growth from the middle, when everything was needed once, to the end."""
        return self.taken[-1][name] - self.taken[-2][name]


def _rss_kb(pid: int) -> int:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])  # type: ignore[index]


class Attacker:
    """Many sources, most of whose messages are broken; one of them is a phone with a right password."""

    def __init__(self, edge: Edge, chance: random.Random) -> None:
        self._edge, self._chance, self._numbers = edge, chance, itertools.count(1)
        self._sources = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(SOURCES)]
        for number, source in enumerate(self._sources):
            source.bind((f"127.0.2.{number + 1}", 0))
            source.setblocking(False)
        self._insider = End(edge, "1003", "127.0.0.33")
        self.let_in = 0

    def close(self) -> None:
        for source in self._sources:
            source.close()
        self._insider.socket.close()

    def send(self) -> None:
        """Send one message: from outside, from a phone of the house, straight to the switch, or to the call server's
        port."""
        kind, edge = self._chance.random(), self._edge
        if kind < 0.04:
            self._from_inside()
        elif kind < 0.2:
            self._throw(edge.switch_port)
        elif kind < 0.22:
            self._chance.choice(self._sources).sendto(
                self._broken(b'{"kind":"blocked","why":"flood","source":"127.0.2.1"}'), _at(edge.link_port)
            )
        elif kind < 0.24:
            self._by_stream()
        else:
            self._throw(edge.port)

    def _by_stream(self) -> None:
        """Send two messages over TCP, of which the second may be cut off."""
        with contextlib.suppress(ConnectionError), socket.create_connection(_at(self._edge.port), 2) as stream:
            here, target = "{}:{}".format(*stream.getsockname()), f"sip:1@{DOMAIN}"
            for _ in range(2):
                message = fresh(self._chance, target, here, next(self._numbers)).replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")
                stream.sendall(self._broken(message)[: self._chance.choice((100, 60000, 60000))])

    def _throw(self, port: int) -> None:
        source = self._chance.choice(self._sources)
        here = "{}:{}".format(*source.getsockname())
        target = f"sip:{self._chance.choice(NUMBERS)}@{DOMAIN}"
        message = fresh(self._chance, target, here, next(self._numbers))
        source.sendto(self._broken(message), _at(port))
        with contextlib.suppress(BlockingIOError):
            source.recv(65535)

    def _from_inside(self) -> None:
        """Send an INVITE with the right password; the switch reads its broken parts, and its call is routed."""
        uri, token = f"sip:{self._chance.choice(NUMBERS)}@{DOMAIN}", f"in{next(self._numbers)}"
        end, offer = self._insider, self._chance.choice(TORTURE).body
        ask = end.request("INVITE", uri, "Content-Type: application/sdp", body=offer, call=token)
        end.send(ask)
        with contextlib.suppress(TimeoutError, UnicodeDecodeError):
            while (challenge := end.receive(0.5)).status != 407 or challenge["Call-ID"] != token:
                pass
            proof = end.proof(challenge, "INVITE", uri)
            again = end.request("INVITE", uri, proof, "Content-Type: application/sdp", body=offer, call=token, number=2)
            end.socket.sendto(self._broken(again.encode()), _at(self._edge.port))
            self.let_in += 1

    def _broken(self, message: bytes) -> bytes:
        return mutated(self._chance, message) if self._chance.random() < 0.9 else message


def _at(port: int) -> tuple[str, int]:
    return "127.0.0.1", port


def _phone(box: Box, folder: Path, number: str) -> BaresipPhone:
    says = write_tone(folder / f"{number}.wav", TONES_HZ[number], 80 + MESSAGES / 250)
    registrar = f"sip:127.0.0.1:{box.edge.port}"
    return BaresipPhone(
        folder / number, PhoneOptions(number, says=says, registrar=registrar, domain=DOMAIN, password=password(number))
    )


def undisturbed(phone: BaresipPhone, tone_hz: float) -> float:
    """Return the share of seconds in which the other's tone was heard, from the first in which it was."""
    heard = read_wav(phone.heard()[0])
    seconds = [abs(strongest_hz(heard[at : at + 8000]) - tone_hz) < 4 for at in range(0, len(heard) - 8000, 8000)]
    return float(np.mean(seconds[seconds.index(True) :]))


@pytest.mark.timeout(1800)
def test_broken_messages_harm_nobody(box: Box, tmp_path: Path) -> None:
    memory, attacker = Memory(box), Attacker(box.edge, random.Random(77))
    with _phone(box, tmp_path, "1001") as caller, _phone(box, tmp_path, "1002") as called:
        for phone in (caller, called):
            until(lambda phone=phone: "200 OK (MXBox)" in (phone.folder / "baresip.log").read_text())  # type: ignore[misc]
        talk(caller, called)
        pids = (box.child("appliance.switch"), box.child("appliance.server"), box.child("appliance.edge"))
        begin = time.monotonic()
        for number in range(MESSAGES):
            attacker.send()
            if number % AT_ONCE == 0:
                time.sleep(PAUSE_S)
            if number in (0, MESSAGES // 2):
                time.sleep(SETTLE_S)
                memory.take()
        took_s = time.monotonic() - begin - 2 * SETTLE_S
        attacker.close()
        time.sleep(SETTLE_S)
        memory.take()
        print(f"{MESSAGES} messages in {took_s:.0f} s, {attacker.let_in} from inside; {memory.taken}")
        assert attacker.let_in > MESSAGES / 100
        assert not saw(called, "CALL_CLOSED")
        assert not saw(caller, "CALL_CLOSED")
        hang_up(caller, called)
        for phone in (caller, called):
            phone.events.clear()
        talk(caller, called)
        hang_up(caller, called)
        assert pids == (
            box.child("appliance.switch"),
            box.child("appliance.server"),
            box.child("appliance.edge"),
        )
    assert undisturbed(caller, TONES_HZ["1002"]) > 0.95
    assert undisturbed(called, TONES_HZ["1001"]) > 0.95
    assert all(memory.grown(name) < most for name, most in GROWTH_KB.items()), memory.taken
    assert memory.grown("shared") < GROWTH_SHARED_KB, memory.taken
    assert "Traceback" not in box.edge.log()
    with box.client as client:
        assert client.ask(Ledger(files=False), LedgerReply).balanced
