# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages in the spirit of RFC 4475, straight to the SIP card: odd ones are understood, wrong ones are not."""

from collections.abc import Iterator

import pytest

from appliance.contract.switch import Answer, Incoming
from tests.appliance.switch.sip_sender import Sender
from tests.appliance.switch.test_sip_card import Runner, running
from tests.sip.torture import ODD_BUT_VALID, TORTURE, Try

DROPPED = {"every character a method may have", "a percent sign that escapes nothing"}
"""Valid methods that PJSIP's parser does not know for such; the edge answers them itself."""


@pytest.fixture(scope="module")
def box_and_sender() -> Iterator[tuple[Runner, Sender]]:
    made = Sender()
    with running(f"sip:1001@{made.here}", calls=len(TORTURE) + 1) as box:
        yield box, made
    made.socket.close()


@pytest.mark.parametrize("each", TORTURE, ids=lambda each: each.clause)
def test_messages_of_rfc_4475(box_and_sender: tuple[Runner, Sender], each: Try) -> None:
    box, sender = box_and_sender
    token = f"try{each.clause.replace('.', 'x')}"
    sender.receive()
    sender.send(each.message(sender.at(box), sender.here, token))
    statuses = set()
    for _ in range(8):
        box.tick()
        for event in [event for event in box.events if isinstance(event, Incoming)]:
            box.card.execute(Answer(event.leg), box.now)
            box.events.remove(event)
        statuses |= {int(text[8:11]) for text in sender.receive() if text.startswith("SIP/") and token in text}
        if any(status >= 200 for status in statuses):
            break
    finals = {status for status in statuses if status >= 200}
    assert finals <= each.wanted
    assert finals or each not in ODD_BUT_VALID or each.name in DROPPED
