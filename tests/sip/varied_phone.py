# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP end whose every message is right in a way of its own: it calls, is called, talks, transfers, hangs up."""

import contextlib
import random
import socket
import time
from collections import Counter
from collections.abc import Callable

from tests.datagrams import receive_signalling
from tests.sip.varied_dialog import Dialog, Heard, proof, request, response
from tests.sip.varied_sdp import body, description, taken

SAID = ("100 Trying", "180 Ringing", "181 Call Is Being Forwarded", "182 Queued", "183 Session Progress")
REFUSES = ("486 Busy Here", "603 Decline", "480 Temporarily Unavailable", "404 \xd5\xc5", "302 Moved Temporarily")
ANSWERED = 0.88
"""Share of the calls to it that it takes."""
HOLDS_BY_PORT_0 = 0.1
"""Share of its offers in a talk that switch its sound off (RFC 3264 8.2)."""
AGAIN_S, GIVES_UP_S = 0.7, 12.0
LONGEST = 12
"""Steps of a call, each a request or some packets."""


class VariedPhone:
    """One socket and its calls. `to` is where it sends what it begins.

    With a `secret` it proves who it is. `counts`: what it sent, and what became of it.
    """

    def __init__(
        self, user: str, at: tuple[str, int], to: tuple[str, int], chance: random.Random, secret: str = ""
    ) -> None:
        self.user, self.to, self.secret, self.counts = user, to, secret, Counter[str]()
        self._chance = chance
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(at)
        self._socket.setblocking(False)
        self.here = "{}:{}".format(*self._socket.getsockname())
        self.dialogs: dict[str, Dialog] = {}

    def close(self) -> None:
        for dialog in self.dialogs.values():
            dialog.rtp.close()
        self._socket.close()

    @property
    def sent(self) -> int:
        """How much of all kinds."""
        return sum(count for kind, count in self.counts.items() if kind.startswith("sent"))

    @property
    def begun(self) -> int:
        """Calls of its own that are up."""
        return sum(bool(dialog.invite) for dialog in self.dialogs.values())

    # --- what it does ---

    def call(self, number: str) -> None:
        """Begin a call."""
        dialog = Dialog(self._chance, self.user, self.here, number, known="mxbox" if self.secret else "")
        self.dialogs[dialog.call_id] = dialog
        self._invite(dialog)

    def _invite(self, dialog: Dialog, proof: str = "") -> None:
        kind, text = body(self._chance, self._describes(dialog))
        dialog.invite = request(self._chance, dialog, "INVITE", self.here, text, kind, proof)
        self._send(dialog, "INVITE", dialog.invite, self.to)

    def work(self) -> None:
        """Handle received messages, and go on with each call."""
        with contextlib.suppress(BlockingIOError):
            while True:
                data, source = receive_signalling(self._socket)
                self._take(Heard(data.decode("latin-1")), source)
        now = time.monotonic()
        for dialog in list(self.dialogs.values()):
            self._go_on(dialog, now)

    def _go_on(self, dialog: Dialog, now: float) -> None:
        if dialog.over or now - dialog.since > GIVES_UP_S:
            self.counts["never ended"] += not dialog.over
            dialog.rtp.close()
            del self.dialogs[dialog.call_id]
        elif dialog.waits and now - dialog.last > AGAIN_S:
            dialog.last = now
            self._socket.sendto(dialog.waits, dialog.peer)
        elif dialog.talks and not dialog.waits:
            dialog.since = now
            self._step(dialog)
        elif dialog.calling and dialog.rings and self._chance.random() < 0.002:
            self._send(dialog, "CANCEL", request(self._chance, dialog, "CANCEL", self.here), self.to)
            dialog.rings = False

    def _step(self, dialog: Dialog) -> None:
        """One step of a talk."""
        dialog.steps += 1
        if dialog.steps > LONGEST or self._chance.random() < 0.05:
            self._ask(dialog, "BYE")
        elif self._chance.random() < 0.5:
            self._speak(dialog)
        else:
            method = self._chance.choice(("INVITE", "INVITE", "UPDATE", "INFO", "INFO", "OPTIONS", "NOTIFY", "MESSAGE"))
            self._ask(dialog, "REFER" if self._chance.random() < 0.05 else method)

    def _ask(self, dialog: Dialog, method: str) -> None:
        kind = text = ""
        if method == "INVITE" or (method == "UPDATE" and self._chance.random() < 0.5):
            off = self._chance.random() < HOLDS_BY_PORT_0
            kind, text = body(self._chance, self._describes(dialog, off=off))
        elif method == "INFO":
            kind, text = self._chance.choice(INFO)
        asked = request(self._chance, dialog, method, self.here, text, kind)
        self._send(dialog, method, asked, dialog.peer)

    def _speak(self, dialog: Dialog) -> None:
        """Some packets."""
        host, port = dialog.far_rtp
        for _ in range(3 if port else 0):
            dialog.rtp.sendto(dialog.stream.packet(), (host, port))
            self.counts["sent RTP"] += 1
        if port and self._chance.random() < 0.3:
            dialog.rtp.sendto(dialog.stream.report(), (host, port + self._chance.choice((0, 1))))
            self.counts["sent RTCP"] += 1

    def _describes(self, dialog: Dialog, codecs: str = "", *, off: bool = False) -> str:
        host, port = dialog.rtp.getsockname()
        dialog.version += 1
        return description(self._chance, host, 0 if off else port, version=dialog.version, codecs=codecs)

    def _send(self, dialog: Dialog, method: str, data: bytes, to: tuple[str, int]) -> None:
        dialog.peer, dialog.last = to, time.monotonic()
        dialog.waits = data
        dialog.asked = method
        self.counts[f"sent {method}"] += 1
        self._socket.sendto(data, to)

    # --- what it hears ---

    def _take(self, heard: Heard, source: tuple[str, int]) -> None:
        dialog = self.dialogs.get(heard.value("Call-ID"))
        if heard.status:
            if dialog is not None:
                self._answered(dialog, heard)
        elif heard.method == "INVITE" and dialog is None and "tag=" not in heard.value("To"):
            self._called(heard, source)
        else:
            self._asked(dialog, heard, source)

    def _answered(self, dialog: Dialog, heard: Heard) -> None:
        """A response."""
        method = heard.value("CSeq").split()[-1]
        if heard.status < 200:
            dialog.rings = dialog.rings or heard.status > 100
            dialog.waits = b"" if method == "INVITE" else dialog.waits
            return
        if method == "INVITE":
            self._socket.sendto(dialog.acknowledge(self._chance, heard, self.here), dialog.peer)
        first = method == "INVITE" and dialog.calling
        if not first and (method != dialog.asked or heard.number != dialog.number):
            return
        dialog.waits = b""
        if first and heard.status == 407 and self.secret and dialog.number - dialog.begun_with < 2:
            self._invite(dialog, proof(heard.value("Proxy-Authenticate"), self.user, self.secret, dialog.target))
            return
        self.counts[f"{'calls' if first else method} {heard.status // 100}xx"] += 1
        self.counts[f"status {heard.status} to {method}"] += 1
        if first:
            dialog.begin(heard)
        elif method == "BYE" or (heard.status == 481 and method != "NOTIFY"):  # that ends a subscription (RFC 5057 5.1)
            dialog.over = True
        elif heard.status == 408:  # it ends the dialog, by BYE (RFC 3261 12.2.1.2, 15)
            self._ask(dialog, "BYE")

    def _called(self, invite: Heard, source: tuple[str, int]) -> None:
        """A call to it."""
        dialog = Dialog(self._chance, self.user, self.here, "", invite)
        dialog.peer = source
        self.dialogs[dialog.call_id] = dialog
        self.counts["calls to it"] += 1
        for status in self._chance.sample(SAID, self._chance.choice((0, 1, 1, 2))):
            early = body(self._chance, self._describes(dialog, taken(invite.body))) if status[:3] == "183" else ("", "")
            self._respond(dialog, invite, status, *early)
        if self._chance.random() < ANSWERED:
            dialog.waits = self._respond(dialog, invite, "200 OK", *self._answer(dialog, invite))
            dialog.asked, dialog.last = "200", time.monotonic()
            dialog.hears_at(invite)
        else:
            status = self._chance.choice(REFUSES)
            self._respond(dialog, invite, status)
            self.counts["refused by it"] += 1
            dialog.refused = True

    def _answer(self, dialog: Dialog, offer: Heard) -> tuple[str, str]:
        return body(self._chance, self._describes(dialog, taken(offer.body) if offer.body else ""))

    def _asked(self, dialog: Dialog | None, heard: Heard, source: tuple[str, int]) -> None:
        """A request in a call, or for a call that is over."""
        if dialog is None:
            if heard.method != "ACK":
                gone = "200 OK" if heard.method in ("BYE", "CANCEL") else "481 Call/Transaction Does Not Exist"
                self._socket.sendto(response(self._chance, heard, gone, "x", self.here), source)
            return
        dialog.peer = source
        if heard.method == "ACK":
            self._acknowledged(dialog)
        elif heard.method == "INVITE" and heard.number == dialog.invited:
            pass  # again: what was said will come again
        elif heard.method == "INVITE" or (heard.method == "UPDATE" and heard.body):
            self._respond(dialog, heard, "200 OK", *self._answer(dialog, heard))
        else:
            self._respond(dialog, heard, "200 OK")
            if heard.method == "BYE":
                self.counts["BYE came"] += 1
                self.counts["cut off at once"] += dialog.steps == 0
                dialog.over = True
            elif heard.method == "CANCEL" and not dialog.talks:
                self._respond(dialog, dialog.first, "487 Request Terminated")
                dialog.over = True

    def _acknowledged(self, dialog: Dialog) -> None:
        if dialog.refused:
            dialog.over = True
        elif dialog.asked == "200":
            self.counts["answers acknowledged"] += 1
            dialog.asked, dialog.waits = "", b""
            dialog.talks = True

    def _respond(self, dialog: Dialog, heard: Heard, status: str, kind: str = "", text: str = "") -> bytes:
        said = response(self._chance, heard, status, dialog.tag, self.here, kind, text)
        self.counts["sent responses"] += 1
        self._socket.sendto(said, dialog.peer)
        return said


INFO = (
    ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"),
    ("application/dtmf-relay", "Signal= #\r\nDuration= 0\r\n"),
    ("application/dtmf-relay", "Duration=99999999999\r\nSignal=*\r\n"),
    ("application/dtmf", "7"),
    ("application/dtmf", ""),
    ("application/media_control+xml", "<?xml version='1.0'?><media_control/>"),
    ("application/broadsoft", "event flashhook"),
    ("text/plain", "\xd5\xc5"),
)


def run(phones: list[VariedPhone], begin: Callable[[], None], enough: Callable[[], bool]) -> None:
    """Call each other until `enough`, and then end all calls."""
    while not enough():
        begin()
        for phone in phones:
            phone.work()
        time.sleep(0.002)
    while any(phone.dialogs for phone in phones):
        for phone in phones:
            phone.work()
        time.sleep(0.005)
