# SPDX-License-Identifier: GPL-2.0-or-later
"""Floods, scans, guessed passwords and nonsense of one source are stopped; others' calls go on; the books have it."""

import contextlib
import random
import socket
from collections.abc import Iterator

import pytest

from tests.appliance.edge.rig import DOMAIN, Edge, End, running, told_by, until

LIMITS = "requests_per_s = 20\nwrong_passwords = 3\nblock_s = 3\n"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running(tmp_path_factory.mktemp("edge"), LIMITS) as up:
        yield up


@pytest.fixture
def link(edge: Edge) -> Iterator[socket.socket]:
    """Open the call server's port, which gets the edge's notices."""
    with socket.socket(type=socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", edge.link_port))
        end.settimeout(3)
        yield end


def heard(end: End) -> bool:
    """Return whether a request is answered; answers to earlier ones may still arrive."""
    text = end.request("OPTIONS", f"sip:{DOMAIN}")
    end.send(text)
    with contextlib.suppress(TimeoutError):
        while f"Call-ID: {end.receive(0.3)['Call-ID']}\r\n" not in text:
            pass
        return True
    return False


@pytest.mark.parametrize(
    ("method", "source"), [("REGISTER", "127.0.0.11"), ("INVITE", "127.0.0.12"), ("OPTIONS", "127.0.0.13")]
)
def test_a_flood_is_cut_off_while_anothers_calls_pass(
    edge: Edge, link: socket.socket, method: str, source: str
) -> None:
    with End(edge, "1001", source) as attacker, End(edge, "1002", "127.0.0.20") as phone:
        with End(edge, "box", port=edge.switch_port) as switch:
            for number in range(300):
                attacker.send(attacker.request(method, f"sip:{number}@{DOMAIN}"))
                if number == 150:
                    phone.send(phone.request("INVITE", f"sip:1003@{DOMAIN}", call=f"quiet{method}"))
                    challenge = phone.final()
                    proof = phone.proof(challenge, "INVITE", f"sip:1003@{DOMAIN}")
                    phone.send(phone.request("INVITE", f"sip:1003@{DOMAIN}", proof, call=f"quiet{method}", number=2))
            invite = switch.receive()
            assert invite["X-MXBox-From"] == "1002"
            switch.refuse(invite, "486 Busy Here")
            assert phone.final().status == 486
        told = told_by(link)
        assert told == {"kind": "blocked", "why": "flood", "source": source, "account": "1001"}
        attacker.socket.setblocking(False)
        answers = 0
        try:
            while attacker.socket.recv(65535):
                answers += 1
        except BlockingIOError:
            assert answers < 100
        link.settimeout(0.2)
        with pytest.raises(TimeoutError):
            link.recv(1000)  # sent once
        assert not heard(attacker)
        if method == "OPTIONS":
            until(lambda: heard(attacker), 8)


def test_guessed_passwords_end_in_silence(edge: Edge, link: socket.socket) -> None:
    with End(edge, "1001", "127.0.0.14") as guesser:
        guesser.secret = "guess"
        for _ in range(2):
            assert guesser.register().status == 401
        guesser.send(guesser.request("REGISTER", f"sip:{DOMAIN}"))
        guesser.send(
            guesser.request("REGISTER", f"sip:{DOMAIN}", guesser.proof(guesser.final(), "REGISTER", f"sip:{DOMAIN}"))
        )
        assert guesser.silent()
        assert told_by(link) == {
            "kind": "blocked",
            "why": "passwords",
            "source": "127.0.0.14",
            "account": "1001",
        }
        assert not heard(guesser)


def test_nobody_is_blocked_by_answers_to_challenges_that_were_none(edge: Edge) -> None:
    with End(edge, "1001", "127.0.0.15") as phone:
        made_up = (
            'Authorization: Digest username="1001",realm="mxbox",nonce="bWFkZSB1cA==",uri="sip:mxbox",'
            'response="00000000000000000000000000000000",cnonce="a",nc=00000001,qop=auth'
        )
        for _ in range(6):
            phone.send(phone.request("REGISTER", f"sip:{DOMAIN}", made_up))
            assert phone.final().status == 401
        assert phone.register().status == 200


def test_scanners_are_known_by_name(edge: Edge, link: socket.socket) -> None:
    with End(edge, "100", "127.0.0.16") as scanner:
        scanner.send(scanner.request("OPTIONS", f"sip:{DOMAIN}", "User-Agent: friendly-scanner"))
        assert told_by(link) == {"kind": "blocked", "why": "scan", "source": "127.0.0.16"}
        assert not heard(scanner)


def test_nonsense_harms_nobody(edge: Edge) -> None:
    chance, before = random.Random(4), edge.all_pids()
    with End(edge, "1001", "127.0.0.17") as phone:
        good = phone.request("INVITE", f"sip:1002@{DOMAIN}", body="v=0\r\n").encode()
        for number in range(150):
            with socket.socket(type=socket.SOCK_DGRAM) as source:  # each below the rate of a flood
                source.bind((f"127.0.1.{number + 1}", 0))
                for _ in range(15):
                    broken = bytearray(good)
                    for _ in range(chance.randint(1, 8)):
                        broken[chance.randrange(len(broken))] = chance.randrange(256)
                    source.sendto(bytes(broken[: chance.randint(1, 4 * len(broken))]), ("127.0.0.1", edge.port))
        assert phone.register().status == 200
    assert edge.pids() == before


def test_too_many_hops_are_refused(edge: Edge) -> None:
    with End(edge, "1001", "127.0.0.18") as phone:
        phone.send(phone.request("INVITE", f"sip:1002@{DOMAIN}", "Max-Forwards: 0"))
        assert phone.final().status == 483


def test_only_the_call_server_publishes(edge: Edge) -> None:
    with End(edge, "1001", "127.0.0.19") as phone:
        assert phone.ask("PUBLISH", f"sip:1001@{DOMAIN}", "Event: dialog", "Expires: 60").status == 405
