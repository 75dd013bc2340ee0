# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk's requests for overviews and ladders: the machine, figures of a day, a call whole, its signalling."""

import asyncio
import platform
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from msgspec.structs import replace

from appliance.api import messages as m
from appliance.config.model import BoxConfig
from appliance.contract.address import LineAddress
from appliance.contract.directory import DirectoryRow
from appliance.contract.errors import RequestError
from appliance.contract.machine import Absent
from appliance.contract.moments import moment
from appliance.contract.phone_row import ContactRow, PhoneRow
from appliance.contract.rtp import Rtp, rated
from appliance.contract.switch import Measure, SignalMessage, Trace
from appliance.contract.views import PhoneView
from appliance.contract.whole_call import StayRow
from appliance.edge.registered import Contact, contacts
from appliance.i18n import N_
from appliance.pinyin import fits
from appliance.server.inquiry import Inquiry
from appliance.server.machine import Machine, What
from appliance.server.server import CallServer
from appliance.store.day import Day
from appliance.store.growth import Growth, growth
from appliance.store.reads import Reads
from appliance.store.whole_call import WholeCall
from appliance.version import VERSION

T = TypeVar("T")
Technical = m.System | m.Figures | m.WholeCall | m.Trace | m.SipLadder | m.Phones | m.Directory | m.Desk

_GROWTH_S: Final = 600.0
"""How long the rate at which files grow is taken as it is: finding it reads all recordings."""
_ABSENT: Final[tuple[Absent, ...]] = ("slots", "updates", "backups", "network", "power")


class TechnicianDesk:
    """Answers to requests of technicians.

    Args:
        server: the running call server.
        config: the box's.
        inquiry: asks the switch.
        up_s: how long the box has been up, in seconds.
        recordings: the recordings folder.
        moved: the folder to which recordings are moved; None: nowhere.
        state: the folder of the books; None: they are in memory.
    """

    def __init__(
        self,
        server: CallServer,
        config: BoxConfig,
        inquiry: Inquiry,
        up_s: Callable[[], float],
        recordings: Path,
        moved: Path | None = None,
        state: Path | None = None,
    ) -> None:
        self._server, self._config, self._inquiry, self._up_s = server, config, inquiry, up_s
        folders: dict[What, Path | None] = {"books": state, "recordings": recordings, "archive": moved}
        self._machine = Machine({what: folder for what, folder in folders.items() if folder is not None})
        self._moved = moved
        self._state = state
        self._growth: Growth | None = None
        self._growth_at = -_GROWTH_S

    async def answer(self, request: Technical) -> m.AnyReply:
        """Answer a request. Raises RequestError."""
        match request:
            case m.System():
                return await self._system()
            case m.Figures(day):
                return await self._figures(day)
            case m.WholeCall(call):
                return await self._whole(call)
            case m.Trace(call, span):
                return m.TraceReply(call, span, await (self._of_span(span) if span else self._messages(call)))
            case m.Phones() | m.Directory() | m.Desk():
                return await self._numbers(request)
            case m.SipLadder(call):
                found = await self._messages(call)
                return m.SipLadderReply(call, tuple(each for each in found if each.signalling == "sip"))

    # --- the machine and the day

    async def _system(self) -> m.SystemReply:
        daily = await self._daily()
        machine = await asyncio.to_thread(self._machine.read, daily)
        report = self._server.report
        pjsip = next((card.values["version"] for card in report.cards if card.name == "SIP"), "") if report else ""
        versions = {"mxbox": VERSION, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
        return m.SystemReply(
            at=self._now(),
            profile=self._config.profile,
            up_s=self._up_s(),
            versions=versions | ({"pjsip": pjsip} if pjsip else {}),
            machine=machine,
            absent=_ABSENT,
        )

    async def _daily(self) -> dict[What, int | None]:
        """Return the bytes by which each folder of the box grows a day."""
        if time.monotonic() - self._growth_at >= _GROWTH_S:
            self._growth_at = time.monotonic()
            now, size, keep = self._now(), self._server.store.status().bytes, self._config.books.keep_days
            self._growth = await self._on_books(lambda books: growth(books, now, size, keep))
        if self._growth is None:
            return {}
        rate = self._growth.recordings
        moves = self._moved is not None
        return {"books": self._growth.books, "recordings": 0 if moves else rate, "archive": rate if moves else 0}

    async def _figures(self, day: str) -> m.FiguresReply:
        begin = moment(day).date() if day else datetime.fromtimestamp(self._now() / 1000).astimezone().date()
        since, until = (_midnight(each) for each in (begin, begin + timedelta(days=1)))
        queues = self._server.engine.queues()

        def look(books: sqlite3.Connection) -> m.FiguresReply:
            found = Day(books, since, until)
            box, hours = found.box()
            of_queues, agents = tuple(found.queues(queues)), tuple(found.agents())
            return m.FiguresReply(
                day=begin.isoformat(), since=since, until=until, box=box, hours=hours, queues=of_queues, agents=agents
            )

        return await self._on_books(look)

    async def _numbers(self, request: m.Phones | m.Directory | m.Desk) -> m.AnyReply:
        if isinstance(request, m.Desk):
            return m.DeskReply(at=self._now(), desk=self._server.engine.desk())
        if isinstance(request, m.Phones):
            return await self._phones()
        return await self._directory(request.search)

    async def _phones(self) -> m.PhonesReply:
        """Return the extensions, with the contacts that the edge keeps in its file."""
        state, now = self._state, self._now()
        held = await asyncio.to_thread(contacts, state, now) if state is not None else {}
        return m.PhonesReply(tuple([_phone(view, held) for view in self._server.engine.phones()]))

    async def _directory(self, search: str) -> m.DirectoryReply:
        """Return the numbers that fit a search; phones that must register and do not are not reachable."""
        phones, rows = (await self._phones()).phones, self._server.engine.directory()
        away = {phone.extension for phone in phones if phone.registers and not phone.contacts}
        found = await asyncio.to_thread(_fitting, rows, search)  # the first search reads a table of readings
        return m.DirectoryReply(tuple([replace(row, reachable=row.number not in away) for row in found]))

    # --- a call

    async def _whole(self, call: int) -> m.WholeCallReply:
        seen = next((view for view in self._server.engine.calls() if view.call == call), None)
        now, levels = self._server.now, self._server.levels

        def look(books: sqlite3.Connection) -> m.WholeCallReply | None:
            reads, parts = Reads(books), WholeCall(books, call)
            found = reads.cdr(0, 0, "", call + 1, 1)
            if not found or found[0].call != call:
                return None
            return m.WholeCallReply(
                call=found[0],
                live=reads.live([seen], now, levels)[0] if seen is not None else None,
                stays=tuple(parts.stays()),
                segments=tuple(parts.segments()),
                keys=tuple(parts.keys()),
                waits=tuple(parts.waits()),
                offers=tuple(parts.offers()),
                recordings=reads.recordings(0, 0, "", "", call, 0.0, 0, 1000),
            )

        whole = await self._on_books(look)
        if whole is None:
            raise _no_call(call)
        up = {stay.leg for stay in whole.stays if stay.to_s is None} if seen is not None else set()
        packets = await self._measured(up) if up else {}
        return replace(whole, stays=tuple(self._lively(stay, packets) for stay in whole.stays))

    def _lively(self, stay: StayRow, packets: dict[int, Rtp]) -> StayRow:
        """Return a stay with the present quality and level of a leg that is up."""
        if stay.to_s is not None:
            return stay
        levels, now = self._server.levels, packets.get(stay.leg)
        return replace(
            stay,
            rtp=rated(now) if now is not None else None,
            level=levels.of.get(stay.leg),
            speaking=stay.leg in levels.speaking,
        )

    async def _measured(self, legs: set[int]) -> dict[int, Rtp]:
        """Return the quality of the sound of legs that are up; nothing while the switch is away."""
        try:
            measured = await self._inquiry.ask(lambda request: Measure(request, tuple(sorted(legs))))
        except RequestError:
            return {}
        return dict(measured.rtp)

    async def _messages(self, call: int) -> tuple[SignalMessage, ...]:
        """Return the messages of the signalling of a call's legs, which the switch remembers."""
        legs = await self._on_books(lambda books: WholeCall(books, call).legs())
        if not legs:
            raise _no_call(call)
        found: Sequence[SignalMessage] = (await self._inquiry.ask(lambda request: Trace(request, legs))).messages
        return tuple(found)

    async def _of_span(self, span: int) -> tuple[SignalMessage, ...]:
        if span not in self._server.spans:
            hint = N_("see `mxbox spans`")
            raise RequestError.of(N_("there is no span {number}"), hint, number=span)
        return tuple((await self._inquiry.ask(lambda request: Trace(request, (), span))).messages)

    def _now(self) -> int:
        return self._server.store.label(self._server.now)

    async def _on_books(self, question: Callable[[sqlite3.Connection], T]) -> T:
        def ask() -> T:
            with closing(self._server.store.reader()) as connection:
                return question(connection)

        return await asyncio.to_thread(ask)


def _phone(view: PhoneView, held: Mapping[str, Sequence[Contact]]) -> PhoneRow:
    found = held.get(view.extension, ())
    return PhoneRow(
        extension=view.extension,
        name=view.name,
        line=view.line,
        registers=LineAddress.of(view.line).registers,
        contacts=tuple(
            [ContactRow(address=it.address, transport=it.transport, agent=it.agent, until=it.until) for it in found]
        ),
        agent=view.agent,
        call=view.call,
        settings=view.settings,
    )


def _fitting(rows: Sequence[DirectoryRow], search: str) -> list[DirectoryRow]:
    return [row for row in rows if fits(search, row.number, row.name, row.agent_name, row.agent)]


def _no_call(call: int) -> RequestError:
    return RequestError.of(N_("there is no call {call} in the books"), N_("see `mxbox calls --past`"), call=call)


def _midnight(day: date) -> int:
    """Return the begin of a local day, Unix milliseconds."""
    return round(time.mktime((*day.timetuple()[:3], 0, 0, 0, 0, 0, -1)) * 1000)
