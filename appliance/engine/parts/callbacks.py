# SPDX-License-Identifier: GPL-2.0-or-later
"""A call-back: it waits in a queue in the place of a caller who has hung up, and is tried when an agent is reserved.

A try is a call of its own (`StartCallBack`): the agent's phone rings first, then the caller's. After a try that fails
the call-back is in its place again, and sleeps until the next one is due. The books hold it, so it outlives the box.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, ClassVar, Final, NamedTuple

from appliance.config.callbacks import CallBackConfig
from appliance.config.model import ExtensionConfig
from appliance.contract.books import OpenCallBack
from appliance.contract.records import (
    CallBackEnded,
    CallBackMissed,
    CallBackMoved,
    CallBackResult,
    CallBackTried,
    CallBackWhy,
    Direction,
    MissedWhy,
)
from appliance.contract.switch import Listen, Party, Presentation
from appliance.contract.ticks import ticks
from appliance.engine.machine import MissingTransition
from appliance.engine.parts import offering, opening
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg
from appliance.engine.parts.ending import disposition
from appliance.engine.parts.entries import Entry
from appliance.engine.parts.inputs import In
from appliance.engine.parts.queues import Queue
from appliance.engine.parts.starts import StartCallBack
from appliance.engine.parts.timers import Timer
from appliance.engine.routes.routing import ToOutside, ToPhone
from appliance.engine.routes.site_numbers import from_outside
from appliance.i18n import N_, translation
from appliance.numbering import plain

LOOK_S: Final = 60.0
"""How often the time plan is asked whether callers may be called back now."""
SHOWN: Final = N_("call-back")
NOT_COUNTED: Final[frozenset[MissedWhy]] = frozenset({"agent", "interrupted"})
"""Failures that are not the caller's."""
_MISSED: Final[dict[str, MissedWhy]] = {"busy": "busy", "no_answer": "no_answer", "rejected": "rejected"}
RULES: Final = CallBackConfig()
"""For a call-back of a queue whose configuration no longer has any."""


class CallBackState(IntEnum):
    """States of a call-back."""

    ASLEEP = 0  # the caller's line is still up, the next try is not due, it is out of hours, or the switch is away
    WAITING = 1
    TRYING = 2
    OVER = 3


_S = CallBackState


class Listens(NamedTuple):
    """The caller's line, on which the switch listens for a machine, and the agent's."""

    line: Leg
    agent: Leg
    machine: Callable[[Leg], None]


class CallBack:
    """A place in a queue whose caller is called back.

    Attributes:
        number: of the books; `to` is the caller's, as it is dialled here.
        asked: number of the call in which it was asked for.
        tries: those that count so far.
    """

    __slots__ = (
        "_board", "_due", "_expiry", "_listens", "_order", "_timer", "_try", "asked", "entry", "language", "number",
        "queue", "state", "to", "tries",
    )  # fmt: skip

    def __init__(
        self, board: Board, queue: Queue, entry: Entry, number: int, to: str, language: str, until: int
    ) -> None:
        self._board, self.queue, self.entry = board, queue, entry
        self.number, self.to, self.language = number, to, language
        self.asked = entry.call
        self.state = _S.ASLEEP
        self.tries = 0
        self._order = entry.order
        self._due = 0
        self._try: Call | None = None
        self._listens: Listens | None = None
        self._timer: Timer | None = None
        self._expiry: Timer | None = board.timers.start(until, self._expire, self)
        entry.at, entry.callback = self, number
        queue.callbacks[to] = self

    @property
    def rules(self) -> CallBackConfig:
        """Rules of the queue."""
        return self.queue.config.callback or RULES

    @property
    def due(self) -> int:
        """Tick from which on the next try is made."""
        return self._due

    # --- as a caller of its queue

    def take(self, given: In, what: Any = None) -> None:
        """Handle an input of the queue. Raises MissingTransition (a bug)."""
        action = self.TABLE[self.state].get(given)
        if action is None:
            raise MissingTransition("call-back", self.state.name, given.name)
        action(self, what)

    def can(self, given: In) -> bool:
        """Return whether an input may come in this state."""
        return given in self.TABLE[self.state]

    def hears_out(self, leg: Leg, cause: int) -> bool:  # noqa: ARG002 - as `call.Takes` has it
        """Return False: it hears nothing."""
        return False

    def _relax(self, _: Any) -> None:
        self.queue.relax(self.entry, self._board.now)

    def _no_agents(self, _: Any) -> None:
        """Wait on until agents are there, unless the queue was taken out."""
        if self._queue_gone():
            self.end("cancelled", "queue_gone")

    def _queue_gone(self) -> bool:
        return self._board.queues.get(self.queue.config.name) is not self.queue

    # --- sleeping and waking

    def sleep(self) -> None:
        """Pause it: no agent comes to it until it is woken."""
        if self.state is _S.WAITING:
            self.state = _S.ASLEEP
            self.queue.sleep(self.entry, self._board.now)

    def wake(self) -> None:
        """Wait for an agent from now on, unless the next try is not due, it is out of hours, or the switch is away."""
        board, self._timer = self._board, None
        if self.state is not _S.ASLEEP:
            return
        if self._queue_gone():
            self.end("cancelled", "queue_gone")
        elif board.attached and board.now < self._due:
            self._timer = board.timers.start(self._due, self.wake, self)
        elif board.attached and not self._open():
            self._timer = board.timers.start(board.now + ticks(LOOK_S), self.wake, self)
        elif board.attached:
            self.state = _S.WAITING
            self.queue.wake(self.entry, board.now)
            board.unsettled[self.queue.config.name] = self.queue

    def _open(self) -> bool:
        plan = self.rules.plan or self.queue.config.plan
        return not plan or self._board.plans.fits(plan, self._board.clock())

    def _expire(self) -> None:
        """End it as too old. A try under way is the last one."""
        self._expiry = None
        if self._try is None or self._try.number not in self._board.calls:
            self.end("given_up", "expired")

    def put_off(self) -> None:
        """Sleep for a while after a bug: others are served meanwhile."""
        board = self._board
        if self._try is None and self.state is not _S.OVER:
            self.state, self._due = _S.ASLEEP, board.now + ticks(max(LOOK_S, self.rules.every_s))
            self.queue.readmit(self.entry)
            self.queue.sleep(self.entry, board.now)
            board.timers.cancel(self._timer)
            self._timer = board.timers.start(self._due, self.wake, self)

    # --- tries

    def _offer(self, agents: list[Agent]) -> None:
        """Ring the agents for a try."""
        board = self._board
        if not self._open():
            self.sleep()
            self.wake()
            return
        target = target_of(board, self.rules, self.to)
        if target is None:
            self.end("given_up", "refused")
            return
        direction: Direction = "out" if isinstance(target, ToOutside) else "internal"
        call = opening.new_call(board, direction, Party(self.rules.caller, self.queue.config.name), self.to)
        call.shown = self._shown(target)
        rings = offering.rings(board, call, agents)
        if not rings:
            board.unsettled[self.queue.config.name] = self.queue
            return
        self.state, self._try, self.entry.offered = _S.TRYING, call, True
        opening.begin_call(board, call)
        call.kept = self
        board.records.append(CallBackTried(self.number, call.number, self.queue.config.name))
        board.enter(call, StartCallBack(self, rings, self.queue, target, caller_of(self.rules)))

    def _shown(self, target: ToOutside | ToPhone) -> Party:
        """Return what the agent's phone shows: that it is a call-back, and of whom."""
        language = "zh_CN" if self._board.config.language == "zh" else "en"
        shown = Party(self.to, translation(language).gettext(SHOWN))
        return from_outside(shown) if isinstance(target, ToOutside) else shown

    def quit(self) -> None:
        """Do nothing: the call that asked goes nowhere else."""

    def served(self) -> None:
        """Leave the queue: an agent has answered."""
        self.queue.dismiss(self.entry, self._board.now, served=True)

    def answered(self, line: Leg, agent: Leg, machine: Callable[[Leg], None]) -> None:
        """Note that the caller's line has answered; if a machine may have, the switch listens for a while.

        `machine` clears the line, and goes on with the agent.
        """
        if self.rules.machines:
            self._listens = Listens(line, agent, machine)
            self._board.commands.append(Listen(line.number, answer=True))
        else:
            self.reached()

    def heard(self, leg: Leg, what: str) -> None:
        """Handle who answered: a person, or a machine."""
        listens = self._listens
        if listens is None or listens.line is not leg:
            return
        if what == "machine" and leg.call is self._try and {leg, listens.agent} <= {*leg.call.activity.parties()}:
            listens.machine(leg)
        else:
            self.reached()

    def reached(self) -> None:
        """End: the caller has answered."""
        call = self._try
        if call is not None:
            call.kept = self._try = self._listens = None
            self.end("reached", call=call.number)

    def missed(self, why: MissedWhy) -> None:
        """Go back to the place in the queue after a try that did not reach the caller, or give up."""
        board, call, entry = self._board, self._try, self.entry
        if call is None:
            return
        call.kept = self._try = self._listens = None
        counted = why not in NOT_COUNTED
        self.tries += counted
        self._due = board.now + (ticks(self.rules.every_s) if counted else 0)
        board.records.append(CallBackMissed(self.number, call.number, why, self._due))
        self.state = _S.ASLEEP
        if self.tries >= self.rules.tries:
            self.end("given_up", why)
        elif self._expiry is None:
            self.end("given_up", "expired")
        else:
            self.queue.readmit(entry)
            self.queue.sleep(entry, board.now)
            self.wake()

    def over(self, ending: Ending) -> None:
        """Handle the end of a call: that in which it was asked for, or a try."""
        call = self._try
        if call is None:
            self.wake()
        elif call.answered and call.disposition != "interrupted":
            self.reached()
        elif call.disposition == "interrupted":
            self.missed("interrupted" if ending.by == "line" else "failed")  # a bug must not be tried for ever
        else:
            self.missed("agent")

    # --- the end

    def end(self, result: CallBackResult, why: CallBackWhy = "", call: int = 0) -> None:
        """End for good; a try under way goes on as any call."""
        board = self._board
        if self.state is _S.OVER:
            return
        if self._try is not None:
            self._try.kept, self._try = None, None
        self.state = _S.OVER
        for timer in (self._timer, self._expiry):
            board.timers.cancel(timer)
        if self.queue.entries.get(self.entry.call) is self.entry:
            self.queue.dismiss(self.entry, board.now, served=False)
        if self.queue.callbacks.get(self.to) is self:
            del self.queue.callbacks[self.to]
        board.records.append(CallBackEnded(self.number, result, why, call))

    # --- the books

    def note_place(self) -> None:
        """Record its order if a supervisor has changed it."""
        if self.entry.order != self._order:
            self._order = self.entry.order
            self._board.records.append(CallBackMoved(self.number, self._order))

    def reopen(self, last: OpenCallBack) -> None:
        """Restore what the books say of its tries."""
        self.tries, self._due = last.tries, last.due
        if last.trying:
            self._board.records.append(CallBackMissed(self.number, last.trying, "interrupted", last.due))

    TABLE: ClassVar[Mapping[CallBackState, Mapping[In, Callable[["CallBack", Any], None]]]] = {
        _S.ASLEEP: {In.STEP: _relax, In.NO_AGENTS: _no_agents},
        _S.WAITING: {In.OFFER: _offer, In.STEP: _relax, In.NO_AGENTS: _no_agents},
        _S.TRYING: {In.STEP: _relax},
        _S.OVER: {},
    }


def missed_by(cause: int) -> MissedWhy:
    """Return why a try failed, by the cause with which the caller's line was cleared."""
    return _MISSED.get(disposition(cause), "failed")


def caller_of(rules: CallBackConfig) -> ExtensionConfig:
    """Return the phone for which a queue calls: its class decides, and its number is shown."""
    return ExtensionConfig(number=rules.caller, caller=rules.caller, calling=rules.calling)


def target_of(board: Board, rules: CallBackConfig, number: str) -> ToOutside | ToPhone | None:
    """Return where a number leads; None: it is none that may be called back."""
    phone = board.routes.phones.get(number)
    if phone is not None:
        return ToPhone(phone)
    if not number or plain(number) != number or board.outbound.is_emergency(number):
        return None
    return ToOutside(number) if board.outbound.permitted(caller_of(rules), number) else None


def own_number(call: Call, caller: Leg) -> str:
    """Return the number at which a caller is called back; '' if it is withheld or unknown."""
    if caller.phone is not None:
        return caller.phone.number
    return call.caller.number if call.caller.presentation is Presentation.ALLOWED else ""
