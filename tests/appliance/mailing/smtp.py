# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail server on loopback (RFC 5321), as far as letters need one: it takes them, puts them off or refuses them."""

import contextlib
import socketserver
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BufferedIOBase
from types import TracebackType
from typing import Protocol, Self


class _Peer(Protocol):
    """A connection."""

    rfile: BufferedIOBase
    wfile: BufferedIOBase

    def secure(self) -> None:
        """Begin TLS."""


class MailServer:
    """Letters that came, and the reply to the next ones: `reply` to RCPT, `login` to AUTH.

    With a `context` it speaks TLS: from the start, or after STARTTLS (RFC 3207), which it offers if `starttls`.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.reply = "250 fine"
        self.login = "235 welcome"
        self.said: list[str] = []
        self.context: ssl.SSLContext | None = None
        self.starttls = False
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):  # the client does not trust it: ssl.SSLError is one
                    if outer.context is not None and not outer.starttls:
                        self.secure()
                    outer.talk(self)

            def secure(self) -> None:
                """Begin TLS on the connection."""
                assert outer.context is not None
                self.connection = outer.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                outer.said.append(f"({self.connection.version()})")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def talk(self, peer: "_Peer") -> None:
        """Serve one connection."""

        def say(text: str) -> None:
            peer.wfile.write(text.encode() + b"\r\n")

        say("220 mail.test")
        to: list[str] = []
        while line := peer.rfile.readline().decode().strip():
            self.said.append(line)
            verb = line.partition(" ")[0].upper()
            if verb == "EHLO":
                say("250-mail.test" + "\r\n250-STARTTLS" * self.starttls + "\r\n250 AUTH PLAIN")
            elif verb == "STARTTLS" and self.starttls:
                say("220 go on")
                peer.secure()
            elif verb == "AUTH":
                say(self.login)
            elif verb == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
                say(self.reply)
            elif verb == "DATA":
                say("354 go on")
                self._take(peer, to)
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")

    def _take(self, peer: _Peer, to: list[str]) -> None:
        lines = []
        while (line := peer.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.to.append(list(to))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
