# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk that answers requests: the present state from the engine, the past from the books.

Books are read on other threads, each time on a connection of its own, so that no call waits for a request however long
its answer takes.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from appliance.api import messages as m
from appliance.config.model import BoxConfig
from appliance.contract.errors import ApplianceError, RequestError
from appliance.contract.rows import CdrRow
from appliance.contract.switch import AnyCommand
from appliance.edge.blocks import Blocks
from appliance.edge.rpc import RpcError
from appliance.i18n import N_
from appliance.numbering import pattern
from appliance.server.books_reader import BooksReader
from appliance.server.inquiry import Inquiry
from appliance.server.lines_desk import LinesDesk, Upkeep
from appliance.server.lists import Listed, call_backs, listed
from appliance.server.pause_locks import PauseLocks
from appliance.server.phone_secrets import OfPhones, PhoneSecrets
from appliance.server.present_desk import PresentDesk
from appliance.server.quarters import Quarters
from appliance.server.recordings_desk import Asked as OfRecordings
from appliance.server.recordings_desk import RecordingsDesk
from appliance.server.server import CallServer, Change
from appliance.server.technician_desk import Technical, TechnicianDesk
from appliance.store import archive
from appliance.store.agent_totals import agent_totals
from appliance.store.forecasts import forecasts
from appliance.store.ledger import Ledger
from appliance.store.reads import Reads


class Desk:
    """Answers to all requests but `Subscribe`.

    Args:
        server: the running call server.
        config: the box's.
        recordings: the recordings folder.
        send: takes commands to the switch.
        reload: reads the flows again and puts them in force, returns their names; raises ApplianceError.
        reload_extensions: the same with the extensions.
        up_s: how long the box has been up, in seconds.
        blocks: blocks of the edge; None without an edge.
        file: the configuration, for programs that edit it.
        seq: returns the number of the last update.
        archive_folder: of calls that left the books.
        moved: the folder to which recordings are moved; None: nowhere.
        state: the folder of the books; None: they are in memory.
        quarters: counters of spans; None: they are not kept.
    """

    def __init__(
        self,
        server: CallServer,
        config: BoxConfig,
        recordings: Path,
        send: Callable[[list[AnyCommand]], None],
        reload: Callable[[], Awaitable[tuple[str, ...]]],
        reload_extensions: Callable[[], Awaitable[tuple[str, ...]]],
        up_s: Callable[[], float],
        blocks: Blocks | None = None,
        file: str = "",
        *,
        seq: Callable[[], int] = lambda: 0,
        archive_folder: Path | None = None,
        moved: Path | None = None,
        state: Path | None = None,
        quarters: Quarters | None = None,
    ) -> None:
        self._server = server
        self._config = config
        self._recordings = recordings
        self._books = BooksReader(server.store)
        self._present = PresentDesk(server, config, self._books, up_s, file, seq)
        self._about_recordings = RecordingsDesk(server.store, config, recordings, moved, archive_folder)
        inquiry = Inquiry(server, send)
        self._for_technicians = TechnicianDesk(server, config, inquiry, up_s, recordings, moved, state)
        self._secrets = PhoneSecrets(server, config, state)
        self._locks = PauseLocks(server, state)
        self._about_lines = LinesDesk(server, inquiry, quarters or Quarters(server.store))
        self._send = send
        self._reload = reload
        self._reload_extensions = reload_extensions
        self._blocks = blocks
        self._archive = archive_folder

    async def close(self) -> None:
        """Stop work that lasts."""
        await self._about_lines.jobs.close()

    def reload(self, config: BoxConfig) -> None:
        """Answer by the rules of this configuration from now on."""
        self._config = config
        self._present.reload(config)
        self._about_recordings.reload(config)
        self._secrets.reload(config)

    async def answer(self, request: m.AnyRequest, by: str = "") -> m.AnyReply:
        """Return the reply to a request of user `by`.

        A request that cannot be carried out gets an `Error`; only bugs raise.
        """
        self._server.store.flush()
        try:
            return await self._answer(request, by)
        except ApplianceError as error:
            return m.Error.of(error.msgid or error.message, error.hint_id or error.hint, **error.values)
        except sqlite3.Error as error:
            hint = N_("look at the disk's free space and the file's owner")
            return m.Error.of(N_("the books cannot be read: {why}"), hint, why=error)

    async def _answer(self, request: m.AnyRequest, by: str) -> m.AnyReply:
        if isinstance(request, m.SetAgent):
            await self._locks.prove(request)
        if isinstance(request, Change):
            reply, commands = self._server.change(request, by)
            self._send(commands)
            return reply
        if isinstance(request, m.SignRequest | m.UserRequest | m.OperationRequest | m.ConfigRequest | m.PromptRequest):
            raise RequestError.of(N_("users sign in at the control socket"))
        match request:
            case (
                m.ReloadFlows()
                | m.ReloadExtensions()
                | m.EdgeBlocked()
                | m.EdgeUnblock()
                | m.DeleteRecording()
                | m.Review()
                | m.ChangeSpan()
                | m.TestSpan()
                | m.SpanQuarters()
                | m.Jobs()
                | m.StopJob()
                | m.NewPassword()
                | m.Provision()
            ):
                return await self._elsewhere(request, by)
            case m.Subscribe():
                return m.Error.of(N_("a connection that is subscribed takes no further request"))
            case (
                m.Status()
                | m.Spans()
                | m.Conferences()
                | m.Calls()
                | m.Agents()
                | m.Queues()
                | m.GetPhone()
                | m.RouteTest()
                | m.Plans()
                | m.Duties()
            ):
                return await self._present.answer(request)
            case (
                m.Cdr()
                | m.AgentTotals()
                | m.Recordings()
                | m.RecordingCoverage()
                | m.RecordingLevels()
                | m.QualityOf()
                | m.QualitySample()
                | m.Choices()
                | m.ConferenceLog()
                | m.Keyed()
                | m.CallBacks()
                | m.Surveys()
                | m.SurveyTotals()
                | m.Messages()
                | m.Forecasts()
                | m.SupervisorLog()
                | m.Troubles()
                | m.Ledger()
                | m.System()
                | m.Figures()
                | m.WholeCall()
                | m.Trace()
                | m.SipLadder()
                | m.Phones()
                | m.Directory()
                | m.Desk()
            ):
                return await self._look_up(request)

    async def _edge_blocks(self, request: m.EdgeBlocked | m.EdgeUnblock) -> m.AnyReply:
        if self._blocks is None:
            return m.Error.of(N_("the box has no edge"), N_("set edge.enabled = true"))
        try:
            if isinstance(request, m.EdgeBlocked):
                return m.EdgeBlockedReply(await self._blocks.now(time.time()))
            lifted = await self._blocks.lift(request.address, request.extension, time.time())
        except RpcError:
            return m.Error.of(N_("the edge does not answer"), N_("wait until it is back, see `mxbox status`"))
        if not lifted:
            whom = " ".join(filter(None, (request.address, request.extension)))
            return m.Error.of(N_("{whom} is not blocked"), N_("see `mxbox edge blocked`"), whom=whom)
        return m.EdgeBlockedReply(lifted)

    async def _elsewhere(
        self,
        request: (
            m.ReloadFlows
            | m.ReloadExtensions
            | m.EdgeBlocked
            | m.EdgeUnblock
            | m.DeleteRecording
            | m.Review
            | Upkeep
            | OfPhones
        ),
        by: str,
    ) -> m.AnyReply:
        """Answer a request that reads or deletes files, judges one, or goes to the edge or to lines."""
        match request:
            case m.ReloadFlows():
                return m.FlowsReply(await self._reload())
            case m.ReloadExtensions():
                return m.ExtensionsReply(await self._reload_extensions())
            case m.EdgeBlocked() | m.EdgeUnblock():
                return await self._edge_blocks(request)
            case m.DeleteRecording() | m.Review():
                return await self._about_recordings.change(request, by)
            case m.NewPassword() | m.Provision():
                return await self._secrets.answer(request)
            case m.ChangeSpan() | m.TestSpan() | m.SpanQuarters() | m.Jobs() | m.StopJob():
                return await self._about_lines.answer(request, by)

    async def _look_up(
        self,
        request: (
            m.Cdr
            | m.AgentTotals
            | OfRecordings
            | m.Choices
            | m.CallBacks
            | m.Forecasts
            | m.Troubles
            | Listed
            | m.Ledger
            | Technical
        ),
    ) -> m.AnyReply:
        """Answer a request for the past."""
        match request:
            case m.Cdr() as asked:
                return await self._find_calls(asked)
            case (
                m.Recordings() | m.RecordingCoverage() | m.RecordingLevels() | m.QualityOf() | m.QualitySample()
            ) as asked_for:
                return await self._about_recordings.look(asked_for)
            case m.AgentTotals() | m.Choices() | m.CallBacks() | m.Forecasts() | m.Troubles() as wanted:
                return await self._list(wanted)
            case (
                m.ConferenceLog() | m.Keyed() | m.Surveys() | m.SurveyTotals() | m.Messages() | m.SupervisorLog()
            ) as asked_of:
                return await self._books.ask(lambda books: listed(books, asked_of, self._recordings))
            case m.Ledger(files):
                return await self._ledger(files=files)
            case technical:
                return await self._for_technicians.answer(technical)

    async def _list(self, asked: m.AgentTotals | m.Choices | m.CallBacks | m.Forecasts | m.Troubles) -> m.AnyReply:
        match asked:
            case m.AgentTotals(since, until, agent):
                return m.AgentTotalsReply(await self._books.ask(lambda books: agent_totals(books, since, until, agent)))
            case m.Choices(call):
                return m.ChoicesReply(call, await self._books.read(lambda books: books.choices(call)))
            case m.CallBacks() as of_queues:
                return await self._books.ask(lambda books: call_backs(books, of_queues))
            case m.Forecasts(since, until, queue):
                return m.ForecastsReply(await self._books.ask(lambda books: forecasts(books, since, until, queue)))
            case m.Troubles(limit, since, kind):
                return m.TroublesReply(await self._books.read(lambda books: books.troubles(limit, since, kind)))

    async def _find_calls(self, asked: m.Cdr) -> m.AnyReply:
        number = pattern(asked.number)

        def find(books: Reads) -> tuple[CdrRow, ...]:
            return books.cdr(
                asked.since, asked.until, number, asked.before, asked.limit, asked.agent, asked.queue, asked.result
            )

        if not asked.archive:
            return m.CdrReply(await self._books.read(find))
        return await asyncio.to_thread(self._find_archived, asked.archive, find)

    def _find_archived(self, month: str, find: Callable[[Reads], tuple[CdrRow, ...]]) -> m.AnyReply:
        return m.CdrReply(archive.ask(self._archive, month, lambda books: find(Reads(books))))

    async def _ledger(self, *, files: bool) -> m.LedgerReply:
        folder = self._recordings if files else None
        rule = self._config.recording.rule
        waiting = self._server.store.status().waiting
        result = await self._books.ask(
            lambda connection: Ledger(connection, folder, rule, waiting=waiting, archive=self._archive).check()
        )
        return m.LedgerReply(result.balanced, result)
