# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests and answers as lines of text among noise: a serial console carries kernel messages and prompts, too.

A frame is one line of ASCII, `@mx SEQ JSON CRC`, the CRC-32 (that of zlib, as 8 digits) being of `SEQ JSON`. A line
that is damaged, or that another text has broken into, is noise: it is asked for again. A request that arrives twice is
done once and answered from memory. An answer longer than a line is fetched in parts.
"""

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

FRAME: Final = re.compile(rb"@mx ((\d{1,9}) (\{[ -~]*\})) ([0-9a-f]{8})$")
LONGEST: Final = 1000
"""Bytes of a frame."""
PART: Final = 600
"""Characters of an answer in one frame: quoted once more, they still fit."""
BUFFER: Final = 8192
"""Bytes without an end of line after which they are noise."""
HELLO: Final = "hello"
"""Name under which an asking end says its number, another one each time: earlier answers are forgotten then."""
MORE: Final = "more"


class Frame(NamedTuple):
    """A frame that arrived whole."""

    seq: int
    body: dict[str, Any]


class TooLongError(ValueError):
    """A request that does not fit into a line."""


def encode(seq: int, body: Mapping[str, Any]) -> bytes:
    """Return a frame as a line. Raise TooLongError if it is too long for one."""
    content = f"{seq} {json.dumps(body, separators=(',', ':'))}".encode("ascii")
    line = b"@mx %s %08x\n" % (content, zlib.crc32(content))
    if len(line) > LONGEST:
        raise TooLongError(f"{len(line)} bytes")
    return line


def decode(line: bytes) -> Frame | None:
    """Return the frame at the end of a line, None if there is none that is whole."""
    start = line.rfind(b"@mx ")
    found = FRAME.match(line[start:].rstrip()) if start >= 0 else None
    if found is None or zlib.crc32(found[1]) != int(found[4], 16):
        return None
    try:
        return Frame(int(found[2]), json.loads(found[3]))
    except ValueError:
        return None


class Lines:
    """Bytes of a line made into lines of text."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that are complete now."""
        *lines, self._rest = re.split(rb"[\r\n]+", self._rest + data)
        if len(self._rest) > BUFFER:
            self._rest = b""
        yield from (line for line in lines if line)


class Answering:
    """The end that answers.

    Args:
        handle: does a request and returns its answer; called once for each.
    """

    def __init__(self, handle: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._handle = handle
        self._hello: object = None
        self._seq = -1
        self._reply = b""
        self._answer = ""

    def reply(self, line: bytes) -> bytes:
        """Return what is sent after a line: an answer, b"" if it was noise."""
        frame = decode(line)
        if frame is None or "of" in frame.body:  # its own answer, which a terminal has echoed
            return b""
        if HELLO in frame.body and frame.body[HELLO] != self._hello:
            self._hello, self._seq = frame.body[HELLO], -1
        if frame.seq > self._seq:
            self._seq, self._reply = frame.seq, self._done(frame)
        return self._reply if frame.seq == self._seq else b""

    def _done(self, frame: Frame) -> bytes:
        part = frame.body.get(MORE)
        if not isinstance(part, int):
            part, self._answer = 0, json.dumps(self._handle(frame.body))
        parts = -(-len(self._answer) // PART)
        text = self._answer[part * PART : (part + 1) * PART]
        return encode(frame.seq, {"part": part, "of": parts, "text": text})


class NoAnswerError(Exception):
    """No whole answer in time."""


class Asking:
    """The end that asks.

    Args:
        send: writes bytes to the line.
        receive: returns what arrived within some seconds, b"" if nothing did.
        now: the time in seconds.
        number: another one for each program that asks.
        noise: told each line that is no frame.
        again: seconds after which a request is sent once more.
    """

    def __init__(
        self,
        send: Callable[[bytes], object],
        receive: Callable[[float], bytes],
        now: Callable[[], float],
        number: int,
        noise: Callable[[bytes], None] = lambda _line: None,
        again: float = 2.0,
    ) -> None:
        self._send, self._receive, self._now, self._noise = send, receive, now, noise
        self._number, self._again = number, again
        self._lines = Lines()
        self._seq = 0

    def hello(self, patience: float = 10.0) -> dict[str, Any]:
        """Return what the other end says of itself."""
        self._seq = 0
        return self.ask({HELLO: self._number}, patience)

    def ask(self, body: Mapping[str, Any], patience: float = 10.0) -> dict[str, Any]:
        """Return the answer to a request, which is sent until it is answered.

        Raise:
            NoAnswerError: there was none within the patience.
        """
        text, part, parts = "", 0, 1
        while part < parts:
            answer = self._asked(body if part == 0 else {MORE: part}, patience)
            text, parts, part = text + str(answer["text"]), int(answer["of"]), part + 1
        answered = json.loads(text)
        return answered if isinstance(answered, dict) else {}

    def _asked(self, body: Mapping[str, Any], patience: float) -> dict[str, Any]:
        self._seq += 1
        line, end = encode(self._seq, body), self._now() + patience
        while (now := self._now()) < end:
            self._send(b"\n" + line)  # an end of line first: half a line may stand before it
            answer = self._awaited(min(end, now + self._again))
            if answer is not None:
                return answer
        raise NoAnswerError

    def _awaited(self, end: float) -> dict[str, Any] | None:
        while (left := end - self._now()) > 0:
            answer = None
            for line in self._lines.feed(self._receive(left)):
                frame = decode(line)
                if frame is None:
                    self._noise(line)
                elif frame.seq == self._seq and "of" in frame.body:
                    answer = frame.body
            if answer is not None:
                return answer
        return None
