# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls through the edge, a SIP end in place of the switch: callers are true, the inside stays hidden, no relaying."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.appliance.edge.rig import DOMAIN, Edge, End, Message, md5, running

TRUNK = "127.0.0.9"
TRUNKS = f"""---
[[trunk]]
name = "carrier"
host = "{TRUNK}"
port = PORT
domain = "carrier.example"
user = "box"
password = "trunk-secret"
"""
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/SAVP 8\r\na=crypto:1 X\r\n"
)


@pytest.fixture(scope="module")
def trunk() -> Iterator[End]:
    with End(Edge.__new__(Edge), "88888", TRUNK) as end:
        yield end


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory, trunk: End) -> Iterator[Edge]:
    port = trunk.here.rpartition(":")[2]
    with running(tmp_path_factory.mktemp("edge"), "requests_per_s = 2000\n" + TRUNKS.replace("PORT", port)) as up:
        trunk.edge = up
        yield up


@pytest.fixture
def switch(edge: Edge) -> Iterator[End]:
    with End(edge, "box", port=edge.switch_port) as end:
        yield end


def call(phone: End, uri: str, *headers: str, body: str = SDP) -> None:
    """Send an INVITE and answer the edge's challenge."""
    phone.send(phone.request("INVITE", uri, *headers, body=body, call=f"c{id(phone)}"))
    challenge = phone.final()
    assert challenge.status == 407
    proof = phone.proof(challenge, "INVITE", uri)
    phone.send(phone.request("INVITE", uri, *headers, proof, body=body, call=f"c{id(phone)}", number=2))


def in_dialog(end: End, method: str, uri: str, answer: Message, number: int = 3) -> str:
    routes = [f"Route: {route}" for route in reversed(answer.all("Record-Route"))]
    return end.request(
        method, uri, f"From: {answer['From']}", f"To: {answer['To']}", *routes, call=answer["Call-ID"], number=number
    )


def target(message: Message) -> str:
    return message["Contact"].partition("<")[2].partition(">")[0]


def test_a_phones_call_reaches_the_switch_and_ends(edge: Edge, switch: End) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        call(
            phone,
            f"sip:1002@{DOMAIN}",
            "X-MXBox-From: 9999",
            "X-MXBox-Trunk: carrier",
            "P-Asserted-Identity: <sip:1@x>",
        )
        invite = switch.receive()
        assert invite.all("X-MXBox-From") == ["1001"]
        assert not invite.all("X-MXBox-Trunk")
        assert not invite.all("P-Asserted-Identity")
        assert not invite.all("Proxy-Authorization")
        assert invite.first == f"INVITE sip:1002@{DOMAIN} SIP/2.0"
        assert invite.body == SDP  # SRTP and all else between phone and switch
        assert phone.receive().first == "SIP/2.0 100 Trying", "in the words of nobody's product"
        switch.respond(invite, "200 OK", f"Contact: <sip:{switch.here}>", body=SDP)
        answer = phone.final()
        assert answer.status == 200
        inside = f":{edge.switch_port}"
        assert inside not in answer.first + str(answer.headers)
        phone.send(in_dialog(phone, "ACK", target(answer), answer, 2))
        ack = switch.receive()
        assert ack.first == f"ACK sip:{switch.here} SIP/2.0"
        phone.send(in_dialog(phone, "BYE", target(answer), answer))
        bye = switch.receive()
        assert bye.first == f"BYE sip:{switch.here} SIP/2.0"
        switch.respond(bye, "200 OK")
        assert phone.final().status == 200


def test_the_switch_calls_a_phone_and_hangs_up(edge: Edge, switch: End) -> None:
    with End(edge, "1002", "127.0.0.2") as phone:
        assert phone.register().status == 200
        switch.send(switch.request("INVITE", f"sip:1002@{DOMAIN}", "X-MXBox-Trunk: none", body=SDP))
        invite = phone.receive()
        assert f":{edge.switch_port}" not in str(invite.headers)
        assert not invite.all("X-MXBox-Trunk")
        phone.respond(invite, "200 OK", f"Contact: <sip:1002@{phone.here}>", body=SDP)
        answer = switch.final()
        switch.send(in_dialog(switch, "ACK", target(answer), answer, 1))
        assert phone.receive().first == f"ACK sip:1002@{phone.here} SIP/2.0"
        switch.send(in_dialog(switch, "BYE", target(answer), answer))
        bye = phone.receive()
        assert bye.method == "BYE"
        phone.respond(bye, "200 OK")
        assert switch.final().status == 200
        assert phone.register(0).status == 200


def test_the_switch_is_told_where_each_message_came_from_and_nobody_else_is(edge: Edge, switch: End) -> None:
    """The phone's own header is replaced; a message of the edge's own has no source."""
    forged = "X-MXBox-Source: 127.0.0.99"
    with End(edge, "1001", "127.0.0.2") as phone:
        call(phone, f"sip:1002@{DOMAIN}", forged)
        invite = switch.receive()
        assert invite.all("X-MXBox-Source") == ["127.0.0.2"]
        switch.respond(invite, "200 OK", f"Contact: <sip:{switch.here}>", forged, body=SDP)
        answer = phone.final()
        assert not answer.all("X-MXBox-Source")
        phone.send(in_dialog(phone, "INFO", target(answer), answer))
        info = switch.receive()
        assert info.all("X-MXBox-Source") == ["127.0.0.2"]
        switch.respond(info, "200 OK")
    with End(edge, "1002", "127.0.0.3") as called:
        assert called.register().status == 200
        switch.send(switch.request("INVITE", f"sip:1002@{DOMAIN}", forged, body=SDP))
        invite = called.receive()
        assert not invite.all("X-MXBox-Source")
        called.refuse(invite, "486 Busy Here", forged)
        assert switch.final().all("X-MXBox-Source") == ["127.0.0.3"]
        assert called.register(0).status == 200
    assert not switch.ask("INVITE", f"sip:1002@{DOMAIN}", body=SDP).all("X-MXBox-Source")


def test_a_caller_who_gives_up_is_heard_at_the_switch(edge: Edge, switch: End) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        call(phone, f"sip:1002@{DOMAIN}")
        invite = switch.receive()
        switch.respond(invite, "180 Ringing")
        while (ringing := phone.receive()).status < 180:
            pass
        via = ringing.all("Via")[0]
        cancel = phone.request(
            "CANCEL",
            f"sip:1002@{DOMAIN}",
            f"From: {ringing['From']}",
            f"To: <sip:1002@{DOMAIN}>",
            call=ringing["Call-ID"],
            number=2,
        )
        branch = via.partition("branch=")[2].partition(";")[0]
        own = cancel.partition("branch=")[2].partition(";")[0]
        phone.send(cancel.replace(own, branch))
        cancelled = switch.receive()
        assert cancelled.method == "CANCEL"
        switch.respond(cancelled, "200 OK")
        switch.refuse(invite, "487 Request Terminated")
        finals = {(reply["CSeq"], reply.status) for reply in (phone.final(), phone.final())}
        assert finals == {("2 CANCEL", 200), ("2 INVITE", 487)}


def test_strangers_are_not_relayed(edge: Edge, switch: End) -> None:
    with End(edge, "1001", "127.0.0.6") as stranger, End(edge, "x", "127.0.0.7") as victim:
        elsewhere = f"sip:99@{victim.here}"
        stranger.secret = "guessed"
        assert stranger.ask("INVITE", elsewhere, "From: <sip:nobody@x>;tag=1").status in (403, 407)
        for method in ("MESSAGE", "REFER", "NOTIFY", "PUBLISH", "INFO"):
            assert stranger.ask(method, f"sip:1002@{DOMAIN}").status == 405
        forged = (
            f"Route: <sip:127.0.0.1:{edge.port};lr>",
            f"Route: <{elsewhere};lr>",
            f"To: <sip:99@{DOMAIN}>;tag=made-up",
        )
        assert stranger.ask("BYE", elsewhere, *forged).status in (403, 404)
        assert stranger.ask("BYE", elsewhere, forged[0], forged[2]).status in (403, 404)
        assert stranger.ask("INVITE", elsewhere, f"To: <sip:99@{DOMAIN}>;tag=made-up").status in (403, 404)
        assert victim.silent()
        assert switch.silent(0.05)


def test_a_phone_reaches_the_outside_only_through_the_switch(edge: Edge, switch: End) -> None:
    with End(edge, "1001", "127.0.0.2") as phone, End(edge, "x", "127.0.0.7") as other:
        call(phone, f"sip:99@{other.here}", f"Route: <sip:{other.here};lr>")
        invite = switch.receive()
        assert invite.first == f"INVITE sip:99@{DOMAIN} SIP/2.0"
        assert other.silent(0.1)
        switch.refuse(invite, "486 Busy Here")
        assert phone.final().status == 486


@pytest.mark.parametrize("called", ["4000", "carrier"])
def test_a_trunks_call_is_known_by_its_address(edge: Edge, switch: End, trunk: End, called: str) -> None:
    trunk.send(
        trunk.request(
            "INVITE",
            f"sip:{called}@box",
            "To: <sip:4000@box>",
            "X-MXBox-From: 1001",
            "P-Asserted-Identity: <sip:555@x>",
            body=SDP,
        )
    )
    invite = switch.receive()
    assert invite.all("X-MXBox-Trunk") == ["carrier"]
    assert not invite.all("X-MXBox-From")
    assert invite["P-Asserted-Identity"] == "<sip:555@x>"
    assert invite.first == f"INVITE sip:4000@{DOMAIN} SIP/2.0"
    switch.refuse(invite, "486 Busy Here")
    assert trunk.final().status == 486


@pytest.mark.parametrize("by", ["domain", "header"])
def test_a_trunks_challenge_is_for_the_switch_to_answer(edge: Edge, switch: End, trunk: End, by: str) -> None:
    while not trunk.silent(0.05):
        pass
    header = ("X-MXBox-Trunk: carrier",) if by == "header" else ()
    uri = f"sip:13900000000@{'carrier.example' if by == 'domain' else 'x.example'}"
    switch.send(switch.request("INVITE", uri, *header, call=f"challenged-{by}"))
    invite = trunk.receive()
    assert not invite.all("X-MXBox-Trunk")
    assert f":{edge.switch_port}" not in str(invite.headers)
    trunk.refuse(
        invite, "407 Proxy Authentication Required", 'Proxy-Authenticate: Digest realm="their realm", nonce="n"'
    )
    while (challenge := switch.final())["Call-ID"] != f"challenged-{by}":  # an earlier call's
        pass
    assert challenge.status == 407
    assert 'realm="their realm", nonce="n"' in challenge["Proxy-Authenticate"]


@pytest.mark.parametrize(("cause", "status"), [(34, "503 Service Unavailable"), (38, "503 Service Unavailable")])
def test_why_the_switch_refuses_comes_through(edge: Edge, switch: End, trunk: End, cause: int, status: str) -> None:
    trunk.send(trunk.request("INVITE", f"sip:4000@127.0.0.1:{edge.port}"))
    while (invite := switch.receive()).method != "INVITE":
        pass
    switch.refuse(invite, status, f"Reason: Q.850;cause={cause}")
    refused = trunk.final()
    assert (refused.first, refused["Reason"]) == (f"SIP/2.0 {status}", f"Q.850;cause={cause}")


@pytest.mark.parametrize("extensions", ["xyz", "path", "outbound, gruu"])
def test_an_extension_that_the_registrar_must_have_and_has_not_is_named(edge: Edge, extensions: str) -> None:
    with End(edge) as phone:
        refused = phone.ask("REGISTER", f"sip:{DOMAIN}", f"Require: {extensions}", "Expires: 300")
        assert (refused.status, refused["Unsupported"]) == (420, extensions)
        refused = phone.ask("INVITE", f"sip:1002@{DOMAIN}", "Proxy-Require: xyz", body=SDP)
        assert (refused.status, refused["Unsupported"]) == (420, "xyz")


def test_an_interval_that_is_too_brief_is_told_the_least(edge: Edge) -> None:
    with End(edge) as phone:
        refused = phone.register(5)
        assert (refused.status, refused["Min-Expires"]) == (423, "60")
        refused = phone.ask("REGISTER", f"sip:{DOMAIN}", f"Contact: <sip:1001@{phone.here}>;expires=20", "Expires: 300")
        assert (refused.status, refused["Min-Expires"]) == (423, "60")
        assert phone.register(60).status == 200
        assert phone.register(0).status == 200


def test_nowhere_else_can_the_switch_call(edge: Edge, switch: End) -> None:
    assert switch.ask("INVITE", "sip:1@elsewhere.example").status == 404


def test_the_box_registers_at_a_trunk_that_wants_it(tmp_path: Path) -> None:
    with End(Edge.__new__(Edge), "88888", "127.0.0.10") as carrier:
        port = carrier.here.rpartition(":")[2]
        tables = TRUNKS.replace("PORT", port).replace(TRUNK, "127.0.0.10") + "register = true\nregister_s = 60\n"
        carrier.edge = Edge(tmp_path, tables)
        carrier.edge.start()
        try:
            first = carrier.receive(15)
            assert first.first == "REGISTER sip:carrier.example SIP/2.0"
            assert "sip:box@carrier.example" in first["To"]
            assert f"sip:carrier@127.0.0.1:{carrier.edge.port}" in first["Contact"]
            carrier.respond(first, "401 Unauthorized", 'WWW-Authenticate: Digest realm="their realm", nonce="n"')
            second = carrier.receive()
            answer = re.search('response="([0-9a-f]+)"', second["Authorization"])
            ha1, ha2 = md5("box:their realm:trunk-secret"), md5("REGISTER:sip:carrier.example")
            assert answer
            assert answer[1] == md5(f"{ha1}:n:{ha2}")
            carrier.respond(second, "200 OK", f"Contact: {second['Contact']};expires=60")
        finally:
            carrier.edge.stop()
