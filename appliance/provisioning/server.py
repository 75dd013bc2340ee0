# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTTPS server from which telephones fetch their settings: `https://<host>:<port>/<secret>/<file>`, GET only.

Nothing is listed, every refusal looks the same, and what is logged names telephones, never addresses that were asked
for: a secret stands in them. A connection costs a thread for some seconds at most; there are only so many.
"""

import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AF_INET, AF_INET6, MSG_PEEK, socket
from typing import Final, cast

from appliance.errors import ApplianceError
from appliance.provisioning.fetch import Desk, Fetch
from appliance.provisioning.limiter import Limiter

CONNECTIONS: Final = 32
TIMEOUT_S: Final = 10.0
"""For handshake and request together with each read or write."""
TAKEN_S: Final = 3.0
"""How long the telephone may leave its end open after the file; it has it then."""
_NOT_FOUND, _TOO_MANY, _UNAVAILABLE = 404, 429, 503


def tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """Give what a server needs to speak TLS 1.2 and above. Raises OSError or ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


class Server(ThreadingHTTPServer):
    """Serves until `shutdown`.

    Args:
        place: IP address and port to listen at.
        context: certificate and key.
        desk: gives out the files.
        wall: Unix milliseconds, a label.
        log: takes a line for the log.
        limiter: whom to shut out.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        place: tuple[str, int],
        context: ssl.SSLContext,
        desk: Desk,
        wall: Callable[[], int],
        log: Callable[[str], None],
        limiter: Limiter | None = None,
    ) -> None:
        self.address_family = AF_INET6 if ":" in place[0] else AF_INET
        self.desk, self.wall, self.log = desk, wall, log
        self.limiter, self.lock = limiter or Limiter(), threading.Lock()
        self._context = context
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(place, Handler)

    def process_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Take a connection if there is room for it and it comes from nobody who is shut out."""
        with self.lock:
            out = self.limiter.shut_out(client_address[0], time.monotonic())
        if out or not self._free.acquire(blocking=False):
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def process_request_thread(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Serve one connection, then make room for another."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def finish_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Shake hands in the connection's own thread: a slow one keeps nobody else waiting."""
        cast("socket", request).settimeout(TIMEOUT_S)
        with self._context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Say nothing: handshakes fail by themselves, and a traceback could show a secret."""

    def failed(self, source: str) -> None:
        """Count a wrong guess."""
        with self.lock:
            now_out = self.limiter.failed(source, time.monotonic())
        if now_out:
            self.log(f"{source} asks for what is not there again and again: not answered for a while")


class Handler(BaseHTTPRequestHandler):
    """One request; the connection ends with it (HTTP/1.0)."""

    server_version = "mxbox"
    sys_version = ""
    timeout = TIMEOUT_S

    def do_GET(self) -> None:
        """Give a telephone its file."""
        server = cast("Server", self.server)
        source = self.client_address[0]
        secret, file = self._asked()
        try:
            fetch = server.desk.begin(secret, file, server.wall())
        except ApplianceError as error:
            server.log(f"a telephone at {source} asked for its settings, but: {error.message}")
            self._refuse(_UNAVAILABLE)
            return
        if fetch is None:
            if not server.desk.knows(secret):
                server.failed(source)
            self._refuse(_NOT_FOUND)
        else:
            self._give(server, fetch)

    def _asked(self) -> tuple[str, str]:
        """Give (secret, file) of the path `/<secret>/<file>`; a query is none of ours, and cut off."""
        parts = self.path.partition("?")[0].split("/")
        return (parts[1], parts[2]) if len(parts) == 3 and not parts[0] else ("", "")

    def _give(self, server: Server, fetch: Fetch) -> None:
        arrived = False
        try:
            self.send_response(200)
            self.send_header("Content-Type", fetch.content_type)
            self.send_header("Content-Length", str(len(fetch.body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(fetch.body)
            arrived = self._taken()
        finally:
            server.desk.finish(fetch, server.wall(), arrived=arrived)
            handset = fetch.handset
            what = "has its settings" if arrived else "did not take its settings, and may ask again"
            source = self.client_address[0]
            server.log(f"{handset.maker} {handset.mac} at {source}, extension {handset.extension}: {what}")

    def _taken(self) -> bool:
        """Wait for the telephone's end of the connection: a reset says that it did not read to the end.

        Below TLS, which tells a reset and an end alike.
        """
        self.connection.settimeout(TAKEN_S)
        try:
            socket.recv(self.connection, 1, MSG_PEEK)
        except ConnectionError:
            return False
        except TimeoutError:  # it waits for our end
            return True
        return True

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing of a request: its first line holds a secret."""
