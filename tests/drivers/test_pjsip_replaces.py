# SPDX-License-Identifier: GPL-2.0-or-later
"""INVITE with Replaces (RFC 3891), word by word."""

import time

import pytest

from drivers.sip import SipAddress, SipIncoming, SipParty
from tests.drivers.test_pjsip_dialogs import Talk, answer, field_of, talking
from tests.drivers.word_phone import WordPhone


def replacing(talk: Talk, dialog: tuple[str, str, str], more: str = "") -> WordPhone:
    """Another phone whose INVITE names a dialog: Call-ID, the box's tag, the phone's."""
    call_id, ours, theirs = dialog
    other, (host, _, port) = WordPhone(number="1003"), talk.endpoint.address.rpartition(":")
    other.call((host, int(port)), "95588", f"Replaces: {call_id};to-tag={ours};from-tag={theirs}{more}")
    return other


def tag(value: str) -> str:
    return value.partition("tag=")[2].partition(";")[0]


def answered_dialog(talk: Talk) -> tuple[str, str, str]:
    said = next(text for text in talk.phone.received if text.startswith("SIP/2.0 200"))
    return field_of(said, "Call-ID"), tag(field_of(said, "To")), tag(field_of(said, "From"))


def last_status(talk: Talk, phone: WordPhone) -> int:
    """The final response that another phone gets, which is closed."""
    deadline = time.monotonic() + 5
    while phone.status() < 200 and time.monotonic() < deadline:
        phone.poll()
        talk.step()
    phone.close()
    return phone.status()


def test_an_invite_that_replaces_a_call_is_a_call_that_names_it() -> None:
    with talking() as talk:
        other = replacing(talk, answered_dialog(talk))
        talk.until(lambda: len([event for event in talk.events if isinstance(event, SipIncoming)]) == 2)
        incoming = [event for event in talk.events if isinstance(event, SipIncoming)][1]
        assert incoming.replaces == talk.call
        talk.endpoint.answer(incoming.call)
        assert last_status(talk, other) == 200
        assert not talk.sent("BYE"), "what becomes of the other is call control's to say"


def test_a_phone_that_rings_is_picked_up_by_its_dialog() -> None:
    with talking() as talk:
        number = talk.endpoint.dial(SipAddress.parse(talk.phone.line), SipParty("1002"))
        talk.until(lambda: bool(talk.sent("INVITE")))
        invite = talk.sent("INVITE")[0]
        answer(talk.phone, invite, "180 Ringing")
        talk.run(0.05)
        theirs = f"b{len(talk.phone.received)}"
        dialog = (field_of(invite, "Call-ID"), tag(field_of(invite, "From")), theirs)
        talk.events.clear()
        other = replacing(talk, dialog, ";early-only")
        talk.until(lambda: any(isinstance(event, SipIncoming) for event in talk.events))
        assert [event.replaces for event in talk.events if isinstance(event, SipIncoming)] == [number]
        other.close()


@pytest.mark.parametrize(
    ("change", "more", "status"),
    [
        (("no-such-call", "", ""), "", 481),
        (("", "wrong", ""), "", 481),
        (("", "", ""), ";early-only", 486),
        (("", "", ""), "\r\nReplaces: a;to-tag=b;from-tag=c", 400),
        (("", "", ""), ";to-tag=another", 400),
    ],
)
def test_an_invite_that_replaces_what_it_may_not_is_refused(
    change: tuple[str, str, str], more: str, status: int
) -> None:
    with talking() as talk:
        dialog = answered_dialog(talk)
        wrong = tuple(new or old for new, old in zip(change, dialog, strict=True))
        other = replacing(talk, (wrong[0], wrong[1], wrong[2]), more)
        assert last_status(talk, other) == status
        assert len([event for event in talk.events if isinstance(event, SipIncoming)]) == 1
        assert not talk.sent("BYE")
