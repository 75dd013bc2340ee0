# SPDX-License-Identifier: GPL-2.0-or-later
"""A call and its legs: who is in it, and what it does at one time."""

from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from appliance.config.model import ExtensionConfig
from appliance.contract.records import Direction, Disposition, LegOpened, Role, SegmentKind
from appliance.contract.switch import Cause, Party, Presentation, Redirecting
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.inputs import In
from appliance.engine.parts.legs import TABLE, LegInput, LegState, Use, missing
from appliance.engine.parts.offers import Offer

By = Literal["caller", "callee", "box", "line"]
Mixed = dict[tuple[int, int, bool], float]
"""Who hears what: (listener, leg, whether what the leg is played instead of what it says) -> linear gain."""


class Ending(NamedTuple):
    """How a call is brought to its end."""

    cause: int
    by: By
    disposition: Disposition | None = None


class Stretch(NamedTuple):
    """A stretch of time in the books: who is in it, and what names it."""

    kind: SegmentKind
    legs: tuple[int, ...]
    what: str = ""


class Takes(Protocol):
    """What is told the events of a leg."""

    def take(self, given: In, what: Any = None) -> None:
        """Take an input. Raises MissingTransition (a bug)."""
        ...

    def can(self, given: In) -> bool:
        """Tell whether an input may come in this state."""
        ...

    def hears_out(self, leg: "Leg", cause: int) -> bool:
        """Tell whether somebody hears a leg that has disconnected, and has nothing better to do."""
        ...


class Doing(Takes, Protocol):
    """What a call does at one time: see `activity.Activity`."""

    MIXES: ClassVar[bool]

    def enter(self) -> None:
        """Do what comes first."""
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

    def parties(self) -> tuple["Leg", ...]:
        """Return the legs that it has to do with, also those that are rung."""
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
        """Tell whether another call may dial the same number in its place."""
        ...

    def mix(self) -> Mixed:
        """Return who hears whom, besides what each leg is played itself."""
        ...

    def stretch(self) -> Stretch | None:
        """Return what the books call this time."""
        ...

    def whole(self) -> bool:
        """Tell whether it waits for something that will come."""
        ...

    def leave(self, ending: Ending | None) -> None:
        """Undo what belongs to it alone: timers, places. `ending`: the call ends; None: it goes on otherwise."""
        ...


class Leg:
    """One party's half of a call.

    Attributes:
        at: what is told its events; None: nothing, it is on its way out.
        offer: the offer that this leg rings an agent for.
        phone: the phone of the house that it is, None on a trunk.
        presentation: may its number be shown to others.
        connected: who is there, as a line outside says; `told`: who that line was told it is connected with.
        redirecting: who sent the call on to here.
        phone_of: agents whose phone this leg keeps busy outside the queue.
        held: its party does not want to hear for now.
        channel: span and timeslot that it holds.
        playing: number of the play it is hearing, 0 for none; `plays`: what it heard last, and whether for ever.
        recording: number of its recording, 0 for none.
    """

    __slots__ = (
        "agent", "answered", "at", "call", "channel", "connected", "held", "line", "number", "offer", "phone",
        "phone_of", "playing", "plays", "presentation", "recording", "redirecting", "role", "state", "told", "who",
    )  # fmt: skip

    def __init__(self, number: int, call: "Call", line: str, role: Role, who: str, state: LegState) -> None:
        self.number = number
        self.call = call
        self.line = line
        self.role: Role = role
        self.who = who
        self.state = state
        self.at: Takes | None = None
        self.agent = ""
        self.answered = False
        self.offer: Offer | None = None
        self.phone: ExtensionConfig | None = None
        self.phone_of: tuple[Agent, ...] = ()
        self.presentation = Presentation.ALLOWED
        self.connected: Party | None = None
        self.told: Party | None = None
        self.redirecting: Redirecting | None = None
        self.playing = 0
        self.plays: tuple[tuple[str, ...], bool] = ((), False)
        self.held = False
        self.channel: tuple[int, int] | None = None
        self.recording = 0

    def opened(self, call: int) -> LegOpened:
        """Return what the books say of its being in a call."""
        by = self.redirecting.party.number if self.redirecting is not None else ""
        return LegOpened(self.number, call, self.line, self.role, self.who, self.agent, by)


class Said(NamedTuple):
    """What a leg says: `what` is the event, or the part of it that counts."""

    leg: Leg
    what: Any = None


class Call:
    """One call.

    Attributes:
        activity: what it does now.
        since: tick at which that began.
        legs: all that are not gone.
        shown: the party that those who are rung are shown; `redirecting`: who sent the call on to the box.
        written: called number and flow as in the books.
        answered: charging runs, or has run; `charged`: the leg for which.
        disposition: what it would be if it ended now.
        ending: set once, by what ends it first.
        mixed: who hears whom, as the switch was told.
        stretch, segment: what the books hold open, and its number; 0: nothing.
        stale: segments, offers and queues that only the books know, from before the start.
        consults: the call whose party waits while a phone talks here; `consulted_by`: the other way round.
        parked_by: the phone that put the call aside.
    """

    __slots__ = (
        "activity", "answered", "called", "caller", "charged", "consulted_by", "consults", "direction", "disposition",
        "ending", "flow", "legs", "mixed", "number", "parked_by", "redirecting", "segment", "shown", "since", "stale",
        "stretch", "written",
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
        self.consults: Call | None = None
        self.consulted_by: Call | None = None
        self.parked_by: ExtensionConfig | None = None


class Stale:
    """What the books hold open of a call of before the start: numbers of segments and offers, names of queues."""

    __slots__ = ("offers", "queues", "segments")

    def __init__(self) -> None:
        self.segments: list[int] = []
        self.offers: list[int] = []
        self.queues: list[str] = []


LINE_CAUSES = frozenset({Cause.DESTINATION_OUT_OF_ORDER, *range(32, 128)}) - {127}


def by_whom(party: By, cause: int) -> By:
    """Tell who ended a call when a party's leg was cleared: the party, or the line under it (Q.850 classes 2 to 6)."""
    return "line" if cause in LINE_CAUSES else party


def step(leg: Leg, given: LegInput) -> Use:
    """Bring a leg to its next state; return what the input is good for. Raises MissingTransition (a bug)."""
    leg.state, use = TABLE.get((leg.state, given)) or missing(leg.state, given)
    return use
