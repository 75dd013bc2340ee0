# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to a caller's telephone while the other one rings, and about legs that replace others."""

import pytest

from appliance.contract.switch import Alert, Answer, Clear, Cleared, Incoming
from tests.appliance.switch.test_sip_card import Runner, address, running
from tests.drivers.test_pjsip_dialogs import field_of, status
from tests.drivers.test_pjsip_replaces import tag
from tests.drivers.word_phone import WordPhone


def calls(box: Runner, phone: WordPhone, *headers: str) -> Incoming:
    host, _, port = address(box.card).rpartition(":")
    phone.call((host, int(port)), "95588", *headers)
    return box.wait(Incoming)


def told(box: Runner, phone: WordPhone) -> list[tuple[int, bool]]:
    """Statuses that came, 100 left out, and whether there was a description with each."""
    box.run(0.1)
    phone.poll()
    said = [text for text in phone.received if text.startswith("SIP/2.0") and status(text) > 100]
    return [(status(text), "m=audio" in text) for text in said]


@pytest.mark.parametrize(("inband", "statuses"), [(True, [(180, False), (183, True)]), (False, [(180, False)])])
def test_a_display_says_that_it_rings_also_where_the_box_gives_the_tone(
    inband: bool, statuses: list[tuple[int, bool]]
) -> None:
    phone = WordPhone()
    with running(phone.line) as box:
        leg = calls(box, phone).leg
        box.card.execute(Alert(leg, inband=inband), box.now)
        assert told(box, phone) == statuses
        box.card.execute(Answer(leg), box.now)
        assert told(box, phone) == [*statuses, (200, True)]
        box.card.execute(Clear(leg), box.now)
        box.wait(Cleared)
    phone.close()


def test_a_leg_that_replaces_another_names_it() -> None:
    phone, other = WordPhone(), WordPhone(number="1002")
    with running(phone.line, other.line) as box:
        first = calls(box, phone).leg
        box.card.execute(Answer(first), box.now)
        told(box, phone)
        said = next(text for text in phone.received if text.startswith("SIP/2.0 200"))
        to, theirs = tag(field_of(said, "To")), tag(field_of(said, "From"))
        came = calls(box, other, f"Replaces: {phone.call_id};to-tag={to};from-tag={theirs}")
        assert came.replaces == first
        for leg in (first, came.leg):
            box.card.execute(Clear(leg), box.now)
            box.wait(Cleared)
    phone.close()
    other.close()
