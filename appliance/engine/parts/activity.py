# SPDX-License-Identifier: GPL-2.0-or-later
"""The base of all that a call may do: a small machine with its own fields and table {state: {input: (next, action)}}.

The state changes first, then the action runs. An action that hands over (`Board.begin`) is the last of its machine.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.contract.ticks import ticks
from appliance.engine.machine import MissingTransition
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Mixed, Stretch
from appliance.engine.parts.inputs import In
from appliance.engine.parts.timers import Timer

Action = Callable[[Any, Any], None]
"""Takes the machine and the input's payload."""
Row = tuple[IntEnum, Action]
"""The next state, and what is done."""
NOBODY: Final[Mixed] = {}
Table = Mapping[Any, Mapping[In, Row]]


class Machine:
    """A state and a table. `about` is named in errors, `acting` is noted while it acts: a bug costs that call."""

    TABLE: ClassVar[Table]
    __slots__ = ("board", "call", "state", "timer")

    def __init__(self, board: Board, call: Call, state: IntEnum) -> None:
        self.board = board
        self.call = call
        self.state: Any = state
        self.timer: Timer | None = None

    def take(self, given: In, what: Any = None) -> None:
        """Take an input.

        Raises:
            MissingTransition: it cannot come in this state (a bug).
        """
        board, call = self.board, self.call
        board.acting.append(call)
        entry = self.TABLE[self.state].get(given)
        if entry is None:
            raise MissingTransition(type(self).__name__, self.state.name, given.name)
        state, action = entry
        if state is not self.state:
            self.state, call.since = state, board.now
        board.stirred[call.number] = call
        action(self, what)
        board.acting.pop()

    def can(self, given: In) -> bool:
        """Tell whether an input may come in this state."""
        return given in self.TABLE[self.state]

    def after(self, seconds: float, given: In = In.TIMER) -> Timer:
        """Start a timer that gives an input."""
        board = self.board
        return board.timers.start(board.now + ticks(seconds), lambda: self.take(given), self.call)

    def cancel(self) -> None:
        """Stop the timer of the state."""
        if self.timer is not None:
            self.board.timers.cancel(self.timer)
            self.timer = None

    def hears_out(self, leg: Leg, cause: int) -> bool:  # noqa: ARG002 - the base hears nothing
        """Tell whether somebody hears a leg that has disconnected, and has nothing better to do."""
        return False


class Activity(Machine):
    """What a call does at one time. The constructor takes the legs that are there, `enter` does the first things."""

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
        """Do what comes first."""

    def leave(self, ending: Ending | None) -> None:  # noqa: ARG002 - for those who keep more than a timer
        """Undo what belongs to it alone. `ending`: the call ends; None: it goes on otherwise."""
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

    def parties(self) -> tuple[Leg, ...]:
        """Return the legs that it has to do with, also those that are rung."""
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
        """Tell whether another call may dial the same number in its place."""
        return False

    def mix(self) -> Mixed:
        """Return who hears whom, besides what each leg is played itself."""
        return NOBODY

    def stretch(self) -> Stretch | None:
        """Return what the books call this time."""
        return None

    def whole(self) -> bool:
        """Tell whether it waits for something that will come."""
        return self.timer is not None
