# SPDX-License-Identifier: GPL-2.0-or-later
"""The base of all activities: a small machine with its own fields and table {state: {input: (next, action)}}.

The state changes first, then the action runs. An action that hands over (`Board.begin`) is the last of its machine.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import partial
from typing import Any, ClassVar, Final

from appliance.contract.ticks import ticks
from appliance.engine.machine import MissingTransition
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Mixed, Stretch
from appliance.engine.parts.inputs import In
from appliance.engine.parts.timers import Timer

Action = Callable[[Any, Any], None]
"""Method of a machine for an input's payload."""
Row = tuple[IntEnum, Action]
"""The next state, and the action."""
NO_GAINS: Final[Mixed] = {}
Table = Mapping[Any, Mapping[In, Row]]


class Machine:
    """A state and a table. A bug while it acts costs its `call`."""

    TABLE: ClassVar[Table]
    __slots__ = ("board", "call", "state", "timer")

    def __init__(self, board: Board, call: Call, state: IntEnum) -> None:
        self.board = board
        self.call = call
        self.state: Any = state
        self.timer: Timer | None = None

    def take(self, given: In, what: Any = None) -> None:
        """Change the state for an input and run its action.

        Raises:
            MissingTransition: it cannot come in this state (a bug).
        """
        before = self.state
        try:
            state, action = self.TABLE[before][given]
        except KeyError:
            raise MissingTransition(type(self).__name__, before.name, given.name) from None
        board, call = self.board, self.call
        if state is not before:
            self.state = state
            call.since = board.now
        board.stirred[call.number] = call
        action(self, what)

    def can(self, given: In) -> bool:
        """Return whether an input may come in this state."""
        return given in self.TABLE[self.state]

    def after(self, seconds: float, given: In = In.TIMER) -> Timer:
        """Start a timer whose end is the input `given`."""
        board = self.board
        return board.timers.start(board.now + ticks(seconds), partial(self.take, given), self.call)

    def cancel(self) -> None:
        """Stop the timer of the state."""
        timer, self.timer = self.timer, None
        if timer is not None:
            self.board.timers.cancel(timer)

    def hears_out(self, leg: Leg, cause: int) -> bool:  # noqa: ARG002 - the base hears nothing
        """Return whether a party hears the announcement of a leg that has disconnected, and no other way is left."""
        return False


class Activity(Machine):
    """An activity: one at a time of a call. The constructor takes the legs that are there; `enter` begins."""

    VIEWS: ClassVar[Mapping[Any, str]]
    """Names of the states, as people see them."""
    MIXES: ClassVar[bool] = False
    """Legs may hear each other: `mix` is asked."""
    __slots__ = ()

    def __init__(self, board: Board, call: Call, state: IntEnum, *legs: Leg) -> None:
        self.board, self.call, self.state, self.timer = board, call, state, None
        for leg in legs:
            leg.at = self

    def enter(self) -> None:
        """Begin."""

    def leave(self, ending: Ending | None) -> None:  # noqa: ARG002 - for those who keep more than a timer
        """Undo what belongs to it alone. `ending`: the call ends; None: it goes on with another activity."""
        if self.timer is not None:
            self.cancel()

    @property
    def view(self) -> str:
        """Name of the state, as people see it."""
        return self.VIEWS[self.state]

    @property
    def node(self) -> str:
        """Node of the flow in which the caller is, or to which the call goes back; '' without one."""
        return ""

    @property
    def queue(self) -> str:
        """Queue in which the caller waits."""
        return ""

    @property
    def place(self) -> str:
        """Place where the call is parked."""
        return ""

    @property
    def recorded(self) -> bool | None:
        """Whether it is recorded whatever the rules say, or is not; None: the rules decide."""
        return None

    def parties(self) -> tuple[Leg, ...]:
        """Return the legs that it concerns, also those that ring."""
        return ()

    def partner(self, leg: Leg) -> Leg | None:  # noqa: ARG002 - only a talk has two
        """Return the leg that a leg talks with."""
        return None

    def ringing(self) -> tuple[Leg, ...]:
        """Return the legs that ring for a caller, and could be picked up."""
        return ()

    def parked(self) -> Leg | None:
        """Return the leg that is put aside, and may be taken."""
        return None

    def redials(self) -> bool:
        """Return whether another call may dial the same number in its place."""
        return False

    def mix(self) -> Mixed:
        """Return which legs hear which, besides what each leg is played itself."""
        return NO_GAINS

    def stretch(self) -> Stretch | None:
        """Return the stretch of time that the books show for it."""
        return None

    def whole(self) -> bool:
        """Return whether it waits for an event that will come."""
        return self.timer is not None
