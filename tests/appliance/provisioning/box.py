# SPDX-License-Identifier: GPL-2.0-or-later
"""A box's configuration, phones and HTTPS server on loopback, and a telephone that fetches from it."""

import http.client
import ssl
import threading
from pathlib import Path
from typing import Self

from appliance.config.load import load_box
from appliance.edge.values import edge_paths
from appliance.phones.book import PhoneBook
from appliance.phones.schema import FILE
from appliance.provisioning.fetch import address
from appliance.provisioning.main import make_server
from appliance.provisioning.server import Server

HOST = "127.0.0.1"

CONFIG = """\
[edge]
enabled = true
domain = "box.example"
port = {edge}
tls_port = {tls}
[sip]
port = {sip}
[provisioning]
enabled = true
host = "127.0.0.1"
port = {port}
[[extension]]
number = "1001"
line = "phone:1001"
name = "张伟"
[[extension]]
number = "1002"
line = "phone:1002"
"""


class Box:
    """The server runs in a thread of this process; `log` keeps its lines."""

    def __init__(self, folder: Path, port: int, text: str = "") -> None:
        self.file = folder / "box.toml"
        self.file.write_text(text or CONFIG.format(port=port, edge=5060, tls=5061, sip=5070), encoding="utf-8")
        self.config, self.paths = load_box(self.file)
        self.edge_db = self.paths.state / FILE
        self.log: list[str] = []
        self.server: Server | None = None

    def invite(self, extension: str, maker: str, mac: str) -> str:
        """Return the path of a telephone's file."""
        with PhoneBook(self.edge_db) as book:
            if extension not in book.phones():
                book.add(extension, "box.example", 1)
            secret = book.invite(extension, maker, mac, 2)
        return "/" + address(self.config, secret, maker, mac).split("/", 3)[3]

    def ha1(self, extension: str) -> str:
        with PhoneBook(self.edge_db) as book:
            row = book._db.execute("SELECT ha1 FROM phones WHERE extension = ?", (extension,)).fetchone()
            return str(row[0])

    def state(self, extension: str) -> str:
        with PhoneBook(self.edge_db) as book:
            return book.handsets()[extension].state

    def __enter__(self) -> Self:
        self.server = make_server(self.file, self.config, self.paths)
        self.server.log = self.log.append
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_why: object) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def trust(self) -> ssl.SSLContext:
        """Return a context that trusts the box's certificate and no other."""
        return ssl.create_default_context(cafile=str(edge_paths(self.config, self.paths).certificate))

    def get(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        """Fetch as a telephone does."""
        line = http.client.HTTPSConnection(HOST, self.config.provisioning.port, timeout=10, context=self.trust())
        try:
            line.request(method, path)
            reply = line.getresponse()
            return reply.status, reply.read()
        finally:
            line.close()
