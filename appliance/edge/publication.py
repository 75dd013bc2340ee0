# SPDX-License-Identifier: GPL-2.0-or-later
"""PUBLISH requests of one extension (RFC 3903), sent again until answered (RFC 3261 17.1.2)."""

from dataclasses import dataclass, field
from typing import Final

from appliance.contract.edge import AnyEdgeCommand
from appliance.edge.bodies import CONTENT_TYPES, Event, body, event_of, presentity, uri

T1_S, T2_S = 0.5, 4.0
"""RFC 3261 17.1.1.1: first pause before a repetition, and the longest."""
BRANCH: Final = "z9hG4bK"
"""RFC 3261 8.1.1.7."""
GIVE_UP_S: Final = 64 * T1_S
EXPIRES_S: Final = 600
REFRESH_S: Final = EXPIRES_S / 2
PAUSE_S: Final = 1.0
"""Pause between two published changes: each costs the edge a transaction and a message to every phone that watches. Of
the changes meanwhile the last is published at its end."""
CONDITION_FAILED = 412
"""RFC 3903 11.2.1: the edge no longer knows the publication."""


@dataclass(frozen=True)
class Response:
    """The used parts of a response: its status, the branch it belongs to, the entity tag."""

    status: int
    branch: str
    etag: str


@dataclass(slots=True)
class Publication:
    """The state to be shown, and the edge's knowledge of it.

    Attributes:
        command: the state to be shown.
        etag: the edge's name for the state it shows; '' before the first.
        left: token of a request of an earlier call server whose answer it did not receive; '' if there is none.
        branch: of the request under way, '' between requests.
        due_s: time of the next action, seconds of a clock that never jumps.
    """

    command: AnyEdgeCommand
    due_s: float
    etag: str = ""
    left: str = ""
    branch: str = ""
    changed: bool = True
    pause_s: float = T1_S
    began_s: float = -PAUSE_S
    datagram: bytes = field(default=b"", repr=False)

    @property
    def event(self) -> Event:
        """Its event package."""
        return event_of(self.command)

    def show(self, command: AnyEdgeCommand, now_s: float) -> None:
        """Set a new state to be shown; it is sent after a request under way has ended, and after a pause."""
        if command != self.command:
            self.command, self.changed = command, True
            if not self.branch:
                self.due_s = self._after_pause(now_s)

    def refresh(self, now_s: float) -> None:
        """Ask at once whether the edge still knows it (412 if not).

        Does nothing if a request is under way: two would contradict each other.
        """
        if not self.branch:
            self.due_s = now_s

    def again(self, now_s: float) -> None:
        """Publish from the beginning: the edge knows nothing of it."""
        self.etag = self.branch = ""
        self.changed, self.due_s = True, now_s

    def begin(self, number: int, token: str, here: str, domain: str, now_s: float) -> bytes:
        """Return a new request; `number` its CSeq, `token` makes its branch unique.

        A request that was left is repeated first: for a transaction that it knows the edge repeats the unheard answer.
        """
        self.branch = BRANCH + (self.left or token)
        self.datagram = request(self, number, here, domain)
        self.changed, self.pause_s, self.began_s = bool(self.left), T1_S, now_s
        self.left = ""
        self.due_s = now_s + self.pause_s
        return self.datagram

    def repeat(self, now_s: float) -> bytes:
        """Return the request once more; b'' after the last repetition: all begins anew later."""
        if now_s - self.began_s > GIVE_UP_S:
            self.again(now_s + T2_S)
            return b""
        self.pause_s = min(2 * self.pause_s, T2_S)
        self.due_s = now_s + self.pause_s
        return self.datagram

    def answered(self, response: Response, now_s: float) -> bool:
        """Handle the final response; return whether the edge accepted the publication."""
        self.branch = ""
        if response.status == CONDITION_FAILED:
            self.again(now_s)
            return True
        if response.status >= 300:
            self.again(now_s + GIVE_UP_S)
            return False
        self.etag = response.etag
        self.due_s = self._after_pause(now_s) if self.changed else now_s + REFRESH_S
        return True

    def _after_pause(self, now_s: float) -> float:
        return max(now_s, self.began_s + PAUSE_S)


def request(publication: Publication, number: int, here: str, domain: str) -> bytes:
    """Return a PUBLISH (RFC 3903 4) from `here`, host:port; of `domain`."""
    who = uri(presentity(publication.command), domain)
    document = body(publication.command, domain).encode()
    token = publication.branch.removeprefix(BRANCH)
    lines = [
        f"PUBLISH {who} SIP/2.0",
        f"Via: SIP/2.0/UDP {here};branch={publication.branch};rport",
        f"From: <{who}>;tag={token}",
        f"To: <{who}>",
        f"Call-ID: {token}@{here}",
        f"CSeq: {number} PUBLISH",
        "Max-Forwards: 70",
        f"Event: {publication.event}",
        f"Expires: {EXPIRES_S}",
        *([f"SIP-If-Match: {publication.etag}"] if publication.etag else []),
        f"Content-Type: {CONTENT_TYPES[publication.event]}",
        f"Content-Length: {len(document)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + document


def parse_response(datagram: bytes) -> Response | None:
    """Parse a response; None if it is none."""
    lines = datagram.decode("utf-8", "replace").split("\r\n\r\n")[0].split("\r\n")
    version, _space, rest = lines[0].partition(" ")
    if version != "SIP/2.0" or not rest[:3].isdecimal():
        return None
    headers = {
        name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines[1:])
    }
    branch = headers.get("via", "").partition("branch=")[2].partition(";")[0]
    return Response(int(rest[:3]), branch, headers.get("sip-etag", ""))
