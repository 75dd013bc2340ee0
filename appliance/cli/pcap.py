# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages of signallings as a file for Wireshark (pcapng, IETF draft-ietf-opsawg-pcapng).

PRI as LINKTYPE_LINUX_LAPD, which has the direction; SIP as LINKTYPE_WIRESHARK_UPPER_PDU: its text without the network
below it. https://www.tcpdump.org/linktypes.html
"""

import struct
from collections.abc import Collection, Iterable
from typing import Final

from appliance.contract.switch import SignalMessage

LINUX_LAPD, UPPER_PDU = 177, 252
_FROM_US: Final = 4
_ARPHRD_LAPD, _ETH_P_LAPD = 8445, 0x0030
_PROTOCOL_NAME, _END_OF_TAGS = 12, 0
_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER: Final = 0x1A2B3C4D


def pcapng(messages: Iterable[SignalMessage], users: Collection[str] = ()) -> bytes:
    """Return the file; messages of signallings that Wireshark has no link type for are left out.

    Args:
        messages: in the order of time.
        users: far ends that are the user's side of their ISDN line: there the box is the network.
    """
    head = _block(_SECTION, struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1))
    links = [_block(_INTERFACE, struct.pack("<HHI", link, 0, 0)) for link in (LINUX_LAPD, UPPER_PDU)]
    return b"".join([head, *links, *(_packet(each, users) for each in messages)])


def _packet(message: SignalMessage, users: Collection[str]) -> bytes:
    if message.signalling == "pri":
        sent, end = _FROM_US if message.sent else 0, bytes([message.peer in users]) + bytes(7)
        data = struct.pack(">HHH", sent, _ARPHRD_LAPD, 1) + end + struct.pack(">H", _ETH_P_LAPD) + message.octets
        link = 0
    elif message.signalling == "sip":
        data, link = _tag(_PROTOCOL_NAME, b"sip") + _tag(_END_OF_TAGS, b"") + message.text.encode(), 1
    else:
        return b""
    time, size = message.time_us, len(data)
    return _block(_PACKET, struct.pack("<IIIII", link, time >> 32, time & 0xFFFFFFFF, size, size) + data)


def _tag(kind: int, value: bytes) -> bytes:
    padded = value + bytes(-len(value) % 4)
    return struct.pack(">HH", kind, len(padded)) + padded


def _block(kind: int, body: bytes) -> bytes:
    padded = body + bytes(-len(body) % 4)
    length = len(padded) + 12
    return struct.pack("<II", kind, length) + padded + struct.pack("<I", length)
