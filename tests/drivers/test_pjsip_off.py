# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound that a phone switches off in a talk (port 0, RFC 3264 8.2), which is one way to hold."""

import re

import pytest

from drivers.sip import SipEnded, SipHeld
from tests.drivers.test_pjsip_dialogs import ALLOW, description, field_of, status, switched_off, talking


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize("more", ["", "a=inactive\r\n", "a=sendonly\r\n", "m=image 0 udptl t38\r\n"])
def test_sound_that_is_switched_off_is_a_hold_and_comes_back(method: str, more: str) -> None:
    with talking(ALLOW) as talk:
        for version in (2, 4):
            answer = talk.ask(method, body=switched_off(talk.phone, version) + more, content="application/sdp")
            assert status(answer) == 200, answer
            assert "m=audio 0 RTP/AVP" in answer, "RFC 3264 6: off is answered with off"
            assert "x-mxbox" not in answer
            talk.until(lambda: SipHeld(talk.call, held=True) in talk.events)
            assert status(talk.ask("UPDATE")) == 200, "a refresh leaves it as it is"
            assert not [event for event in talk.events if isinstance(event, SipHeld) and not event.held]
            on = description(talk.phone, "sendrecv", version + 1)
            answer = talk.ask(method, body=on, content="application/sdp")
            assert status(answer) == 200, answer
            assert re.search(r"m=audio [1-9]\d+ RTP/AVP", answer)
            talk.until(lambda: SipHeld(talk.call, held=False) in talk.events)
            assert not [event for event in talk.events if isinstance(event, SipEnded)]
            talk.events.clear()


def test_sound_beside_what_is_switched_off_is_taken() -> None:
    with talking(ALLOW) as talk:
        both = talk.phone.sdp().replace("o=- 1 1 ", "o=- 1 2 ") + "m=audio 0 RTP/AVP 8\r\n"
        answer = talk.ask("INVITE", body=both, content="application/sdp")
        assert status(answer) == 200
        assert re.search(r"m=audio [1-9]\d+ RTP/AVP.*m=audio 0 ", answer, re.DOTALL)
        talk.run(0.1)
        assert SipHeld(talk.call, held=True) not in talk.events


@pytest.mark.parametrize("beside", ["m=image 6000 udptl t38\r\n", "m=video 5000 RTP/AVP 31\r\n"])
def test_sound_that_is_switched_off_for_something_else_is_refused_and_goes_on(beside: str) -> None:
    with talking(ALLOW) as talk:
        answer = talk.ask("INVITE", body=switched_off(talk.phone) + beside, content="application/sdp")
        assert status(answer) == 488, "a gateway that wants T.38 goes on with sound then"
        talk.run(0.1)
        assert not [event for event in talk.events if isinstance(event, SipHeld | SipEnded)]


def test_the_answer_to_it_is_sent_again_when_its_call_is_over_and_is_the_same() -> None:
    with talking(ALLOW) as talk:
        asked = talk.phone.request("INVITE", body=switched_off(talk.phone), content="application/sdp")
        branch = field_of(asked, "Via").partition("branch=")[2].partition(";")[0]

        def answers() -> list[str]:
            return [text for text in talk.phone.received if text.startswith("SIP/2.0 200") and branch in text]

        talk.phone.acknowledges = False
        talk.phone.send(asked)
        talk.until(lambda: bool(answers()))
        assert status(talk.ask("BYE")) == 200
        talk.until(lambda: len(answers()) > 2)
        assert len(set(answers())) == 1
        assert "m=audio 0 RTP/AVP" in answers()[0]
