# SPDX-License-Identifier: GPL-2.0-or-later
"""State of a call (RFC 3261 12), and its messages in varied forms."""

import hashlib
import itertools
import random
import re
import socket
import time
from typing import Final

from tests.sip.varied_rtp import Stream
from tests.sip.varied_words import address, header, headers, name, number, uri

_tokens = itertools.count(1)
COMPACT: Final = {
    "From": "f", "To": "t", "Call-ID": "i", "Via": "v", "Contact": "m", "Content-Type": "c", "Content-Length": "l",
    "Subject": "s", "Supported": "k", "Refer-To": "r", "Referred-By": "b", "Session-Expires": "x",
}  # fmt: skip


LONG: Final = {short: key.lower() for key, short in COMPACT.items()}


class Heard:
    """A message that came; kamailio's answers have the request's lines as they were."""

    def __init__(self, text: str) -> None:
        head, _blank, self.body = text.partition("\r\n\r\n")
        parted = [line.partition(":") for line in head.split("\r\n")[1:]]
        self._values = [(_known(key), value.strip()) for key, _colon, value in parted]
        self.status = int(text[8:11]) if text.startswith("SIP/2.0 ") else 0
        self.method = "" if self.status else text.split(" ", 1)[0]
        self.number = int(self.value("CSeq").split()[0])

    def all(self, key: str) -> list[str]:
        return [value for known, value in self._values if known == key.lower()]

    def value(self, key: str) -> str:
        return next(iter(self.all(key)), "")


def _known(key: str) -> str:
    key = key.strip().lower()
    return LONG.get(key, key)


class Dialog:
    """One call, from one end."""

    def __init__(
        self,
        chance: random.Random,
        user: str,
        here: str,
        called: str,
        invite: Heard | None = None,
        *,
        known: str = "",
    ) -> None:
        host = here.rpartition(":")[0]
        self.rtp = socket.socket(type=socket.SOCK_DGRAM)
        self.rtp.bind((host, 0))
        self.rtp.setblocking(False)
        self.stream, self.far_rtp = Stream(chance), ("", 0)
        self.tag = f"{chance.choice(('t', '-_.!%*+', 'T'))}{next(_tokens)}"
        self.call_id = f"{next(_tokens)}{chance.choice(('', '@x', '-(<[odd]>)-'))}-{chance.getrandbits(32)}"
        ours = f"{name(chance)}<sip:{user}@{known}>" if known else _party(chance, user, host)
        self.ours, self.theirs = f"{ours};tag={self.tag}", f"{name(chance)}<sip:{called}@mxbox>"
        self.target, self.routes = f"sip:{called}@mxbox", list[str]()
        self.number = self.begun_with = chance.choice((0, 1, 100, 2**31 - 1000))
        self.version = self.steps = 0
        self.calling, self.talks, self.over, self.rings, self.refused = invite is None, False, False, False, False
        self.waits = b""
        """Request that is sent again until it is answered."""
        self.invite, self.branch, self.asked, self.peer = b"", "", "", ("", 0)
        self.since = self.last = time.monotonic()
        if invite is not None:
            self._called(invite)

    def _called(self, invite: Heard) -> None:
        self.first, self.invited = invite, invite.number
        self.call_id, self.theirs = invite.value("Call-ID"), invite.value("From")
        self.ours = f"{invite.value('To')};tag={self.tag}"
        self.target, self.routes = _inside(invite.value("Contact")), invite.all("Record-Route")

    invited = -1

    def begin(self, final: Heard) -> None:
        """The call was answered, or refused."""
        self.talks, self.over = final.status < 300, final.status >= 300
        self.calling = False
        if self.talks:
            self.theirs, self.target = final.value("To"), _inside(final.value("Contact"))
            self.routes = final.all("Record-Route")[::-1]
            self.hears_at(final)

    def hears_at(self, described: Heard) -> None:
        """Where the other side wants sound."""
        host = re.search(r"^c=IN IP4 ([\d.]+)", described.body, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", described.body, re.MULTILINE)
        if host and port:
            self.far_rtp = host[1], int(port[1])

    def acknowledge(self, chance: random.Random, final: Heard, here: str) -> bytes:
        """The ACK of a final response to an INVITE (RFC 3261 13.2.2.4, 17.1.1.3)."""
        good = final.status < 300
        via = f"SIP/2.0/UDP {here};branch=z9hG4bK{next(_tokens)};rport" if good else final.value("Via")
        target = _inside(final.value("Contact")) if good else self.target
        routes = final.all("Record-Route")[::-1] if good and self.calling else self.routes  # 12.2: it is not told again
        lines = [f"ACK {target} SIP/2.0", f"Via: {via}", *(f"Route: {route}" for route in routes)]
        lines += [f"{key}: {final.value(key)}" for key in ("From", "To", "Call-ID")]
        lines += [f"CSeq: {final.number} ACK", "Max-Forwards: 70", *([header(chance)] if good else [])]
        return "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode("latin-1")


def _inside(value: str) -> str:
    found = re.search(r"<([^>]*)>", value)
    return found[1] if found else value.partition(";")[0]


def _party(chance: random.Random, user: str, host: str) -> str:
    """Return the calling party: any name, and its own number, another one, or none."""
    kind = chance.random()
    if kind < 0.5:
        return f"{name(chance)}<{uri(chance)}>"
    if kind < 0.55:
        return f"<sip:{number(chance) or 'x'}@{host}>"
    return f"{name(chance)}<sip:{user}@{host}>"


def proof(asked: str, user: str, secret: str, uri: str) -> str:
    """Answer a digest challenge to an INVITE with qop=auth (RFC 2617 3.2.2)."""
    nonce, realm = (re.search(f'{key}="([^"]+)"', asked)[1] for key in ("nonce", "realm"))  # type: ignore[index]
    known, wanted = _md5(f"{user}:{realm}:{secret}"), _md5(f"INVITE:{uri}")
    answer = _md5(f"{known}:{nonce}:00000001:abc:auth:{wanted}")
    return (
        f'Proxy-Authorization: Digest username="{user}",realm="{realm}",nonce="{nonce}",uri="{uri}",'
        f'response="{answer}",cnonce="abc",nc=00000001,qop=auth'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def request(
    chance: random.Random, dialog: Dialog, method: str, here: str, text: str = "", kind: str = "", proof: str = ""
) -> bytes:
    """A request of a call, with whatever else it may say."""
    cancels = method == "CANCEL"
    dialog.number += not cancels
    dialog.branch = dialog.branch if cancels else f"z9hG4bK{chance.choice(('', '-.!%*_+`~'))}{next(_tokens)}"
    lines = [
        f"Via: SIP/2.0/UDP {here};branch={dialog.branch};rport",
        f"From: {dialog.ours}",
        f"To: {dialog.theirs}",
        f"Call-ID: {dialog.call_id}",
        f"CSeq: {dialog.number} {method}",
        f"Max-Forwards: {chance.choice((70, 20, 255))}",
    ]
    if not cancels:
        lines += [_contact(chance, here), *_specials(chance, method), *headers(chance), *([proof] if proof else [])]
    return _message(chance, f"{method} {dialog.target} SIP/2.0", lines, text, kind, dialog.routes)


def response(
    chance: random.Random, heard: Heard, status: str, tag: str, here: str, kind: str = "", text: str = ""
) -> bytes:
    """Return a response to a request."""
    to = heard.value("To")
    first = [f"Via: {via}" for via in heard.all("Via")] + [f"Record-Route: {way}" for way in heard.all("Record-Route")]
    lines = [
        f"From: {heard.value('From')}",
        f"To: {to}" if "tag=" in to or status.startswith("100") else f"To: {to};tag={tag}",
        f"Call-ID: {heard.value('Call-ID')}",
        f"CSeq: {heard.value('CSeq')}",
        *_contacts(chance, status, here),
        *(line for line in headers(chance) if not re.match(r"(?i)(route|session-expires)\b", line)),
    ]
    return _message(chance, f"SIP/2.0 {status}", [*lines], text, kind, [], first)


def _contacts(chance: random.Random, status: str, here: str) -> list[str]:
    if status.startswith("3"):
        targets = [f"{name(chance)}<sip:{number(chance) or 1}@{here}>;q=0.{chance.randrange(10)}" for _ in range(3)]
        return [f"Contact: {', '.join(targets[: chance.randint(1, 3)])}"]
    return [_contact(chance, here)]


def _contact(chance: random.Random, here: str) -> str:
    user = chance.choice(("me@", "%6De@", "a.b@", "me;x=1@", ""))
    more = chance.choice(("", "", ";ob", ";transport=udp", ";x=%41"))
    after = chance.choice(("", ";expires=60", ';+sip.instance="<urn:uuid:0>"', ";audio;q=0.5"))
    return f"Contact: {name(chance)}<sip:{user}{here}{more}>{after}"


def _specials(chance: random.Random, method: str) -> list[str]:
    match method:
        case "REFER":
            to = chance.choice(
                ("<sip:96900@mxbox>", "sip:1102@mxbox", address(chance), "<tel:96900>", "<sip:%31102@x>")
            )
            return [f"Refer-To: {to}", *chance.choice(([], ["Refer-Sub: false"], [f"Referred-By: {address(chance)}"]))]
        case "NOTIFY":
            return [f"Event: {chance.choice(('refer', 'talk', 'hold', 'x'))}", "Subscription-State: active"]
        case _:
            return []


def _message(
    chance: random.Random,
    first: str,
    lines: list[str],
    text: str,
    kind: str,
    routes: list[str],
    fixed: list[str] | None = None,
) -> bytes:
    """Put it together: the headers in any order, some of them by their short names."""
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"Content-Length: {len(text)}"]
    chance.shuffle(lines)
    if chance.random() < 0.15:
        lines = [_shortened(line) for line in lines]
    ways = [f"Route: {way}" for way in routes]
    return "\r\n".join([first, *(fixed or []), *ways, *lines, "", text]).encode("latin-1")


def _shortened(line: str) -> str:
    key, colon, value = line.partition(": ")
    return f"{COMPACT.get(key, key)}{colon}{value}"
