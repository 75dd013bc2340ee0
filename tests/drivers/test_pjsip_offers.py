# SPDX-License-Identifier: GPL-2.0-or-later
"""Offers in calls whose media have no address of their own: PJSIP took them, and ended the process with them."""

import re

import pytest

from tests.drivers.test_pjsip_dialogs import status, talking

VOICE = "m=audio {port} RTP/AVP 8\r\n"
CONNECTION = "c=IN IP4 127.0.0.1\r\n"
HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
OFF = ("m=video 0 RTP/AVP 31\r\n", "m=image 0 udptl t38\r\n", "m=audio 0 RTP/AVP 0\r\n", "m=text 0 RTP/AVP 98\r\n")


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize("before", [False, True])
def test_media_that_are_off_need_no_address(method: str, off: str, before: bool) -> None:
    """RFC 4566 5.7 has c= in each medium where the session has none; phones leave it out of media with port 0."""
    with talking() as talk:
        voice = VOICE.format(port=talk.phone.rtp.getsockname()[1]) + CONNECTION
        body = HEAD + (off + voice if before else voice + off)
        said = talk.ask(method, body=body, content="application/sdp")
        assert status(said) == 200
        assert re.search(r"^m=audio [1-9]", said, re.MULTILINE), said
        assert status(talk.ask("OPTIONS")) == 200


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_medium_that_is_on_needs_an_address(method: str) -> None:
    with talking() as talk:
        body = HEAD + VOICE.format(port=4000) + CONNECTION + "m=video 5000 RTP/AVP 31\r\n"
        assert status(talk.ask(method, body=body, content="application/sdp")) in (400, 415, 488)
        assert status(talk.ask("OPTIONS")) == 200


@pytest.mark.parametrize("off", OFF)
def test_a_call_may_begin_with_media_that_are_off_and_have_no_address(off: str) -> None:
    with talking(body=HEAD + VOICE.format(port=4000) + CONNECTION + off) as talk:
        assert status(talk.ask("OPTIONS")) == 200
