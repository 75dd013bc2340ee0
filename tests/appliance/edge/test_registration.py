# SPDX-License-Identifier: GPL-2.0-or-later
"""Registration of phones, and registrations that are left when the edge is killed."""

import contextlib
import os
import re
import signal
import socket
import ssl
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hw_sim.baresip import BaresipPhone, PhoneOptions
from tests.appliance.edge.rig import DOMAIN, Edge, End, Message, password, running, until
from tests.appliance.test_children import alive

MORE = "requests_per_s = 2000\nwrong_passwords = 500\n"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running(tmp_path_factory.mktemp("edge"), MORE) as up:
        yield up


def same(message: Message) -> tuple[str, list[str]]:
    return message.first, sorted(name for name, _value in message.headers)


def test_a_phone_registers_and_is_found_by_the_switch(edge: Edge) -> None:
    with End(edge) as phone, End(edge, port=edge.switch_port) as switch:
        assert phone.register().status == 200
        switch.send(switch.request("INVITE", f"sip:1001@{DOMAIN}"))
        invite = phone.receive()
        assert invite.method == "INVITE"
        phone.refuse(invite, "486 Busy Here")
        assert switch.final().status == 486


CALL = "to-two-phones"


def test_what_one_phone_says_counts_more_than_anothers_silence(edge: Edge) -> None:
    with End(edge, "1002") as phone, End(edge, "1002") as gone, End(edge, port=edge.switch_port) as switch:
        gone.register()
        phone.register()
        switch.send(switch.request("INVITE", f"sip:1002@{DOMAIN}", call=CALL))
        phone.refuse(phone.receive(), "488 Not Acceptable Here")
        while (answer := switch.final())["Call-ID"] != CALL:
            pass
        assert answer.status == 488
        for each in (phone, gone):
            each.register(0)


def test_a_phone_that_is_not_registered_is_unavailable(edge: Edge) -> None:
    with End(edge, port=edge.switch_port) as switch:
        assert switch.ask("INVITE", f"sip:1003@{DOMAIN}").status == 480


def test_wrong_password_and_unknown_phone_are_refused_alike(edge: Edge) -> None:
    times: dict[str, list[float]] = {"1002": [], "9999": []}
    replies = {}
    with End(edge, "1002", "127.0.0.3") as wrong, End(edge, "9999", "127.0.0.3") as unknown:
        wrong.secret = "guess"
        for number in range(100):
            for end in (wrong, unknown) if number % 2 else (unknown, wrong):
                end.send(end.request("REGISTER", f"sip:{DOMAIN}"))
                proof = end.proof(end.final(), "REGISTER", f"sip:{DOMAIN}")
                begin = time.perf_counter()
                end.send(end.request("REGISTER", f"sip:{DOMAIN}", proof, number=2))
                replies[end.extension] = end.final()
                times[end.extension].append(time.perf_counter() - begin)
    assert replies["1002"].status == 401
    assert same(replies["1002"]) == same(replies["9999"])
    known, not_known = (statistics.quantiles(times[who], n=5)[0] for who in ("1002", "9999"))  # undisturbed ones
    assert abs(known - not_known) < 0.3 * max(known, not_known)


def test_nobody_registers_as_another_with_his_own_password(edge: Edge) -> None:
    with End(edge, "1001", "127.0.0.4") as phone:
        to = "To: <sip:1002@mxbox>"
        assert phone.ask("REGISTER", f"sip:{DOMAIN}", to).status in (401, 403)


def test_a_used_answer_to_a_challenge_is_worth_nothing(edge: Edge) -> None:
    with End(edge, "1001", "127.0.0.5") as phone:
        phone.send(phone.request("REGISTER", f"sip:{DOMAIN}"))
        proof = phone.proof(phone.final(), "REGISTER", f"sip:{DOMAIN}")
        statuses = []
        for number in (2, 3):
            phone.send(phone.request("REGISTER", f"sip:{DOMAIN}", proof, number=number))
            statuses.append(phone.final().status)
        assert statuses == [200, 401]


def test_a_registration_that_comes_twice_is_answered_as_before(edge: Edge) -> None:
    with End(edge, "1001", "127.0.0.5") as phone:
        phone.send(phone.request("REGISTER", f"sip:{DOMAIN}"))
        proof = phone.proof(phone.final(), "REGISTER", f"sip:{DOMAIN}")
        text = phone.request("REGISTER", f"sip:{DOMAIN}", proof, number=2)
        for _ in range(2):
            phone.send(text)
            assert phone.final().status == 200


def test_a_phone_behind_a_nat_is_reached_where_its_packets_come_from(edge: Edge) -> None:
    with End(edge, "1002") as phone, End(edge, port=edge.switch_port) as switch:
        assert phone.register(contact="<sip:1002@192.168.77.5:5060>").status == 200
        switch.send(switch.request("INVITE", f"sip:1002@{DOMAIN}"))
        invite = phone.receive()
        assert invite.first == "INVITE sip:1002@192.168.77.5:5060 SIP/2.0"
        phone.refuse(invite, "486 Busy Here")
        assert switch.final().status == 486
        assert phone.register(0, contact="<sip:1002@192.168.77.5:5060>").status == 200


def places(reply: Message) -> set[str]:
    """Return where an extension is registered, from the answer to its REGISTER (RFC 3261 10.3, step 8)."""
    assert reply.status == 200
    return set(re.findall(r"<sip:[^@>]*@([^>]+)>", " ".join(reply.all("Contact"))))


STARTS = 6
"""More often than there is room for."""


@pytest.mark.parametrize("behind_nat", [False, True])
def test_a_phone_that_starts_anew_at_its_place_is_the_same(edge: Edge, behind_nat: bool) -> None:
    with End(edge, "1003", "127.0.0.5") as other, End(edge, "1003", "127.0.0.6") as phone:
        other.register()
        for start in range(STARTS):
            here = f"192.168.77.6:{5060 + start}" if behind_nat else phone.here
            assert places(phone.register(contact=f"<sip:1003-{start}@{here}>")) == {other.here, here}
        assert places(phone.register(0, contact=f"<sip:1003-{start}@{here}>")) == {other.here}
        other.register(0)


def test_a_phone_that_starts_anew_is_known_by_its_instance(edge: Edge) -> None:
    instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
    with End(edge, "1003", "127.0.0.5") as other, contextlib.ExitStack() as stack:
        other.register(contact=f"<sip:1003@{other.here}>;{instance.replace('E128', 'E129')}")
        for _ in range(STARTS):
            phone = stack.enter_context(End(edge, "1003", "127.0.0.6"))
            contact = f"<sip:1003@{phone.here}>;{instance}"
            assert places(phone.register(contact=contact)) == {other.here, phone.here}
        phone.register(0, contact=contact)
        other.register(0)


def test_where_there_is_no_room_left_the_oldest_contact_goes(edge: Edge) -> None:
    with contextlib.ExitStack() as stack:
        phones = [stack.enter_context(End(edge, "1003", f"127.0.1.{n}")) for n in range(5)]
        for phone in phones[:3]:
            phone.register()
        time.sleep(1.1)  # times are kept in seconds
        assert places(phones[0].register()) == {phone.here for phone in phones[:3]}, "who renews needs no room"
        assert places(phones[3].register()) == {phones[number].here for number in (0, 2, 3)}
        assert places(phones[4].register()) == {phones[number].here for number in (0, 3, 4)}
        assert places(phones[1].register(0)) == {phones[number].here for number in (0, 3, 4)}, "nobody goes for that"
        switch = stack.enter_context(End(edge, port=edge.switch_port))
        switch.send(switch.request("INVITE", f"sip:1003@{DOMAIN}"))
        for number in (0, 3, 4):
            phones[number].refuse(phones[number].receive(), "486 Busy Here")
        assert switch.final().status == 486
        assert phones[1].silent(0.05)
        for number in (0, 3, 4):
            phones[number].register(0)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_the_edge_is_heard_over_streams(edge: Edge, transport: str) -> None:
    port = edge.port if transport == "tcp" else edge.tls_port
    with End(edge) as words, socket.create_connection(("127.0.0.1", port), 5) as plain:
        trust = ssl.create_default_context(cafile=str(edge.folder / "state" / "certificate.pem"))
        stream = trust.wrap_socket(plain, server_hostname=DOMAIN) if transport == "tls" else plain
        text = words.request("REGISTER", f"sip:{DOMAIN}").replace("SIP/2.0/UDP", f"SIP/2.0/{transport.upper()}")
        stream.sendall(b"\r\n\r\n")  # keep-alive (RFC 5626 4.4.1)
        assert stream.recv(100) == b"\r\n"
        stream.sendall(text.encode())
        assert stream.recv(4096).startswith(b"SIP/2.0 401 ")


@pytest.mark.parametrize("transport", ["udp", "tls"])
def test_baresip_registers_and_is_refused_with_a_wrong_password(edge: Edge, tmp_path: Path, transport: str) -> None:
    port = edge.tls_port if transport == "tls" else edge.port
    for secret, wanted in (
        (password("1003"), "200 OK (MXBox)"),
        ("wrong", "401 Unauthorized (MXBox)"),
    ):
        options = PhoneOptions(
            "1003", registrar=f"sip:127.0.0.1:{port};transport={transport}", domain=DOMAIN, password=secret
        )
        with BaresipPhone(tmp_path / secret, options):
            log = tmp_path / secret / "baresip.log"
            until(lambda log=log, wanted=wanted: wanted in log.read_text())  # type: ignore[misc]


def test_baresip_registers_however_often_its_power_fails(edge: Edge, tmp_path: Path) -> None:
    options = PhoneOptions("1003", registrar=f"sip:127.0.0.1:{edge.port}", domain=DOMAIN, password=password("1003"))
    for start in range(STARTS):
        with BaresipPhone(tmp_path / str(start), options) as phone:
            log = tmp_path / str(start) / "baresip.log"
            until(lambda log=log: "200 OK (MXBox)" in log.read_text())  # type: ignore[misc]
            phone.kill()


@pytest.mark.parametrize("killed", ["wrapper", "kamailio"])
def test_a_registration_survives_the_edge(tmp_path: Path, killed: str) -> None:
    with running(tmp_path) as edge, End(edge) as phone, End(edge, port=edge.switch_port) as switch:
        assert phone.register().status == 200
        before = edge.pids()
        if killed == "wrapper":
            edge.stop(signal.SIGKILL)
        else:
            os.kill(edge.main_pid(), signal.SIGKILL)
            assert edge.process
            assert edge.process.wait(5) == 1
        edge.start()
        until(lambda: not any(map(alive, before)))  # nothing of the killed one is left to hold the ports
        edge.wait_up()
        switch.send(switch.request("INVITE", f"sip:1001@{DOMAIN}"))
        invite = phone.receive()
        while invite.method != "INVITE":
            invite = phone.receive()
        phone.refuse(invite, "486 Busy Here")
        assert switch.final().status == 486
