# SPDX-License-Identifier: GPL-2.0-or-later
"""A plain, blocking client of the control API, for the command, tests and programs."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Self, TypeVar, overload

import msgspec

from appliance.api.messages import (
    AnyReply,
    AnyRequest,
    Error,
    Hello,
    Ledger,
    Reply,
    Subscribe,
    Subscribed,
    Topic,
    Update,
)
from appliance.contract.errors import ApiError
from appliance.contract.reasons import shown
from appliance.i18n import _

R = TypeVar("R", bound=Reply)

_PAUSE_S: Final = 1.0
"""Pause between two tries to connect again."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyReply] = msgspec.json.Decoder(AnyReply)


class Client:
    """One connection to the control socket of a box, made with the first request. Close it, or use it in `with`.

    Args:
        path: the socket, `<run>/control.sock`.
        timeout_s: how long an answer may take; a ledger, which may go through millions of calls, ten times as long.
    """

    def __init__(self, path: str | Path, timeout_s: float = 60.0) -> None:
        self._path = Path(path)
        self._timeout_s = timeout_s
        self._socket: socket.socket | None = None
        self._hello: Hello | None = None
        self._buffer = bytearray()

    @overload
    def ask(self, request: AnyRequest) -> AnyReply: ...
    @overload
    def ask(self, request: AnyRequest, kind: type[R]) -> R: ...
    def ask(self, request: AnyRequest, kind: type[Reply] = Reply) -> Reply:
        """Send one request; return its reply, of type `kind` if that is given.

        Raises:
            ApiError: the box does not run, went away or was too slow, or answered with an error; its hint is the
                remedy.
        """
        try:
            with contextlib.suppress(BrokenPipeError):  # the box may have sent the reason before it closed: read that
                self._connected().sendall(_encoder.encode(request) + b"\n")
        except OSError as error:
            raise self._gone() from error
        reply = self._reply(self._timeout_s * (10 if isinstance(request, Ledger) else 1))
        if isinstance(reply, Error):
            message, hint = reply.msgid or reply.message, reply.hint_id or reply.hint
            raise ApiError(shown(message, reply.values), shown(hint, reply.values))
        if not isinstance(reply, kind):
            self.close()
            raise ApiError(_("the box answered something else than was asked"), _other_version())
        return reply

    def updates(self, *topics: Topic) -> Iterator[Update]:
        """Subscribe at once; return the updates, without end. Raises ApiError when the box goes away."""
        self.ask(Subscribe(topics) if topics else Subscribe(), Subscribed)
        return self._stream()

    def follow(
        self, *topics: Topic, since: int = 0, patience_s: float = 60.0, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[Subscribed | Update]:
        """Return updates, also across a lost connection or a start of the box, without end.

        The first item is `Subscribed`, and another follows wherever updates are lost: unless it is `complete`, ask for
        the present state on another connection. `since` is the number of the last update that is known.

        Raises:
            ApiError: the box was away for `patience_s`.
        """
        told = False
        while True:
            first = self._subscribe(topics, since, patience_s, sleep)
            if not told or not first.complete:
                told = True
                yield first
            since = since if first.complete else first.seq
            with contextlib.suppress(ApiError):
                for update in self._stream():
                    since = update.seq
                    yield update

    def _subscribe(
        self, topics: tuple[Topic, ...], since: int, patience_s: float, sleep: Callable[[float], None]
    ) -> Subscribed:
        asked = Subscribe(topics, since) if topics else Subscribe(since=since)
        for _try in range(int(patience_s / _PAUSE_S)):
            with contextlib.suppress(ApiError):
                return self.ask(asked, Subscribed)
            sleep(_PAUSE_S)
        return self.ask(asked, Subscribed)

    @property
    def hello(self) -> Hello:
        """First line from the box: its version, and the rights of the user at this end. Raises ApiError."""
        if self._hello is None:
            self._connected()
            reply = self._read(self._timeout_s)
            if not isinstance(reply, Hello):
                self.close()
                raise ApiError(_("the box answered something else than was asked"), _other_version())
            self._hello = reply
        return self._hello

    def _stream(self) -> Iterator[Update]:
        while True:
            reply = self._read(None)
            if isinstance(reply, Update):
                yield reply

    def close(self) -> None:
        """Close the connection; the next request makes a new one."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._hello = None
        self._buffer.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.settimeout(self._timeout_s)
            try:
                self._socket.connect(str(self._path))
            except OSError as error:
                self.close()
                raise self._unreachable(error) from error
        return self._socket

    def _reply(self, timeout_s: float | None) -> AnyReply:
        """Return the next reply; a `Hello` before it is kept."""
        reply = self._read(timeout_s)
        if not isinstance(reply, Hello):
            return reply
        self._hello = reply
        return self._read(timeout_s)

    def _read(self, timeout_s: float | None) -> AnyReply:
        try:
            return _decoder.decode(self._line(timeout_s))
        except OSError as error:
            raise self._gone() from error
        except msgspec.DecodeError as error:
            self.close()
            raise ApiError(_("the box answered something unreadable"), _other_version()) from error

    def _line(self, timeout_s: float | None) -> bytes:
        connection = self._connected()
        connection.settimeout(timeout_s)
        at = self._buffer.find(b"\n")
        while at < 0:
            data = connection.recv(1 << 16)
            if not data:
                raise ConnectionResetError
            start = len(self._buffer)
            self._buffer += data
            at = self._buffer.find(b"\n", start)
        line = bytes(self._buffer[:at])
        del self._buffer[: at + 1]
        return line

    def _unreachable(self, error: OSError) -> ApiError:
        if isinstance(error, PermissionError):
            return ApiError(
                _("no permission to open {path}").format(path=self._path),
                _("only the user who runs the box may ask it, and users in [api.users]: use that user, or sudo"),
            )
        return ApiError(
            _("no box answers at {path}").format(path=self._path),
            _("is it running? Start it with: mxbox run CONFIG"),
        )

    def _gone(self) -> ApiError:
        self.close()
        return ApiError(
            _("the box at {path} went away or did not answer in time").format(path=self._path),
            _("look at its log, then ask again"),
        )


def _other_version() -> str:
    return _("box and command may be of different versions: restart the box after an upgrade")
