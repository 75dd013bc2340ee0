# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone that sends the box a test's octets as they are, and is polite otherwise."""

import contextlib
import re
import socket

from tests.appliance.switch.test_sip_card import Runner, address
from tests.datagrams import receive_signalling
from tests.sip.mutate import answer


class Sender:
    """A fixed phone made of one socket: it answers the box's requests and acknowledges its refusals."""

    def __init__(self) -> None:
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.here = "{}:{}".format(*self.socket.getsockname())
        self.box = ("", 0)

    def at(self, box: Runner) -> str:
        """Connect to this box; return the URI of a number there."""
        host, port = address(box.card).split(":")
        self.box = (host, int(port))
        return f"sip:95588@{host}:{port}"

    def send(self, message: bytes) -> None:
        self.socket.sendto(message, self.box)

    def receive(self) -> list[str]:
        """Return the messages that came, all of them answered as a phone would."""
        came = []
        with contextlib.suppress(BlockingIOError):
            while True:
                came.append(receive_signalling(self.socket)[0].decode("utf-8", "replace"))
        for text in came:
            final = re.match(r"SIP/2\.0 [2-6]", text) and re.search(r"^CSeq: *\d+ +INVITE", text, re.MULTILINE)
            if final:
                self.send(acknowledge(text))
            elif not text.startswith(("SIP/", "ACK", "INVITE")):
                self.send(answer(text).encode())
        return came


def acknowledge(response: str) -> bytes:
    lines = re.findall(r"^((?:Via|From|To|Call-ID|CSeq): *[^\r]*)", response, re.MULTILINE)
    via = next(line for line in lines if line.startswith("Via"))
    rest = [line.replace("INVITE", "ACK") for line in lines if not line.startswith("Via")]
    return "\r\n".join(["ACK sip:95588@box SIP/2.0", via, *rest, "Content-Length: 0", "", ""]).encode()
