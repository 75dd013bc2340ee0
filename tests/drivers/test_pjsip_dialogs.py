# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests inside calls, word by word: the phone's are answered by their RFC, ours may be refused."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from drivers.errors import SipBusyError
from drivers.pjsip import open_endpoint
from drivers.pjsip_endpoint import SipEndpoint
from drivers.sip import (
    SipAddress,
    SipAnswered,
    SipEnded,
    SipEvent,
    SipHeld,
    SipIncoming,
    SipOptions,
    SipParty,
    SipTransfer,
    SipTrunk,
)
from hw_sim.baresip import free_port
from tests.drivers.word_phone import WordPhone

REQUIRED = "Content-Disposition: signal;handling=required\r\n"
ALLOW = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO"


def field_of(text: str, name: str) -> str:
    """The value of a header of a message."""
    return next((line.split(":", 1)[1].strip() for line in text.split("\r\n") if line.startswith(f"{name}:")), "")


@dataclass
class Talk:
    """A call that a phone made to an endpoint, which answered it."""

    endpoint: SipEndpoint
    phone: WordPhone
    call: int = 0
    events: list[SipEvent] = field(default_factory=list)
    patience_s: float = 5.0

    def step(self) -> None:
        self.events += self.endpoint.poll()
        self.phone.poll()
        time.sleep(0.002)

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.patience_s
        while not done():
            assert time.monotonic() < deadline, (self.events, self.phone.received[-3:])
            self.step()

    def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.step()

    def set_up(self, *headers: str, body: str | None = None) -> None:
        host, _, port = self.endpoint.address.rpartition(":")
        self.phone.call((host, int(port)), "95588", *headers, body=body)
        self.until(lambda: any(isinstance(event, SipIncoming) for event in self.events))
        self.call = next(event.call for event in self.events if isinstance(event, SipIncoming))
        self.endpoint.answer(self.call)
        self.until(lambda: self.phone.answered)
        self.run(0.05)  # the ACK arrives

    def ask(self, method: str, *headers: str, body: str = "", content: str = "") -> str:
        """Send a request in the dialog; return its final response, acknowledged if it is a 2xx to INVITE."""
        request = self.phone.request(method, *headers, body=body, content=content)
        return self.answer_to(request)

    def answer_to(self, request: str) -> str:
        branch, found = field_of(request, "Via").partition("branch=")[2].partition(";")[0], list[str]()
        self.phone.send(request)

        def final() -> bool:
            mine = (text for text in self.phone.received if text.startswith("SIP/2.0") and branch in text)
            found[:] = [text for text in mine if not text.startswith("SIP/2.0 1")]
            return bool(found)

        self.until(final)
        if request.startswith("INVITE") and status(found[-1]) >= 300:  # RFC 3261 17.1.1.3: in the transaction
            self.phone.send(re.sub(r"\bINVITE\b", "ACK", request.partition("\r\nContent-Type")[0]) + "\r\n\r\n")
            self.run(0.05)
        return found[-1]

    def sent(self, method: str) -> list[str]:
        """Requests of that method that the phone got."""
        return [text for text in self.phone.received if text.startswith(f"{method} ")]


@contextmanager
def talking(*headers: str, body: str | None = None, session_s: int = 1800, srtp: str = "off") -> Iterator[Talk]:
    first = min(free_port() & ~1, 60000)
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 40, calls=4, session_s=session_s, srtp=srtp)
    phone = WordPhone()
    try:
        with open_endpoint(options, lambda _host, _port: True) as endpoint:
            talk = Talk(endpoint, phone)
            talk.set_up(*headers, body=body)
            yield talk
    finally:
        phone.close()


def status(text: str) -> int:
    return int(text[8:11])


def description(phone: WordPhone, direction: str, version: int) -> str:
    return phone.sdp().replace("o=- 1 1 ", f"o=- 1 {version} ") + f"a={direction}\r\n"


def switched_off(phone: WordPhone, version: int = 2) -> str:
    """A description without sound (RFC 3264 8.2)."""
    return re.sub(r"m=audio \d+ ", "m=audio 0 ", phone.sdp().replace("o=- 1 1 ", f"o=- 1 {version} "))


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_phone_whose_display_was_changed_can_hold_and_take_back(method: str) -> None:
    with talking(ALLOW) as talk:
        for version in (2, 4):
            talk.endpoint.show(talk.call, SipParty("8003", "Phone 8003"))
            talk.until(lambda version=version: len(talk.sent("UPDATE")) == version // 2)  # type: ignore[misc]
            update = talk.sent("UPDATE")[-1]
            assert field_of(update, "P-Asserted-Identity").startswith('"Phone 8003" <sip:8003@')
            assert not field_of(update, "Content-Type"), "it leaves the sound alone"
            talk.run(0.05)
            for direction, held in (("sendonly", True), ("sendrecv", False)):
                offer = description(talk.phone, direction, version + (not held))
                answer = talk.ask(method, body=offer, content="application/sdp")
                assert status(answer) == 200, answer
                talk.until(lambda held=held: SipHeld(talk.call, held) in talk.events)  # type: ignore[misc]
            talk.events.clear()


def test_a_description_that_was_refused_does_not_hinder_the_next() -> None:
    with talking(ALLOW) as talk:
        useless = talk.phone.sdp().replace("RTP/AVP 8", "RTP/AVP 3").replace("o=- 1 1 ", "o=- 1 2 ")
        assert status(talk.ask("INVITE", body=useless, content="application/sdp")) == 488
        talk.endpoint.show(talk.call, SipParty("8003"))
        talk.run(0.05)
        hold = description(talk.phone, "sendonly", 3)
        assert status(talk.ask("INVITE", body=hold, content="application/sdp")) == 200


def test_a_refresh_without_a_description_is_answered_after_a_change_of_the_display() -> None:
    with talking(ALLOW) as talk:
        talk.endpoint.show(talk.call, SipParty("8003"))
        talk.run(0.05)
        assert status(talk.ask("UPDATE")) == 200
        answer = talk.ask("INVITE")
        assert (status(answer), "m=audio" in answer) == (200, True)


REQUESTS = [
    ("OPTIONS", (), "", "", 200, "Allow", "INVITE"),
    ("INFO", (), "", "", 200, "", ""),
    ("INFO", (), "<media_control/>", "application/media_control+xml", 415, "Accept", "application/dtmf-relay"),
    ("INFO", ("Info-Package: conference",), "x", "text/plain", 469, "Recv-Info", ""),
    ("NOTIFY", ("Event: talk", "Subscription-State: active"), "", "", 489, "Allow-Events", "refer"),
    ("SUBSCRIBE", ("Event: presence", "Expires: 60"), "", "", 489, "Allow-Events", "refer"),
    ("MESSAGE", (), "hello", "text/plain", 405, "Allow", "INVITE"),
    ("PUBLISH", ("Event: presence",), "", "", 405, "Allow", "INVITE"),
    ("FROBNICATE", (), "", "", 405, "Allow", "INVITE"),
]


@pytest.mark.parametrize(("method", "headers", "body", "content", "code", "header", "says"), REQUESTS)
def test_a_request_that_is_not_used_gets_the_answer_of_its_rfc(
    method: str, headers: tuple[str, ...], body: str, content: str, code: int, header: str, says: str
) -> None:
    with talking() as talk:
        for _ in range(2):
            answer = talk.ask(method, *headers, body=body, content=content)
            assert status(answer) == code, answer
            assert says in field_of(answer, header)
        talk.run(0.05)
        assert not any(isinstance(event, SipEnded) for event in talk.events)
        assert status(talk.ask("BYE")) == 200


def test_a_request_that_comes_twice_is_answered_twice_alike_and_an_older_one_refused() -> None:
    with talking() as talk:
        request = talk.phone.request("OPTIONS")
        assert talk.answer_to(request) == talk.answer_to(request)
        older = talk.phone.request("OPTIONS", number=1)
        assert status(talk.answer_to(older)) == 500, "RFC 3261 12.2.2"


@pytest.mark.parametrize("method", sorted({each[0] for each in REQUESTS} | {"REFER", "UPDATE", "INVITE", "BYE"}))
def test_a_request_that_comes_too_late_is_told_that_its_call_is_over(method: str) -> None:
    with talking() as talk:
        talk.phone.answers_requests = False
        talk.endpoint.hangup(talk.call)
        talk.until(lambda: bool(talk.sent("BYE")))
        headers = ("Refer-To: <sip:1002@box.example>",) if method == "REFER" else ()
        assert status(talk.ask(method, *headers)) == (200 if method == "BYE" else 481)


def test_nothing_is_advertised_that_is_declined() -> None:
    with talking() as talk:
        said = next(text for text in talk.phone.received if text.startswith("SIP/2.0 200"))
        for method in field_of(said, "Allow").split(", "):
            if method in ("ACK", "CANCEL", "BYE"):
                continue
            headers = ("Refer-To: <sip:1002@box.example>",) if method == "REFER" else ()
            answer = talk.ask(method, *headers)
            assert status(answer) in ((400,) if method == "PRACK" else (200, 202)), "no response is to be acknowledged"
        assert not {"MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH"} & set(field_of(said, "Allow").split(", "))


def test_an_answer_to_refer_says_where_to_ask_on_and_that_nothing_follows() -> None:
    with talking() as talk:
        answer = talk.ask("REFER", "Refer-To: <sip:1002@box.example>", "Refer-Sub: false")
        assert status(answer) == 202
        assert field_of(answer, "Contact").startswith("<sip:")
        assert field_of(answer, "Refer-Sub") == "false"
        assert any(isinstance(event, SipTransfer) for event in talk.events)
        talk.endpoint.transferred(talk.call, ok=True)
        talk.run(0.1)
        assert not talk.sent("NOTIFY")


@pytest.mark.parametrize(
    "headers",
    [
        ("Refer-To: <sip:1002@box.example>", "Refer-To: <sip:1003@box.example>"),
        ("Refer-To: <sip:1002@box.example>", "r: <sip:1003@box.example>"),
        ("Refer-To: <sip:1002@box.example>, <sip:1003@box.example>",),
        (),
    ],
)
def test_a_refer_to_two_or_to_none_is_a_bad_request(headers: tuple[str, ...]) -> None:
    with talking() as talk:
        assert status(talk.ask("REFER", *headers)) == 400
        assert status(talk.ask("REFER", 'Refer-To: "Li, Na" <sip:1002@box.example;a=b,c>')) == 202


TEXT = "m=text 41000 RTP/AVP 100 98\r\na=rtpmap:98 t140/1000\r\na=rtpmap:100 red/1000\r\na=fmtp:100 98/98/98\r\n"


def test_a_line_for_text_is_neither_taken_nor_offered() -> None:
    phone = WordPhone()
    offer = phone.sdp() + TEXT
    phone.close()
    with talking(body=offer) as talk:
        said = next(text for text in talk.phone.received if text.startswith("SIP/2.0 200"))
        assert re.findall(r"m=(\w+) (\d+)", said)[1] == ("text", "0"), "RFC 3264 6"
    with talking(body="") as talk:
        said = next(text for text in talk.phone.received if text.startswith("SIP/2.0 200"))
        assert re.findall(r"m=(\w+) ", said) == ["audio"]
    with talking(srtp="accept") as talk:
        answer = talk.ask("INVITE")
        assert re.findall(r"m=(\w+) ", answer) == ["audio"]
        assert "a=crypto" not in answer


@pytest.mark.parametrize(("srtp", "offered"), [("off", False), ("accept", False), ("offer", True)])
def test_an_offer_of_ours_has_keys_only_where_srtp_is_to_be_asked_for(srtp: str, *, offered: bool) -> None:
    with talking(body="", srtp=srtp) as talk:
        said = next(text for text in talk.phone.received if text.startswith("SIP/2.0 200"))
        assert "RTP/AVP " in said
        assert ("a=crypto" in said) is offered


def test_keys_that_the_far_end_offers_are_answered() -> None:
    phone = WordPhone()
    key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
    offer = phone.sdp().replace("RTP/AVP", "RTP/SAVP") + key
    phone.close()
    with talking(body=offer, srtp="accept") as talk:
        said = next(text for text in talk.phone.received if text.startswith("SIP/2.0 200"))
        assert "RTP/SAVP" in said
        assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80" in said


def test_a_long_name_is_sent_and_one_that_no_message_holds_is_told_at_once() -> None:
    with talking() as talk:
        row = talk.endpoint.free_rows
        number = talk.endpoint.dial(SipAddress.parse(talk.phone.line), SipParty("1002", "n" * 6000))
        talk.until(lambda: bool(talk.sent("INVITE")))
        assert "n" * 6000 in talk.sent("INVITE")[0]
        talk.endpoint.hangup(number)
        with pytest.raises(SipBusyError, match="too long"):
            talk.endpoint.dial(SipAddress.parse(talk.phone.line), SipParty("1002", "n" * 20000))
        talk.run(0.1)
        assert talk.endpoint.free_rows >= row - 1


def answer(phone: WordPhone, request: str, status_line: str, *headers: str, body: str = "") -> None:
    """Answer a request of the box, which becomes a dialog."""
    kept = re.findall(r"^((?:Via|From|Call-ID|CSeq): [^\r]+)", request, re.MULTILINE)
    kept.append(f"To: {field_of(request, 'To')};tag=b{len(phone.received)}")
    kept += [f"Contact: <{phone.line}>", *(["Content-Type: application/sdp"] if body else [])]
    phone.send("\r\n".join([f"SIP/2.0 {status_line}", *kept, *headers, f"Content-Length: {len(body)}", "", body]))


def cseq(text: str) -> int:
    return int(field_of(text, "CSeq").split()[0])


@pytest.mark.parametrize("code", [401, 407])
def test_a_challenge_is_answered_by_a_request_of_the_next_number(code: int) -> None:
    with talking() as talk:
        to, trunk = SipAddress.parse(talk.phone.line), SipTrunk("carrier", "box", "secret")
        number = talk.endpoint.dial(to, SipParty("1002"), trunk=trunk)
        talk.until(lambda: len(talk.sent("INVITE")) == 1)
        first = talk.sent("INVITE")[0]
        assert field_of(first, "X-MXBox-Trunk") == "carrier"
        name = "WWW-Authenticate" if code == 401 else "Proxy-Authenticate"
        answer(talk.phone, first, f"{code} Who", f'{name}: Digest realm="their realm", nonce="n"')
        talk.until(lambda: len(talk.sent("INVITE")) == 2)
        again = talk.sent("INVITE")[1]
        proof = field_of(again, "Authorization" if code == 401 else "Proxy-Authorization")
        assert 'username="box"' in proof
        assert 'realm="their realm"' in proof
        assert cseq(again) == cseq(first) + 1, "RFC 3261 22.2"
        assert field_of(again, "X-MXBox-Trunk") == "carrier"
        answer(talk.phone, again, "200 OK", body=talk.phone.sdp())
        talk.until(lambda: SipAnswered(number) in talk.events)
        talk.endpoint.hangup(number)
        talk.until(lambda: bool(talk.sent("BYE")))
        assert [cseq(text) for text in talk.sent("ACK")] == [cseq(first), cseq(again)]
        assert cseq(talk.sent("BYE")[0]) == cseq(again) + 1


def test_a_wrong_password_is_not_tried_for_ever() -> None:
    with talking() as talk:
        number = talk.endpoint.dial(
            SipAddress.parse(talk.phone.line), SipParty("1002"), trunk=SipTrunk("carrier", "box", "wrong")
        )
        for turn in range(1, 3):
            talk.until(lambda turn=turn: len(talk.sent("INVITE")) >= turn)  # type: ignore[misc]
            answer(talk.phone, talk.sent("INVITE")[-1], "407 Who", 'Proxy-Authenticate: Digest realm="r", nonce="n"')
        talk.until(lambda: any(isinstance(event, SipEnded) and event.call == number for event in talk.events))
        assert len(talk.sent("INVITE")) == 2


@pytest.mark.parametrize(("cause", "elsewhere"), [(26, True), (16, False), (19, False)])
def test_a_phone_that_rings_is_told_whether_another_one_answered(cause: int, *, elsewhere: bool) -> None:
    with talking() as talk:
        number = talk.endpoint.dial(SipAddress.parse(talk.phone.line), SipParty("1002"))
        talk.until(lambda: bool(talk.sent("INVITE")))
        answer(talk.phone, talk.sent("INVITE")[0], "180 Ringing")
        talk.run(0.05)
        talk.endpoint.hangup(number, cause=cause)
        talk.until(lambda: bool(talk.sent("CANCEL")))
        cancel = talk.sent("CANCEL")[0]
        assert f"Reason: Q.850;cause={cause}" in cancel
        assert ('Reason: SIP;cause=200;text="Call completed elsewhere"' in cancel) is elsewhere


def test_a_transfer_by_a_line_that_may_not_is_refused_at_once() -> None:
    with talking() as talk:
        talk.endpoint.keep(talk.call)
        assert status(talk.ask("REFER", "Refer-To: <sip:1002@box.example>")) == 603
        talk.run(0.05)
        assert not talk.sent("NOTIFY")
        assert not any(isinstance(event, SipTransfer) for event in talk.events)


PART = "--b\r\nContent-Type: {kind}\r\n{more}\r\n{text}\r\n"


@pytest.mark.parametrize(
    ("handling", "status_of_it"), [("", 200), ("Content-Disposition: x;handling=optional\r\n", 200), (REQUIRED, 415)]
)
def test_a_part_that_must_be_understood_is_refused_where_it_is_not(handling: str, status_of_it: int) -> None:
    with talking() as talk:
        parts = PART.format(kind="application/sdp", more="", text=description(talk.phone, "sendrecv", 2))
        parts += PART.format(kind="application/isup", more=handling, text="x") + "--b--\r\n"
        said = talk.ask("INVITE", body=parts, content="multipart/mixed;boundary=b")
        assert status(said) == status_of_it
        if status_of_it == 415:
            assert field_of(said, "Accept") == "application/sdp"


@pytest.mark.parametrize(("coding", "status_of_it"), [("identity", 200), ("gzip", 415)])
@pytest.mark.parametrize("name", ["Content-Encoding", "e"])
def test_a_coding_that_is_not_read_is_refused(name: str, coding: str, status_of_it: int) -> None:
    with talking() as talk:
        offer = description(talk.phone, "sendrecv", 2)
        said = talk.ask("INVITE", f"{name}: {coding}", body=offer, content="application/sdp")
        assert status(said) == status_of_it
        if status_of_it == 415:
            assert field_of(said, "Accept-Encoding") == "identity"
