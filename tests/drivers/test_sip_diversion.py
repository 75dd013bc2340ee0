# SPDX-License-Identifier: GPL-2.0-or-later
"""Redirecting parties: Diversion (RFC 5806) and History-Info (RFC 7044) as received, and Diversion as sent."""

import pytest

from drivers import sip_diversion
from drivers.sip import SipParty, SipRedirecting
from tests.drivers.test_sip_parties import invite

UNKNOWN, BUSY, NO_ANSWER, DEFLECTION, OUT_OF_ORDER, UNCONDITIONAL = 0, 1, 2, 4, 9, 15


@pytest.mark.parametrize(
    ("value", "party", "reason"),
    [
        ("<sip:8001@pbx>;reason=user-busy", SipParty("8001"), BUSY),
        ('"李娜" <tel:+86-138-0000-1111>;reason=no-answer;counter=2', SipParty("+8613800001111", "李娜"), NO_ANSWER),
        ("sip:8001@pbx;reason=Unconditional", SipParty("8001"), UNCONDITIONAL),
        ("<sip:8001@pbx>;privacy=full;reason=deflection", SipParty("8001", "", private=True), DEFLECTION),
        ("<sip:8001@pbx>;privacy=name;reason=unavailable", SipParty("8001"), OUT_OF_ORDER),
        ('<sip:8001@pbx>;reason="x";screen=no', SipParty("8001"), UNKNOWN),
        ("<sip:8001@pbx>", SipParty("8001"), UNKNOWN),
        ("<sip:8001@pbx>;reason=follow-me, <sip:8002@pbx>;reason=user-busy", SipParty("8001"), UNCONDITIONAL),
        ("<sip:anonymous@anonymous.invalid>;reason=user-busy", SipParty("", "", private=True), BUSY),
    ],
)
def test_diversion_names_who_sent_the_call_on_last(value: str, party: SipParty, reason: int) -> None:
    for headers in ((f"Diversion: {value}",), (f"diversion:{value}", "Diversion: <sip:9@x>;reason=away")):
        assert sip_diversion.redirecting(invite(*headers)) == SipRedirecting(party, reason)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["<sip:8001@pbx>;index=1, <sip:8002@pbx;cause=302>;index=1.1;mp=1"], SipRedirecting(SipParty("8001"), 15)),
        (["<sip:8001@pbx>;index=1", "<sip:8002@pbx;cause=486>;index=1.1"], SipRedirecting(SipParty("8001"), 1)),
        (
            ["<sip:1@x>;index=1, <sip:2@x;cause=302>;index=1.1, <sip:3@x;cause=408>;index=1.2"],
            SipRedirecting(SipParty("2"), 2),
        ),
        (
            ["<sip:8001@pbx?Reason=SIP%3Bcause%3D486%3Btext%3D%22Busy%22>;index=1, <sip:8002@pbx>;index=1.1"],
            SipRedirecting(SipParty("8001"), 1),
        ),
        (
            ["<sip:8001@pbx?Privacy=history&Reason=SIP%3Bcause%3D302>;index=1, <sip:8002@pbx>;index=2"],
            SipRedirecting(SipParty("8001", "", private=True), 15),
        ),
        (["<sip:8001@pbx>;index=1, <sip:8002@pbx>;index=1.1"], None),  # routed, not redirected
        (["<sip:8001@pbx;cause=302>;index=1"], None),
        (["nothing"], None),
        ([], None),
    ],
)
def test_history_tells_it_where_there_is_no_diversion(headers: list[str], found: SipRedirecting | None) -> None:
    assert sip_diversion.redirecting(invite(*(f"History-Info: {each}" for each in headers))) == found


def test_privacy_of_the_history_hides_the_number() -> None:
    message = invite("History-Info: <sip:1@x>;index=1, <sip:2@x;cause=302>;index=1.1", "Privacy: history")
    assert sip_diversion.redirecting(message) == SipRedirecting(SipParty("1", "", private=True), UNCONDITIONAL)


@pytest.mark.parametrize("reason", [UNKNOWN, BUSY, NO_ANSWER, DEFLECTION, OUT_OF_ORDER, UNCONDITIONAL])
@pytest.mark.parametrize("party", [SipParty("8001", 'A "b" \\c'), SipParty("*12#", "", private=True)])
def test_what_goes_out_is_read_as_it_was_meant(party: SipParty, reason: int) -> None:
    said = SipRedirecting(party, reason)
    assert sip_diversion.redirecting(invite(f"Diversion: {sip_diversion.header(said, 'box.example')}")) == said


def test_a_reason_that_sip_has_no_word_for_is_unknown() -> None:
    assert ";reason=unknown;" in sip_diversion.header(SipRedirecting(SipParty("8001"), 10), "box")
