# SPDX-License-Identifier: GPL-2.0-or-later
"""Q.931 messages that an exchange may send in calls that are taken: each element in many forms, in any company."""

import random
from typing import Final

from tests.drivers.lapd_peer import message
from tests.sip.varied_words import NAMES

BEARERS: Final = (*("8090a3", "9090a3", "8090a380", "909023a3") * 6, "8090a2", "80d0a0a3", "8890")
"""Speech and 3.1 kHz audio in A-law; now and then another bearer, which is refused."""
PLANS: Final = (0x80, 0x81, 0xA1, 0x91, 0xC1, 0xB1, 0xE1, 0xF1, 0x88, 0x89, 0xFF)
"""Type of number and numbering plan, with no octet behind them (table 4-9)."""
NUMBERS: Final = (
    *(b"", b"0", b"13800138000", b"008613800138000", b"+86138", b"0571-8888", b"1" * 20, b"7" * 70, b"*#ab", b"\xb0"),
)
OTHERS: Final = (
    "1e 8283", "1e 8288", "1e 8181", "1e 84888188", "1c 91a103020101", "1c 91a10d020101020122300581010a820101",
    "7e 04414243", "7e 04" + "41" * 100, "6d 80503131", "71 8050313233", "7c 9090a3", "7d 9181", "7d 918180",
    "20 00010203", "78 80313233", "29 631104", "29 631104080a", "34 42", "28", "27 81", "27 f9", "4f 010203", "5f",
    "79 03", "2c 3536", "46 7f", "15 0102", "7a 80",
)  # fmt: skip
"""Progress, facility, user-user, subaddresses, compatibilities, networks, date, signal, keypad, and unknown ones."""
SINGLE: Final = (
    b"\xb0",
    b"\xa0",
    b"\xd1",
    b"\xa1",
    b"\x9e\x6c\x02\x81\x36",
    b"\x9f\x28\x02\x41\x42",
    b"\x97\x01\x01\x00",
)
"""Elements of one octet, and shifts to other code sets (4.5.2 to 4.5.4)."""
ORDINARY: Final = (0x02, 0x03, 0x20, 0x62, 0x6E, 0x75, 0x7B)
"""FACILITY, NOTIFY, STATUS ENQUIRY, INFORMATION and the like: they end nothing."""
CAUSES: Final = ("8290", "8090", "829031", "82833132", "82ff", "90", "8290323334", "8a91", "029082", "e090")


def element(kind: int, content: bytes) -> bytes:
    """An element of more than one octet."""
    return bytes([kind, len(content)]) + content


def party(chance: random.Random, kind: int, digits: bytes | None = None) -> bytes:
    """A number (4.5.8, 4.5.10 and others); `digits` those that have to be there."""
    first = chance.choice(PLANS)
    more = b""
    if kind != 0x70 and chance.random() < 0.6:
        first, more = first & 0x7F, bytes([0x80 | chance.randrange(4) << 5 | chance.randrange(4)])
    said = chance.choice(NUMBERS) if digits is None else digits
    if digits is None and chance.random() < 0.2:
        said = chance.randbytes(chance.randrange(30))
    return element(kind, bytes([first]) + more + said)


def display(chance: random.Random) -> bytes:
    """A name in any coding (4.5.16), with and without the octet that names its character set."""
    octets = chance.choice(NAMES)[: chance.choice((34, 80, 80))]
    if chance.random() < 0.2:
        octets = chance.randbytes(chance.randrange(80))
    return element(0x28, chance.choice((b"", b"\xb1", b"\x80")) + octets)


def company(chance: random.Random) -> list[bytes]:
    """Elements that need not be there."""
    made = list[bytes]()
    for _ in range(chance.choice((0, 1, 2, 4))):
        code, _space, content = chance.choice(OTHERS).partition(" ")
        made.append(element(int(code, 16), bytes.fromhex(content)))
    if chance.random() < 0.2:
        made.append(chance.choice(SINGLE))
    for kind in chance.choices((0x28, 0x4C, 0x6C, 0x74), k=chance.choice((0, 1, 1, 2, 3))):
        made.append(display(chance) if kind == 0x28 else party(chance, kind))
    if chance.random() < 0.1:
        made.append(element(chance.choice((0x2F, 0x35, 0x43, 0x55, 0x65)), chance.randbytes(chance.randrange(20))))
    return made


def setup(chance: random.Random, reference: int, timeslot: int, called: bytes) -> bytes:
    """A SETUP: a voice, a channel, a number, and company in the order of their codes, or nearly so (4.5.1)."""
    bearer = element(0x04, bytes.fromhex(chance.choice(BEARERS)))
    where = bytes([0x18, 3, chance.choice((0xA9, 0xA9, 0xA1)), 0x83, 0x80 | timeslot])
    number = element(0x70, bytes([chance.choice(PLANS)]) + called)
    rest = sorted([number, *company(chance)], key=lambda each: each[0])
    if chance.random() < 0.1:
        rest.append(chance.choice(rest))
    if chance.random() < 0.1:
        chance.shuffle(rest)
    whole = message(reference, 0x05, bearer, where, *rest)
    return whole if len(whole) <= 260 else message(reference, 0x05, bearer, where, number)


def another(chance: random.Random, reference: int, kinds: tuple[int, ...] = ORDINARY) -> bytes:
    """A message of a call that goes on."""
    return message(reference, chance.choice(kinds), *company(chance))[:260]


def disconnect(chance: random.Random, reference: int) -> bytes:
    """The end of a call, with any cause."""
    return message(reference, 0x45, element(0x08, bytes.fromhex(chance.choice(CAUSES))), *company(chance))[:260]
