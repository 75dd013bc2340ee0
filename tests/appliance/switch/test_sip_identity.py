# SPDX-License-Identifier: GPL-2.0-or-later
"""Caller and called, from the octets of a SIP message to the switch's events, through PJSIP and the card."""

import random
from collections.abc import Iterator

import pytest

from appliance.contract.switch import Answer, Clear, Cleared, Dial, Incoming, Party, Presentation, Redirected
from drivers import sip_text
from tests.appliance.switch.sip_sender import Sender
from tests.appliance.switch.test_sip_card import Runner, running

SDP = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 22640 RTP/AVP 8\r\n"


class Trunk(Sender):
    """Stand-in for the edge, which passes on a trunk's headers."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    @property
    def port(self) -> int:
        return int(self.here.rpartition(":")[2])

    def invite(
        self, box: Runner, *headers: bytes, user: bytes = b"95588", kind: bytes = b"", body: bytes = SDP
    ) -> None:
        """Send an INVITE; without a From among the headers with one of its own."""
        self.calls += 1
        uri = self.at(box).encode().replace(b"95588", user)
        if not any(header.lower().startswith((b"from", b"f:")) for header in headers):
            headers = (*headers, b"From: <sip:13800001111@carrier>;tag=a")
        lines = [
            b"INVITE " + uri + b" SIP/2.0",
            b"Via: SIP/2.0/UDP %s;branch=z9hG4bK%d;rport" % (self.here.encode(), self.calls),
            b"To: <sip:95588@box>",
            b"Call-ID: %d@carrier" % self.calls,
            b"CSeq: 1 INVITE",
            b"Contact: <sip:%s>" % self.here.encode(),
            b"Max-Forwards: 70",
            *((b"X-MXBox-Trunk: carrier",) if not any(each.startswith(b"X-MXBox-Trunk") for each in headers) else ()),
            *headers,
            b"Content-Type: " + (kind or b"application/sdp"),
            b"Content-Length: %d" % len(body),
        ]
        self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    def comes(self, box: Runner, *headers: bytes, user: bytes = b"95588") -> Incoming:
        """Send an INVITE; return the card's event for it."""
        self.invite(box, *headers, user=user)
        return box.wait(Incoming)


@pytest.fixture
def trunk() -> Iterator[Trunk]:
    made = Trunk()
    yield made
    made.socket.close()


@pytest.fixture
def box(trunk: Trunk) -> Iterator[Runner]:
    with running(calls=30, edge_port=trunk.port) as made:
        yield made


def test_names_that_are_no_utf_8_harm_nothing(trunk: Trunk, box: Runner) -> None:
    def name(header: bytes) -> str:
        came = trunk.comes(box, header)
        came.caller.name.encode()
        assert came.caller.number == "13800001111"
        return came.caller.name

    assert name(b'From: "\xc0\xee\xc4\xc8" <sip:13800001111@carrier>;tag=a') == "李娜"
    assert name(b'f:"' + "李娜".encode() + b'"<sip:13800001111@carrier>;tag=a') == "李娜"
    assert name(b'From: "M\xff\xfeller" <sip:13800001111@carrier>;tag=a') == "M\ufffd\ufffdller"
    assert name(b'P-Asserted-Identity: "\xc0\xee\xc4\xc8" <sip:13800001111@carrier>') == "李娜"
    assert name(b'From: "a\xe2\x80\xaeb\x01" <sip:13800001111@carrier>;tag=a') in {"ab", ""}
    assert not [event for event in box.events if isinstance(event, Cleared)]


def test_octets_anywhere_in_a_message_reach_no_event(trunk: Trunk, box: Runner) -> None:
    for header in (b"Subject", b"Reason", b"X-MXBox-Called", b"P-Called-Party-ID", b"Privacy", b"User-Agent"):
        came = trunk.comes(box, header + b": \xc0\xee\xc4\xc8 \xff")
        assert (came.called, came.caller) == ("95588", Party("13800001111"))


@pytest.mark.parametrize("privacy", [b"id", b"user;id", b"id;critical", b"user; id", b"header;user;id"])
def test_a_number_that_must_not_be_shown_is_kept_as_restricted(trunk: Trunk, box: Runner, privacy: bytes) -> None:
    anonymous = b'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=a'
    number = b"P-Asserted-Identity: <sip:+8613800001111@ims.example>"
    hidden = Party("+8613800001111", "", Presentation.RESTRICTED)
    assert trunk.comes(box, anonymous, number, b"Privacy: " + privacy).caller == hidden
    assert trunk.comes(box, number, b"Privacy: critical", b"Privacy: " + privacy).caller == hidden
    assert trunk.comes(box, b"Privacy: " + privacy).caller == Party("13800001111", "", Presentation.RESTRICTED)


def test_numbers_are_told_without_separators_and_with_their_context(trunk: Trunk, box: Runner) -> None:
    came = trunk.comes(box, b"From: <tel:+86-138-0000-1111>;tag=a", user=b"021-5555-0100;phone-context=+86")
    assert (came.called, came.caller.number) == ("02155550100", "+8613800001111")
    came = trunk.comes(box, b"P-Called-Party-ID: <tel:2155550100;phone-context=+86>", user=b"box77")
    assert came.called == "+862155550100"


def wrapped(kind: bytes, boundary: bytes, *parts: bytes) -> tuple[bytes, bytes]:
    """A body of several parts; its type and itself."""
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    return b"multipart/" + kind + b';boundary="' + boundary + b'"', body


def part(kind: bytes, body: bytes) -> bytes:
    return b"Content-Type: " + kind + b"\r\n\r\n" + body


ISUP = part(b"application/isup;version=itu-t92+", b"\x01\x10\x48\x00\x0a\xff")
XML = part(b"application/pidf+xml", b"<presence/>")
WRAPPED = (
    wrapped(b"mixed", b"a", ISUP, part(b"application/sdp", SDP)),
    wrapped(b"related", b"a", part(b"Application/SDP", SDP), XML),
    wrapped(b"mixed", b"a", XML, part(*wrapped(b"alternative", b"b", ISUP, part(b"application/sdp", SDP)))),
    wrapped(
        b"mixed",
        b"a",
        part(*wrapped(b"related", b"x", part(*wrapped(b"signed", b"c", part(b"application/sdp", SDP))))),
    ),
)


@pytest.mark.parametrize(("kind", "body"), WRAPPED)
def test_a_description_is_found_wherever_it_stands(trunk: Trunk, box: Runner, kind: bytes, body: bytes) -> None:
    trunk.invite(box, kind=kind, body=body)
    box.card.execute(Answer(box.wait(Incoming).leg), box.now)
    came: list[str] = []

    def answered() -> bool:
        came.extend(text for text in trunk.receive() if text.startswith("SIP/2.0 200"))
        return bool(came)

    box.until(answered)
    assert "m=audio" in came[0]
    assert "RTP/AVP 8" in came[0], "an answer to what it offered, not an offer of our own"
    assert sip_text.has_sdp((b"INVITE x SIP/2.0\r\n" + part(kind, body)).decode("latin-1"))


@pytest.mark.parametrize(
    ("contacts", "told"),
    [
        (["<tel:+86-21-5555-0100>"], Redirected(1, "+862155550100")),
        (["<sip:8004@box>;q=0.2, <tel:8003>;q=0.9"], Redirected(1, "8003", ("8004",))),
        (["<sip:8004@box>;q=0.2", "<sips:8003@box>"], Redirected(1, "8003", ("8004",))),
        (["<mailto:a@b>"], None),
    ],
)
def test_a_phone_at_a_fixed_address_sends_a_caller_to_any_kind_of_number(
    contacts: list[str], told: Redirected | None
) -> None:
    phone = Sender()
    line = f"sip:1001@{phone.here}"
    with running(line) as box:
        phone.at(box)
        box.card.execute(Dial(1, line, "1001"), box.now)
        came: list[str] = []

        def rung() -> bool:
            came.extend(text for text in phone.receive() if text.startswith("INVITE"))
            return bool(came)

        box.until(rung)
        kept = [
            each for each in came[0].split("\r\n") if each.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))
        ]
        lines = ["SIP/2.0 302 Moved", *kept, *(f"Contact: {each}" for each in contacts), "Content-Length: 0", "", ""]
        phone.send("\r\n".join(lines).encode())
        box.until(lambda: any(isinstance(event, Cleared) for event in box.events))
        assert box.events == [*([told] if told else []), Cleared(1, 23 if told else 18, connected=False)]
    phone.socket.close()


def test_broken_parts_harm_nothing(trunk: Trunk, box: Runner) -> None:
    chance = random.Random(7)
    for n in range(400):
        kind, body = chance.choice(WRAPPED)
        at, more = (
            chance.randrange(len(body)),
            chance.choice((b"", b"--a", b"\r\n--b--", b"\r\n\r\n", b"\xff", b"\x00")),
        )
        trunk.invite(box, kind=kind, body=body[:at] + more + body[at + chance.randrange(30) :])
        if n % 40 == 0:
            box.run(0.04)
            for event in box.events:
                if isinstance(event, Incoming):
                    box.card.execute(Clear(event.leg), box.now)
            box.events.clear()
            trunk.receive()
    box.run(0.5)
    for event in box.events:
        if isinstance(event, Incoming):
            box.card.execute(Clear(event.leg), box.now)
    box.run(0.2)
    box.events.clear()
    assert trunk.comes(box).called == "95588"


def invited(trunk: Trunk, box: Runner, line: str, caller: Party) -> list[str]:
    """Return the caller in an INVITE to a line, header by header."""
    box.card.execute(Dial(1, line, "2000", caller), box.now)
    came: list[str] = []

    def arrived() -> bool:
        came.extend(text for text in trunk.receive() if text.startswith("INVITE"))
        return bool(came)

    box.until(arrived)
    names = ("From:", "P-Asserted-Identity:", "Privacy:", "Contact:")
    return sorted(each for each in came[0].split("\r\n") if each.startswith(names))


OPEN, HIDDEN = Party("57501001", "Ann"), Party("57501001", "Ann", Presentation.RESTRICTED)
WITHHELD = 'From: "Anonymous" <sip:anonymous@anonymous.invalid>'


@pytest.mark.parametrize("line", ["trunk:carrier", "trunk:friend", "phone:1001"])
def test_a_withheld_number_is_told_to_trusted_trunks_alone(trunk: Trunk, box: Runner, line: str) -> None:
    said = "\n".join(invited(trunk, box, line, HIDDEN))
    assert WITHHELD in said
    assert "Privacy: id" in said
    assert ("57501001" in said) == (line == "trunk:friend")


@pytest.mark.parametrize("line", ["trunk:carrier", "trunk:friend"])
def test_an_open_number_is_told_and_asserted(trunk: Trunk, box: Runner, line: str) -> None:
    said = "\n".join(invited(trunk, box, line, OPEN))
    assert 'From: "Ann" <sip:57501001@box.example>' in said
    assert 'P-Asserted-Identity: "Ann" <sip:57501001@box.example>' in said
    assert "Privacy" not in said
