# SPDX-License-Identifier: GPL-2.0-or-later
"""Header values, addresses, URIs and telephone numbers by the grammar of RFC 3261 and RFC 3966."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sip_headers import Address, Uri, address, bodies, number, split, uri, values
from drivers.text import plain

MESSAGE = (
    "INVITE sip:1@box SIP/2.0\r\n"
    "f: <sip:1@a>;tag=1\r\n"
    "Privacy :user;\r\n id\r\n"
    "privacy: critical\r\n"
    'Contact: "a, b" <sip:1@a;x=y,z>;q=0.5 , <sip:2@b>\r\n'
    "m:sip:3@c;q=0.1\n"
    "\r\n"
    "From: <sip:body@a>\r\n"
)


def test_headers_by_long_and_short_names_folded_and_repeated_but_not_from_the_body() -> None:
    assert bodies(MESSAGE, "From") == ["<sip:1@a>;tag=1"]
    assert bodies(MESSAGE, "PRIVACY") == ["user; id", "critical"]
    assert bodies(MESSAGE, "Subject") == []
    assert values(MESSAGE, "Contact") == ['"a, b" <sip:1@a;x=y,z>;q=0.5', "<sip:2@b>", "sip:3@c;q=0.1"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        (r'"a\",b",c', [r'"a\",b"', "c"]),
        ("<a,b>,c", ["<a,b>", "c"]),
        (" , a ,, ", ["a"]),
        ('"never closed, b', ['"never closed, b']),
        ("<never closed, b", ["<never closed, b"]),
        ("", []),
    ],
)
def test_a_list_is_cut_outside_of_quotes_and_brackets(text: str, parts: list[str]) -> None:
    assert split(text, ",") == parts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"Li, Na; x" <sip:1@a>;tag=7', Address(Uri("sip", "1", "a"), "Li, Na; x", {"tag": "7"})),
        (r'"a \"b\" \\c"<sip:1@a>', Address(Uri("sip", "1", "a"), r'a "b" \c')),
        ('"<sip:2@b>" <sip:1@a>', Address(Uri("sip", "1", "a"), "<sip:2@b>")),
        ("Bob Smith <sips:1@a:5061>", Address(Uri("sips", "1", "a:5061"), "Bob Smith")),
        ("sip:1@a;q=0.5", Address(Uri("sip", "1", "a", {"q": "0.5"}), "", {"q": "0.5"})),
        (
            "<SIP:1;isub=9:secret@a;user=phone?Replaces=x%40y>;Q=1",
            Address(Uri("sip", "1", "a", {"isub": "9:secret", "user": "phone"}, "Replaces=x%40y"), "", {"q": "1"}),
        ),
        ("<tel:+86-10;phone-context=x>", Address(Uri("tel", "+86-10", "", {"phone-context": "x"}))),
        ('"x', None),
        ("garbage", None),
        ("*", None),
        ("", None),
    ],
)
def test_an_address_with_its_name_and_parameters(value: str, expected: Address | None) -> None:
    assert address(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tel:+862155550100", "+862155550100"),
        ("tel:+86-138-0000-1111", "+8613800001111"),
        ("sip:021-5555-0100@carrier;user=phone", "02155550100"),
        ("sip:(021)5555.0100@carrier", "02155550100"),
        ("sip:0%20202000@box", "0202000"),
        ("tel:13800001111;phone-context=+86", "+8613800001111"),
        ("sip:2155550100;phone-context=+86@ims;user=phone", "+862155550100"),
        ("tel:863-1234;phone-context=+1-914-555", "+19145558631234"),
        ("sip:02000;phone-context=+86@box;user=phone", "02000"),
        ("tel:7042;phone-context=example.com", "7042"),
        ("tel:+8613800001111;phone-context=+1", "+8613800001111"),
        ("tel:+8613800001111;isub=1411;ext=5", "+8613800001111"),
        ("sip:%2368%23@box", "#68#"),
        ("sip:li.na@box", "li.na"),
        ("sip:box77:secret@box", "box77"),
        ("sip:a%0ab@box", ""),
        ("sip:%C0%EE@box", ""),
        ("sip:--@box", "--"),
        ("sip:box", ""),
        ("http://box/1002", ""),
        ("urn:service:sos", ""),
        ("", ""),
    ],
)
def test_the_number_that_a_uri_names(text: str, expected: str) -> None:
    assert number(uri(text)) == expected


@given(st.text(max_size=200))
def test_no_text_from_the_network_raises(text: str) -> None:
    bodies(text, "From")
    values("X: y\r\nContact: " + text, "Contact")
    found = address(text)
    number(found.uri if found else uri(text))


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x9FFF), max_size=20)


@given(WORDS, st.from_regex(r"[0-9*#]{1,20}", fullmatch=True), st.lists(WORDS, max_size=3))
def test_what_is_quoted_by_the_grammar_is_read_as_it_was(name: str, digits: str, others: list[str]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    item = f"{quoted(name)} <sip:{digits.replace('#', '%23')}@host>;tag=1"
    listed = ", ".join([item, *(f"{quoted(other)} <sip:9@host>" for other in others)])
    found = [address(each) for each in split(listed, ",")]
    assert [each.name for each in found if each] == [plain(each) for each in (name, *others)]
    assert found[0] is not None
    assert number(found[0].uri) == digits
