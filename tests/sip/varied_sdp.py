# SPDX-License-Identifier: GPL-2.0-or-later
"""Session descriptions (RFC 4566, RFC 3264) that hold a voice we can take, in as many forms as there are makers."""

import random
import re
from typing import Final

CODECS: Final = ("8", "0", "8 0", "0 8", "18 8", "9 8 0", "3 4 8", "97 8", "8 96")
DIRECTIONS: Final = ("", "", "", "a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive")
SESSION: Final = (
    "i=about \xd5\xc5",
    "u=http://example.com/",
    "e=a@b.c",
    "p=+86 571 8888",
    "b=AS:84",
    "b=X-YZ:0",
    "a=tool:\xff",
    "a=group:BUNDLE a",
    "a=ice-lite",
    "a=msid-semantic: WMS *",
    "a=sdplang:zh",
)
MEDIA: Final = (
    "i=voice",
    "b=TIAS:64000",
    "a=ptime:20",
    "a=ptime:30",
    "a=ptime:0",
    "a=ptime:10",
    "a=ptime:40",
    "a=ptime:60",
    "a=maxptime:150",
    "a=rtcp:9",
    "a=rtcp:40001 IN IP4 127.0.0.1",
    "a=rtcp-fb:* nack",
    "a=rtcp-xr:voip-metrics",
    "a=ssrc:12345 cname:x",
    "a=mid:a",
    "a=label:1",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "a=candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host",
    "a=ice-ufrag:abcd",
    "a=ice-pwd:abcdefghijklmnopqrstuv",
    "a=silenceSupp:off - - - -",
    "a=fmtp:8 vad=yes",
    "a=rtpmap:13 CN/8000",
    "a=rtpmap:18 G729/8000",
    "a=fmtp:18 annexb=no",
    "a=X-odd",
    "a=X-name:\xe4\xb8\xad\xff",
    "a=" + "x" * 400,
    "a=framerate:15.5",
)
OTHERS: Final = (
    "m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000",
    "m=video 0 RTP/AVP 31",
    "m=image 6000 udptl t38\r\na=T38FaxVersion:0",
    "m=text 7000 RTP/AVP 98\r\na=rtpmap:98 t140/1000",
    "m=application 9 TCP/TLS/BFCP *",
    "m=audio 0 RTP/AVP 8",
    "m=message 7 TCP/MSRP *\r\na=path:msrp://x:7/y;tcp",
)
EVENTS: Final = ("telephone-event/8000", "telephone-event/8000/1", "TELEPHONE-EVENT/8000", "telephone-event/16000")
PARTS: Final = (
    "Content-Type: application/isup;version=itu-t92+\r\n\r\n\x01\x00\x60\x00",
    "Content-Type: application/pidf+xml\r\nContent-ID: <x@y>\r\n\r\n<a/>",
    "\r\nplain",
)


def description(chance: random.Random, host: str, port: int, *, version: int = 1, codecs: str = "") -> str:
    """One with voice at a port. `codecs` are the payload types to name, of an answer."""
    where = f"c=IN IP4 {host}"
    above = chance.random() < 0.7
    user = chance.choice(("-", "maker", "\xd5\xc5", "-" * 60))
    lines = ["v=0", f"o={user} 1 {version} IN IP4 {host}", f"s={chance.choice(('-', ' ', 'call', chr(0xFF)))}"]
    lines += chance.sample(SESSION[:4], chance.choice((0, 0, 1)))  # in the order of RFC 4566 5
    lines += [where] if above else []
    lines += chance.sample(SESSION[4:6], chance.choice((0, 0, 1)))
    lines += [chance.choice(("t=0 0", "t=0 0", "t=3724394400 3724398000\r\nr=7d 1h 0 25h"))]
    lines += chance.sample(SESSION[6:], chance.choice((0, 0, 1, 2)))
    voice = _voice(chance, port, codecs or chance.choice(CODECS))
    if not above:
        voice.insert(1, where)
    lines += voice
    if not codecs and chance.random() < 0.25:
        for other in chance.sample(OTHERS, chance.randint(1, 2)):
            medium, *rest = other.split("\r\n")
            addressless = above or (" 0 " in medium and chance.random() < 0.5)
            lines += [medium, *([] if addressless else [where]), *rest]
    return "\r\n".join(lines) + "\r\n"


def _voice(chance: random.Random, port: int, codecs: str) -> list[str]:
    events = chance.choice((None, 101, 101, 96, 127, 120)) if codecs.count(" ") or chance.random() < 0.8 else None
    events = None if events is not None and str(events) in codecs.split() else events
    named = f"{codecs} {events}" if events else codecs
    lines = [f"m=audio {port}{chance.choice(('', '', '', '/1'))} RTP/AVP {named}"]
    maps = [
        f"a=rtpmap:{kind} {NAMES[kind]}" for kind in codecs.split() if kind in ("96", "97") or chance.random() < 0.6
    ]
    if events:
        maps += [f"a=rtpmap:{events} {chance.choice(EVENTS)}"]
        maps += chance.choice(([], [f"a=fmtp:{events} 0-15"], [f"a=fmtp:{events} 0-16,66,70"], [f"a=fmtp:{events} x"]))
    rest = chance.sample(MEDIA[2:], chance.choice((0, 1, 2, 4)))
    direction = chance.choice(DIRECTIONS)
    chance.shuffle(rest)
    return [
        *lines,
        *chance.sample(MEDIA[:2], chance.choice((0, 0, 1))),
        *maps,
        *rest,
        *([direction] if direction else []),
    ]


NAMES: Final = {
    "0": "PCMU/8000",
    "8": "pcma/8000/1",
    "9": "G722/8000",
    "3": "GSM/8000",
    "4": "G723/8000",
    "18": "G729/8000",
    "96": "opus/48000/2",
    "97": "iLBC/8000",
}


def body(chance: random.Random, sdp: str) -> tuple[str, str]:
    """The description as it is, or in one part of several (RFC 2046 5.1); gives its content type with it."""
    if chance.random() < 0.9:
        kind = chance.choice(("application/sdp", "application/SDP", "application/sdp;charset=utf-8"))
        return kind, sdp
    parts = [f"Content-Type: application/sdp\r\n\r\n{sdp}", *chance.sample(PARTS, chance.randint(1, 2))]
    chance.shuffle(parts)
    text = "".join(f"--b-1\r\n{part}\r\n" for part in parts) + "--b-1--\r\n"
    return chance.choice(('multipart/mixed;boundary="b-1"', "multipart/mixed; boundary=b-1")), text


def taken(offer: str) -> str:
    """Of an offer, the payload type of ours that an answer takes."""
    [kinds] = re.findall(r"^m=audio [1-9]\d*\S* \S+ ([\d ]+)", offer, re.MULTILINE)[:1] or ["8"]
    return next((kind for kind in kinds.split() if kind in ("8", "0", "9")), "8")
