# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP's text as we read and write it (RFC 3261 20, 25; RFC 3323; RFC 3326), and addresses of phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import sip_parties, sip_text
from drivers.errors import SipAddressError
from drivers.sip import SipAddress, SipParty

HOST = "192.0.2.1:5060"


@pytest.mark.parametrize(
    ("value", "party"),
    [
        ('"Reception, 1st floor" <sip:1001@192.0.2.4:5062>;tag=88', SipParty("1001", "Reception, 1st floor")),
        ("Bob <sip:bob@example.com;user=phone>;tag=1", SipParty("bob", "Bob")),
        ("<sip:+862088881111@192.0.2.4>", SipParty("+862088881111")),
        ("sip:1001@192.0.2.4;tag=7", SipParty("1001")),
        (r'"a \"b\" \\c" <sip:1;x=y@192.0.2.4>', SipParty("1", r'a "b" \c')),
        ("<sip:%2323@192.0.2.4>", SipParty("#23")),
        ("<tel:+8610-1234;phone-context=x>", SipParty("+86101234")),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', SipParty(private=True)),
        ("<sip:192.0.2.4>", SipParty()),
        ("garbage", SipParty()),
        ("", SipParty()),
    ],
)
def test_the_caller_out_of_a_from_header(value: str, party: SipParty) -> None:
    assert sip_parties.party(value) == party


@pytest.mark.parametrize(
    ("party", "value"),
    [
        (SipParty("88881111"), "<sip:88881111@192.0.2.1:5060>"),
        (SipParty("1", '李 "X" \\'), '"李 \\"X\\" \\\\" <sip:1@192.0.2.1:5060>'),
        (SipParty("#9*", "two\r\nlines"), '"twolines" <sip:%239*@192.0.2.1:5060>'),
        (SipParty("1", "secret", private=True), '"Anonymous" <sip:anonymous@anonymous.invalid>'),
        (SipParty("1@evil>"), '"Anonymous" <sip:anonymous@anonymous.invalid>'),
        (SipParty(), '"Anonymous" <sip:anonymous@anonymous.invalid>'),
    ],
)
def test_a_caller_is_written_so_that_nothing_can_be_smuggled_in(party: SipParty, value: str) -> None:
    assert sip_text.name_addr(party, HOST) == value


@given(st.from_regex(r"[0-9*#+]{1,20}", fullmatch=True), st.text(st.characters(codec="utf-8"), max_size=20))
def test_what_was_written_is_read_again(number: str, name: str) -> None:
    printable = "".join(letter for letter in name if letter.isprintable())
    assert sip_parties.party(sip_text.name_addr(SipParty(number, name), HOST)) == SipParty(number, printable)


@given(st.text(max_size=300))
def test_no_text_from_the_network_raises(text: str) -> None:
    for read in (sip_parties.party, sip_text.request_uri, sip_text.status, sip_text.q850_cause):
        read(text)
    sip_text.has_sdp(text)


BYE = "BYE sip:x@192.0.2.1 SIP/2.0\r\nCSeq: 2 BYE\r\n{}\r\nContent-Length: 0\r\n\r\nReason: Q.850;cause=99"


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('Reason: Q.850;cause=17;text="User busy"', 17),
        ('reason : SIP ;cause=200 ;text="Call completed elsewhere", Q.850 ;cause=26', 26),
        ("Reason: Q.850;text=x;\r\n cause=16", 16),
        ("Reason: Q.850;cause=999", None),
        ("Reason: SIP;cause=486", None),
        ("X: y", None),
    ],
)
def test_the_cause_in_a_reason_header(line: str, cause: int | None) -> None:
    assert sip_text.q850_cause(BYE.format(line)) == cause


def test_compact_headers_and_first_lines() -> None:
    invite = "INVITE sip:400@192.0.2.1:5060 SIP/2.0\r\nf: <sip:1@x>\r\nc: application/sdp\r\n\r\nv=0"
    assert sip_text.request_uri(invite) == "sip:400@192.0.2.1:5060"
    assert sip_text.has_sdp(invite)
    assert sip_text.status(invite) == 0
    assert sip_text.status("SIP/2.0 486 Busy Here\r\n\r\n") == 486


def test_addresses_of_phones() -> None:
    assert SipAddress.parse("sip:1001@192.0.2.4:5071") == SipAddress("1001", "192.0.2.4", 5071)
    assert str(SipAddress.parse("sip:1001@192.0.2.4")) == "sip:1001@192.0.2.4:5060"


@pytest.mark.parametrize(
    "uri",
    [
        "1001",
        "sip:1001@phone.example",
        "sip:@192.0.2.4",
        "sip:1@192.0.2.4:0",
        "sip:1@192.0.2.4:70000",
        "sip:1@1.2.3",
        "sip:1\r\nVia: x@192.0.2.4",
        "sip:1@192.0.2.4>;x",
        "sips:1@192.0.2.4",
        "sip:1 2@192.0.2.4",
        "sip:1@[::g]",
    ],
)
def test_an_address_that_cannot_be_called_is_named_with_a_remedy(uri: str) -> None:
    with pytest.raises(SipAddressError) as caught:
        SipAddress.parse(uri)
    assert repr(uri) in str(caught.value)
    assert "sip:1001@" in caught.value.hint


REFER = "REFER sip:mxbox@box SIP/2.0\r\nCall-ID: a\r\nRefer-To: {}\r\n\r\n"


@pytest.mark.parametrize(
    ("value", "number", "replaces"),
    [
        ("<sip:1002@box>", "1002", None),
        ("sip:1002@box", "1002", None),
        ("tel:+862012345678", "+862012345678", None),
        ("<sip:*68@box;user=phone>", "*68", None),
        ("<sip:%23%23@box>", "##", None),
        ("<sip:1002@box?Replaces=ab%40c%3Bto-tag%3Dt1%3Bfrom-tag%3Df1>", "1002", ("ab@c", "t1", "f1")),
        ("<sip:1002@box?Require=replaces&replaces=ab%3bfrom-tag%3df1%3bto-tag%3dt1>", "1002", ("ab", "t1", "f1")),
        ("<sip:1002@box?Replaces=>", "1002", ("", "", "")),
        ("<sip:@box>", "", None),
        ("<http://box/1002>", "", None),
        ("", "", None),
    ],
)
def test_where_a_transfer_shall_go(value: str, number: str, replaces: tuple[str, str, str] | None) -> None:
    assert sip_text.transfer_target(REFER.format(value)) == (number, replaces)
    assert sip_text.transfer_target(REFER.format(value).replace("Refer-To", "r")) == (number, replaces)


@pytest.mark.parametrize(
    ("kind", "body", "pressed"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", ("5", 160)),
        ("application/dtmf-relay", "Signal= *\nDuration = 80", ("*", 80)),
        ("Application/DTMF-Relay", "Signal=11\r\nDuration=x\r\n", ("#", 0)),
        ("application/dtmf-relay", "Signal=a\r\n", ("A", 0)),
        ("application/dtmf-relay", "Signal=16\r\nDuration=80\r\n", None),
        ("application/dtmf-relay", "Signal=\r\n", None),
        ("application/dtmf-relay", "", None),
        ("application/dtmf; x=y", "7", ("7", 0)),
        ("application/dtmf", " # \r\n", ("#", 0)),
        ("application/dtmf", "hello", None),
    ],
)
def test_keys_in_info_requests(kind: str, body: str, pressed: tuple[str, int] | None) -> None:
    info = f"INFO sip:mxbox@box SIP/2.0\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    assert sip_text.tells_key(info)
    assert sip_text.info_key(info) == pressed
    assert not sip_text.tells_key(info.replace("pplication", "udio"))


def test_no_secret_is_shown() -> None:
    message = (
        'INVITE sip:1@box SIP/2.0\r\nAuthorization: Digest username="u",\r\n response="s3cret"\r\n'
        'proxy-authorization : Digest response="s3cret"\r\nVia: SIP/2.0/UDP a\r\n'
        'WWW-Authenticate: Digest nonce="s3cret"\r\nContent-Type: application/sdp\r\n\r\n'
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:s3cret|2^31\r\na=sendrecv\r\n"
    )
    shown = sip_text.without_secrets(message.encode())
    assert "s3cret" not in shown
    for kept in ("INVITE sip:1@box", "Authorization: ...", "Via: SIP/2.0/UDP a", "inline:...|2^31", "a=sendrecv"):
        assert kept in shown
    pressed = "INFO sip:1@box SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=5\r\n"
    assert "Signal" not in sip_text.without_secrets(pressed.encode())
    assert sip_text.without_secrets(b"\xff\r\n") == "\ufffd\r\n"
