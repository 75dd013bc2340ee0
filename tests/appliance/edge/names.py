# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server of the tests' own (RFC 1035, RFC 2782, RFC 3403), and the name space in which a process asks it."""

import contextlib
import ipaddress
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest

SERVER: Final = f"127.53.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
"""Each process of the tests has a name server of its own."""
A, AAAA, SRV, NAPTR = 1, 28, 33, 35
Service = tuple[int, int, int, str]
"""Priority, weight, port, target."""


class Pointer(NamedTuple):
    """A NAPTR record of a transport (RFC 3263 4.1); `target`: name of its SRV records."""

    order: int
    preference: int
    service: str
    target: str


def _name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _data(value: str | Service | Pointer) -> bytes:
    if isinstance(value, Pointer):
        texts = _text("s") + _text(value.service) + _text("")
        return struct.pack("!2H", value.order, value.preference) + texts + _name(value.target)
    if isinstance(value, tuple):
        return struct.pack("!3H", *value[:3]) + _name(value[3])
    return ipaddress.ip_address(value).packed


class Names:
    """Answers for the names in `known`: addresses by name, services by name. `silent`: it sends no answers."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], list[str | Service | Pointer]] = {}
        self.silent = False
        self.asked: list[tuple[str, int]] = []
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind((SERVER, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def addresses(self, name: str, *addresses: str) -> None:
        for kind, version in ((A, 4), (AAAA, 6)):
            self.known[name, kind] = [each for each in addresses if ipaddress.ip_address(each).version == version]

    def services(self, name: str, *services: Service) -> None:
        self.known[name, SRV] = list(services)

    def pointers(self, name: str, *pointers: tuple[int, int, str, str]) -> None:
        self.known[name, NAPTR] = [Pointer(*each) for each in pointers]

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                query, source = self._socket.recvfrom(4096)
                if not self.silent:
                    self._socket.sendto(self._answer(query), source)

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while size := query[at]:
            labels.append(query[at + 1 : at + 1 + size].decode().lower())
            at += 1 + size
        kind = struct.unpack("!H", query[at + 1 : at + 3])[0]
        name = ".".join(labels)
        self.asked.append((name, kind))
        there = any(known == name for known, _kind in self.known)
        values = self.known.get((name, kind), [])
        records = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(data)) + data
            for data in (_data(value) for value in values)
        )
        flags = 0x8580 | (0 if there else 3)
        return query[:2] + struct.pack("!5H", flags, 1, len(values), 0, 0) + query[12 : at + 5] + records


@contextmanager
def names(folder: Path) -> Iterator[tuple[Names, tuple[str, ...]]]:
    """Run a name server; yield it, and the command in whose mount name space it is the only one."""
    if os.geteuid():
        pytest.skip("needs root: a name server has port 53")
    (folder / "resolv.conf").write_text(f"nameserver {SERVER}\noptions timeout:1 attempts:1\n")
    mount = f'mount --bind {folder}/resolv.conf /etc/resolv.conf && exec "$@"'
    server = Names()
    try:
        yield server, ("unshare", "--mount", "sh", "-c", mount, "sh")
    finally:
        server.close()
