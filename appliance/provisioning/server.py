# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTTPS server from which telephones fetch their settings: `https://<host>:<port>/<secret>/<file>`.

Nothing is listed, every refusal looks the same, and the log names telephones, never requested addresses: a secret
stands in them. A connection costs a thread for some seconds at most; their number is bounded, and when it is reached
the connection that has been silent longest makes room.
"""

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6, MSG_PEEK, SHUT_RDWR, socket
from typing import Final, cast

from appliance.contract.errors import ApplianceError
from appliance.edge.certificate import OLD_CIPHERS, Pair
from appliance.edge.handshakes import SETTINGS, failed
from appliance.provisioning.fetch import Desk, Fetch
from appliance.provisioning.limiter import Limiter

CONNECTIONS: Final = 32
TIMEOUT_S: Final = 10.0
"""For handshake and request together, and for each read or write."""
CLOSE_WAIT_S: Final = 3.0
"""How long the telephone may leave its end open after the file; by then it has it."""
VERSIONS: Final = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2}
ROOM_WAIT_S: Final = 0.5
"""Time in which the connection that makes room must end."""
_NOT_FOUND, _UNAVAILABLE = 404, 503


def tls(pairs: Iterable[Pair], lowest: str) -> ssl.SSLContext:
    """Return a context for a server that speaks TLS from version `lowest` on. Raises OSError or ssl.SSLError.

    It has a certificate for each kind of key, so every telephone finds one that it supports. OpenSSL's own list of
    ciphers has those without forward secrecy at its end: some telephones know no others.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS[lowest]
    context.set_ciphers("DEFAULT" if lowest == "1.2" else OLD_CIPHERS)
    for pair in pairs:
        context.load_cert_chain(pair.certificate, pair.key)
    return context


def _tell_nobody(_about: str, _text: str, _values: dict[str, str]) -> bool:
    return False


class Server(ThreadingHTTPServer):
    """Serves until `shutdown`.

    Args:
        place: IP address and port to listen at.
        context: certificate and key.
        desk: makes the files.
        wall: Unix milliseconds, a label.
        log: takes a line for the log.
        limiter: shuts sources out.
        tell: takes the subject of a trouble, and its text.
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
        tell: Callable[[str, str, dict[str, str]], bool] = _tell_nobody,
    ) -> None:
        self.address_family = AF_INET6 if ":" in place[0] else AF_INET
        self.desk, self.wall, self.log = desk, wall, log
        self.limiter, self.lock = limiter or Limiter(), threading.Lock()
        self._context, self._tell = context, tell
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        self._silent: dict[socket, None] = {}
        super().__init__(place, Handler)

    def process_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Serve a connection unless its source is shut out; make room for it if need be."""
        with self.lock:
            out = self.limiter.shut_out(client_address[0], time.monotonic())
        if out or not (self._free.acquire(blocking=False) or self._make_room()):
            self.shutdown_request(request)
        else:
            with self.lock:
                self._silent[request] = None
            super().process_request(request, client_address)

    def _make_room(self) -> bool:
        """End the connection that has been silent longest; return whether there is room now."""
        with self.lock:
            longest = next(iter(self._silent), None)
            if longest is not None:
                del self._silent[longest]
                with contextlib.suppress(OSError):  # it has ended by itself
                    socket.shutdown(longest, SHUT_RDWR)  # below TLS, whose state is another thread's
        return self._free.acquire(timeout=ROOM_WAIT_S)

    def asked(self, request: socket) -> None:
        """Mark a connection as one that has sent a request: it is served to its end."""
        with self.lock:
            self._silent.pop(request, None)

    def process_request_thread(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Serve one connection, then free its place."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.asked(request)
            self._free.release()

    def finish_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Run the handshake in the connection's own thread: a slow one delays no other."""
        cast("socket", request).settimeout(TIMEOUT_S)
        with self._context.wrap_socket(request, server_side=True, do_handshake_on_connect=False) as secured:
            with self.lock:
                self._silent.pop(request, None)
                self._silent[secured] = None
            try:
                secured.do_handshake()
                super().finish_request(secured, client_address)
            except ssl.SSLError as error:
                text, values = failed(client_address[0], SETTINGS, error.reason or "")
                if text:
                    self._tell(client_address[0], text, values)
                raise
            finally:
                self.asked(secured)

    def handle_error(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Log nothing: handshakes fail by themselves, and a traceback could show a secret."""

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
        """Send a telephone its file."""
        server = cast("Server", self.server)
        source = self.client_address[0]
        server.asked(self.connection)
        secret, file = self._asked()
        try:
            fetch = server.desk.begin(secret, file, server.wall())
        except ApplianceError as error:
            server.log(f"a telephone at {source} asked for its settings, but: {error.message}")
            self._refuse(_UNAVAILABLE)
            return
        if fetch is None:
            self._not_found(server, secret)
        else:
            self._give(server, fetch)

    def do_HEAD(self) -> None:
        """Answer whether the file can be fetched (RFC 9110 9.3.2), and leave it there."""
        server = cast("Server", self.server)
        server.asked(self.connection)
        secret, file = self._asked()
        if content_type := server.desk.offers(secret, file):
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.end_headers()
        else:
            self._not_found(server, secret)

    def _asked(self) -> tuple[str, str]:
        """Return (secret, file) of the path `/<secret>/<file>`; a query is cut off.

        Telephones put a slash between address and file, whether or not the address ends with one.
        """
        parts = [part for part in self.path.partition("?")[0].split("/") if part]
        return (parts[0], parts[1]) if len(parts) == 2 else ("", "")

    def _not_found(self, server: Server, secret: str) -> None:
        """Refuse a request.

        Only a text that never was a secret counts as a guess: telephones try their maker's common files first.
        """
        if not server.desk.knows(secret):
            server.failed(self.client_address[0])
        self._refuse(_NOT_FOUND)

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
        """Wait for the telephone's end of the connection: after a reset it has not read to the end.

        Below TLS, which reports a reset and an end alike.
        """
        self.connection.settimeout(CLOSE_WAIT_S)
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
