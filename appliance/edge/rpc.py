# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests to the edge over its own JSON-RPC socket (kamailio's `jsonrpcs`)."""

import asyncio
import itertools
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

ANSWER_S: Final = 1.0
ANSWER_BYTES: Final = 1 << 17
"""Kamailio sends no longer answer; it sends none in its place."""


class RpcError(Exception):
    """The edge did not answer, or too late, or with something else."""


class RpcRefusedError(RpcError):
    """The edge answered that it cannot."""


class _Answer(msgspec.Struct, frozen=True):
    id: int
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


class Rpc:
    """A client of a socket's path; each request has a socket of its own, so that late answers meet no other."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._numbers = itertools.count(1)

    async def ask(self, method: str, parameters: Sequence[str], kind: Any) -> Any:
        """Send a request; return the answer as `kind`. Raises RpcError."""
        number = next(self._numbers)
        question = {"jsonrpc": "2.0", "method": method, "params": parameters, "id": number}
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await self._exchange(msgspec.json.encode(question))
            if bytes(answer.error):
                raise RpcRefusedError(bytes(answer.error).decode(errors="replace"))
            return msgspec.json.decode(answer.result, type=kind)
        except (OSError, TimeoutError, msgspec.MsgspecError) as error:
            raise RpcError(type(error).__name__) from error  # no more of it: an answer may hold passwords

    async def _exchange(self, question: bytes) -> _Answer:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as here:
            here.bind("")  # any name that is free, in no folder
            await loop.sock_sendto(here, question, self._path)
            return msgspec.json.decode(await loop.sock_recv(here, ANSWER_BYTES), type=_Answer)
