# SPDX-License-Identifier: GPL-2.0-or-later
"""The TDMoE frame, octet by octet, as measured on DAHDI 2.11.1's `dahdi_dynamic_eth`."""

import struct

import numpy as np
import pytest

from drivers.span import Octets
from drivers.tdmoe_frame import (
    FRAME_OCTETS,
    TICK_FRAMES,
    FrameChecker,
    FrameWriter,
    TdmoeLink,
    pack_abcd,
    unpack_abcd,
)

NEAR, FAR = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")


def tick() -> Octets:
    return np.arange(31 * 160).reshape(31, 160).astype(np.uint8)


def by_hand(octets: Octets, number: int, counter: int, flags: int, abcd: list[int], sub_address: int = 5) -> bytes:
    """One frame the slow way, field by field: near sends to far."""
    header = struct.pack(">6s6sHHBBHH", FAR, NEAR, 0xD00D, sub_address, 8, flags, counter, 31)
    words = [0] * 8
    for channel, nibble in enumerate(abcd):
        words[channel // 4] |= nibble << (4 * (channel % 4))
    samples = b"".join(bytes(row[8 * number : 8 * number + 8].tolist()) for row in octets)
    return header + struct.pack(">8H", *words) + samples


def rows(*frames: bytes) -> Octets:
    return np.frombuffer(b"".join(frames), np.uint8).reshape(-1, FRAME_OCTETS)


def test_a_frame_of_31_channels_has_286_octets() -> None:
    assert FRAME_OCTETS == 286
    assert len(by_hand(tick(), 0, 0, 2, [0] * 31)) == 286


@pytest.mark.parametrize("yellow", [False, True])
def test_written_as_by_hand(yellow: bool) -> None:
    abcd = [(3 * n + 1) % 16 for n in range(31)]
    writer = FrameWriter(TdmoeLink(NEAR, FAR, 5), counter=65530)
    writer.set_abcd(np.array(abcd, np.uint8))
    writer.write(tick(), yellow=yellow)
    expected = [by_hand(tick(), n, (65530 + n) % 65536, 3 if yellow else 2, abcd) for n in range(TICK_FRAMES)]
    assert bytes(writer.memory) == b"".join(expected)
    writer.write(tick(), yellow=False)
    assert bytes(writer.memory[:286]) == by_hand(tick(), 0, 14, 2, abcd)


def test_one_row_can_be_put_in_afterwards() -> None:
    writer = FrameWriter(TdmoeLink(NEAR, FAR, 5))
    writer.write(tick(), yellow=False)
    writer.set_row(15, bytes(range(160)))
    other = tick()
    other[15] = np.arange(160)
    assert bytes(writer.memory[-286:]) == by_hand(other, 19, 19, 2, [0] * 31)


def test_abcd_there_and_back() -> None:
    for seed in range(20):
        abcd = np.random.default_rng(seed).integers(0, 16, 31).astype(np.uint8)
        assert (unpack_abcd(pack_abcd(abcd)) == abcd).all()


def test_good_frames_pass_whatever_their_flags_and_counters() -> None:
    checker = FrameChecker(TdmoeLink(FAR, NEAR, 5))
    frames = checker.frames(rows(*(by_hand(tick(), 1, n * 5000, n % 4, [15] * 31) for n in range(9))))
    assert frames["counter"].tolist() == [n * 5000 for n in range(9)]
    assert frames["flags"].tolist() == [n % 4 for n in range(9)]


@pytest.mark.parametrize(
    ("place", "octet"),
    [(6, 0x04), (11, 0x09), (12, 0x08), (15, 0x06), (14, 0x01), (16, 16), (20, 1), (21, 24)],
    ids=[
        "source",
        "source end",
        "ethertype",
        "sub-address",
        "sub-address high",
        "samples",
        "channels high",
        "channels",
    ],
)
def test_frames_of_others_are_left_out(place: int, octet: int) -> None:
    good = by_hand(tick(), 0, 7, 2, [0] * 31)
    bad = bytearray(good)
    bad[place] = octet
    checker = FrameChecker(TdmoeLink(FAR, NEAR, 5))
    assert checker.frames(rows(good, bytes(bad), good))["counter"].tolist() == [7, 7]
    assert len(checker.frames(rows(bytes(bad)))) == 0
    assert len(checker.frames(rows(good, good, good))) == 3
