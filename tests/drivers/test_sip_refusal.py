# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers to requests that cannot be read, out of their octets."""

import random

import pytest

from drivers.sip_refusal import refusal
from tests.sip.mutate import mutated
from tests.sip.torture import SDP, TORTURE, Try, invite

HERE, SOURCE = "192.0.2.1:5062", ("192.0.2.9", 40000)


def message(text: str) -> bytes:
    return Try("", "", text, frozenset(), SDP).message("sip:95588@box", HERE, "token")


def lines(text: str, header: str = "") -> list[str]:
    answer = refusal(message(text), SOURCE, header)
    assert answer is not None
    return answer[0].decode("utf-8").split("\r\n")


def test_it_is_made_of_what_leads_back_and_says_what_was_wrong() -> None:
    text = invite("Via: SIP/2.0/TCP 192.0.2.3;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.4", contact="Contact: <")
    first, *headers, length, end, body = lines(text, "Contact")
    assert first == "SIP/2.0 400 Malformed Contact Header Field"
    assert headers[:2] == [
        f"Via: SIP/2.0/UDP {HERE};branch=z9hG4bKtoken;received=192.0.2.9;rport=40000",
        "Via: SIP/2.0/TCP 192.0.2.3;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.4",
    ]
    assert headers[2] == "From: <sip:1001@192.0.2.1>;tag=ttoken"
    assert headers[3].startswith("To: <sip:95588@box>;tag=")
    assert headers[4:] == ["Call-ID: token", "CSeq: 7 INVITE"]
    assert (length, end, body) == ("Content-Length: 0", "", "")


def test_a_repeated_request_gets_the_same_answer() -> None:
    assert lines(invite(contact="")) == lines(invite(contact=""))


@pytest.mark.parametrize(
    ("via", "to"),
    [
        ("Via: SIP/2.0/UDP {here};branch=z9hG4bK1;rport", SOURCE),
        ("v: SIP / 2.0 / UDP {here} ; RPORT = 1", SOURCE),
        ("Via: SIP/2.0/UDP {here};branch=z9hG4bK1", ("192.0.2.9", 5062)),
        ("Via: SIP/2.0/UDP gateway.example", ("192.0.2.9", 5060)),
        ("Via: SIP/2.0/UDP gateway.example:99999", SOURCE),
        ("Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bK1", ("192.0.2.9", 5070)),
    ],
)
def test_it_goes_where_the_request_came_from(via: str, to: tuple[str, int]) -> None:
    answer = refusal(message(invite(via=via)), SOURCE)
    assert answer is not None
    assert answer[1] == to


def test_what_is_wrong_is_given_back_as_it_came() -> None:
    given = 'To: "Mr. Müller 大厅 <sip:j@box>\n ;x'
    answer = refusal(given.encode().join(message(invite(to="To: HERE")).split(b"To: HERE")), SOURCE, "To")
    assert answer is not None
    assert 'To: "Mr. Müller 大厅 <sip:j@box> ;x;tag=' in answer[0].decode()


@pytest.mark.parametrize("name", ["To", "From", "Call-ID"])
def test_a_header_that_is_missing_is_named(name: str) -> None:
    given = {"To": "to", "From": "sender", "Call-ID": "call_id"}[name]
    first, *headers = lines(invite(**{given: ""}))
    assert first == f"SIP/2.0 400 Missing {name} Header Field"
    assert not [line for line in headers if line.startswith(name)]


def test_a_tag_is_kept() -> None:
    assert "To: <sip:95588@box>;tag=ours" in lines(invite(to="To: <{target}>;tag=ours"))


@pytest.mark.parametrize(
    "text",
    [
        invite(line="ACK {target} SIP/2.0", cseq="CSeq: 7 ACK"),
        invite(via=""),
        invite(via="Via: nonsense"),
        invite(cseq=""),
        invite(cseq="CSeq: 7"),
        invite(cseq="CSeq: 7 BYE"),
        invite(line="SIP/2.0 200 OK"),
        invite(line="GET / HTTP/1.1"),
        "\n\n",
    ],
)
def test_what_must_not_or_cannot_be_answered_is_not(text: str) -> None:
    assert refusal(message(text), SOURCE) is None


def test_whatever_comes_an_answer_is_one_message_for_its_sender() -> None:
    chance = random.Random(11)
    for _ in range(3000):
        spoilt = mutated(chance, chance.choice(TORTURE).message("sip:95588@box", HERE, "token"))
        answer = refusal(spoilt, SOURCE, chance.choice(["", "Contact", "a\r\nb"]))
        if answer is not None:
            text, (host, port) = answer
            assert text.count(b"\r\n\r\n") == 1
            assert text.endswith(b"\r\n\r\n")
            assert text.count(b"\n") == text.count(b"\r\n")
            assert len(text) < len(spoilt) + 400
            assert host == SOURCE[0]
            assert 0 < port < 65536
