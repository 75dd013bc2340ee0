# SPDX-License-Identifier: GPL-2.0-or-later
"""A call: the business object that joins legs. `a` is the party that calls, `b` the one that is called."""

from enum import IntEnum
from typing import Any, Literal, NamedTuple

from appliance.config.model import ExtensionConfig
from appliance.contract.records import Direction, Disposition, LegOpened, Role, SegmentKind
from appliance.contract.switch import Cause, Key, Party, Presentation, Redirecting
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.goals import Goal
from appliance.engine.parts.legs import LegInput, LegState, Use, following
from appliance.engine.parts.offers import Offer
from appliance.engine.parts.queues import Entry
from appliance.engine.parts.timers import Timer
from appliance.engine.script.run import Run


class CallState(IntEnum):
    """Where a call is."""

    ADDRESS = 0  # the number is not complete
    FLOW = 1
    WAITING = 2  # in a queue
    OFFERING = 3  # in a queue, an agent is rung
    ANNOUNCING = 4  # both hear who serves
    CALLING = 5  # b is not found yet: one or several are rung
    TALKING = 6
    TONE = 7  # a hears why it did not work
    ORIGINATING = 8  # a is rung first
    RELEASING = 9  # every leg is on its way out
    SPEAKING = 10  # a hears a confirmation, then it ends
    PARKED = 11  # a waits for somebody to take it back


class CallInput(IntEnum):
    """What happens to a call: on the legs, by a timer, by the box."""

    DIGITS = 0
    A_ALERTING = 1
    A_ANSWERED = 2
    A_KEY = 3
    A_PLAYED = 4
    A_CLEARED = 5
    B_ALERTING = 6
    B_ANSWERED = 7
    B_KEY = 8
    B_PLAYED = 9
    B_CLEARED = 10
    TIMER = 11  # the one of the state
    WAIT_OVER = 12  # has waited too long
    RING_OVER = 13  # the agent does not answer
    TO_FLOW = 14
    TO_QUEUE = 15
    TO_CALLING = 16
    TO_TALK = 17
    TO_TONE = 18
    OFFER = 19
    END = 20
    HANG_UP = 21  # asked for by a person
    LOST = 22  # the switch is gone
    R_ALERTING = 23  # r: one of the legs that are rung
    R_ANSWERED = 24
    R_CLEARED = 25
    R_REDIRECTED = 26
    TO_ANSWER = 27  # the number leads to a flow after all
    TO_SPEECH = 28
    A_HELD = 29
    A_RESUMED = 30
    A_TRANSFER = 31
    B_HELD = 32
    B_RESUMED = 33
    B_TRANSFER = 34
    TO_PARK = 35
    TAKEN = 36  # another phone takes it
    MERGED = 37  # who talked here talks in another call now
    A_REDIRECTED = 38  # a phone that is rung first names another number
    B_REDIRECTED = 39
    REPLACED = 40  # another party takes the place of a
    ABANDONED = 41  # a is gone, and no other party takes its place
    R_EARLY_SOUND = 42
    R_KEY = 43


By = Literal["caller", "callee", "box", "line"]


class Ending(NamedTuple):
    """How a call is brought to its end."""

    cause: int
    by: By
    disposition: Disposition | None = None


class Leg:
    """One party's half of a call.

    Attributes:
        offer: the offer that this leg rings an agent for.
        phone: the phone of the house that it is, None on a trunk.
        presentation: may its number be shown to others.
        connected: who is there, as a line outside says; `told`: who that line was told it is connected with.
        redirecting: who sent the call on to here.
        phone_of: agents whose phone this leg keeps busy outside the queue.
        held: its party does not want to hear for now.
        channel: span and timeslot that it holds.
        keys, key_at: pressed in the talk, and when the last; `wants`: the feature code whose number is being pressed.
        unsent: of these, the keys that the other party has not got yet: a feature code may begin with them; `key_timer`
            ends their waiting.
        leaving: it is cleared when what it hears is over.
        playing: number of the play it is hearing, 0 for none; `plays`: what it heard last, and whether for ever.
        hears: the leg whose sound it was given, 0 for none.
        inband: before it answers, it says that it sends its own tone; `sounds`: sound does come from it; `announces`:
            it has disconnected, and says why.
    """

    __slots__ = (
        "agent", "announces", "answered", "call", "channel", "connected", "hears", "held", "inband", "key_at",
        "key_timer", "keys", "leaving", "line", "number", "offer", "phone", "phone_of", "playing", "plays",
        "presentation", "recording", "redirecting", "role", "sounds", "state", "told", "unsent", "wants", "who",
    )  # fmt: skip

    def __init__(self, number: int, call: "Call", line: str, role: Role, who: str, state: LegState) -> None:
        self.number = number
        self.call = call
        self.line = line
        self.role: Role = role
        self.who = who
        self.state = state
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
        self.hears = 0
        self.inband = self.sounds = self.announces = False
        self.held = False
        self.keys = ""
        self.key_at = 0
        self.key_timer: Timer | None = None
        self.unsent: tuple[Key, ...] = ()
        self.wants = ""
        self.leaving = False
        self.channel: tuple[int, int] | None = None
        self.recording = 0

    def opened(self, call: int) -> LegOpened:
        """Return what the books say of its being in a call."""
        by = self.redirecting.party.number if self.redirecting is not None else ""
        return LegOpened(self.number, call, self.line, self.role, self.who, self.agent, by)


class Rung(NamedTuple):
    """What one of the legs that are rung says: `what` is the event's own."""

    leg: Leg
    what: Any


class Call:
    """One call.

    Attributes:
        legs: all that are not gone; `a` and `b` are those that matter now.
        disposition: what it would be if it ended now.
        ending: set once, by whoever ends it first.
        timer: of the state; `wait_timer`: of the queue.
        place, kind: what the open segment names, and its kind.
        open_offers: offers that only the books know.
        goals: whom to try when those who are rung do not answer, the next one last.
        tried: how many goals that was.
        behalf: the phone for which those who are rung are called, None: the box itself.
        sent_on: numbers that sent the caller elsewhere, which are not tried again.
        left: the a that is gone, while it is looked for another in its place.
        ringing: legs of which the first to answer becomes b.
        redirecting: who sent the call on to the box, as its line says.
        parked, parked_by: the place where it is parked, and by whose phone.
        consults: the call whose party waits while a phone talks here; `consulted_by`: the other way round.
        collecting: the leg that presses a number during the talk.
        shown: the party that those who are rung are shown.
        unreached: the cause with which a flow last dialled in vain; 0: it has not.
    """

    __slots__ = (
        "a", "answered", "b", "behalf", "called", "caller", "collecting", "consulted_by", "consults", "direction",
        "disposition", "ending", "entry", "flow", "goals", "kind", "left", "legs", "number", "open_offers",
        "open_queues", "parked", "parked_by", "place", "redirecting", "ringing", "run", "segments", "sent_on", "shown",
        "since", "state", "timer", "tried", "unreached", "wait_timer", "written",
    )  # fmt: skip

    def __init__(self, number: int, direction: Direction, caller: Party, called: str) -> None:
        self.number = number
        self.direction: Direction = direction
        self.caller = self.shown = caller
        self.called = called
        self.redirecting: Redirecting | None = None
        self.flow = ""
        self.written: tuple[str, str] | None = None  # called and flow as in the books
        self.state = CallState.ADDRESS
        self.since = 0
        self.legs: dict[int, Leg] = {}
        self.a: Leg | None = None
        self.b: Leg | None = None
        self.left: Leg | None = None
        self.answered = False
        self.disposition: Disposition = "abandoned"
        self.ending: Ending | None = None
        self.run: Run | None = None
        self.entry: Entry | None = None
        self.timer: Timer | None = None
        self.wait_timer: Timer | None = None
        self.segments: list[int] = []
        self.place = ""
        self.kind: SegmentKind = "flow"
        self.open_offers: list[int] = []
        self.open_queues: list[str] = []
        self.goals: list[Goal] = []
        self.tried = 0
        self.behalf: ExtensionConfig | None = None
        self.sent_on: set[str] = set()
        self.parked = ""
        self.consults: Call | None = None
        self.consulted_by: Call | None = None
        self.collecting: Leg | None = None
        self.parked_by: ExtensionConfig | None = None
        self.ringing: dict[int, Leg] = {}
        self.unreached = 0


LINE_CAUSES = frozenset({Cause.DESTINATION_OUT_OF_ORDER, *range(32, 128)}) - {127}


def by_whom(party: By, cause: int) -> By:
    """Tell who ended a call when a party's leg was cleared: the party, or the line under it (Q.850 classes 2 to 6)."""
    return "line" if cause in LINE_CAUSES else party


def step(leg: Leg, given: LegInput) -> Use:
    """Bring a leg to its next state; return what the input is good for. Raises MissingTransition (a bug)."""
    leg.state, use = following(leg.state, given)
    return use
