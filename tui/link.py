# SPDX-License-Identifier: GPL-2.0-or-later
"""Link to the box: one connection for requests, one for updates; it connects again for ever and resumes.

It knows nothing of the picture and of screens: what arrives is given to `hear`, in order.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar

import msgspec

from appliance.api.messages import AnyReply, AnyRequest, Error, Hello, Reply, Subscribe, Subscribed, Topic, Update
from appliance.contract.errors import ApiError
from appliance.contract.reasons import shown
from appliance.i18n import _

R = TypeVar("R", bound=Reply)

TOPICS: Final[tuple[Topic, ...]] = (
    "calls", "queues", "agents", "recordings", "messages", "troubles", "spans", "status",
)  # fmt: skip
"""Topics of the picture; `supervision` takes a right of its own and is asked for by the screen that shows it."""
ANSWER_S: Final = 10.0
PAUSE_S: Final = 1.0
"""Pause between two tries to connect."""
_READ: Final = 1 << 16

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyReply] = msgspec.json.Decoder(AnyReply)


class NoAnswerError(ApiError):
    """The box does not answer, in time or at all."""


class Gone(msgspec.Struct, frozen=True):
    """The box does not answer, or its connection is lost. `why` is in the reader's language."""

    why: str


Heard = Hello | Subscribed | Update | Gone
Hear = Callable[[Sequence[Heard]], None]


class LinkLike(Protocol):
    """The link, or a test's in its place."""

    async def run(self) -> None:
        """Follow the updates without end."""
        ...

    async def ask(self, request: AnyRequest, kind: type[R]) -> R:
        """Send a request; return its reply. Raises ApiError."""
        ...


class Asks(Protocol):
    """The side of a link that screens use."""

    async def ask(self, request: AnyRequest, kind: type[R]) -> R:
        """Send a request; return its reply. Raises ApiError."""
        ...


class Link:
    """The link. `run` is a task for as long as the terminal runs.

    Args:
        path: the control socket.
        hear: takes what arrives: `Hello`, `Subscribed`, updates, `Gone`.
        greet: requests that each new connection begins with, such as a ticket; their replies must be no errors.
        topics: of the updates.
    """

    def __init__(
        self,
        path: Path,
        hear: Hear,
        greet: Sequence[AnyRequest] = (),
        topics: tuple[Topic, ...] = TOPICS,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._path, self._hear, self._greet, self._topics, self._pause_s = path, hear, greet, topics, pause_s
        self._asking: _Connection | None = None
        self._turn = asyncio.Lock()
        self._since = 0

    async def run(self) -> None:
        """Follow the updates, across every loss of the connection, without end."""
        while True:
            try:
                await self._follow()
            except ApiError as error:
                self._hear((Gone(error.message),))
            except (OSError, msgspec.DecodeError) as error:
                self._hear((Gone(_reason(error)),))
            self._drop()
            await asyncio.sleep(self._pause_s)

    async def ask(self, request: AnyRequest, kind: type[R]) -> R:
        """Send a request; return its reply.

        Raises:
            NoAnswerError: the box does not answer.
            ApiError: it answered with an error; its hint is the remedy.
        """
        async with self._turn:
            try:
                reply = await asyncio.wait_for(self._answer(request), ANSWER_S)
            except (OSError, TimeoutError, msgspec.DecodeError) as error:
                self._drop()
                raise NoAnswerError(_("the box does not answer"), _reason(error)) from error
            except asyncio.CancelledError:
                self._drop()  # its reply would be taken for that of the next request
                raise
        return _checked(reply, kind)

    async def _answer(self, request: AnyRequest) -> AnyReply:
        if self._asking is None:
            self._asking = await self._open()
        return await self._asking.ask(request)

    async def _follow(self) -> None:
        """Subscribe, and hear updates until the connection ends. Raises OSError, ApiError."""
        connection = await asyncio.wait_for(self._open(), ANSWER_S)
        with contextlib.closing(connection):
            reply = await asyncio.wait_for(connection.ask(Subscribe(self._topics, self._since)), ANSWER_S)
            first = _checked(reply, Subscribed)
            if not first.complete:
                self._since = first.seq
            self._hear((connection.hello, first))
            while True:
                updates = [each for each in await connection.replies() if isinstance(each, Update)]
                if updates:
                    self._since = updates[-1].seq
                    self._hear(updates)

    async def _open(self) -> "_Connection":
        """Connect and greet. Raises OSError, ApiError."""
        reader, writer = await asyncio.open_unix_connection(str(self._path))
        connection = _Connection(reader, writer)
        try:
            await connection.greeted()
            for request in self._greet:
                reply = _checked(await connection.ask(request), Reply)
                connection.hello = reply if isinstance(reply, Hello) else connection.hello
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        if self._asking is not None:
            self._asking.close()
        self._asking = None


class _Connection:
    """Lines of JSON on a connection; many at a time, for the box may say a thousand things in a second."""

    hello: Hello

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._rest = b""
        self._ready: list[AnyReply] = []

    async def greeted(self) -> None:
        """Read the greeting. Raises OSError, ApiError."""
        self.hello = _checked(await self._next(), Hello)

    async def ask(self, request: AnyRequest) -> AnyReply:
        """Send a request, return the next reply. Raises OSError."""
        self._writer.write(_encoder.encode(request) + b"\n")
        await self._writer.drain()
        return await self._next()

    async def replies(self) -> list[AnyReply]:
        """Return what has arrived, at least one line. Raises OSError at the end of the connection."""
        while not self._ready:
            data = await self._reader.read(_READ)
            if not data:
                raise ConnectionResetError(_("the connection was closed"))
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._ready = [_decoder.decode(line) for line in lines]
        ready, self._ready = self._ready, []
        return ready

    async def _next(self) -> AnyReply:
        first, *self._ready = await self.replies()
        return first

    def close(self) -> None:
        self._writer.close()


def _checked(reply: AnyReply, kind: type[R]) -> R:
    """Return the reply if it is of its kind. Raises ApiError."""
    if isinstance(reply, Error):
        message, hint = reply.msgid or reply.message, reply.hint_id or reply.hint
        raise ApiError(shown(message, reply.values), shown(hint, reply.values))
    if not isinstance(reply, kind):
        raise ApiError(
            _("the box answered something else than was asked"),
            _("box and command may be of different versions: restart the box after an upgrade"),
        )
    return reply


def _reason(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        return _("is it running? Start it with: mxbox run CONFIG")
    if isinstance(error, PermissionError):
        return _("only the user who runs the box may ask it, and users in [api.users]: use that user, or sudo")
    return str(error) or _("no answer in time")
