# SPDX-License-Identifier: GPL-2.0-or-later
"""Who calls whom, from the octets of a SIP message to the switch's events, through PJSIP and the card."""

from collections.abc import Iterator

import pytest

from appliance.messages import Cleared, Incoming, Party, Presentation
from tests.appliance.switch.sip_sender import Sender
from tests.appliance.switch.test_sip_card import Runner, running

SDP = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 22640 RTP/AVP 8\r\n"


class Trunk(Sender):
    """Stands where the edge does, and passes on what a trunk says."""

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
            b"X-MXBox-Trunk: carrier",
            *headers,
            b"Content-Type: " + (kind or b"application/sdp"),
            b"Content-Length: %d" % len(body),
        ]
        self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    def comes(self, box: Runner, *headers: bytes, user: bytes = b"95588") -> Incoming:
        """Send an INVITE; gives what the card makes of it."""
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
