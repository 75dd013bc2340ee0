# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone written word by word: a call at a time, its RTP packets made one by one, with any faults in them."""

import contextlib
import itertools
import re
import socket
import struct
from dataclasses import dataclass, field

from tests.datagrams import receive_signalling
from tests.drivers.srtp import KEY, SUITE, Cipher

_tokens = itertools.count(1)
SDP = """v=0\r
o=- 1 1 IN IP4 {host}\r
s=-\r
c=IN IP4 {host}\r
t=0 0\r
m=audio {port} RTP/AVP {types}\r
{attributes}a=ptime:20\r
"""
EVENTS = 101


@dataclass
class WordPhone:
    """A SIP user agent of a few lines: it calls, is answered, talks, hangs up. `events`: it announces RFC 4733.

    `poll` takes what came since the last time; it answers requests of the far end with 200, except an INVITE.
    """

    number: str = "1001"
    host: str = "127.0.0.1"
    payload_type: int = 8
    rtpmap: str = ""
    events: bool = True
    events_type: int = EVENTS
    sends_events_as: int = 0
    """Another number than it announces."""
    events_rate: int = 8000
    answers_calls: bool = False
    answers_with: str = "200 OK"
    answers_requests: bool = True
    acknowledges: bool = True
    encrypts: bool = False
    """It says and wants SRTP (RFC 4568)."""
    received: list[str] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sip, self.rtp = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
        for each in (self.sip, self.rtp):
            each.bind((self.host, 0))
            each.setblocking(False)
        self.here = "{}:{}".format(*self.sip.getsockname())
        self.line = f"sip:{self.number}@{self.here}"
        self.sequence = self.timestamp = 0
        self.far_rtp: tuple[str, int] = ("", 0)
        self._number = 0
        self._in: Cipher | None = None
        self._out: Cipher | None = None
        self._suite = "1"

    def close(self) -> None:
        self.sip.close()
        self.rtp.close()

    # --- signalling ---

    def call(self, to: tuple[str, int], called: str, *headers: str, body: str | None = None) -> None:
        """Send an INVITE, with its own description or another body. `poll` acknowledges its answer."""
        self.to, self.called = to, called
        self.tag = f"w{next(_tokens)}"
        self.far_to = f"<sip:{called}@{to[0]}:{to[1]}>"
        self.call_id = f"words-{self.tag}-{self.here}"
        text = self.sdp() if body is None else body
        self.invite = self.request("INVITE", *headers, body=text, content="application/sdp" if text else "")
        self.send(self.invite)

    def sdp(self) -> str:
        types = [self.payload_type, *([self.events_type] if self.events else [])]
        attributes = f"a=rtpmap:{self.payload_type} {self.rtpmap}\r\n" if self.rtpmap else ""
        if self.events:
            number = self.events_type
            attributes += f"a=rtpmap:{number} telephone-event/{self.events_rate}\r\na=fmtp:{number} 0-15\r\n"
        attributes += f"a=crypto:{self._suite} {SUITE} inline:{KEY}\r\n" if self.encrypts else ""
        host, port = self.rtp.getsockname()
        return SDP.format(host=host, port=port, types=" ".join(map(str, types)), attributes=attributes)

    def request(self, method: str, *headers: str, body: str = "", content: str = "", number: int = 0) -> str:
        """Return a request in the dialog, or the request that starts it."""
        if method not in ("ACK", "CANCEL"):
            self._number += 1
        lines = [
            f"{method} sip:{self.called}@{self.to[0]}:{self.to[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.here};branch=z9hG4bK{next(_tokens)}{self.tag};rport",
            f"From: <sip:{self.number}@{self.here}>;tag={self.tag}",
            f"To: {self.far_to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number or self._number} {method}",
            f"Contact: <sip:{self.number}@{self.here}>",
            "Max-Forwards: 70",
            *headers,
            *([f"Content-Type: {content}"] if content else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", body])

    def send(self, text: str) -> None:
        self.sip.sendto(text.encode(), self.to)

    def poll(self) -> list[str]:
        """Receive messages; return the new ones."""
        fresh = []
        with contextlib.suppress(BlockingIOError):
            while True:
                text = receive_signalling(self.sip)[0].decode()
                fresh.append(text)
                self._take(text)
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = self.rtp.recv(2048)
                self.heard.append(self._in.unprotect(packet) if self._in else packet)
        self.received += fresh
        return fresh

    def _take(self, text: str) -> None:
        if text.startswith("SIP/2.0 200") and re.search(r"^CSeq: \d+ INVITE", text, re.MULTILINE):
            self.far_to = re.search(r"^To: ([^\r]+)", text, re.MULTILINE)[1]  # type: ignore[index]
            if audio := re.search(r"^m=audio (\d+)", text, re.MULTILINE):
                self.far_rtp = (re.search(r"^c=IN IP4 ([\d.]+)", text, re.MULTILINE)[1], int(audio[1]))  # type: ignore[index]
            if self.acknowledges:
                self.send(self.request("ACK", number=int(re.search(r"CSeq: (\d+)", text)[1])))  # type: ignore[index]
        elif text.startswith("INVITE") and self.answers_calls:
            self._answer(text)
        elif not text.startswith(("SIP/2.0", "INVITE", "ACK")) and self.answers_requests:
            kept = re.findall(r"^((?:Via|From|To|Call-ID|CSeq): [^\r]+)", text, re.MULTILINE)
            self.send("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]))

    def _answer(self, invite: str) -> None:
        """Answer a call: 200 with a description of its own, by any numbers of the offer."""
        self.tag = f"w{next(_tokens)}"
        self.invite = invite
        if self.encrypts and (key := re.search(rf"^a=crypto:(\d+) {SUITE} inline:([^\r|]+)", invite, re.MULTILINE)):
            self._suite = key[1]
            self._in, self._out = Cipher(key[2], outbound=False), Cipher(KEY, outbound=True)
        self.called = "switch"
        self.far_to = re.search(r"^From: ([^\r]+)", invite, re.MULTILINE)[1]  # type: ignore[index]
        self.call_id = re.search(r"^Call-ID: ([^\r]+)", invite, re.MULTILINE)[1]  # type: ignore[index]
        kept = re.findall(r"^((?:Via|Record-Route|Call-ID|CSeq|From): [^\r]+)", invite, re.MULTILINE)
        to = re.search(r"^To: ([^\r;]+)", invite, re.MULTILINE)[1]  # type: ignore[index]
        body = self.sdp()
        here = [f"To: {to};tag={self.tag}", f"Contact: <{self.line}>", "Content-Type: application/sdp"]
        text = "\r\n".join([f"SIP/2.0 {self.answers_with}", *kept, *here, f"Content-Length: {len(body)}", "", body])
        via = re.search(r"^Via: SIP/2.0/UDP ([\d.]+):(\d+)", invite, re.MULTILINE)
        self.to = (via[1], int(via[2]))  # type: ignore[index]
        audio = re.search(r"^m=audio (\d+)", invite, re.MULTILINE)
        self.far_rtp = (re.search(r"^c=IN IP4 ([\d.]+)", invite, re.MULTILINE)[1], int(audio[1]))  # type: ignore[index]
        self.send(text)

    @property
    def answered(self) -> bool:
        return bool(self.far_rtp[1])

    def status(self) -> int:
        """The last status that came."""
        found = [int(text[8:11]) for text in self.received if text.startswith("SIP/2.0 ")]
        return found[-1] if found else 0

    def hang_up(self) -> None:
        self.send(self.request("BYE"))

    # --- sound ---

    def packet(
        self, payload: bytes, samples: int = 160, *, payload_type: int | None = None, mark: bool = False
    ) -> bytes:
        """Return the next RTP packet (RFC 3550 5.1); `samples` is the step of the timestamp, 0 within an event."""
        kind = self.payload_type if payload_type is None else payload_type
        header = struct.pack(
            "!BBHII", 0x80, kind | (0x80 if mark else 0), self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, 0x5EED
        )
        self.sequence += 1
        self.timestamp += samples
        return header + payload

    def event(self, key: str, duration: int, *, end: bool = False, mark: bool = False) -> bytes:
        """A telephone-event packet of a press that has lasted `duration` samples (RFC 4733 2.3)."""
        code = "0123456789*#ABCD".index(key)
        payload = struct.pack("!BBH", code, (0x80 if end else 0) | 10, duration)
        return self.packet(payload, 0, payload_type=self.sends_events_as or self.events_type, mark=mark)

    def speak(self, packet: bytes) -> None:
        self.rtp.sendto(self._out.protect(packet) if self._out else packet, self.far_rtp)
