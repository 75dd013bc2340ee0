# SPDX-License-Identifier: GPL-2.0-or-later
"""Many phones behind one address: they return together, one with a wrong password harms no other, attacks end."""

import asyncio
import contextlib
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.edge.blocks import Blocks
from appliance.edge.rpc import Rpc
from appliance.phones.book import PhoneBook
from tests.appliance.edge.rig import DOMAIN, Edge, End, Message, parse, password, running, told_by, until
from tests.datagrams import receive_signalling

OFFICE = "127.0.0.31"
PHONES, LAMPS = 60, 20
NUMBERS = [str(7001 + n) for n in range(PHONES)]
LIMITS = "requests_per_s = 20\nwrong_passwords = 3\nblock_s = 4\n"


def enrol(edge: Edge, numbers: Sequence[str]) -> None:
    with PhoneBook(edge.folder / "state" / "edge.db") as book, book.all_or_nothing():
        for number in numbers:
            book.add(number, DOMAIN, 1, password(number))


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running(tmp_path_factory.mktemp("edge"), LIMITS) as up:
        enrol(up, NUMBERS)
        yield up


@pytest.fixture
def link(edge: Edge) -> Iterator[socket.socket]:
    """Open the call server's port, which gets the edge's notices."""
    with socket.socket(type=socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", edge.link_port))
        end.settimeout(3)
        yield end


def heard(end: End) -> bool:
    """Return whether a request is answered."""
    text = end.request("REGISTER", f"sip:{DOMAIN}")
    end.send(text)
    with contextlib.suppress(TimeoutError):
        while f"Call-ID: {end.receive(0.3)['Call-ID']}\r\n" not in text:
            pass
        return True
    return False


def registers(end: End) -> bool:
    """Register, sending each request once; return whether it succeeded."""
    contact = f"Contact: <sip:{end.extension}@{end.here}>"
    end.send(end.request("REGISTER", f"sip:{DOMAIN}", contact, "Expires: 300"))
    with contextlib.suppress(TimeoutError):
        proof = end.proof(end.final(1.0), "REGISTER", f"sip:{DOMAIN}")
        end.send(end.request("REGISTER", f"sip:{DOMAIN}", contact, "Expires: 300", proof, number=2))
        return end.final(1.0).status == 200
    return False


def wrong_tries(end: End, times: int) -> bool:
    """Prove with a wrong password, until no answer comes; return whether all were answered."""
    end.secret = "wrong"
    for _ in range(times):
        end.send(end.request("REGISTER", f"sip:{DOMAIN}"))
        try:
            challenge = end.final(0.5)
            proof = end.proof(challenge, "REGISTER", f"sip:{DOMAIN}")
            end.send(end.request("REGISTER", f"sip:{DOMAIN}", proof, number=2))
            end.final(0.5)
        except TimeoutError:
            return False
    return True


@dataclass
class Asked:
    """A request under way (RFC 3261 17.1.2)."""

    method: str
    uri: str
    headers: tuple[str, ...]
    text: str = ""
    number: int = 0
    pause_s: float = 0.5
    due_s: float = 0.0


class Returning:
    """A phone after a power cut: it registers, then subscribes to its lamps, all at once."""

    def __init__(self, edge: Edge, number: str) -> None:
        self.end = End(edge, number, OFFICE)
        self.registered = False
        self.lit: set[str] = set()
        self._open: dict[str, Asked] = {}

    def begin(self) -> None:
        contact = f"Contact: <sip:{self.end.extension}@{self.end.here}>"
        self._ask(Asked("REGISTER", f"sip:{DOMAIN}", (contact, "Expires: 300")))

    def _ask(self, asked: Asked, *proof: str, call: str = "") -> None:
        asked.number += 1
        assert asked.number < 6, f"{asked.method} of {self.end.extension} is challenged again and again"
        call = call or f"{self.end.extension}{asked.uri}"
        headers = (*asked.headers, *proof)
        asked.text = self.end.request(asked.method, asked.uri, *headers, call=call, number=asked.number)
        asked.pause_s, asked.due_s = 0.5, 0.0
        self._open[call] = asked
        self.repeat(0.0)

    def repeat(self, now_s: float) -> None:
        """Send new requests, and unanswered ones again."""
        for asked in self._open.values():
            if asked.due_s <= now_s:
                self.end.send(asked.text)
                asked.due_s, asked.pause_s = time.monotonic() + asked.pause_s, min(4.0, 2 * asked.pause_s)

    def hear(self) -> None:
        data, source = receive_signalling(self.end.socket)
        message = parse(data, source)
        if message.method:
            self.end.respond(message, "200 OK")
        if message.method == "NOTIFY":
            self.lit.add(message["Call-ID"])
        elif message.status >= 200 and message["Call-ID"] in self._open:
            self._answered(message, self._open.pop(message["Call-ID"]))

    def _answered(self, message: Message, asked: Asked) -> None:
        if message["CSeq"] != f"{asked.number} {asked.method}":
            self._open[message["Call-ID"]] = asked  # to an earlier one, once more
        elif message.status in (401, 407):
            self._ask(asked, self.end.proof(message, asked.method, asked.uri), call=message["Call-ID"])
        elif asked.method == "REGISTER":
            assert message.status == 200, message.first
            self.registered = True
            for lamp in NUMBERS[:LAMPS]:
                self._ask(Asked("SUBSCRIBE", f"sip:{lamp}@{DOMAIN}", ("Event: dialog", "Expires: 600")))

    @property
    def back(self) -> bool:
        return self.registered and len(self.lit) == LAMPS


def test_sixty_phones_of_one_office_come_back_at_once_with_all_their_lamps(tmp_path: Path) -> None:
    with running(tmp_path) as edge, contextlib.ExitStack() as stack:
        enrol(edge, NUMBERS)
        phones = [Returning(edge, number) for number in NUMBERS]
        selector = stack.enter_context(selectors.DefaultSelector())
        for phone in phones:
            stack.enter_context(phone.end)
            selector.register(phone.end.socket, selectors.EVENT_READ, phone)
            phone.begin()
        deadline = time.monotonic() + 60
        while not all(phone.back for phone in phones):
            for key, _events in selector.select(0.1):
                key.data.hear()
            for phone in phones:
                phone.repeat(time.monotonic())
            left = sorted((phone.end.extension, len(phone.lit)) for phone in phones if not phone.back)
            assert time.monotonic() < deadline, left


def test_unanswered_challenges_of_many_phones_block_nobody(edge: Edge) -> None:
    with End(edge, "7001", "127.0.0.32") as line:
        for number in NUMBERS:
            line.extension = number
            for method in ("REGISTER", "SUBSCRIBE", "SUBSCRIBE", "SUBSCRIBE"):
                line.send(line.request(method, f"sip:{DOMAIN}", "Event: dialog"))
                assert line.final().status in (401, 407)


def test_one_phone_with_a_wrong_password_is_silenced_and_its_neighbours_are_not(
    edge: Edge, link: socket.socket
) -> None:
    with End(edge, "1001", "127.0.0.33") as wrong, End(edge, "1002", "127.0.0.33") as neighbour:
        wrong_tries(wrong, 10)
        assert told_by(link) == {"kind": "blocked", "why": "passwords", "source": "127.0.0.33", "account": "1001"}
        assert not heard(wrong)
        assert registers(neighbour)
        with End(edge, "1001", "127.0.0.34") as elsewhere:
            assert registers(elsewhere)


def test_a_phone_that_is_registered_is_heard_though_another_guesses_its_password(edge: Edge) -> None:
    with End(edge, "1003", "127.0.0.35") as good, End(edge, "1003", "127.0.0.35") as wrong:
        assert registers(good)
        wrong_tries(wrong, 10)
        assert not heard(wrong)
        assert registers(good)


def test_who_guesses_passwords_of_many_extensions_is_cut_off_and_registered_neighbours_are_not(
    edge: Edge, link: socket.socket
) -> None:
    with End(edge, "7001", "127.0.0.36") as guesser, End(edge, "1002", "127.0.0.36") as phone:
        assert registers(phone)
        for number in NUMBERS[:10]:
            guesser.extension = number
            if not wrong_tries(guesser, 1):  # the block lasts 4 s: no second of it is spent on being silent
                break
        assert told_by(link) == {"kind": "blocked", "why": "passwords", "source": "127.0.0.36"}
        guesser.extension = "7050"
        assert not heard(guesser)
        assert registers(phone)
        with End(edge, "1002", "127.0.0.36") as moved:  # a new port behind the same address
            assert registers(moved)


def test_another_name_than_the_passwords_is_no_wrong_password(edge: Edge, link: socket.socket) -> None:
    with End(edge, "1001", "127.0.0.37") as phone:
        assert registers(phone)
        for _ in range(10):
            anonymous = 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=a'
            phone.send(phone.request("INVITE", f"sip:1002@{DOMAIN}", anonymous))
            proof = phone.proof(phone.final(1.0), "INVITE", f"sip:1002@{DOMAIN}")
            phone.send(phone.request("INVITE", f"sip:1002@{DOMAIN}", anonymous, proof, number=2))
            assert phone.receive(1.0).status
        assert registers(phone)
        with End(edge, "1002", "127.0.0.37") as neighbour:
            assert registers(neighbour)


def test_what_belongs_to_a_call_passes_whatever_is_blocked(edge: Edge, link: socket.socket) -> None:
    uri = f"sip:1002@{DOMAIN}"
    with End(edge, "1001", "127.0.0.38") as phone, End(edge, "box", port=edge.switch_port) as switch:
        phone.send(phone.request("INVITE", uri, call="c38"))
        phone.send(phone.request("INVITE", uri, phone.proof(phone.final(), "INVITE", uri), call="c38", number=2))
        invite = switch.receive()
        switch.respond(invite, "200 OK", f"Contact: <sip:box@127.0.0.1:{edge.switch_port}>")
        answer = phone.final()
        with End(edge, "1001", "127.0.0.38") as mad:
            for number in range(300):
                mad.send(mad.request("OPTIONS", f"sip:{number}@{DOMAIN}"))
            assert told_by(link)["account"] == "1001"
        assert not heard(phone)
        routes = [f"Route: {route}" for route in reversed(answer.all("Record-Route"))]
        ends = (f"From: {answer['From']}", f"To: {answer['To']}", *routes)
        target = answer["Contact"].strip("<>")
        for method, number in (("INFO", 3), ("BYE", 4)):
            phone.send(phone.request(method, target, *ends, call="c38", number=number))
            until(lambda method=method: method in (switch.receive().method, "ACK"))  # type: ignore[misc]


def test_a_flood_in_dialogs_that_are_none_is_not_answered_for_ever(edge: Edge) -> None:
    with End(edge, "1001", "127.0.0.39") as attacker:
        attacker.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        for _ in range(3000):
            attacker.send(attacker.request("BYE", f"sip:x@{DOMAIN}", f"To: <sip:x@{DOMAIN}>;tag=none"))
        answers = 0
        with contextlib.suppress(TimeoutError):
            while attacker.receive(0.5):
                answers += 1
        assert answers < 2600


def test_whom_the_edge_does_not_hear_can_be_listed_and_heard_again(edge: Edge) -> None:
    blocks = Blocks(Rpc(edge.folder / "run" / "edge.sock"), 4)
    with End(edge, "1001", "127.0.0.40") as wrong:
        wrong_tries(wrong, 5)
        held = [each for each in asyncio.run(blocks.now(time.time())) if each.address == "127.0.0.40"]
        assert [(each.extension, each.why) for each in held] == [("1001", "passwords")]
        assert 0 < held[0].until - time.time() * 1000 <= 4000
        assert asyncio.run(blocks.lift("127.0.0.41", "", time.time())) == ()
        assert asyncio.run(blocks.lift("127.0.0.40", "1002", time.time())) == ()
        assert asyncio.run(blocks.lift("127.0.0.40", "1001", time.time())) == tuple(held)
        wrong.secret = password("1001")
        assert registers(wrong)


def test_lamps_are_still_lit_for_a_phone_of_a_blocked_address(edge: Edge) -> None:
    with End(edge, "1002", "127.0.0.42") as phone, End(edge, "100", "127.0.0.42") as scanner:
        assert registers(phone)
        scanner.send(scanner.request("OPTIONS", f"sip:{DOMAIN}", "User-Agent: friendly-scanner"))
        until(lambda: not heard(scanner))  # two of kamailio's processes: the second word may be quicker
        assert registers(phone)
        assert phone.ask("SUBSCRIBE", f"sip:1003@{DOMAIN}", "Event: dialog", "Expires: 60").status in (200, 202)


def test_a_registered_phone_that_withholds_its_number_calls_from_a_blocked_address(edge: Edge) -> None:
    anonymous, uri = 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=a', f"sip:1002@{DOMAIN}"
    with End(edge, "1003", "127.0.0.43") as phone, End(edge, "100", "127.0.0.43") as scanner:
        assert registers(phone)
        scanner.send(scanner.request("OPTIONS", f"sip:{DOMAIN}", "User-Agent: friendly-scanner"))
        until(lambda: not heard(scanner))  # two of kamailio's processes: the second word may be quicker
        with End(edge, "box", port=edge.switch_port) as switch:
            phone.send(phone.request("INVITE", uri, anonymous, call="c43"))
            proof = phone.proof(phone.final(1.0), "INVITE", uri)
            phone.send(phone.request("INVITE", uri, anonymous, proof, call="c43", number=2))
            invite = switch.receive()
            assert invite["X-MXBox-From"] == "1003"
            switch.refuse(invite, "486 Busy Here")
