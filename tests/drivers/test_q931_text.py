# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames of a D channel in words: messages made by libpri and by hand, and octets of any kind."""

import random

import pytest

from drivers.pri import PriLink
from drivers.pri_events import Setup
from drivers.q931_text import MESSAGES, SETUP, read

SETUP_FRAME = bytes.fromhex(
    "02012222 0802 0007 05 04 03 80 90 a3 18 03 a9 83 81 6c 0d 21 83 3133383030313338303030"
    "70 06 81 3936393030 74 04 0101 8f 35 1e 02 81 83 28 02 4c69 a1".replace(" ", "")
)


def test_a_setup_is_told_with_its_numbers_and_its_channel() -> None:
    said = read(SETUP_FRAME)
    assert (said.message, said.reference) == (SETUP, 7)
    assert said.brief == (
        "SETUP timeslot 1, exclusive, from 13800138000 (national, ISDN; allowed, network provided),"
        " to 96900 (unknown, ISDN), redirected by 5 (unknown, ISDN; allowed, verified; unconditional),"
        " progress 3 origination is not ISDN"
    )
    lines = said.text.splitlines()
    assert lines[0] == "LAPD I N(S) 17 N(R) 17 P/F 0 SAPI 0 TEI 0 C"
    assert lines[1] == "Q.931 SETUP, call reference 7, from the side of its origination"
    assert "  Bearer capability: speech, 64 kbit/s, G.711 A-law" in lines
    assert "  Display: Li" in lines
    assert lines[-1].split() == [f"{octet:02x}" for octet in SETUP_FRAME]


@pytest.mark.parametrize(
    ("octets", "brief"),
    [
        ("0001 6f", "SABME P/F 0 SAPI 0 TEI 0 R"),
        ("0001 7f", "SABME P/F 1 SAPI 0 TEI 0 R"),
        ("0001 73", "UA P/F 1 SAPI 0 TEI 0 R"),
        ("0201 01 05", "RR N(R) 2 P/F 1 SAPI 0 TEI 0 C"),
        ("0201 0000 0802 8003 45 08 02 82 91", "DISCONNECT cause 17 user busy (public network, local user)"),
        ("0201 0000 0802 0000 46 18 03 a9 83 84 79 01 80", "RESTART timeslot 4, exclusive, indicated channels"),
        ("0201 0000 0802 8003 7d 08 02 81 e5 14 01 0a", "STATUS cause 101 message not compatible with state (private"),
        ("0201 0000 0802 0003 4d", "RELEASE"),
        ("0201 0000 0802 0003 3e", "message 0x3e"),
        ("0201 0000 0801 03 5a 08", "RELEASE COMPLETE"),
        ("0201 0000 4302 0003 0f", "I N(S) 0 N(R) 0 P/F 0 SAPI 0 TEI 0 C protocol 0x43"),
        ("02", "cut short"),
        ("", "cut short"),
    ],
)
def test_frames_in_a_few_words(octets: str, brief: str) -> None:
    assert read(bytes.fromhex(octets)).brief.startswith(brief)


def test_the_flag_of_a_call_reference_is_its_highest_bit() -> None:
    assert read(bytes.fromhex("02010000 0802 8003 45".replace(" ", ""))).reference == 0x8003
    assert read(bytes.fromhex("02010000 0801 83 45".replace(" ", ""))).reference == 0x8003
    assert read(bytes.fromhex("02010000 0800 45".replace(" ", ""))).reference == 0
    assert read(bytes.fromhex("0001 6f")).reference is None


def test_all_that_libpri_sends_is_known() -> None:
    near, far = PriLink("user"), PriLink("network")
    sent: list[bytes] = []

    def turn() -> None:
        for _ in range(6):
            for one, other in ((near, far), (far, near)):
                frames = one.take_frames()
                sent.extend(frames)
                for frame in frames:
                    other.receive(frame)

    for now in range(3):
        near.run(now)
        far.run(now)
        turn()
    call = near.setup(1, "96900", "13800138000", name="李娜")
    turn()
    there = next(event.call for event in far.events() if isinstance(event, Setup))
    for act in (far.proceeding, far.alerting, far.connect):
        act(there)
        turn()
    near.hangup(call)
    turn()
    names = {read(frame).brief.split(" timeslot")[0].split(" cause")[0] for frame in sent}
    wanted = {"SETUP", "CALL PROCEEDING", "ALERTING", "CONNECT", "CONNECT ACKNOWLEDGE", "DISCONNECT", "RELEASE"}
    assert wanted | {"RELEASE COMPLETE"} <= {name.split(" to ")[0] for name in names}
    assert not [name for name in names if "cut short" in name or "element" in name]


def test_no_octets_raise() -> None:
    chance = random.Random(7)
    for _ in range(4_000):
        octets = bytearray(SETUP_FRAME) if chance.random() < 0.7 else bytearray(chance.randbytes(chance.randrange(40)))
        for _ in range(chance.randrange(5)):
            if octets:
                octets[chance.randrange(len(octets))] = chance.randrange(256)
        said = read(bytes(octets[: chance.randrange(len(octets) + 1)]))
        assert said.brief
        assert said.text.isprintable() or "\n" in said.text


def test_every_message_of_table_4_2_has_one_name() -> None:
    assert len(set(MESSAGES.values())) == len(MESSAGES)
