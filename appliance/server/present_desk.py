# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers about the present: the state of the box, its lines, calls, agents, queues; what a number would reach."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from appliance.api import messages as m
from appliance.children.crashes import CRASH
from appliance.config.model import BoxConfig
from appliance.contract.moments import moment
from appliance.contract.rows import StoreStatus
from appliance.contract.switch import SpanState
from appliance.server.books_reader import BooksReader
from appliance.server.server import CallServer
from appliance.version import VERSION

Explained = m.RouteTest | m.Plans | m.Duties
Present = m.Status | m.Spans | m.Conferences | m.Calls | m.Agents | m.Queues | m.GetPhone | Explained
CRASHED_S: Final = 3600
"""How long a crash is shown in the status; after that it is among the troubles only."""


class PresentDesk:
    """Answers to requests for the present state, and for what would be at another time.

    Args:
        server: the running call server.
        config: the box's.
        books: reads names and crashes.
        up_s: how long the box has been up, in seconds.
        file: the configuration, for programs that edit it.
        seq: returns the number of the last update.
    """

    def __init__(
        self,
        server: CallServer,
        config: BoxConfig,
        books: BooksReader,
        up_s: Callable[[], float],
        file: str,
        seq: Callable[[], int],
    ) -> None:
        self._server, self._config, self._books = server, config, books
        self._up_s, self._file, self._seq = up_s, file, seq

    def reload(self, config: BoxConfig) -> None:
        """Answer by this configuration from now on."""
        self._config = config

    async def answer(self, request: Present) -> m.AnyReply:
        """Return the reply to a request."""
        match request:
            case m.Status():
                return await self._status()
            case m.Spans():
                return m.SpansReply(spans=self._spans(), switch=self._server.report)
            case m.Conferences():
                return self._conferences()
            case m.RouteTest() | m.Plans() | m.Duties():
                return await self._explain(request)
            case _:
                return await self._listed(request)

    def _conferences(self) -> m.ConferencesReply:
        """Return the conferences, with who speaks in them as the switch's last report tells."""
        report = self._server.report
        speaking = frozenset(report.speaking if report is not None else ())
        shown = [
            replace(each, members=tuple([replace(one, speaking=one.leg in speaking) for one in each.members]))
            for each in self._server.engine.conferences()
        ]
        return m.ConferencesReply(tuple(shown), self._seq())

    async def _listed(self, request: m.Calls | m.Agents | m.Queues | m.GetPhone) -> m.AnyReply:
        """Return the calls, agents or queues, or the settings of a phone."""
        engine, now, seq = self._server.engine, self._server.now, self._seq()
        match request:
            case m.GetPhone(extension):
                return m.PhoneReply(extension, engine.phone_settings(extension))
            case m.Calls():
                calls, levels = engine.calls(), self._server.levels
                return m.CallsReply(await self._books.read(lambda books: books.live(calls, now, levels)), seq)
            case m.Agents():
                agents, queues_of, at = engine.agents(), engine.queues_of(), self._server.store.label(now)
                found = await self._books.read(lambda books: books.agents(agents, queues_of, now, at))
                return m.AgentsReply(found, seq)
            case m.Queues():
                queues = engine.queues()
                return m.QueuesReply(await self._books.read(lambda books: books.queues(queues, now)), seq)

    async def _explain(self, request: Explained) -> m.AnyReply:
        """Answer a request for what would be now or at another time."""
        engine, when = self._server.engine, moment(request.at) if request.at else None
        if isinstance(request, m.RouteTest):
            return m.RouteReply(engine.explain(request.caller, request.called, when, request.line))
        if isinstance(request, m.Duties):
            duties = engine.duties(request.duty, when)
            return m.DutiesReply(await self._books.read(lambda books: books.duties(duties)))
        plans = engine.plans(request.plan, when)
        return m.PlansReply(await self._books.read(lambda books: books.plans(plans)))

    async def _status(self) -> m.StatusReply:
        server, store = self._server, self._server.store.status()
        total = await self._books.ask(
            lambda connection: connection.execute("SELECT max(call) FROM calls").fetchone()[0]
        )
        queues = server.engine.queues()
        at = server.store.label(server.now)
        crashes = await self._books.read(lambda books: books.troubles_of(CRASH, at - CRASHED_S * 1000))
        return m.StatusReply(
            version=VERSION,
            profile=self._config.profile,
            healthy=self._healthy(store) and not crashes,
            at=at,
            up_s=self._up_s(),
            connected=server.attached,
            calls_up=len(server.engine.calls()),
            calls_total=total or 0,
            waiting=sum(len(queue.waiting) for queue in queues),
            agents=dict(Counter(agent.state for agent in server.engine.agents())),
            store=store,
            spans=self._spans(),
            switch=server.report,
            edge=server.edge_state,
            config=self._file,
            crashes=crashes,
        )

    def _healthy(self, store: StoreStatus) -> bool:
        server = self._server
        cards = server.report.cards if server.report is not None else ()
        return (
            server.attached
            and not (store.error or store.waiting or store.lost)
            and all(span.in_service for span in server.spans.values())
            and all(card.healthy for card in cards)
            and (server.edge_state is None or server.edge_state.healthy)
        )

    def _spans(self) -> tuple[SpanState, ...]:
        return tuple(span for _number, span in sorted(self._server.spans.items()))
