# SPDX-License-Identifier: GPL-2.0-or-later
"""The call server: events in, books kept, commands and asks out. `python -m appliance.server CONFIG` runs it.

`CallServer` is all of it without sockets and clocks, the same in the process (`process`), in lockstep and in tests.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from appliance.api.messages import AnyReply, Done, HangUp, Note, RecordCall
from appliance.bugs import Guard
from appliance.config.model import BoxConfig
from appliance.contract.asks import AnyAnswer, AnyAsk
from appliance.contract.edge import AnyEdgeCommand, EdgeState
from appliance.contract.records import (
    AgentChanged,
    AnyRecord,
    CallBackTried,
    CallOpened,
    CallReleased,
    DutySet,
    MessageMarked,
    MessageTasked,
    PlanSwitched,
    RecordingDecided,
    RecordingPaused,
    RecordingResumed,
    RoomChanged,
    SettingChanged,
    TroubleNoted,
    WrapUpCoded,
)
from appliance.contract.switch import (
    AnyCommand,
    AnyEvent,
    Attached,
    Confirm,
    Envelope,
    Heartbeat,
    Measured,
    SoundsRead,
    SpanDo,
    SpanDone,
    SpanState,
    StatusReport,
    Traced,
)
from appliance.contract.ticks import TICKS_PER_S
from appliance.contract.upkeep import JobRow
from appliance.contract.views import Levels
from appliance.engine.engine import AnyEngineRequest, Engine, Step
from appliance.store.store import Store

CONFIRM_TICKS = TICKS_PER_S
"""How often the switch gets a Confirm; until then it keeps a second's events."""

UNNUMBERED = (Heartbeat, StatusReport, Traced, Measured, SpanDone, SoundsRead)
"""Events that the switch does not repeat."""

ASKED: Final = (
    *(AgentChanged, CallOpened, CallReleased, PlanSwitched, RoomChanged, SettingChanged, WrapUpCoded),
    *(RecordingDecided, RecordingPaused, RecordingResumed),
    *(DutySet, MessageMarked, MessageTasked),
)
"""Records that name the user who asked for a change."""

Change = AnyEngineRequest | Note
Watcher = Callable[[int, "Sequence[AnyRecord] | SpanState | StatusReport | JobRow"], None]


class CallServer:
    """An engine joined to its books.

    Attributes:
        engine: all calls.
        store: the books.
        now: box time of the last event, in ticks.
        attached: the switch is connected and has repeated all missed events.
        spans: last state of each span, by number.
        answers: waits for the switch's `Traced` or `SoundsRead`, by the request's number, which comes from `requests`.
        report: the switch's last report, None before the first.
        edge_state: the edge's state when it was last asked, None before.
        edge: called with new states for phones; `engine.presence()` and `engine.lamps()` return all of them.
        asks: called with asks of the engine, which `on_answer` answers; None: they are not answered.
        watchers: called with (now, what) for every record and state, after it is in the books.
    """

    def __init__(self, engine: Engine, store: Store, guard: Guard | None = None) -> None:
        """Join them. With a `guard` it gets the exceptions of watchers, and calls go on; without, they are raised."""
        self.engine = engine
        self._guard = guard
        self.store = store
        self.now = store.last_tick()
        self.attached = False
        self.spans: dict[int, SpanState] = {}
        self.report: StatusReport | None = None
        self.answers: dict[int, Callable[[Any], None]] = {}
        self.requests = itertools.count(1)
        self.watchers: list[Watcher] = []
        self.edge_state: EdgeState | None = None
        self.edge: Callable[[Sequence[AnyEdgeCommand]], None] | None = None
        self.asks: Callable[[Sequence[AnyAsk]], None] | None = None
        self._blocked = store.blocked()
        self._handled = store.last_seq()
        self._confirmed = store.last_seq()
        self._confirm_at = 0

    @property
    def levels(self) -> Levels:
        """Sound of legs, by the switch's last report."""
        return Levels(self.report.levels, frozenset(self.report.speaking)) if self.report is not None else Levels()

    @property
    def last_seq(self) -> int:
        """Number of the last event that is in the books: sent to the switch on a new connection."""
        return self.store.last_seq()

    def greeting(self) -> Confirm:
        """Return the first message on a new connection."""
        self.store.settle(self.now)
        self._confirmed = self.store.last_seq()
        return Confirm(self._confirmed, self.now)

    def on_envelope(self, envelope: Envelope) -> list[AnyCommand]:
        """Handle one event of the switch: see `on_envelopes`."""
        return self.on_envelopes([envelope])

    def on_envelopes(self, envelopes: Sequence[Envelope]) -> list[AnyCommand]:
        """Handle events of the switch: the records go into the books in one transaction, then the commands may be sent.

        An event that was handled before (the switch repeats unconfirmed ones) is skipped. Once a second of box time the
        commands end with Confirm.
        """
        with self.store.together():
            taken = [(each.event, self._take(each)) for each in envelopes if self._is_new(each)]
        commands: list[AnyCommand] = []
        for event, step in taken:
            self._show(event)
            commands += self._told(step)
            if isinstance(event, Attached):
                commands += self._blocks()
        return commands + self._confirm()

    def _is_new(self, envelope: Envelope) -> bool:
        return envelope.seq > self._handled or isinstance(envelope.event, UNNUMBERED)

    def _take(self, envelope: Envelope) -> Step:
        self.now = max(self.now, envelope.tick)
        step = self.engine.handle(envelope.event, self.now)
        if isinstance(envelope.event, UNNUMBERED):
            self.store.apply(None, self.now, step.records)
        else:
            self._handled = envelope.seq
            without_effect = not step.commands and not step.asks
            self.store.apply(self._handled, self.now, step.records, without_effect=without_effect)
        return step

    def on_detached(self) -> None:
        """End all calls: the connection to the switch is gone; it clears every leg, and so do the books."""
        self.attached = False
        self.report = None
        self._keep(self.engine.detach(self.now))

    def on_answer(self, answer: AnyAnswer) -> list[AnyCommand]:
        """Handle the answer of an ask; return commands for the switch."""
        return self._keep(self.engine.handle(answer, self.now))

    def change(self, request: Change, by: str = "") -> tuple[AnyReply, list[AnyCommand]]:
        """Carry out a request of user `by`; return the reply and the commands for the switch.

        Raises RequestError, with a hint, if it cannot be done.
        """
        step = self._changed(request, by)
        step.records[:] = [_asked(record, by) for record in step.records]
        tries = {record.call for record in step.records if isinstance(record, CallBackTried)}  # not what was asked for
        opened = [r.call for r in step.records if isinstance(r, CallOpened) and r.call not in tries]
        named = request.call if isinstance(request, HangUp | RecordCall) else 0
        return Done(opened[0] if opened else named), self._keep(step)

    def wrong_lock(self, agent: str) -> None:
        """Count a wrong lock code of a pause."""
        self._keep(self.engine.wrong_lock(agent, self.now))

    def reload(self, config: BoxConfig) -> list[AnyCommand]:
        """Set the whole configuration from now on; return commands for the switch."""
        return self._keep(self.engine.reload(config, self.now))

    def on_edge(self, state: EdgeState) -> None:
        """Keep the edge's state."""
        self.edge_state = state

    def note(self, trouble: TroubleNoted) -> None:
        """Note a trouble in the books that neither switch nor engine made."""
        self._keep(Step([], [trouble]))

    def _changed(self, request: Change, by: str) -> Step:
        if isinstance(request, Note):
            return Step([], [TroubleNoted(request.kind, request.text, values=request.values)])
        return self.engine.request(request, self.now, by)

    def _keep(self, step: Step) -> list[AnyCommand]:
        self.store.apply(None, self.now, step.records)
        return self._told(step)

    def _told(self, step: Step) -> list[AnyCommand]:
        if step.edge and self.edge is not None:
            self._try(partial(self.edge, step.edge))
        if step.asks and self.asks is not None:
            self._try(partial(self.asks, step.asks))
        if step.records:
            self._watched(step.records)
        return step.commands

    def tell(self, job: JobRow) -> None:
        """Report work that lasts to the watchers."""
        self._watched(job)

    def block(self, span: int, timeslots: tuple[int, ...], *, blocked: bool, by: str) -> None:
        """Keep which timeslots a user has blocked, or blocks no longer: a new switch is told. Raises sqlite3.Error."""
        self.store.block(span, timeslots, self.store.label(self.now) if blocked else None, by)
        before = {*self._blocked.get(span, ())}
        self._blocked[span] = tuple(sorted(before | {*timeslots} if blocked else before - {*timeslots}))

    def _blocks(self) -> list[AnyCommand]:
        """Return the commands that tell a new switch which timeslots are blocked."""
        return [SpanDo(0, span, "block", slots) for span, slots in self._blocked.items() if slots]

    def _watched(self, what: Sequence[AnyRecord] | SpanState | StatusReport | JobRow) -> None:
        for watcher in self.watchers:
            self._try(partial(watcher, self.now, what))

    def _try(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as error:
            if self._guard is None:
                raise
            self._guard(error)

    def _show(self, event: AnyEvent) -> None:
        """Keep the states that status screens show."""
        if isinstance(event, StatusReport):
            self.report = event
        elif isinstance(event, SpanState):
            self.spans[event.span] = event
        elif isinstance(event, Traced | Measured | SpanDone | SoundsRead):
            if wanted := self.answers.pop(event.request, None):
                wanted(event)
            return
        elif isinstance(event, Attached):
            self.attached = True
            return
        else:
            return
        self._watched(event)

    def _confirm(self) -> list[AnyCommand]:
        if self.now < self._confirm_at:
            return []
        self._confirm_at = self.now + CONFIRM_TICKS
        self.store.settle(self.now)
        if self.store.last_seq() == self._confirmed:
            return []
        self._confirmed = self.store.last_seq()
        return [Confirm(self._confirmed)]


def _asked(record: AnyRecord, by: str) -> AnyRecord:
    return msgspec.structs.replace(record, asked_by=by) if isinstance(record, ASKED) else record
