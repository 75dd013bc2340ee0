# SPDX-License-Identifier: GPL-2.0-or-later
"""Parties in SIP messages: identities, privacy in all its forms, the called number, targets of a redirection."""

import pytest

from drivers import sip_parties
from drivers.sip import SipParty

ANONYMOUS = 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'
OPEN = 'From: "Li" <sip:8001@box>;tag=1'
NUMBER = "P-Asserted-Identity: <sip:+8613800001111@ims.example>"


def invite(*headers: str, uri: str = "sip:2000@box") -> str:
    return "\r\n".join([f"INVITE {uri} SIP/2.0", *headers, "", "v=0"])


@pytest.mark.parametrize(
    ("privacy", "hidden"),
    [
        (["Privacy: id"], True),
        (["Privacy: ID"], True),
        (["Privacy: user;id"], True),
        (["Privacy: user; id"], True),
        (["Privacy: id;critical"], True),
        (["Privacy: header;user;id"], True),
        (["Privacy: header"], True),
        (["Privacy: critical", "privacy : id"], True),
        (["Privacy: user,id"], True),
        (["Privacy:\r\n id"], True),
        (["Privacy: critical"], False),
        (["Privacy: session"], False),
        (["Privacy: none"], False),
        (["Privacy: identity"], False),
        (["X-Privacy: id"], False),
        ([], False),
    ],
)
def test_privacy_hides_who_calls(privacy: list[str], hidden: bool) -> None:
    message = invite(OPEN, NUMBER, *privacy)
    assert sip_parties.caller(message) == SipParty("8001", "Li", hidden)
    assert sip_parties.asserted(message) == SipParty("+8613800001111", "", hidden)


@pytest.mark.parametrize(("privacy", "hidden"), [("Privacy: user;id", True), ("X: y", True), ("Privacy: none", False)])
def test_an_anonymous_from_hides_the_asserted_number_too(privacy: str, hidden: bool) -> None:
    assert sip_parties.asserted(invite(ANONYMOUS, NUMBER, privacy)) == SipParty("+8613800001111", "", hidden)
    assert sip_parties.caller(invite(ANONYMOUS, NUMBER, privacy)) == SipParty("", "", private=True)


@pytest.mark.parametrize(
    "headers",
    [
        ['P-Asserted-Identity: "李娜" <sip:li.na@ims.example>', "P-Asserted-Identity: <tel:+86-138-0000-1111>"],
        ['P-Asserted-Identity: "李娜" <sip:li.na@ims.example>, <tel:+8613800001111>'],
        ['P-Asserted-Identity: <tel:13800001111;phone-context=+86>, "李娜" <sip:li.na@ims.example>'],
        ['p-asserted-identity: "李娜" <sip:+8613800001111@ims.example;user=phone>'],
    ],
)
def test_of_two_asserted_identities_the_number_and_the_name_are_kept(headers: list[str]) -> None:
    assert sip_parties.asserted(invite(ANONYMOUS, *headers, "Privacy: none")) == SipParty("+8613800001111", "李娜")


def test_nobody_is_asserted_where_nothing_says_so() -> None:
    assert sip_parties.asserted(invite(OPEN)) is None
    assert sip_parties.asserted(invite(OPEN, "P-Asserted-Identity: garbage")) is None


@pytest.mark.parametrize(
    ("headers", "called"),
    [
        ([], "box77"),
        (["P-Called-Party-ID: <sip:+862155550100@carrier;user=phone>"], "box77"),
        (["X-MXBox-Trunk: t", "P-Called-Party-ID: <sip:+862155550100@carrier;user=phone>"], "+862155550100"),
        (["X-MXBox-Trunk: t", "P-Called-Party-ID: <tel:2155550100;phone-context=+86>"], "+862155550100"),
        (["X-MXBox-Trunk: t", "P-Called-Party-ID: garbage"], "box77"),
        (["X-MXBox-Trunk: t", "X-MXBox-Called: tel:021-5555-0100"], "02155550100"),
        (["X-MXBox-Trunk: t", "X-MXBox-Called: sip:2155550100;phone-context=+86@ims"], "+862155550100"),
    ],
)
def test_the_called_number(headers: list[str], called: str) -> None:
    assert sip_parties.called(invite(OPEN, *headers), "sip:box77@box") == called


@pytest.mark.parametrize(
    ("headers", "targets"),
    [
        (["Contact: <sip:8003@mxbox>"], ("8003",)),
        (["Contact: <sip:8003@mxbox>;q=0.2, <sip:8001@mxbox>;q=0.9"], ("8001", "8003")),
        (
            ["Contact: <sip:8004@mxbox>;q=0.2", "m: <sip:8003@mxbox>;q=0.9", "Contact: <sip:8001@a>"],
            ("8001", "8003", "8004"),
        ),
        (["Contact: tel:+86-21-5555-0100"], ("+862155550100",)),
        (["Contact: <sips:8003@mxbox>"], ("8003",)),
        (['Contact: "Bob, 2nd" <sip:0099123@box>;q=1, <sip:2@box>;q=x'], ("0099123", "2")),
        (["Contact: <sip:8003@a>, <sip:8003@b>"], ("8003",)),
        (
            ["Contact: <sip:127.0.0.8;line=sr-1>", "X-MXBox-Contact: <sip:8003@mxbox>;q=0.5,<tel:8001>"],
            ("8001", "8003"),
        ),
        (["Contact: <mailto:a@b>"], ()),
        (["Contact: *"], ()),
        ([], ()),
    ],
)
def test_a_redirection_is_followed_in_the_order_of_q(headers: list[str], targets: tuple[str, ...]) -> None:
    assert sip_parties.targets("\r\n".join(["SIP/2.0 302 Moved", *headers, "", ""])) == targets


RPID = "Remote-Party-ID"


@pytest.mark.parametrize(
    ("headers", "party"),
    [
        (['P-Asserted-Identity: "Li" <sip:+861388@x>'], SipParty("+861388", "Li")),
        (["P-Asserted-Identity: <tel:1388>", "Privacy: id"], SipParty("1388", "", private=True)),
        ([f'{RPID}: "Li" <sip:1388@x>;party=called;screen=yes;privacy=off'], SipParty("1388", "Li")),
        ([f"{RPID}: <sip:1388@x>;party=called;privacy=full"], SipParty("1388", "", private=True)),
        ([f"{RPID}: <sip:1388@x>;privacy=name"], SipParty("1388")),
        ([f"{RPID}: <sip:1@x>;party=calling", f"{RPID}: <sip:2@x>;party=called"], SipParty("2")),
        ([f"{RPID}: <sip:1@x>;party=calling"], None),
        (["P-Asserted-Identity: <sip:1@x>", f"{RPID}: <sip:2@x>"], SipParty("1")),
        (["Privacy: id"], SipParty(private=True)),
        (["Privacy: none"], None),
        ([ANONYMOUS], None),  # in a response it is the other side
        ([], None),
    ],
)
def test_the_far_end_says_who_it_is(headers: list[str], party: SipParty | None) -> None:
    assert sip_parties.connected("\r\n".join(["SIP/2.0 200 OK", OPEN, *headers, "", ""]), "calling") == party


def test_a_caller_is_named_by_remote_party_id_too() -> None:
    said = f'{RPID}: "Li" <sip:+861388@x>;party=calling;privacy=off'
    assert sip_parties.asserted(invite(OPEN, said)) == SipParty("+861388", "Li")
    assert sip_parties.asserted(invite(ANONYMOUS, said)) == SipParty("+861388", "Li", private=True)
    assert sip_parties.asserted(invite(OPEN, f"{RPID}: <sip:2@x>;party=called")) is None
