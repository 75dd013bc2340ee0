# SPDX-License-Identifier: GPL-2.0-or-later
"""The real edge on free loopback ports, and a SIP end that writes messages word by word."""

import contextlib
import hashlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from appliance.phones.book import PhoneBook
from hw_sim.baresip import free_port
from tests.datagrams import receive_signalling

DOMAIN = "mxbox"
EXTENSIONS = ("1001", "1002", "1003")
_tokens = itertools.count(1)


def password(extension: str) -> str:
    return f"secret-{extension}"


def until(what: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@dataclass
class Message:
    """A SIP message, taken apart as far as tests look."""

    first: str
    headers: list[tuple[str, str]]
    body: str
    source: tuple[str, int]

    def __getitem__(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]

    @property
    def status(self) -> int:
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        return "" if self.status else self.first.split()[0]


def parse(data: bytes, source: tuple[str, int]) -> Message:
    head, _blank, body = data.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = [(name.strip(), value.strip()) for name, _colon, value in (line.partition(":") for line in lines)]
    return Message(first, headers, body, source)


def _branch(text: str) -> str:
    return text.partition("branch=")[2].split(";")[0].split("\r\n")[0]


class End:
    """One end of SIP over UDP; `extension` whose password it uses."""

    def __init__(self, edge: "Edge", extension: str = "1001", address: str = "127.0.0.1", port: int = 0) -> None:
        self.edge, self.extension = edge, extension
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.here = "{}:{}".format(*self.socket.getsockname())
        self.secret = password(extension)
        self.repeated = False
        self._invites: dict[str, str] = {}  # by branch

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, text: str, to: tuple[str, int] | None = None) -> None:
        if text.startswith("INVITE "):
            self._invites[_branch(text)] = text
        self.socket.sendto(text.encode(), to or ("127.0.0.1", self.edge.port))

    def receive(self, timeout_s: float = 8.0) -> Message:
        self.socket.settimeout(timeout_s)
        data, source = receive_signalling(self.socket)
        message = parse(data, source)
        if message.status >= 300 and message["CSeq"].endswith(" INVITE"):
            self._acknowledge(message)
        return message

    def _acknowledge(self, failure: Message) -> None:
        """Send the ACK of a failed INVITE (RFC 3261 17.1.1.3): else the failure is repeated to a later test's end."""
        if invite := self._invites.get(_branch(failure["Via"])):
            first, *lines = invite.partition("\r\n\r\n")[0].split("\r\n")
            kept = [line for line in lines if line.lower().startswith(("via:", "from:", "call-id:", "max-f", "route:"))]
            number = failure["CSeq"].split()[0]
            own = [f"To: {failure['To']}", f"CSeq: {number} ACK", "Content-Length: 0", "", ""]
            self.send("\r\n".join([first.replace("INVITE", "ACK", 1), *kept, *own]), failure.source)

    def silent(self, timeout_s: float = 0.3) -> bool:
        with contextlib.suppress(TimeoutError):
            self.receive(timeout_s)
            return False
        return True

    def request(self, method: str, uri: str, *headers: str, body: str = "", call: str = "", number: int = 1) -> str:
        token = f"{os.getpid()}x{next(_tokens)}"
        given = "\r\n".join(headers).lower()
        who = f"sip:{self.extension}@{DOMAIN}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.here};branch=z9hG4bK{token};rport",
            *([] if re.search("^from:", given, re.MULTILINE) else [f"From: <{who}>;tag={token}"]),
            *([] if re.search("^to:", given, re.MULTILINE) else [f"To: <{who if method == 'REGISTER' else uri}>"]),
            f"Call-ID: {call or token}",
            f"CSeq: {number} {method}",
            *([] if "max-forwards:" in given else ["Max-Forwards: 70"]),
            *([] if "contact:" in given else [f"Contact: <sip:{self.extension}@{self.here}>"]),
            *headers,
            f"Content-Length: {len(body.encode())}",
        ]
        return "\r\n".join([*lines, "", body])

    def ask(self, method: str, uri: str = f"sip:{DOMAIN}", *headers: str, body: str = "", call: str = "") -> Message:
        """Send a request, answer one challenge, return the final response."""
        reply = self.transact(self.request(method, uri, *headers, body=body, call=call))
        for number in (2, 3):  # an answer whose response was lost is invalid the second time
            if reply.status in (401, 407) and (number == 2 or self.repeated):
                proof = self.proof(reply, method, uri)
                reply = self.transact(self.request(method, uri, *headers, proof, body=body, call=call, number=number))
        return reply

    def transact(self, text: str) -> Message:
        """Send a request, again without a response (RFC 3261 17.1), and return the final response."""
        self.repeated = False
        deadline = time.monotonic() + 8
        while True:
            self.send(text)
            with contextlib.suppress(TimeoutError):
                return self.final(1.0)
            self.repeated = True
            assert time.monotonic() < deadline, "no answer"

    def final(self, timeout_s: float = 8.0) -> Message:
        while (reply := self.receive(timeout_s)).status < 200:
            pass
        return reply

    def proof(self, challenge: Message, method: str, uri: str, nc: int = 1) -> str:
        """Return the answer to a digest challenge with qop=auth (RFC 2617 3.2.2)."""
        name = "Authorization" if challenge.status == 401 else "Proxy-Authorization"
        asked = challenge["WWW-Authenticate"] or challenge["Proxy-Authenticate"]
        nonce, realm = (re.search(f'{key}="([^"]+)"', asked)[1] for key in ("nonce", "realm"))  # type: ignore[index]
        ha1, ha2 = md5(f"{self.extension}:{realm}:{self.secret}"), md5(f"{method}:{uri}")
        response = md5(f"{ha1}:{nonce}:{nc:08x}:abc:auth:{ha2}")
        return (
            f'{name}: Digest username="{self.extension}",realm="{realm}",nonce="{nonce}",uri="{uri}",'
            f'response="{response}",cnonce="abc",nc={nc:08x},qop=auth'
        )

    def register(self, expires: int = 300, contact: str = "") -> Message:
        contact = contact or f"<sip:{self.extension}@{self.here}>"
        return self.ask("REGISTER", f"sip:{DOMAIN}", f"Contact: {contact}", f"Expires: {expires}")

    def refuse(self, invite: Message, status: str, *headers: str) -> None:
        """Answer an INVITE with a failure, and wait for its ACK: a later test's end on this port must not get it."""
        self.respond(invite, status, *headers)
        while (ack := self.receive()).method != "ACK" or ack["Call-ID"] != invite["Call-ID"]:
            assert ack.method == "INVITE", ack.first  # repeated before the answer arrived

    def respond(self, request: Message, status: str, *headers: str, body: str = "") -> None:
        """Answer a request that was received."""
        lines = [f"SIP/2.0 {status}"]
        for name, value in request.headers:
            if name.lower() in ("via", "from", "call-id", "cseq", "record-route"):
                lines.append(f"{name}: {value}")
        tag = "" if "tag=" in request["To"] else f";tag=t{next(_tokens)}"
        lines += [f"To: {request['To']}{tag}", *headers, f"Content-Length: {len(body.encode())}", "", body]
        self.send("\r\n".join(lines), request.source)


def watch(phone: End, extension: str, event: str, contact: str = "") -> None:
    """Subscribe to the state of an extension (RFC 6665)."""
    uri = f"sip:{extension}@127.0.0.1:{phone.edge.port}"
    contact = contact or f"<sip:{phone.extension}@{phone.here}>"
    headers = (f"Event: {event}", "Expires: 600", f"Contact: {contact}")
    phone.send(phone.request("SUBSCRIBE", uri, *headers, call=f"w{id(phone)}{event}"))
    proof = phone.proof(phone.final(), "SUBSCRIBE", uri)
    phone.send(phone.request("SUBSCRIBE", uri, *headers, proof, call=f"w{id(phone)}{event}", number=2))


def notified(phone: End, holds: str, timeout_s: float = 8.0) -> Message:
    """Answer NOTIFYs until one holds these words; return it."""
    while True:
        message = phone.receive(timeout_s)
        if message.method == "NOTIFY":
            phone.respond(message, "200 OK")
            if holds in message.body:
                return message
        else:
            assert message.status in (200, 202), message.first


def told_by(link: socket.socket) -> dict[str, str]:
    """Return the edge's next notice but that of its start, which may precede the first test; without its time."""
    told: dict[str, str] = json.loads(link.recv(1000))
    if told["kind"] == "started":
        return told_by(link)
    assert time.time() - 30 < int(told.pop("since", time.time())) <= time.time()
    return told


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@dataclass
class Edge:
    """`python -m appliance.edge`, run as by the supervisor."""

    folder: Path
    more: str = ""
    sip: str = ""
    """More of [sip]."""
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    link_port: int = field(default_factory=free_port)
    switch_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    within: tuple[str, ...] = ()  # command in whose name spaces it runs

    def write(self) -> Path:
        config = self.folder / "box.toml"
        top, _mark, tables = self.more.partition("---")
        config.write_text(
            f"[sip]\nport = {self.switch_port}\n{self.sip}\n[edge]\nenabled = true\nport = {self.port}\n"
            f"tls_port = {self.tls_port}\nlink_port = {self.link_port}\n{top}\n{tables}\n"
        )
        with PhoneBook(self.folder / "state" / "edge.db") as book:
            for extension in EXTENSIONS:
                if extension not in book.phones():
                    book.add(extension, DOMAIN, 1, password(extension))
        return config

    def start(self) -> None:
        config = self.write()
        with (self.folder / "edge.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.within, sys.executable, "-m", "appliance.edge", str(config)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "MXBOX_PARENT": str(os.getpid())},
            )
        self.wait_up()

    def wait_up(self) -> None:
        with End(self, address="127.0.0.77") as asker:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                asker.send(asker.request("OPTIONS", f"sip:{DOMAIN}"))
                with contextlib.suppress(TimeoutError, ConnectionError):
                    asker.receive(0.2)
                    return
                assert self.process is None or self.process.poll() is None, self.log()
        raise AssertionError(self.log())

    def log(self) -> str:
        return (self.folder / "edge.log").read_text(errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(10)

    def main_pid(self) -> int:
        """Return the process number of kamailio's first process."""
        assert self.process
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])

    def pids(self) -> list[int]:
        """Return the process numbers of all of kamailio's processes."""
        main = self.main_pid()
        return [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]

    def all_pids(self) -> list[int]:
        """Return `pids` once all are started: the first ones answer before."""
        pids: list[int] = []
        while pids != (pids := self.pids()):
            time.sleep(0.3)
        return pids


@contextmanager
def running(folder: Path, more: str = "", within: tuple[str, ...] = ()) -> Iterator[Edge]:
    edge = Edge(folder, more, within=within)
    edge.start()
    try:
        yield edge
    finally:
        if edge.process and edge.process.poll() is None:
            edge.stop()
