# SPDX-License-Identifier: GPL-2.0-or-later
"""The far end of a data link with no layer 3 of its own: a test writes and reads the messages octet by octet."""

from drivers.pri import PriLink, Side

SETUP, ALERTING, CONNECT, CONNECT_ACK, PROCEEDING = 0x05, 0x01, 0x07, 0x0F, 0x02
DISCONNECT, RELEASE, RELEASE_COMPLETE, STATUS = 0x45, 0x4D, 0x5A, 0x7D

BEARER = bytes.fromhex("0403 9090a3")  # 3.1 kHz audio, 64 kbit/s, A-law (Q.931 4.5.5)
CALLED = bytes.fromhex("7004 81 313233")
CAUSE_16 = bytes.fromhex("0802 8290")


def message(reference: int, kind: int, *elements: bytes) -> bytes:
    """A Q.931 message; `reference` with bit 16 set goes to the side that began the call."""
    return b"\x08\x02" + reference.to_bytes(2, "big") + bytes([kind]) + b"".join(elements)


def channel(timeslot: int, *, exclusive: bool = True) -> bytes:
    """Channel identification (4.5.13)."""
    return bytes([0x18, 3, 0xA9 if exclusive else 0xA1, 0x83, 0x80 | timeslot])


class LapdPeer:
    """Q.921 in multiple frame operation on a line that loses nothing; the link's messages are in `messages`."""

    def __init__(self, link: PriLink) -> None:
        self.link = link
        self.messages: list[bytes] = []
        side: Side = "network" if link.side == "user" else "user"
        self._command = b"\x02\x01" if side == "network" else b"\x00\x01"
        self._response = b"\x00\x01" if side == "network" else b"\x02\x01"
        self._sent = self._received = 0

    def pump(self) -> None:
        """Take the link's frames, and acknowledge them."""
        while frames := self.link.take_frames():
            for frame in frames:
                self._take(frame)

    def send(self, information: bytes) -> None:
        """Send an I frame, in sequence."""
        self.send_only(information)
        self.pump()

    def send_only(self, information: bytes) -> None:
        """Send an I frame, in sequence; answers wait at the link."""
        control = bytes([self._sent << 1, self._received << 1])
        self._sent = (self._sent + 1) % 128
        self.link.receive(self._command + control + information)

    def restart(self) -> None:
        """Count from 0, as after a set-up."""
        self._sent = self._received = 0

    def _take(self, frame: bytes) -> None:
        if not frame[2] & 1:
            assert frame[2] >> 1 == self._received, "the link sent out of sequence"
            self._received = (self._received + 1) % 128
            self.messages.append(frame[4:])
            self.link.receive(self._response + bytes([0x01, self._received << 1]))
        elif frame[2] == 0x7F:  # SABME
            self._sent = self._received = 0
            self.link.receive(self._response + b"\x73")
        elif frame[:2] == self._command_of_link and frame[3] & 1:  # RR that wants an answer
            self.link.receive(self._response + bytes([0x01, self._received << 1 | 1]))

    @property
    def _command_of_link(self) -> bytes:
        return self._response  # the address of a command from there is that of a response from here (Q.921 table 1)
