# SPDX-License-Identifier: GPL-2.0-or-later
"""Valid SIP messages of all kinds, and what becomes of them when some octets change."""

import random
import re
from typing import Final

from tests.sip.torture import SDP, TORTURE

WORDS: Final = (
    b"\x00",
    b"\r\n",
    b"\r\n\r\n",
    b";",
    b"=",
    b"%00",
    b"<",
    b">",
    b'"',
    b"\xff" * 9,
    b"A" * 3000,
    b"-1",
    b"99999999999",
    b" 8",
    b" 128",
    b"\r\nm=audio 6 RTP/AVP 0 101",
    b"\r\na=rtpmap:97 opus/48000/2",
)
REQUESTS: Final = "OPTIONS REGISTER SUBSCRIBE NOTIFY BYE CANCEL ACK MESSAGE REFER INFO UPDATE PRACK PUBLISH"
METHODS: Final = ("INVITE",) * 6 + tuple(REQUESTS.split())
HEADERS: Final = (
    "Allow: INVITE, ACK, CANCEL, BYE, UPDATE\r\n",
    "Supported: timer, 100rel, replaces\r\nSession-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\n",
    "Require: 100rel\r\n",
    "P-Asserted-Identity: <sip:1@example.com>\r\nPrivacy: id\r\n",
    "X-MXBox-From: 1001\r\nX-MXBox-Trunk: carrier\r\n",
    'Authorization: Digest username="1001",realm="mxbox",nonce="x",uri="sip:mxbox",response="0"\r\n',
    "Replaces: other@example.com;to-tag=a;from-tag=b\r\n",
    "Refer-To: <sip:1002@mxbox?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>\r\n",
    "Event: dialog\r\nExpires: 3600\r\nAccept: application/dialog-info+xml\r\n",
    "Route: <sip:192.0.2.1;lr>, <sip:192.0.2.2>\r\nRecord-Route: <sip:192.0.2.3;lr>\r\n",
    "Reason: Q.850;cause=16\r\nHistory-Info: <sip:1003@mxbox>;index=1\r\n",
    "",
)
ATTRIBUTES: Final = (
    "a=rtpmap:8 PCMA/8000\r\na=ptime:20\r\na=sendrecv\r\n",
    "a=rtpmap:9 G722/8000\r\na=rtpmap:107 opus/48000/2\r\na=fmtp:107 useinbandfec=1;stereo=0\r\na=inactive\r\n",
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtcp:53020\r\na=maxptime:60\r\n",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\n",
    "m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=image 0 udptl t38\r\n",
)
ANSWERS: Final = (
    "100 Trying",
    "180 Ringing",
    "183 Session Progress",
    "200 OK",
    "302 Moved",
    "401 Unauthorized",
    "486 Busy",
)


def mutated(chance: random.Random, message: bytes) -> bytes:
    """One to four places changed: octets replaced, cut out, doubled, or a nasty word put in.

    Now and then in the body only, with a length that is right: what is there is looked at once the head was understood.
    """
    head, blank, body = message.partition(b"\r\n\r\n")
    if body and chance.random() < 0.4:
        body = _spoilt(chance, body)
        return re.sub(rb"(?<=\r\nContent-Length: )\d+", str(len(body)).encode(), head) + blank + body
    return _spoilt(chance, message)[:60000]


def _spoilt(chance: random.Random, message: bytes) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(message)), chance.randint(1, 12)
        put = chance.choice((b"", message[at : at + length] * 2, chance.choice(WORDS), chance.randbytes(length)))
        message = message[:at] + put + message[at + length :] or b"x"
    return message


def fresh(chance: random.Random, target: str, here: str, number: int) -> bytes:
    """A message outside any dialog: mostly a request, now and then a response to nothing, or one of RFC 4475's."""
    token = f"f{number}x{chance.getrandbits(32)}"
    kind = chance.random()
    if kind < 0.1:
        return chance.choice(TORTURE).message(target, here, token)
    method, host = chance.choice(METHODS), here.rpartition(":")[0]
    first = f"SIP/2.0 {chance.choice(ANSWERS)}" if kind < 0.2 else f"{method} {target} SIP/2.0"
    body = ""
    if method in ("INVITE", "UPDATE", "PRACK", "ACK") and chance.random() < 0.8:
        body = SDP.replace("{host}", host) + "".join(chance.sample(ATTRIBUTES, chance.randint(0, 3)))
    tag = f";tag={token}" if chance.random() < 0.2 else ""
    return (
        f"{first}\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{token};rport\r\nFrom: <sip:1001@{host}>;tag=a{token}\r\n"
        f"To: <{target}>{tag}\r\nCall-ID: {token}@{host}\r\nCSeq: {number % 999 + 1} {method}\r\n"
        f"Contact: <sip:1001@{here}>\r\nMax-Forwards: 70\r\n{''.join(chance.sample(HEADERS, chance.randint(0, 3)))}"
        f"{'Content-Type: application/sdp' + chr(13) + chr(10) if body else ''}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def answer(request: str) -> str:
    """A 200 to a request."""
    kept = re.findall(r"^((?:Via|From|To|Call-ID|CSeq): [^\r]+)", request, re.MULTILINE)
    return "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])
