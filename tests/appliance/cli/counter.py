# SPDX-License-Identifier: GPL-2.0-or-later
"""A control socket that gives prepared replies and keeps its requests.

It tests the command's output; the replies of a real box are tested with the control API and in the scenarios."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec

from appliance.api.messages import AnyRequest, Reply, Subscribe, Subscribed


class Counter:
    """Serves one connection after the other, until the end of the block; `asked` holds the requests in order.

    With `keep`, a subscription stays open until the other side closes it."""

    def __init__(
        self, path: Path, answer: Callable[[AnyRequest], Reply], updates: tuple[Reply, ...] = (), *, keep: bool = False
    ) -> None:
        self.path = path
        self.asked: list[AnyRequest] = []
        self._answer, self._updates, self._keep = answer, updates, keep
        self._listener = socket.socket(socket.AF_UNIX)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        decoder = msgspec.json.Decoder(AnyRequest)
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    self.asked.append(decoder.decode(line))
                    replies = (
                        (Subscribed(0, complete=False), *self._updates)
                        if isinstance(self.asked[-1], Subscribe)
                        else (self._answer(self.asked[-1]),)
                    )
                    connection.sendall(b"".join(msgspec.json.encode(reply) + b"\n" for reply in replies))
                    if isinstance(self.asked[-1], Subscribe) and not self._keep:
                        break
