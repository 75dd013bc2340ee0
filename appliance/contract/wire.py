# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages on a stream socket: a 4-byte big-endian length, then one msgspec MessagePack document of that many bytes.

Pure: bytes in, messages out. The switch sends `Envelope`, the call server any of `AnyCommand`. A stream that was found
malformed cannot be trusted from there on (its lengths may be anything): on a `WireError` the receiver hangs up.
"""

import struct
from typing import Any, Generic, TypeVar

import msgspec

from appliance.contract.errors import WireError

MAX_BYTES = 1 << 20
"""Longest message, bytes. The longest in use is a play list or a status report of some kilobytes."""

_LENGTH = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()

T = TypeVar("T")


def encode(message: msgspec.Struct) -> bytes:
    """Return a message in MessagePack.

    Undecoded octets in a text are replaced (U+FFFD): they must not end a process.
    """
    try:
        return _encoder.encode(message)
    except UnicodeEncodeError:
        return _encoder.encode(_encodable(msgspec.to_builtins(message)))


def _encodable(value: Any) -> Any:
    """Return the same with every lone surrogate replaced."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    return [_encodable(each) for each in value] if isinstance(value, list | tuple) else value


def pack(message: msgspec.Struct) -> bytes:
    """Return one message in its frame. Raises WireError if it is longer than MAX_BYTES."""
    body = encode(message)
    if len(body) > MAX_BYTES:
        raise WireError(f"{type(message).__name__} of {len(body)} bytes is longer than a message may be ({MAX_BYTES})")
    return _LENGTH.pack(len(body)) + body


class Unpacker(Generic[T]):
    """Messages of one type (a Struct or a union of tagged Structs) out of a byte stream.

    Memory is bounded by one message; once it has raised, every further `feed` raises.
    """

    def __init__(self, kind: Any, max_bytes: int = MAX_BYTES) -> None:
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._broken: WireError | None = None

    def feed(self, data: bytes | bytearray | memoryview) -> list[T]:
        """Take the next bytes of the stream (any number); return the messages they complete, in order.

        Raises:
            WireError: a length above the bound, or a body that is no message of this type; messages that came before it
                in the same `data` are in the error's `complete`.
        """
        if self._broken is not None:
            raise self._broken
        self._buffer += data
        messages: list[T] = []
        at = 0
        try:
            while (end := self._end(at)) is not None:
                messages.append(self._decode(at + _LENGTH.size, end))
                at = end
        except WireError as error:
            self._broken = error
            error.complete = tuple(messages)
            self._buffer.clear()
            raise
        del self._buffer[:at]
        return messages

    def _end(self, at: int) -> int | None:
        """Return the position after the message that begins at `at`, None if it is not all there yet."""
        if len(self._buffer) - at < _LENGTH.size:
            return None
        length: int = _LENGTH.unpack_from(self._buffer, at)[0]
        if length > self._max_bytes:
            raise WireError(f"a message of {length} bytes was announced (at most {self._max_bytes} are allowed)")
        end = at + _LENGTH.size + length
        return end if end <= len(self._buffer) else None

    def _decode(self, start: int, end: int) -> T:
        body = bytes(self._buffer[start:end])
        try:
            return self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise WireError(f"malformed message of {len(body)} bytes ({body[:32].hex(' ')}): {error}") from error
