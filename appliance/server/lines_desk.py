# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk's requests about the upkeep of lines: channels, loops, tests, counters by quarter hour; and jobs."""

import asyncio
import contextlib
from typing import Final

from appliance.api import messages as m
from appliance.contract.errors import RequestError
from appliance.contract.switch import BitTest, SpanDo, SpanDone, SpanReport
from appliance.contract.upkeep import QuarterRow
from appliance.i18n import N_
from appliance.server.inquiry import Inquiry
from appliance.server.jobs import Jobs, Report
from appliance.server.quarters import Quarters
from appliance.server.server import CallServer
from appliance.store import lines

Upkeep = m.ChangeSpan | m.TestSpan | m.SpanQuarters | m.Jobs | m.StopJob
LOOK_S: Final = 1.0
"""How often a job looks at the switch's report, which comes so often."""


class LinesDesk:
    """Answers to requests about the upkeep of lines."""

    def __init__(self, server: CallServer, inquiry: Inquiry, quarters: Quarters, look_s: float = LOOK_S) -> None:
        self._server, self._inquiry, self._quarters, self._look_s = server, inquiry, quarters, look_s
        self.jobs = Jobs(server.tell, self._clock)

    async def answer(self, request: Upkeep, by: str) -> m.AnyReply:
        """Answer a request of user `by`. Raises RequestError."""
        match request:
            case m.ChangeSpan():
                return await self._change(request, by)
            case m.TestSpan():
                return await self._test(request, by)
            case m.SpanQuarters(span, since, until):
                return m.SpanQuartersReply(await asyncio.to_thread(self._find, span, since, until))
            case m.Jobs():
                return m.JobsReply(self.jobs.rows())
            case m.StopJob(job):
                return m.JobsReply((await self.jobs.stop(job),))

    async def _change(self, asked: m.ChangeSpan, by: str) -> m.Done:
        slots = await self._do(SpanDo(0, asked.span, asked.do, asked.timeslots, asked.loop))
        if asked.do in ("block", "unblock"):
            self._server.block(asked.span, slots, blocked=asked.do == "block", by=by)
        return m.Done()

    async def _do(self, command: SpanDo) -> tuple[int, ...]:
        """Send it to the switch; return the timeslots. Raises RequestError if it does not."""
        done: SpanDone = await self._inquiry.ask(
            lambda request: SpanDo(request, command.span, command.do, command.timeslots, command.loop)
        )
        if done.error:
            raise RequestError.of(done.error, done.hint, **done.values)
        return done.timeslots

    async def _test(self, asked: m.TestSpan, by: str) -> m.JobsReply:
        what = f"span {asked.span}"
        if self.jobs.running("bit_test", what):
            hint = N_("see `mxbox jobs list`; stop it with `mxbox jobs stop`")
            raise RequestError.of(N_("span {number} is being tested already"), hint, number=asked.span)
        await self._do(SpanDo(0, asked.span, "test", asked.timeslots))

        async def work(report: Report) -> None:
            try:
                await self._watch(asked, report)
            finally:
                report(tests=self._tests(asked.span))
                with contextlib.suppress(RequestError):  # a switch that is away has forgotten its tests
                    await self._do(SpanDo(0, asked.span, "end_test"))

        return m.JobsReply((self.jobs.begin("bit_test", what, by, work),))

    async def _watch(self, asked: m.TestSpan, report: Report) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while (lasted := loop.time() - begun) < asked.seconds:
            await asyncio.sleep(min(self._look_s, asked.seconds - lasted))
            if not self._server.attached:
                hint = N_("wait until it is back, see `mxbox status`")
                raise RequestError.of(N_("the switch is not there"), hint)
            report(progress=min(1.0, (loop.time() - begun) / asked.seconds), tests=self._tests(asked.span))

    def _tests(self, span: int) -> tuple[BitTest, ...]:
        report = self._report(span)
        return report.tests if report is not None else ()

    def _report(self, span: int) -> SpanReport | None:
        cards = self._server.report.cards if self._server.report is not None else ()
        return next((card.span for card in cards if card.span is not None and card.span.span == span), None)

    def _find(self, span: int, since: int, until: int) -> tuple[QuarterRow, ...]:
        """Return the present quarters, then those in the books."""
        with contextlib.closing(self._server.store.reader()) as books:
            past = lines.quarters(books, span, since, until)
        now = [row for row in self._quarters.present() if span in (0, row.span) and (not until or row.began < until)]
        known = {(row.span, row.began) for row in now}
        return (*now, *(row for row in past if (row.span, row.began) not in known))

    def _clock(self) -> int:
        return self._server.store.label(self._server.now)
