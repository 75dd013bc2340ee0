# SPDX-License-Identifier: GPL-2.0-or-later
"""Session descriptions that PJSIP may negotiate: their payload types are numbers, each once."""

import pytest
from drivers._pjmedia import lib

SOUND = (
    "",
    "v=0",
    "m=audio 9 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15",
    "m=audio 9 RTP/AVP 8\nm=video 9 RTP/AVP 8\n",
    "m=audio 9 RTP/SAVP 127 96\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:127 x/8000\r\n",
    "m=audio 9 RTP/AVP 96\r\na=rtpmap:96 a/8000\r\nm=audio 7 RTP/AVP 96\r\na=rtpmap:96 b/8000",
    "m=image 5004 udptl t38\r\n",
    "m=message 9 TCP/MSRP *\r\n",
    "a=x:8P\r\na=rtpmaps:x",
)
UNSOUND = (
    "m=audio 9 RTP/AVP 8P 8",
    "m=audio 9 RTP/AVP 8 8",
    "m=audio 9 RTP/AVP 08",
    "m=audio 9 RTP/AVP 128",
    "m=audio 9 RTP/AVP 1000",
    "m=audio 9 RTP/AVP -1",
    "m=audio 9 RTP/AVP 99999999999999999999",
    "v=0\r\nm=audio 9 RTP/AVP 8\r\na=rtpmap:128 x/8000",
    "m=audio 9 RTP/AVP 96\na=rtpmap:96 a/8000\na=rtpmap:96 b/8000",
    "a=rtpmap: 8 PCMA/8000",
    "a=rtpmap:",
    "a=fmtp:x 0-15",
    "a=fmtp:101x 0-15",
)


@pytest.mark.parametrize(("text", "sound"), [*((text, True) for text in SOUND), *((text, False) for text in UNSOUND)])
def test_payload_types(text: str, sound: bool) -> None:
    assert bool(lib.mx_sdp_sound(text.encode(), len(text))) == sound


def test_nothing_behind_the_end_is_read() -> None:
    text = b"m=audio 9 RTP/AVP 8 8P"
    assert lib.mx_sdp_sound(text, len(text) - 3) == 1
