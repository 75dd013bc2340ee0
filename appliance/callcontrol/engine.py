# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine: events in, commands and records out. No I/O, no clock, no chance: the same events give the same books.

Time is what `now` says, in ticks of box time. The shell sends the commands of a step after its records are stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from appliance.acd.agents import CHOICE
from appliance.callcontrol import calls, ending, lines, restart, staffing, waiting
from appliance.callcontrol import incoming as beginnings
from appliance.callcontrol.board import Board
from appliance.callcontrol.books import OpenBooks
from appliance.callcontrol.call import CallInput
from appliance.callcontrol.errors import RequestError
from appliance.callcontrol.legs import Leg, LegInput, Use, step
from appliance.callcontrol.look import agent_view, call_view, queue_view
from appliance.callcontrol.routing import Undecided
from appliance.callcontrol.views import AgentView, CallView, QueueView
from appliance.config.model import BoxConfig
from appliance.i18n import _
from appliance.ivr.flow import Flow
from appliance.messages import (
    Alerting,
    Answered,
    AnyCommand,
    AnyEvent,
    Attached,
    Cleared,
    Digits,
    Heartbeat,
    Incoming,
    Key,
    Played,
    Proceeding,
    Recorded,
    Seized,
    SpanState,
    StatusReport,
    Trouble,
)
from appliance.records import AgentStatus, AnyRecord, ChannelSeized, RecordingClosed


@dataclass(slots=True)
class Step:
    """What came of one event, one deadline or one request."""

    commands: list[AnyCommand] = field(default_factory=list)
    records: list[AnyRecord] = field(default_factory=list)


class Engine:
    """All calls of a box."""

    def __init__(self, config: BoxConfig, flows: Mapping[str, Flow], books: OpenBooks) -> None:
        """Go on from `books`; flows by name. Nothing is answered or rung until the switch is `Attached`."""
        self._board = Board(config, flows, books, calls.give)
        restart.reopen(self._board, books)

    def handle(self, event: AnyEvent, now: int) -> Step:
        """Take an event that happened at tick `now`. Timers due by then fire first."""
        board = self._begin(now)
        HANDLERS[type(event)](board, event)
        return self._finish()

    def advance(self, now: int) -> Step:
        """Fire the timers due at `now`."""
        self._begin(now)
        return self._finish()

    def next_deadline(self) -> int | None:
        """Tick at which `advance` has something to do next; None: nothing runs."""
        return self._board.timers.next_deadline()

    def detach(self, now: int) -> Step:
        """The connection to the switch is gone: the switch clears every leg, so every call ends as 'interrupted'.

        Gives no commands. Until `Attached` comes, events only close what is open (the replay).
        """
        board = self._begin(now)
        restart.let_go(board)
        return self._finish()

    def set_agent(self, number: str, status: AgentStatus, now: int, reason: str = "") -> Step:
        """Sign an agent in or out, or pause him.

        Raises:
            RequestError: there is no such agent.
        """
        agent = self._board.agents.get(number)
        if agent is None:
            raise _unknown(_("there is no agent {what}").format(what=number), self._board.agents)
        board = self._begin(now)
        staffing.tell(board, agent, CHOICE[status], reason)
        for queue in agent.queues:
            waiting.nobody_left(board, queue)
        return self._finish()

    def originate(self, extension: str, number: str, now: int) -> Step:
        """Ring `extension`'s phone, and when it answers dial `number` as if it had dialled.

        Raises:
            RequestError: there is no such extension, the number leads nowhere, or the switch is away.
        """
        routes = self._board.routes
        phone = routes.phones.get(extension)
        if phone is None:
            raise _unknown(_("there is no extension {what}").format(what=extension), routes.phones)
        if routes.find(number, complete=True, phone=True) is Undecided.NOWHERE:
            message = _("number {number} leads nowhere").format(number=number)
            raise RequestError(message, _("dial an extension, a hotline, or the outside prefix and a number"))
        if not self._board.attached:
            raise RequestError(_("the switch is not there"), _("wait until it is back, see `mxbox status`"))
        board = self._begin(now)
        beginnings.originate(board, phone, number)
        return self._finish()

    def hang_up(self, call: int, now: int) -> Step:
        """End a call.

        Raises:
            RequestError: there is no such call now.
        """
        board = self._begin(now)
        found = board.calls.get(call)
        if found is None:
            raise RequestError(_("there is no call {call} now").format(call=call), _("see `mxbox calls`"))
        calls.give(board, found, CallInput.HANG_UP, None)
        return self._finish()

    def reload_flows(self, flows: Mapping[str, Flow]) -> None:
        """Use these flows for calls from now on; calls under way keep theirs."""
        self._board.flows = dict(flows)
        self._board.missing_noted.clear()

    def calls(self) -> list[CallView]:
        """Show the calls, oldest first."""
        return [call_view(call) for call in self._board.calls.values()]

    def queues(self) -> list[QueueView]:
        """Show the queues."""
        return [queue_view(queue) for queue in self._board.queues.values()]

    def agents(self) -> list[AgentView]:
        """Show the agents."""
        return [agent_view(agent) for agent in self._board.agents.values()]

    def _begin(self, now: int) -> Board:
        board = self._board
        board.now = max(now, board.now)  # box time never goes back
        due = board.timers.next_deadline()
        if due is not None and due <= board.now:
            board.timers.fire(board.now)
        return board

    def _finish(self) -> Step:
        board = self._board
        if board.unsettled:
            staffing.settle(board)
        made = Step(board.commands if board.attached else [], board.records)
        board.commands, board.records = [], []
        return made


def _unknown(message: str, known: Mapping[str, object]) -> RequestError:
    names = ", ".join(sorted(known)) or _("none")
    return RequestError(message, _("configured: {names}").format(names=names))


# --- events -------------------------------------------------------------------------------------------------------


def _line(given: LegInput, to_a: CallInput, to_b: CallInput, *, what: str = "") -> Callable[[Board, Any], None]:
    """Make the handler of an event that a leg's machine looks at first. `what`: the field that goes on; '': all."""

    def handle(board: Board, event: Any) -> None:
        leg = board.legs.get(event.leg)
        if leg is None:
            board.trouble("switch", f"{type(event).__name__} for leg {event.leg}, which is not there")
            return
        use = step(leg, given)
        if use is Use.TELL:
            _tell(board, leg, to_a, to_b, getattr(event, what) if what else event)
        elif use is Use.ODD:
            board.trouble("switch", f"{type(event).__name__} for leg {event.leg} in state {leg.state.name}")

    return handle


def _tell(board: Board, leg: Leg, to_a: CallInput, to_b: CallInput, what: Any) -> None:
    call = leg.call
    if leg is call.a:
        calls.give(board, call, to_a, what)
    elif leg is call.b:
        calls.give(board, call, to_b, what)


def _seized(board: Board, event: Seized) -> None:
    leg = board.legs.get(event.leg)
    if leg is not None and step(leg, LegInput.SEIZED) is Use.SEIZE:
        board.records.append(ChannelSeized(event.leg, event.span, event.timeslot))


def _answered(board: Board, event: Answered) -> None:
    leg = board.legs.get(event.leg)
    if leg is None:
        board.trouble("switch", f"Answered for leg {event.leg}, which is not there")
        return
    use = step(leg, LegInput.ANSWERED)
    if use is Use.TELL:
        lines.note_answer(board, leg)
        _tell(board, leg, CallInput.A_ANSWERED, CallInput.B_ANSWERED, None)
    elif use is Use.ODD:
        board.trouble("switch", f"Answered for leg {event.leg} in state {leg.state.name}")


def _played(board: Board, event: Played) -> None:
    leg = board.legs.get(event.leg)
    if leg is None or leg.playing != event.play:
        return  # replaced or stopped while it ended
    leg.playing = 0
    _tell(board, leg, CallInput.A_PLAYED, CallInput.B_PLAYED, event)


def _cleared(board: Board, event: Cleared) -> None:
    leg = board.legs.get(event.leg)
    if leg is None:
        board.trouble("switch", f"leg {event.leg} cleared, which is not there")
        return
    step(leg, LegInput.CLEARED)
    ending.close_leg(board, leg, event.cause)


def _recorded(board: Board, event: Recorded) -> None:
    if board.recordings.pop(event.recording, None) is None:
        board.trouble("switch", f"recording {event.recording} closed, which is not open")
        return
    board.records.append(RecordingClosed(event.recording, event.samples, event.error))
    if event.error:
        board.trouble("recording", f"recording {event.recording}: {event.error}")


def _span_state(board: Board, event: SpanState) -> None:
    alarms = " ".join(event.alarms) or "no alarm"
    channel = "up" if event.d_channel_up else "down"
    board.trouble("span", f"span {event.span} {event.address}: {alarms}, D channel {channel}")


def _trouble(board: Board, event: Trouble) -> None:
    board.trouble(event.kind, event.text, event.count)


def _nothing(_: Board, __: Any) -> None:
    pass


_C: Final = CallInput
HANDLERS: Final[dict[type[Any], Callable[[Board, Any], None]]] = {
    Attached: restart.attach,
    Incoming: beginnings.arrive,
    Digits: _line(LegInput.DIGITS, _C.DIGITS, _C.DIGITS),
    Seized: _seized,
    Proceeding: _line(LegInput.PROCEEDING, _C.A_ALERTING, _C.B_ALERTING),
    Alerting: _line(LegInput.ALERTING, _C.A_ALERTING, _C.B_ALERTING, what="inband"),
    Answered: _answered,
    Cleared: _cleared,
    Key: _line(LegInput.KEY, _C.A_KEY, _C.B_KEY),
    Played: _played,
    Recorded: _recorded,
    SpanState: _span_state,
    Trouble: _trouble,
    Heartbeat: _nothing,
    StatusReport: _nothing,
}
