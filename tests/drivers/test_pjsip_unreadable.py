# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests that PJSIP cannot read are answered all the same: their senders would repeat them for 32 s."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from drivers.pjsip import open_endpoint
from drivers.pjsip_endpoint import SipEndpoint
from drivers.sip import SipIncoming, SipOptions
from hw_sim.baresip import free_port
from tests.datagrams import receive_signalling
from tests.sip.torture import SDP, Try, invite

FEW_S, MOST = 0.15, 200


@pytest.fixture(scope="module")
def endpoint() -> Iterator[SipEndpoint]:
    first = min(free_port() & ~1, 60000)
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 40, calls=4)
    with open_endpoint(options, lambda _host, _port: True) as opened:
        yield opened


def answers(endpoint: SipEndpoint, text: str, times: int = 1, seconds: float = 3.0) -> list[str]:
    """Return the responses until a final one, or those of a while."""
    host, _, port = endpoint.address.rpartition(":")
    came: list[str] = []
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        sender.setblocking(False)
        here = "{}:{}".format(*sender.getsockname())
        message = Try("", "", text, frozenset(), SDP).message(f"sip:95588@{host}:{port}", here, f"u{here[-5:]}")
        for _ in range(times):
            sender.sendto(message, (host, int(port)))
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (times == 1 and any(each[8:9] >= "2" for each in came)):
            for event in endpoint.poll():
                if isinstance(event, SipIncoming):
                    endpoint.hangup(event.call, 486)
            with contextlib.suppress(BlockingIOError):
                while True:
                    came.append(receive_signalling(sender)[0].decode())
            time.sleep(0.002)
    return came


LINES = {
    "Contact": "contact",
    "CSeq": "cseq",
    "To": "to",
    "From": "sender",
    "Call-ID": "call_id",
    "Max-Forwards": "hops",
    "Content-Length": "content",
}


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Contact", "<sip:1001@{here}"),
        ("Contact", "<sip:10 01@{here}>"),
        ("Contact", "<>"),
        ("Contact", '"1001 <sip:1001@{here}>'),
        ("Route", "<sip:"),
        ("Record-Route", "<sip:{here};lr"),
        ("Content-Length", "many"),
        ("Content-Length", "-126"),
        ("Content-Length", "99999999999999"),
        ("Content-Type", "application"),
        ("CSeq", "36893488147419103232 INVITE"),
        ("CSeq", "first INVITE"),
        ("To", '"Mr. J. User <sip:j.user@{host}>'),
        ("To", "<<>>"),
        ("From", "<sip:;tag=t{token}"),
        ("Call-ID", ""),
        ("Max-Forwards", "plenty"),
        ("Session-Expires", "soon"),
        ("Authorization", 'Digest ="'),
    ],
)
def test_a_header_that_cannot_be_read_is_named_in_the_answer(endpoint: SipEndpoint, header: str, value: str) -> None:
    line = f"{header}: {value}"
    text = invite(**{LINES[header]: line}) if header in LINES else invite(line)
    assert [each.split("\r\n")[0] for each in answers(endpoint, text)] == [
        f"SIP/2.0 400 Malformed {header} Header Field"
    ]


@pytest.mark.parametrize("header", ["To", "From", "Call-ID"])
def test_a_header_that_is_missing_is_named_in_the_answer(endpoint: SipEndpoint, header: str) -> None:
    assert [each.split("\r\n")[0] for each in answers(endpoint, invite(**{LINES[header]: ""}))] == [
        f"SIP/2.0 400 Missing {header} Header Field"
    ]


@pytest.mark.parametrize("method", ["BYE", "CANCEL", "OPTIONS", "REFER", "UPDATE"])
def test_so_is_any_request(endpoint: SipEndpoint, method: str) -> None:
    text = invite(line=f"{method} {{target}} SIP/2.0", cseq=f"CSeq: 7 {method}", contact="Contact: <")
    (answer,) = answers(endpoint, text)
    assert answer.startswith("SIP/2.0 400 ")
    assert f"CSeq: 7 {method}\r\n" in answer


@pytest.mark.parametrize(
    "text",
    [
        invite(line="ACK {target} SIP/2.0", cseq="CSeq: 7 ACK", contact="Contact: <"),
        invite(line="SIP/2.0 200 OK", contact="Contact: <"),
        invite(via="Via: nonsense"),
    ],
)
def test_what_must_not_be_answered_is_not(endpoint: SipEndpoint, text: str) -> None:
    assert answers(endpoint, text, seconds=FEW_S) == []


def test_a_flood_is_answered_in_part_and_others_are_heard(endpoint: SipEndpoint) -> None:
    flood = answers(endpoint, invite(contact="Contact: <"), times=3 * MOST, seconds=0.5)
    assert 0 < len(flood) <= 2 * MOST  # a second may end among them
    assert any(" 486 " in each for each in answers(endpoint, invite()))
