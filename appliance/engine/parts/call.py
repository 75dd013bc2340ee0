# SPDX-License-Identifier: GPL-2.0-or-later
"""A call and its legs: its members, and its activity."""

from typing import Any, ClassVar, Final, Literal, Protocol

import msgspec

from appliance.config.model import ExtensionConfig
from appliance.contract.records import DataKeyed, Direction, Disposition, LegOpened, Role, SegmentKind
from appliance.contract.switch import Cause, Party, Presentation, Redirecting
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.inputs import In
from appliance.engine.parts.legs import TABLE, LegInput, LegState, Use, missing
from appliance.engine.parts.offers import Offer

By = Literal["caller", "callee", "box", "line"]
ALLOWED: Final[Presentation] = Presentation.ALLOWED
VOICE, PLAYED, ASIDE = range(3)
"""Sounds of a leg: what it says, what it is played, or what it says to one listener and to no recording."""
Mixed = dict[tuple[int, int, int], float]
"""Gains: (listener, leg, what is heard of it) -> linear gain."""


class Ending(msgspec.Struct, frozen=True):
    """How a call ends."""

    cause: int
    by: By
    disposition: Disposition | None = None


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time in the books: its legs, and its name."""

    kind: SegmentKind
    legs: tuple[int, ...]
    what: str = ""


class Takes(Protocol):
    """A receiver of the events of a leg."""

    def take(self, given: In, what: Any = None) -> None:
        """Handle an input. Raises MissingTransition (a bug)."""
        ...

    def can(self, given: In) -> bool:
        """Return whether an input may come in this state."""
        ...

    def hears_out(self, leg: "Leg", cause: int) -> bool:
        """Return whether a party hears the announcement of a leg that has disconnected, and no other way is left."""
        ...


class Kept(Protocol):
    """A place in a queue or a call-back that goes by the end of a call."""

    def over(self, ending: "Ending") -> None:
        """Handle the end of the call."""
        ...

    def quit(self) -> None:
        """Leave the queue: the call goes elsewhere."""
        ...


class Place(Takes, Kept, Protocol):
    """A place in a queue to which the caller comes back."""


class Doing(Takes, Protocol):
    """The activity of a call: see `activity.Activity`."""

    MIXES: ClassVar[bool]

    def enter(self) -> None:
        """Begin."""
        ...

    @property
    def view(self) -> str:
        """Name of the state, as people see it."""
        ...

    @property
    def node(self) -> str:
        """Node of the flow in which the caller is, or to which the call goes back; '' without one."""
        ...

    @property
    def queue(self) -> str:
        """Queue in which the caller waits."""
        ...

    @property
    def place(self) -> str:
        """Place where the call is parked."""
        ...

    @property
    def recorded(self) -> bool | None:
        """Whether it is recorded whatever the rules say, or is not; None: the rules decide."""
        ...

    def parties(self) -> tuple["Leg", ...]:
        """Return the legs that it concerns, also those that ring."""
        ...

    def partner(self, leg: "Leg") -> "Leg | None":
        """Return the leg that a leg talks with."""
        ...

    def ringing(self) -> tuple["Leg", ...]:
        """Return the legs that ring for a caller, and could be picked up."""
        ...

    def parked(self) -> "Leg | None":
        """Return the leg that is put aside, and may be taken."""
        ...

    def redials(self) -> bool:
        """Return whether another call may dial the same number in its place."""
        ...

    def mix(self) -> Mixed:
        """Return which legs hear which, besides what each leg is played itself."""
        ...

    def stretch(self) -> Stretch | None:
        """Return the stretch of time that the books show for it."""
        ...

    def whole(self) -> bool:
        """Return whether it waits for an event that will come."""
        ...

    def leave(self, ending: Ending | None) -> None:
        """Undo what belongs to it alone: timers, places.

        `ending`: the call ends; None: it goes on with another activity.
        """
        ...


class Leg:
    """One party's half of a call.

    Attributes:
        at: receiver of its events; None: none, the leg is being cleared.
        offer: the offer that this leg rings an agent for.
        phone: the phone of the house that it is, None on a trunk.
        presentation: whether its number may be shown to others.
        connected: the party there, as a line outside reports it; `told`: the connected party last sent to that line.
        redirecting: the party that redirected the call to here.
        phone_of: agents whose phone this leg keeps busy outside the queue.
        held: its party has put the call on hold.
        channel: span and timeslot that it holds.
        playing: number of the play it is hearing, 0 for none; `plays`: the last sounds, and whether in a loop.
        recording: number of its recording, 0 for none.
        seated: number of the agent who is signed in at its phone, if no queue rang it and it dialled no code.
    """

    __slots__ = (
        "agent", "answered", "at", "call", "channel", "connected", "held", "line", "number", "offer", "phone",
        "phone_of", "playing", "plays", "presentation", "recording", "redirecting", "role", "seated", "state", "told",
        "who",
    )  # fmt: skip

    def __init__(self, number: int, call: "Call", line: str, role: Role, who: str, state: LegState) -> None:
        self.number = number
        self.call = call
        self.line = line
        self.role: Role = role
        self.who = who
        self.state = state
        self.at: Takes | None = None
        self.agent = self.seated = ""
        self.answered = False
        self.offer: Offer | None = None
        self.phone: ExtensionConfig | None = None
        self.phone_of: tuple[Agent, ...] = ()
        self.presentation = ALLOWED
        self.connected: Party | None = None
        self.told: Party | None = None
        self.redirecting: Redirecting | None = None
        self.playing = 0
        self.plays: tuple[tuple[str, ...], bool] = ((), False)
        self.held = False
        self.channel: tuple[int, int] | None = None
        self.recording = 0

    @property
    def person(self) -> str:
        """Number of the agent who talks there, for a queue or not; a supervisor in a talk of others is none."""
        return self.agent or (self.seated if self.role != "supervisor" else "")

    def opened(self, call: int) -> LegOpened:
        """Return the record of its stay in a call."""
        by = self.redirecting.party.number if self.redirecting is not None else ""
        return LegOpened(self.number, call, self.line, self.role, self.who, self.person, by)


class Said(msgspec.Struct, frozen=True):
    """An input from a leg: `what` is the event, or the part of it that counts."""

    leg: Leg
    what: Any = None


class Survey:
    """A survey under way: its number, and whether something was rated."""

    __slots__ = ("number", "rated")

    def __init__(self, number: int) -> None:
        self.number = number
        self.rated = False


class Call:
    """One call.

    Attributes:
        activity: what it does now.
        since: tick at which that began.
        legs: all that are not gone.
        shown: the party that is shown to phones that ring; `redirecting`: the party that redirected the call to the
            box.
        written: called number and flow as in the books.
        answered: charging runs, or has run; `charged`: the leg for which.
        disposition: its disposition if it ended now.
        ending: set once, by the first cause of its end.
        mixed: gains as sent to the switch.
        stretch, segment: the open stretch of time in the books, and its number; 0: none.
        stale: segments, offers and queues that only the books know, from before the start.
        decided: the last decision of the recording rules; `told_recorded`: its parties were told.
        wanted: whether a person wants it recorded, in place of the rules; None: they decide.
        paused: the legs that talked when a person had silence recorded from then on; None: sound is recorded.
        consults: the call whose party waits while a phone talks here; `consulted_by`: the reverse.
        parked_by: the phone that put the call aside.
        survey: the survey in which its caller is.
        kept: its place in a queue while the caller is in a flow, or the call-back that it asked for or tries.
    """

    __slots__ = (
        "activity", "answered", "called", "caller", "charged", "consulted_by", "consults", "decided", "direction",
        "disposition", "ending", "flow", "kept", "legs", "mixed", "number", "parked_by", "paused", "redirecting",
        "segment", "shown", "since", "stale", "stretch", "survey", "told_recorded", "wanted", "written",
    )  # fmt: skip

    activity: Doing

    def __init__(self, number: int, direction: Direction, caller: Party, called: str) -> None:
        self.number = number
        self.direction: Direction = direction
        self.caller = self.shown = caller
        self.called = called
        self.redirecting: Redirecting | None = None
        self.flow = ""
        self.written: tuple[str, str] | None = None
        self.since = 0
        self.legs: dict[int, Leg] = {}
        self.answered = False
        self.charged: Leg | None = None
        self.disposition: Disposition = "abandoned"
        self.ending: Ending | None = None
        self.mixed: Mixed = {}
        self.stretch: Stretch | None = None
        self.segment = 0
        self.stale: Stale | None = None
        self.decided: tuple[str, bool, bool, bool] | None = None
        self.told_recorded = False
        self.wanted: bool | None = None
        self.paused: frozenset[int] | None = None
        self.consults: Call | None = None
        self.consulted_by: Call | None = None
        self.parked_by: ExtensionConfig | None = None
        self.survey: Survey | None = None
        self.kept: Kept | None = None


class Stale:
    """Open entries in the books of a call of before the start: numbers, and names of queues; half a value (`keyed`)."""

    __slots__ = ("keyed", "offers", "queues", "segments", "surveys")

    def __init__(self) -> None:
        self.segments: list[int] = []
        self.offers: list[int] = []
        self.queues: list[str] = []
        self.surveys: list[int] = []
        self.keyed: list[DataKeyed] = []


LINE_CAUSES = frozenset({Cause.DESTINATION_OUT_OF_ORDER, *range(32, 128)}) - {127}


def by_whom(party: By, cause: int) -> By:
    """Return what ended a call when a party's leg was cleared: the party, or its line (Q.850 classes 2 to 6)."""
    return "line" if cause in LINE_CAUSES else party


def step(leg: Leg, given: LegInput) -> Use:
    """Move a leg to its next state; return the use of the input. Raises MissingTransition (a bug)."""
    try:
        leg.state, use = TABLE[leg.state, given]
    except KeyError:
        missing(leg.state, given)
    return use
