# SPDX-License-Identifier: GPL-2.0-or-later
"""Events of a D channel (ITU-T Q.931), as frozen values. `call` names a call of one `drivers.pri.PriLink`.

`channel` is the timeslot 1 to 31 of the B channel, 0 where the message names none. `inband` means that, by the far
end's word, tones or announcements are on the B channel (progress indicator 1 or 8, Q.931 4.5.23). Every call that
began, by `Setup` or by `PriLink.setup`, ends with exactly one `Gone`, and nothing follows it.
"""

from dataclasses import dataclass
from enum import IntEnum


class Presentation(IntEnum):
    """Presentation of the caller's number (Q.931 4.5.10, octet 3a)."""

    ALLOWED = 0
    RESTRICTED = 1
    UNAVAILABLE = 2


@dataclass(frozen=True, slots=True)
class PartyNumber:
    """A number in a message beside the called and the calling one.

    `type` as of Q.931 4.5.10; an international one has '+' as well. A number that is withheld may be ''. `reason`:
    reason of a redirection (Q.952, octet 3b of a Redirecting number).
    """

    number: str
    name: str = ""
    presentation: Presentation = Presentation.ALLOWED
    type: int = 0
    reason: int = 0


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The data link is established (Q.921 multiple frame operation)."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The data link is lost. libpri tries to set it up anew; if that fails (4 s), calls that are not answered end.

    Answered ones live on for T309 from then on.
    """


@dataclass(frozen=True, slots=True)
class Setup:
    """SETUP: a call comes in. `channel` 0: the choice is ours; not `exclusive`: we may name another one."""

    call: int
    channel: int
    exclusive: bool
    called: str
    calling: str
    name: str
    presentation: Presentation
    complete: bool
    """Whether the message says that no more digits come (sending complete)."""
    inband: bool
    calling_type: int = 0
    """Type of the calling number (Q.931 4.5.10); an international one has '+' as well."""
    redirecting: PartyNumber | None = None
    """Redirecting number: the last party that sent the call on to here (Q.952)."""


@dataclass(frozen=True, slots=True)
class InfoDigits:
    """INFORMATION in overlap receiving. `complete` also, without digits, when T302 is over."""

    call: int
    digits: str
    complete: bool


@dataclass(frozen=True, slots=True)
class SetupAck:
    """SETUP ACKNOWLEDGE: more digits are wanted."""

    call: int
    channel: int
    inband: bool


@dataclass(frozen=True, slots=True)
class Proceeding:
    """CALL PROCEEDING: the number is complete."""

    call: int
    channel: int
    inband: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """PROGRESS; `cause` is Q.850, or 0 if none is given."""

    call: int
    channel: int
    inband: bool
    cause: int


@dataclass(frozen=True, slots=True)
class Alerting:
    """ALERTING: the far phone rings."""

    call: int
    channel: int
    inband: bool


@dataclass(frozen=True, slots=True)
class Connect:
    """CONNECT: the far party answered. It is acknowledged already."""

    call: int
    channel: int
    inband: bool


@dataclass(frozen=True, slots=True)
class Connected:
    """The party that is reached, or reached since (Connected number, Q.951.5; Redirection number of a NOTIFY, Q.952).

    Reported before the event of the message that carried it.
    """

    call: int
    party: PartyNumber


@dataclass(frozen=True, slots=True)
class Clearing:
    """DISCONNECT from the far end; the channel stays taken until `Gone`.

    It is answered with RELEASE already, unless an announcement is to be heard first (`inband`, Q.931 5.3.4.1): then
    RELEASE goes out with `PriLink.hangup`, when the far end sends its own, or after 45 s.
    """

    call: int
    cause: int
    inband: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """The call is over and its channel free. `cause` (Q.850) is that of the side that cleared first."""

    call: int
    cause: int
    unanswered: bool = False
    """RELEASE had no answer (T308): the far end may hold the channel until it is restarted (Q.931 5.3.3, 5.5)."""


@dataclass(frozen=True, slots=True)
class Restart:
    """RESTART from the far end, acknowledged already; calls on the channel (None: on all) ended with `Gone` before."""

    channel: int | None


@dataclass(frozen=True, slots=True)
class RestartAck:
    """End of a restart of ours; not `ok`: the far end never acknowledged it, or the one before it (T316)."""

    channel: int
    ok: bool


@dataclass(frozen=True, slots=True)
class ProtocolError:
    """A wrong configuration at one of the ends, in libpri's words."""

    text: str


CallEvent = Setup | InfoDigits | SetupAck | Proceeding | Progress | Alerting | Connect | Connected | Clearing | Gone
PriEvent = LinkUp | LinkDown | CallEvent | Restart | RestartAck | ProtocolError
