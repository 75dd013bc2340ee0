# SPDX-License-Identifier: GPL-2.0-or-later
"""Framing between switch and call server: round trips in any cut, and the errors for broken bytes."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.contract.errors import WireError
from appliance.contract.switch import (
    AnyCommand,
    CardReport,
    Clear,
    Confirm,
    Envelope,
    Heartbeat,
    Incoming,
    Party,
    Play,
    StatusReport,
)
from appliance.contract.wire import MAX_BYTES, Unpacker, pack

ENVELOPES = [
    Envelope(1, 50, Incoming(2, "pri:carrier", "12345", Party("13800138000"), 1, 17)),
    Envelope(1, 60, Heartbeat()),
    Envelope(
        1, 100, StatusReport(3, 210.0, 800.0, 4000.0, (CardReport("span 1", "tdmoe", 1, 30, True, {"slips": 2}),))
    ),
]


def test_envelopes_survive_the_wire() -> None:
    assert Unpacker[Envelope](Envelope).feed(b"".join(pack(e) for e in ENVELOPES)) == ENVELOPES


def test_a_text_that_nothing_decoded_ends_no_process() -> None:
    came = Envelope(1, 50, Incoming(2, "trunk:t", "12345", Party("1", "\udcc0\udcee Ann 李"), 1, 17))
    [read] = Unpacker[Envelope](Envelope).feed(pack(came))
    assert read == Envelope(1, 50, Incoming(2, "trunk:t", "12345", Party("1", "\ufffd\ufffd Ann 李"), 1, 17))


def test_commands_survive_the_wire() -> None:
    commands = [Confirm(7), Play(2, 1, ("prompt:zh/welcome", "silence:200"), loop=True), Clear(2, 31)]
    assert Unpacker[AnyCommand](AnyCommand).feed(b"".join(pack(c) for c in commands)) == commands


@given(st.lists(st.integers(1, 40), min_size=1))
def test_any_cut_of_the_stream_gives_the_same_messages(cuts: list[int]) -> None:
    stream = b"".join(pack(e) for e in ENVELOPES)
    unpacker, at, got = Unpacker[Envelope](Envelope), 0, []
    for cut in cuts:
        got += unpacker.feed(stream[at : at + cut])
        at += cut
    assert got + unpacker.feed(stream[at:]) == ENVELOPES


def test_a_length_above_the_bound_is_refused_before_memory_is_taken() -> None:
    with pytest.raises(WireError, match="4294967295 bytes was announced"):
        Unpacker[Envelope](Envelope).feed(b"\xff\xff\xff\xff")


def test_a_message_above_the_bound_is_not_sent() -> None:
    with pytest.raises(WireError, match="Play of"):
        pack(Play(2, 1, ("x" * MAX_BYTES,)))


def test_a_malformed_body_is_named_and_what_came_before_is_kept() -> None:
    unpacker = Unpacker[Envelope](Envelope)
    with pytest.raises(WireError, match=r"malformed message of 3 bytes \(de ad be\)") as caught:
        unpacker.feed(pack(ENVELOPES[0]) + b"\0\0\0\3\xde\xad\xbe")
    assert caught.value.complete == (ENVELOPES[0],)
    with pytest.raises(WireError):
        unpacker.feed(pack(ENVELOPES[0]))


@pytest.mark.parametrize(
    "body",
    [
        msgspec.msgpack.encode({"seq": 1, "tick": 2, "event": {"type": "no_such"}}),
        msgspec.msgpack.encode({"seq": "one", "tick": 2, "event": {"type": "heartbeat"}}),
        msgspec.msgpack.encode([]),
        b"",
    ],
)
def test_well_formed_documents_that_are_no_envelope_are_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        Unpacker[Envelope](Envelope).feed(len(body).to_bytes(4, "big") + body)


@given(st.binary(max_size=200))
def test_random_bytes_give_messages_or_a_wire_error(noise: bytes) -> None:
    with contextlib.suppress(WireError):  # anything else fails the test
        Unpacker[Envelope](Envelope).feed(noise)
