# SPDX-License-Identifier: GPL-2.0-or-later
"""Trunks by name, with several addresses, several accounts at one address, through the real edge."""

import asyncio
import contextlib
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest

from appliance.edge.rpc import Rpc, RpcRefusedError
from hw_sim.baresip import free_port
from tests.appliance.edge.names import Names, names
from tests.appliance.edge.rig import DOMAIN, Edge, End, Message, parse, running, until
from tests.appliance.edge.test_presence import serving

FIRST, SECOND, NEW, FARM = "127.0.0.61", "127.0.0.62", "127.0.0.63", "127.0.0.71"
POINTED = "127.0.0.64"
KEPT = ("Via", "From", "Call-ID", "CSeq", "Record-Route")
TCP, UDP, SCTP = (f"_sip._{each}.pointed.example" for each in ("tcp", "udp", "sctp"))
PORT, OTHER_PORT = free_port(kept=True), free_port(kept=True)
TRUNKS = f"""---
[[trunk]]
name = "named"
host = "sip.provider.example"
addresses = ["{FARM}", "127.0.0.72/31"]
[[trunk]]
name = "sales"
host = "accounts.example"
port = {PORT}
user = "5750100@ims.example"
password = "x"
[[trunk]]
name = "care"
host = "accounts.example"
port = {PORT}
user = "5750200"
password = "x"
numbers = ["57502*"]
[[trunk]]
name = "missing"
host = "missing.example"
[[trunk]]
name = "office"
host = "registrar.example"
user = "box@ims.example"
password = "x"
register = true
register_s = 60
[[trunk]]
name = "pointed"
host = "pointed.example"
user = "pointed@ims.example"
password = "x"
register = true
register_s = 60
[[trunk]]
name = "sealed"
host = "sealed.example"
"""


ROWS = {"named": 0, "sales": 1, "care": 2, "missing": 3, "office": 4, "pointed": 5, "sealed": 6}


class _Item(msgspec.Struct):
    value: str | int


class _Held(msgspec.Struct):
    item: _Item


@dataclass
class Scene:
    edge: Edge
    dns: Names

    def held(self, table: str, key: str) -> str:
        """Return the value of a key in one of the edge's tables, "" for none."""
        rpc = Rpc(self.edge.folder / "run" / "edge.sock")
        try:
            return str(asyncio.run(rpc.ask("htable.get", [table, key], _Held)).item.value)
        except RpcRefusedError:
            return ""

    def look_up(self, trunk: str) -> None:
        """Make the edge ask for a trunk's name now, and wait until it has."""
        due, begin = f"due{ROWS[trunk]}", Rpc(self.edge.folder / "run" / "edge.sock")
        asyncio.run(begin.ask("htable.seti", ["trunk_row", due, 0], msgspec.Raw))  # type: ignore[list-item]
        until(lambda: self.held("trunk_row", due) not in ("", "0"), 20)

    def switch(self) -> End:
        return End(self.edge, port=self.edge.switch_port)

    def first(self) -> End:
        return End(self.edge, address=FIRST, port=PORT)

    def second(self) -> End:
        return End(self.edge, address=SECOND, port=OTHER_PORT)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("names")
    with names(folder) as (dns, within):
        dns.services("_sip._udp.sip.provider.example", (20, 0, OTHER_PORT, "b.example"), (10, 0, PORT, "a.example"))
        dns.addresses("a.example", FIRST)
        dns.addresses("b.example", SECOND)
        dns.addresses("accounts.example", FIRST, SECOND)
        dns.services("_sip._udp.registrar.example", (1, 0, PORT, "a.example"), (2, 0, OTHER_PORT, "b.example"))
        dns.pointers("pointed.example", (20, 10, "SIP+D2U", UDP), (10, 20, "SIP+D2T", TCP), (10, 10, "SIP+D2S", SCTP))
        dns.pointers("sealed.example", (10, 10, "SIP+D2T", TCP), (1, 90, "sips+d2t", "_sips._tcp.sealed.example"))
        dns.services("_sips._tcp.sealed.example", (1, 0, PORT, "a.example"))
        dns.services(TCP, (1, 0, PORT, "pointed.farm.example"))
        dns.services(UDP, (1, 0, PORT, "b.example"))
        dns.addresses("pointed.farm.example", POINTED)
        with running(folder, TRUNKS, within) as edge:
            up = Scene(edge, dns)
            until(lambda: up.held("trunk_to", "office") != "", 20)
            yield up


@pytest.fixture(autouse=True)
def nothing_is_dead(scene: Scene) -> None:
    """Reset the addresses that were silent in a test before."""
    asyncio.run(Rpc(scene.edge.folder / "run" / "edge.sock").ask("htable.flush", ["trunk_dead"], msgspec.Raw))


def goes_out(switch: End, trunk: str, call: str = "", number: int = 1) -> None:
    """Call by a trunk, from the switch."""
    called = "sip:13900000001@any.example"
    switch.send(switch.request("INVITE", called, f"X-MXBox-Trunk: {trunk}", call=call, number=number))


def answers(end: End, status: str, *headers: str) -> Message:
    """Answer the next call; return its message."""
    while (message := end.receive()).method != "INVITE":
        pass
    end.respond(message, status, *headers)
    return message


def final(switch: End) -> int:
    """Return the status of the switch's final answer, without a further ACK: the edge does not wait for that."""
    return switch.final().status


def test_a_registration_goes_to_the_next_service_of_a_name_with_the_domain_in_its_user(scene: Scene) -> None:
    with scene.second() as second:
        while (request := second.receive(30)).method != "REGISTER":
            pass
        second.respond(request, "401 Unauthorized", 'WWW-Authenticate: Digest realm="r",nonce="1",algorithm=MD5')
        while not (proof := second.receive(10)["Authorization"]):
            pass
    assert request.first == "REGISTER sip:ims.example SIP/2.0"
    assert "<sip:box@ims.example>" in request["To"]
    assert 'username="box@ims.example"' in proof


def test_a_call_goes_to_the_first_service_of_a_name_and_to_the_next_while_that_is_silent(scene: Scene) -> None:
    with scene.switch() as switch, scene.second() as second:
        with scene.first() as first:
            goes_out(switch, "named")
            assert answers(first, "486 Busy Here").first.startswith("INVITE sip:13900000001@any.example")
            assert final(switch) == 486
        goes_out(switch, "named")
        answers(second, "486 Busy Here")
        assert final(switch) == 486
        with scene.first() as first:
            goes_out(switch, "named")
            answers(second, "486 Busy Here")  # and for a while it is not tried first any more
            assert final(switch) == 486
            assert all(message != "INVITE" for message in waiting(first))


def waiting(end: End) -> list[str]:
    """Return the methods of the messages that an end has got."""
    methods = []
    while True:
        try:
            methods.append(end.receive(0.2).method)
        except TimeoutError:
            return methods


def test_a_call_goes_on_where_the_first_address_of_a_name_is_out_of_service(scene: Scene) -> None:
    with scene.switch() as switch, scene.first() as first, End(scene.edge, address=SECOND, port=PORT) as second:
        goes_out(switch, "care")
        answers(first, "503 Service Unavailable")
        answers(second, "486 Busy Here")
        assert final(switch) == 486


def test_a_challenge_is_answered_where_it_came_from(scene: Scene) -> None:
    with scene.switch() as switch, scene.first() as first, End(scene.edge, address=SECOND, port=PORT) as second:
        goes_out(switch, "care", call="asked")
        answers(first, "503 Service Unavailable")
        answers(second, "407 Proxy Authentication Required", 'Proxy-Authenticate: Digest realm="r",nonce="1"')
        assert final(switch) == 407
        goes_out(switch, "care", call="asked", number=2)
        answers(second, "486 Busy Here")
        assert final(switch) == 486


def test_a_refusal_of_the_first_address_is_the_trunks(scene: Scene) -> None:
    with scene.switch() as switch, scene.first() as first, End(scene.edge, address=SECOND, port=PORT) as second:
        goes_out(switch, "care")
        answers(first, "404 Not Found")
        assert final(switch) == 404
        assert "INVITE" not in waiting(second)


@pytest.mark.parametrize(
    ("address", "called", "to", "trunk"),
    [
        (SECOND, "1001", "1001", "named"),
        (FARM, "1001", "1001", "named"),
        ("127.0.0.73", "1001", "1001", "named"),
        (FARM, "5750100", "5750100", "named"),
        (FIRST, "5750100", "1001", "sales"),
        (SECOND, "5750100", "5750200", "sales"),
        (FIRST, "s", "5750200", "care"),
        (FIRST, "57502345", "57502345", "care"),
        (FIRST, "office", "57502345", "office"),
        (SECOND, "care", "1001", "care"),
    ],
)
def test_a_call_is_its_trunks_by_address_and_account(
    scene: Scene, address: str, called: str, to: str, trunk: str
) -> None:
    with scene.switch() as switch, End(scene.edge, address=address) as provider:
        text = provider.request("INVITE", f"sip:{called}@{DOMAIN}", f"To: <sip:{to}@accounts.example>")
        provider.send(text)
        came = answers(switch, "486 Busy Here")
        assert came["X-MXBox-Trunk"] == trunk
        reached = to if called == trunk else called
        assert came.first.startswith(f"INVITE sip:{reached}@")


def test_another_address_beside_the_providers_network_is_a_stranger(scene: Scene) -> None:
    with End(scene.edge, address="127.0.0.74") as stranger:
        stranger.send(stranger.request("INVITE", f"sip:1001@{DOMAIN}"))
        assert stranger.final().status == 407


def test_a_name_that_moves_takes_its_trunk_along_and_one_that_fails_keeps_what_was_known(scene: Scene) -> None:
    with scene.switch() as switch, End(scene.edge, address=NEW, port=PORT) as new:
        new.send(new.request("INVITE", f"sip:5750100@{DOMAIN}"))
        assert new.final().status == 407
        scene.dns.addresses("accounts.example", NEW)
        scene.look_up("sales")
        for silent in (False, True):
            scene.dns.silent = silent
            goes_out(switch, "sales")  # also while DNS gives no answer
            answers(new, "486 Busy Here")
            assert final(switch) == 486
            scene.look_up("sales")
            new.send(new.request("INVITE", f"sip:5750100@{DOMAIN}"))
            assert answers(switch, "486 Busy Here")["X-MXBox-Trunk"] == "sales"
            waiting(new)
        scene.dns.silent = False


def test_a_name_that_is_not_there_is_told_once_and_its_calls_are_refused_at_once(scene: Scene) -> None:
    with scene.switch() as switch, serving(scene.edge) as call_server:
        goes_out(switch, "missing")
        assert final(switch) == 503
        for _ in range(5):
            scene.look_up("missing")
        scene.dns.addresses("missing.example", NEW)
        scene.look_up("missing")
        until(lambda: len(call_server.noted) == 2)
        assert [each.text for each in call_server.noted] == [
            "DNS gives no address of {host}, trunk {trunk}; what was known before is used on",
            "DNS gives addresses of {host}, trunk {trunk}, again",
        ]
        assert call_server.noted[0].values == {"host": "missing.example", "trunk": "missing"}
        with End(scene.edge, address=NEW, port=5060) as new:
            goes_out(switch, "missing")
            answers(new, "486 Busy Here")
            assert final(switch) == 486


@contextlib.contextmanager
def pointed() -> Iterator[Iterator[tuple[socket.socket, Message]]]:
    """Listen on TCP where NAPTR leads; yields the requests that arrive there, with their connections."""
    with socket.create_server((POINTED, PORT)) as listener, contextlib.ExitStack() as opened:
        connections = list[socket.socket]()

        def requests() -> Iterator[tuple[socket.socket, Message]]:
            while ready := select.select([listener, *connections], [], [], 30)[0]:
                for each in ready:
                    if each is listener:
                        connections.append(opened.enter_context(listener.accept()[0]))
                    elif octets := each.recv(65535):
                        yield each, parse(octets, (POINTED, PORT))

        yield requests()


def test_naptr_says_the_transport_of_calls_and_registrations(scene: Scene) -> None:
    """The first in its order that the box has: it has no SCTP."""
    until(lambda: scene.held("trunk_to", "pointed") != "", 20)
    assert scene.held("trunk_to", "pointed") == f"{POINTED} {PORT},"
    assert (scene.held("trunk_by", "pointed"), scene.held("trunk_by", "sealed")) == ("tcp", "tls")
    assert scene.held("trunk_by", "named") == "udp"
    with scene.switch() as switch, pointed() as requests:
        goes_out(switch, "pointed")
        came = set[str]()
        while not came >= {"INVITE", "REGISTER"}:
            connection, request = next(requests)
            assert request["Via"].startswith("SIP/2.0/TCP ")
            came.add(request.method)
            if request.method == "ACK":
                continue
            kept = [f"{name}: {value}" for name, value in request.headers if name in KEPT]
            response = ["SIP/2.0 486 Busy Here", *kept, f"To: {request['To']};tag=1", "Content-Length: 0", "", ""]
            connection.sendall("\r\n".join(response).encode())
        assert final(switch) == 486


def test_naptr_is_believed_until_it_says_something_else(scene: Scene) -> None:
    scene.dns.pointers("sealed.example")
    scene.look_up("sealed")
    assert scene.held("trunk_by", "sealed") == "tls"
    scene.dns.pointers("sealed.example", (1, 1, "SIP+D2U", UDP))
    scene.look_up("sealed")
    assert (scene.held("trunk_by", "sealed"), scene.held("trunk_to", "sealed")) == ("udp", f"{SECOND} {PORT},")


def test_a_registrar_may_send_to_a_name_of_its_own_addresses(scene: Scene) -> None:
    scene.dns.services("_sip._udp.moved.example", (1, 0, PORT, "strange.example"), (2, 0, OTHER_PORT, "b.example"))
    scene.dns.addresses("strange.example", NEW)
    with scene.first() as first, scene.second() as second:
        while (request := first.receive(30)).method != "REGISTER":
            pass
        first.respond(request, "302 Moved Temporarily", "Contact: <sip:moved.example>")
        assert second.receive(8).method == "REGISTER"
