# SPDX-License-Identifier: GPL-2.0-or-later
"""Asterisk's manager interface: actions and events as blocks of lines over TCP."""

import contextlib
import itertools
import socket
import time
from collections.abc import Iterator

Block = dict[str, str]
ANSWER_S = 10.0


class Manager:
    """A session: `act` does something, `events` has all that was told, oldest first."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), ANSWER_S)
        self._received = b""
        self._numbers = itertools.count(1)
        self._answers: dict[str, Block] = {}
        self.events: list[Block] = []
        self._greeted = False
        self.act("Login", Username="tests", Secret="tests")

    def close(self) -> None:
        self._socket.close()

    def act(self, action: str, **fields: object) -> Block:
        """Do something and give the answer, of which several lines of output are joined; an error fails the test."""
        number = str(next(self._numbers))
        variables = fields.pop("variables", {})
        assert isinstance(variables, dict)
        lines = [f"Action: {action}", f"ActionID: {number}", *(f"{name}: {value}" for name, value in fields.items())]
        lines += [f"Variable: {name}={value}" for name, value in variables.items()]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        deadline = time.monotonic() + ANSWER_S
        while number not in self._answers:
            assert time.monotonic() < deadline, f"no answer to {action}"
            self.poll(0.1)
        answer = self._answers.pop(number)
        assert answer["Response"] in ("Success", "Goodbye"), (action, fields, answer)
        return answer

    def poll(self, timeout_s: float = 0.0) -> None:
        """Read the events that have arrived."""
        self._socket.settimeout(timeout_s)
        with contextlib.suppress(TimeoutError, BlockingIOError):
            while chunk := self._socket.recv(65536):
                self._received += chunk
                self._socket.settimeout(0)
        for block in self._blocks():
            if "Response" in block:
                self._answers[block.get("ActionID", "")] = block
            elif "Event" in block:
                self.events.append(block)

    def _blocks(self) -> Iterator[Block]:
        if not self._greeted and b"\r\n" in self._received:
            self._greeted = True
            self._received = self._received.partition(b"\r\n")[2]
        while b"\r\n\r\n" in self._received:
            text, _end, self._received = self._received.partition(b"\r\n\r\n")
            block: Block = {}
            for line in text.decode("utf-8", "replace").split("\r\n"):
                name, _colon, value = line.partition(": ")
                block[name] = f"{block[name]}\n{value}" if name in block else value
            yield block
