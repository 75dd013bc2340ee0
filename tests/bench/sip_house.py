# SPDX-License-Identifier: GPL-2.0-or-later
"""A box with many registered phones behind the real edge, and what its processes cost; shared by the SIP benches."""

import asyncio
import contextlib
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import tomli_w

from appliance.api.client import Client
from appliance.api.messages import Status, StatusReply
from appliance.children.keeper import Children
from appliance.cli.run import EDGE, modules
from appliance.config.model import BoxConfig, EdgeConfig, ExtensionConfig, SipConfig
from appliance.config.paths import resolve
from appliance.contract.errors import ApiError
from appliance.demo.stage import CALL_SERVER, SWITCH
from appliance.phones.book import PhoneBook, digests
from hw_sim.baresip import free_port
from tests.bench.ninety import cpu_s

DOMAIN = "mxbox"
READY_S = 30.0
T1_S = 0.5
RTP_FIRST = 24000
PROCESSES = {EDGE: "edge", SWITCH: "switch", CALL_SERVER: "call server"}


def password(extension: str) -> str:
    """Password of a phone."""
    return f"secret-{extension}"


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    with contextlib.suppress(OSError):
        children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return [pid, *(each for child in children for each in tree(child))]
    return []


class Meter:
    """CPU seconds of the box's processes, each with all that it started, since the last look."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._trees = {name: tree(pid) for name, pid in pids.items()}
        self.look()

    def look(self) -> dict[str, float]:
        """Return CPU seconds by name."""
        now = {name: sum(map(cpu_s, pids)) for name, pids in self._trees.items()}
        before, self._used = getattr(self, "_used", now), now
        return {name: now[name] - before[name] for name in now}


@dataclass
class SipHouse:
    """A running box; `numbers` are its extensions."""

    config: BoxConfig
    numbers: Sequence[str]
    client: Client
    meter: Meter

    @property
    def edge_port(self) -> int:
        """Where phones register."""
        return self.config.edge.port

    def status(self) -> StatusReply:
        """Return the box's state."""
        return self.client.ask(Status(), StatusReply)


@contextlib.contextmanager
def sip_house(folder: Path, phones: int, *, rows: int = 120, ping_s: int = 0) -> Iterator[SipHouse]:
    """Start a box in `folder` whose edge lets everybody say as much as he likes."""
    numbers = [str(1001 + n) for n in range(phones)]
    edge = EdgeConfig(
        enabled=True, port=free_port(), link_port=free_port(), tls=False, requests_per_s=100_000, ping_s=ping_s
    )
    config = BoxConfig(
        language="en",
        sip=SipConfig(port=free_port(), calls=rows, rtp_first=RTP_FIRST, rtp_last=RTP_FIRST + 4 * rows),
        edge=edge,
        extension=tuple(ExtensionConfig(number=number, line=f"phone:{number}") for number in numbers),
    )
    file = folder / "box.toml"
    paths = resolve(config, file)
    for path in (paths.state, paths.run, paths.recordings):
        path.mkdir(parents=True, exist_ok=True)
    file.write_text(tomli_w.dumps(msgspec.to_builtins(config)), encoding="utf-8")
    with PhoneBook(paths.state / "edge.db") as book, book.all_or_nothing():
        for number in numbers:
            book.add(number, DOMAIN, 1, password(number))
    children = Children(modules(config), file, lambda module, status, _words: print(f"{module} ended with {status}"))
    client = Client(paths.control_socket)
    try:
        _until(children, lambda: _up(client, edge.port), "the box does not come up")
        pids = {name: children.pid(module) or 0 for module, name in PROCESSES.items()}
        yield SipHouse(config, numbers, client, Meter(pids))
    finally:
        client.close()
        children.stop()


def _until(children: Children, what: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + READY_S
    while not what():
        children.keep()
        assert time.monotonic() < end, why
        time.sleep(0.05)


def _up(client: Client, port: int) -> bool:
    with contextlib.suppress(ApiError):
        return client.ask(Status(), StatusReply).connected and _heard(port)
    return False


def _heard(port: int) -> bool:
    needle = f":{port:04X} ".encode()
    return needle in Path("/proc/net/udp").read_bytes()


class Registrar(asyncio.DatagramProtocol):
    """Many phones on one socket that register at an edge: digest answered (RFC 2617), repeated by T1 (RFC 3261 17.1).

    Args:
        port: the edge's.
        contact: host:port that calls shall go to; '' for this socket itself.
    """

    def __init__(self, port: int, contact: str = "") -> None:
        self._edge, self._contact = ("127.0.0.1", port), contact
        self._waiting: dict[str, asyncio.Future[tuple[int, str]]] = {}
        self._count = 0
        self._transport: asyncio.DatagramTransport | None = None
        self.repeated = 0

    async def open(self) -> None:
        """Take a port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._here = "{}:{}".format(*self._transport.get_extra_info("sockname"))
        self._contact = self._contact or self._here

    def close(self) -> None:
        """Close the port."""
        if self._transport:
            self._transport.close()

    async def register(self, extension: str, expires_s: int = 600) -> float:
        """Register; give the seconds it took. Raises AssertionError when it is refused."""
        begin = time.monotonic()
        status, text = await self._ask(extension, 1, expires_s, "")
        assert status == 401, text
        status, text = await self._ask(extension, 2, expires_s, self._proof(extension, text))
        assert status == 200, text
        return time.monotonic() - begin

    async def _ask(self, extension: str, number: int, expires_s: int, proof: str) -> tuple[int, str]:
        assert self._transport
        self._count += 1
        token = f"{os.getpid()}x{self._count}"
        lines = [
            f"REGISTER sip:{DOMAIN} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK{token};rport",
            f"From: <sip:{extension}@{DOMAIN}>;tag={token}",
            f"To: <sip:{extension}@{DOMAIN}>",
            f"Call-ID: r{extension}-{self._here}",
            f"CSeq: {self._count} REGISTER",
            "Max-Forwards: 70",
            f"Contact: <sip:{extension}@{self._contact}>",
            f"Expires: {expires_s}",
            *([proof] if proof else []),
            "Content-Length: 0",
            "\r\n",
        ]
        answer = self._waiting[token] = asyncio.get_running_loop().create_future()
        for pause_s in (T1_S, 2 * T1_S, 4 * T1_S, 4.0, 4.0):
            self._transport.sendto("\r\n".join(lines).encode(), self._edge)
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(answer), pause_s)
            self.repeated += 1
        raise AssertionError(f"no answer to {extension}")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a response; answer the edge's OPTIONS."""
        text = data.decode()
        if text.startswith("OPTIONS "):
            self._pong(text, addr)
        elif (found := re.search(r"branch=z9hG4bK([^;\r]+)", text)) and (waiting := self._waiting.pop(found[1], None)):
            waiting.set_result((int(text[8:11]), text))

    def _pong(self, text: str, addr: tuple[str, int]) -> None:
        kept = [line for line in text.split("\r\n") if re.match("(Via|From|To|Call-ID|CSeq):", line)]
        assert self._transport
        self._transport.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "\r\n"]).encode(), addr)

    @staticmethod
    def _proof(extension: str, challenge: str) -> str:
        nonce = re.search('nonce="([^"]+)"', challenge)
        assert nonce
        ha1, _ = digests(extension, DOMAIN, password(extension))
        ha2 = _md5(f"REGISTER:sip:{DOMAIN}")
        answer = _md5(f"{ha1}:{nonce[1]}:00000001:abc:auth:{ha2}")
        return (
            f'Authorization: Digest username="{extension}",realm="{DOMAIN}",nonce="{nonce[1]}",uri="sip:{DOMAIN}",'
            f'response="{answer}",cnonce="abc",nc=00000001,qop=auth'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
