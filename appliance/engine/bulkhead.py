# SPDX-License-Identifier: GPL-2.0-or-later
"""A bulkhead around the handling of one event, timer or request: a bug costs the call that it was about.

That call's legs are cleared and the books close it as interrupted; a trouble holds the error and its place. All other
calls go on, and the event is done with: it is not repeated, so it cannot end the next call server as well.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from traceback import walk_tb
from types import CodeType, TracebackType
from typing import Any, Final

from appliance.bugs import KIND, Guard, describe
from appliance.contract.books import OpenBooks
from appliance.contract.errors import ApplianceError, RequestError
from appliance.contract.switch import Attached, Cleared, Dial, Incoming
from appliance.contract.ticks import TICKS_PER_S
from appliance.engine import abandoning, restart
from appliance.engine.parts import opening, staffing
from appliance.engine.parts.activity import Machine
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.callbacks import CallBack
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.open_facts import OpenFacts
from appliance.engine.wholeness import whole
from appliance.i18n import N_, _

SWITCH_GONE: Final = "the switch went away"
QUIET_TICKS: Final = 60 * TICKS_PER_S
"""Time between two troubles about the same bug, if it costs no call: it may come with every event."""
MAX_KNOWN: Final = 64


class Bulkhead:
    """Contains exceptions; one for a board."""

    def __init__(self, board: Board, books: OpenBooks, guard: Guard) -> None:
        self._board = board
        self._guard = guard
        self._facts = OpenFacts(books)
        self._noted = 0
        self._told: dict[str, int] = {}

    def about(self, what: object, *, asked: bool = False) -> "Attempt":
        """Return a context for the handling of an event, timer or request; `asked`: an error is raised."""
        return Attempt(self, what, asked=asked)

    def written(self) -> None:
        """Note the records of the step, before they are removed."""
        self._note()
        self._noted = 0

    def _note(self) -> None:
        self._facts.note(islice(self._board.records, self._noted, None))
        self._noted = len(self._board.records)

    def contain(self, error: Exception, about: object) -> None:
        """End the calls that a bug was about; set all counts of legs anew from the legs that are left."""
        board = self._board
        self._guard(error)
        self._note()
        acting = _acting(error)
        calls = {each.number: each for each in acting if isinstance(each, Call)}
        agents = [each for each in acting if isinstance(each, Agent)]
        for each in acting:
            if isinstance(each, CallBack):
                each.put_off()
        board.commands = [each for each in board.commands if not isinstance(each, Dial) or each.leg in board.legs]
        calls |= {leg.call.number: leg.call for leg in self._legs_of(about)}
        if about is SWITCH_GONE or isinstance(about, Attached):
            calls = dict(board.calls)  # all would have ended
        calls |= {call.number: call for call in board.calls.values() if not (call.legs and whole(call))}
        for number, call in sorted(calls.items()):
            facts = self._facts.of(number)
            if facts is not None or number in board.calls:  # else it was closed before the bug showed
                abandoning.abandon(board, call, facts)
        abandoning.count_anew(board, agents)
        self._tell(error, about, sorted(calls))

    def _legs_of(self, about: object) -> list[Leg]:
        """Return the legs that an event names. A leg that came in just now is made, one that is gone is removed."""
        legs = self._board.legs
        if isinstance(about, Attached):
            self._attach(about)
        number: int = getattr(about, "leg", 0)
        if isinstance(about, Incoming) and number not in legs:
            _adopt(self._board, about)
        found = [legs[each] for each in (number, getattr(about, "with_leg", 0)) if each in legs]
        if isinstance(about, Cleared) and number in legs:
            del legs[number]
        return found

    def _attach(self, event: Attached) -> None:
        """End the replay after a bug in it: legs that are not among the event's no longer exist."""
        board = self._board
        board.legs = {number: leg for number, leg in board.legs.items() if number in event.legs}
        restart.go_on(board, set(event.legs))

    def _tell(self, error: Exception, about: object, calls: list[int]) -> None:
        text = f"{describe(error)}; about {about!r:.200}"
        if calls:
            self._board.trouble(KIND, N_("call {calls} was ended: {bug}"), calls=", ".join(map(str, calls)), bug=text)
        elif self._board.now >= self._told.get(text, 0):
            if len(self._told) >= MAX_KNOWN:
                self._told.clear()
            self._told[text] = self._board.now + QUIET_TICKS
            self._board.trouble(KIND, N_("no call was ended: {bug}"), bug=text)


class Attempt:
    """The handling of one thing: `with bulkhead.about(event): ...`."""

    __slots__ = ("_about", "_asked", "_bulkhead")

    def __init__(self, bulkhead: Bulkhead, about: object, *, asked: bool) -> None:
        self._bulkhead, self._about, self._asked = bulkhead, about, asked

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if not isinstance(error, Exception) or isinstance(error, ApplianceError):
            return False
        self._bulkhead.contain(error, self._about)
        if self._asked:
            message = _("this could not be done: an error inside the box")
            raise RequestError(message, _("see `mxbox troubles`")) from error
        return True


_ABOUT: Final[dict[CodeType, Callable[[Mapping[str, Any]], Iterable[Call | Agent | CallBack]]]] = {
    Machine.take.__code__: lambda of: (of["self"].call,),
    CallBack.take.__code__: lambda of: (of["self"],),
    CallBack.wake.__code__: lambda of: (of["self"],),
    Board.enter.__code__: lambda of: (of["call"],),
    staffing.tell.__code__: lambda of: (of["agent"],),
    staffing.settle.__code__: lambda of: of.get("agents", ()),
}
"""The calls, agents and call-backs that a function is about, by its local variables."""


def _acting(error: Exception) -> list[Call | Agent | CallBack]:
    """Return the calls, agents and call-backs whose actions ran when an exception was raised.

    Its traceback tells them, so that no action has to note what it is about.
    """
    frames = [frame for frame, _line in walk_tb(error.__traceback__)]
    return [each for frame in frames if frame.f_code in _ABOUT for each in _ABOUT[frame.f_code](frame.f_locals)]


def _adopt(board: Board, event: Incoming) -> None:
    """Make the leg of a call that came in and met a bug at once: the line waits for an answer."""
    call = next((each for each in reversed(board.calls.values()) if not each.legs), None)
    call = call or opening.open_call(board, "in", event.caller, event.called)
    leg = Leg(event.leg, call, event.line, "caller", event.caller.number, LegState.PRESENT)
    call.legs[leg.number] = board.legs[leg.number] = leg
