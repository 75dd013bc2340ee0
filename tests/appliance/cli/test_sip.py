# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox sip ladder`: messages in a few words."""

import pytest

from appliance.cli.sip import summary, whole
from appliance.contract.switch import SignalMessage

INVITE = "INVITE sip:1001@box SIP/2.0\r\nCSeq: 7 INVITE\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 8\r\na=sendonly\r\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (INVITE, "INVITE sip:1001@box [sendonly]"),
        ("SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\n\r\n", "486 Busy Here (INVITE)"),
        ("SIP/2.0 200 OK\r\ncseq : 3  BYE\r\n\r\n", "200 OK (BYE)"),
        ("SIP/2.0 200 OK\r\n\r\n", "200 OK"),
        ("", ""),
    ],
)
def test_a_message_in_a_few_words(text: str, words: str) -> None:
    assert summary(text) == words


def test_whole_messages_say_when_and_which_way() -> None:
    lines = list(whole((SignalMessage(2, 1_790_000_000_123_456, True, "127.0.0.1:5060", INVITE),)))
    assert lines[0].endswith(":20.123  box -> 127.0.0.1:5060")
    assert lines[1].startswith("INVITE sip:1001@box SIP/2.0\nCSeq")
