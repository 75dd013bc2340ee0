# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests that the edge or the switch behind it cannot read are answered: else they would be repeated for 32 s."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from drivers.pjsip import open_endpoint
from drivers.sip import SipOptions
from hw_sim.baresip import free_port
from tests.appliance.edge.rig import DOMAIN, Edge, running
from tests.sip.torture import SDP, Try, invite

TRUNK = """strange_requests_per_s = 60
---
[[trunk]]
name = "carrier"
host = "127.0.0.9"
"""
PIECE_S, PIECES = 0.02, 150
WAYS = ("udp", "tcp", "tls")
CONTACT = invite(contact="Contact: <sip:1001@{here}")


@dataclass
class Scene:
    edge: Edge
    switch: object

    def connect(self, by: str, address: str = "127.0.0.9") -> socket.socket:
        """Return a socket connected to the edge, from the trunk's address or another."""
        plain = socket.socket(type=socket.SOCK_DGRAM if by == "udp" else socket.SOCK_STREAM)
        plain.bind((address, 0))
        plain.connect(("127.0.0.1", self.edge.tls_port if by == "tls" else self.edge.port))
        if by != "tls":
            return plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(plain)

    def send(self, end: socket.socket, text: str, by: str = "udp") -> None:
        here = "{}:{}".format(*end.getsockname())
        text = text.replace("SIP/2.0/UDP", f"SIP/2.0/{by.upper()}")
        end.send(Try("", "", text, frozenset(), SDP).message(f"sip:95588@{DOMAIN}", here, f"r{here[-5:]}"))

    def final(self, end: socket.socket, pieces: int = PIECES) -> str:
        """Return the first final response, or all that was received."""
        end.settimeout(PIECE_S)
        came = ""
        for _ in range(pieces):
            self.switch.poll()  # type: ignore[attr-defined]
            with contextlib.suppress(TimeoutError, ssl.SSLWantReadError):
                came += end.recv(65535).decode()
            for each in came.split("\r\n\r\n"):
                if each.startswith("SIP/2.0 ") and each[8] != "1":
                    return each + "\r\n\r\n"
        return came


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    first = min(free_port() & ~1, 60000)
    with running(tmp_path_factory.mktemp("refusals"), TRUNK) as edge:
        proxy = f"127.0.0.1:{edge.port}"
        options = SipOptions(port=edge.switch_port, rtp_first=first, rtp_last=first + 40, calls=4, proxy=proxy)
        with open_endpoint(options, lambda _host, _port: True) as switch:
            yield Scene(edge, switch)


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize(
    "text",
    [
        CONTACT,
        invite("Route: <sip:"),
        invite("Session-Expires: soon"),
        invite(content="Content-Type: application/sdp\nContent-Length: many"),
        invite(content="Content-Type: application/sdp\nl: -126"),
        invite(cseq="CSeq: 36893488147419103232 INVITE"),
        invite(to='To: "Mr. J. User <sip:j.user@{host}>'),
        invite(to="t: <<>>"),
        invite(to="To:\n <"),
        invite(to="To:"),
        invite(to="t"),
        invite(to=""),
        invite(sender=""),
        invite(call_id=""),
        invite("Via: SIP/2.0/UDP"),
        invite(via="Via: SIP/2.0/UDP {here};branch="),
        invite(line="BYE {target} SIP/2.0", cseq="CSeq: 7 BYE", to="To: <"),
    ],
    ids=range(17),
)
def test_a_request_with_a_header_that_cannot_be_read_is_bad(scene: Scene, text: str, by: str) -> None:
    with scene.connect(by) as end:
        scene.send(end, text, by)
        answer = scene.final(end)
        here = "{}:{}".format(*end.getsockname())
    first, *headers = answer.split("\r\n")
    assert first.startswith("SIP/2.0 400 ")
    assert first not in ("SIP/2.0 400 ", "SIP/2.0 400 Bad Request")
    vias = [each for each in headers if each.startswith("Via: ")]
    assert vias[0].startswith(f"Via: SIP/2.0/{by.upper()} {here};")
    assert ";branch=" in vias[0]
    assert len(vias) == text.count("Via: ")
    assert [each for each in headers if each.startswith("CSeq: ")] == [
        each for each in text.split("\n") if each.startswith("CSeq: ")
    ]


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("ill", [CONTACT, invite(content="Content-Length: many"), invite(to="To: <<>>")])
def test_what_follows_on_a_stream_is_read_as_what_it_is_or_the_stream_ends(scene: Scene, ill: str, by: str) -> None:
    with scene.connect(by) as end:
        scene.send(end, ill, by)
        assert scene.final(end).startswith("SIP/2.0 400 ")
        with contextlib.suppress(OSError):
            scene.send(
                end, invite(line="OPTIONS {target} SIP/2.0", cseq="CSeq: 8 OPTIONS", call_id="Call-ID: next"), by
            )
            later = scene.final(end, 25)
            assert not later or (by != "udp" and ill != CONTACT) or "Call-ID: next" in later


@pytest.mark.parametrize(
    "text",
    [
        invite(line="ACK {target} SIP/2.0", cseq="CSeq: 7 ACK", to="To: <"),
        invite(line="SIP/2.0 200 OK", to="To: <"),
        invite(via="Via: nonsense"),
        invite(via="", to=""),
        invite(cseq="", to=""),
        invite(cseq="CSeq: 7", to=""),
    ],
    ids=range(6),
)
def test_what_must_not_or_cannot_be_answered_is_not(scene: Scene, text: str) -> None:
    with scene.connect("udp") as end:
        scene.send(end, text)
        assert scene.final(end, 10) == ""


@pytest.mark.parametrize("to", ["TO :\n <{target}>", "t:<{target}>", 'To: "a\\"b" <{target}>;x', "To: tel:+861"])
def test_odd_ones_that_can_be_read_pass(scene: Scene, to: str) -> None:
    """Nor do they write into the log: many of them would fill it."""
    before = scene.edge.log().count("ERROR")
    with scene.connect("udp") as end:
        scene.send(end, invite(line="OPTIONS {target} SIP/2.0", cseq="CSeq: 8 OPTIONS", to=to))
        assert scene.final(end).startswith("SIP/2.0 200 ")
    assert scene.edge.log().count("ERROR") == before


def test_a_flood_of_them_is_answered_in_part(scene: Scene) -> None:
    with scene.connect("udp", "127.0.0.33") as flooder:
        for _ in range(400):
            scene.send(flooder, invite(to="To: <<>>"))
        flooder.settimeout(0.3)
        answered = 0
        with contextlib.suppress(TimeoutError):
            while flooder.recv(65535):
                answered += 1
    assert 0 < answered <= 3 * 120  # by its address, in each stretch of two seconds
    with scene.connect("udp") as end:
        scene.send(end, CONTACT)
        assert scene.final(end).startswith("SIP/2.0 400 ")
