# SPDX-License-Identifier: GPL-2.0-or-later
"""Overview: the whole box on one screen."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from appliance.api.messages import (
    CoverageReply,
    Figures,
    FiguresReply,
    RecordingCoverage,
    System,
    SystemReply,
)
from appliance.cli.output import length, size
from appliance.cli.words import text_of, word
from appliance.contract.reasons import in_words
from appliance.i18n import N_, _, ngettext
from tui.cells import Cell, Line, fit
from tui.screens.base import Every, HouseScreen
from tui.screens.board import COLOURS
from tui.skin import Role, meter, spark

_LABEL = 12


class OverviewScreen(HouseScreen):
    """The overview."""

    NAME, LABEL, DIGIT = "overview", N_("overview"), "1"
    HELP_TEXT = N_("The whole box: lines, calls, queues, agents, switch, edge, books, and the last troubles.")

    def asks(self) -> Sequence[Every]:
        """Return the requests: the machine often, the day seldom."""
        every = (Every(5.0, System(), SystemReply), Every(30.0, Figures(), FiguresReply))
        if not self.picture.now_ms:
            return every
        now = datetime.fromtimestamp(self.picture.now_ms / 1000).astimezone()
        since = round(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
        return (*every, Every(60.0, RecordingCoverage(since=since), CoverageReply))

    def lines(self, width: int) -> Sequence[Line]:
        """Return the lines."""
        return [
            *self._lines(),
            self._calls(),
            *self._today(),
            *self._machine(),
            *self._switch(),
            *self._edge(),
            self._books(),
            *self._recorded(),
            "",
            *self._queues(width),
            "",
            *self._agents(),
            "",
            *self._troubles(),
        ]

    def _lines(self) -> Iterable[Line]:
        parts: list[Cell | str] = []
        for it in sorted(self.picture.spans.values(), key=lambda span: span.span):
            card = self.picture.cards.get(it.span)
            use = f" {card.in_use}/{card.rows}" if card is not None else ""
            state = _("ok") if it.in_service else " ".join(it.alarms) or _("out of service")
            parts += [f"{it.span} ", Cell(state, "good" if it.in_service else "bad"), f"{use}   "]
        yield [_label(_("lines")), *(parts or [Cell(_("no span is configured"), "dim")])]

    def _calls(self) -> Line:
        calls = self.picture.calls.values()
        ways = Counter(it.direction for it in calls)
        by_way = "  ".join(f"{word(way)} {ways[way]}" for way in ("in", "out", "internal"))
        total = self.picture.status.calls_total if self.picture.status is not None else 0
        text = _("now {n}   {by_way}   in all {total}").format(n=len(calls), by_way=by_way, total=total)
        return [_label(_("calls")), text]

    def _today(self) -> Iterable[Line]:
        figures = self.picture.last(FiguresReply)
        if figures is None:
            return
        day, hours = figures.box, {it.hour: it.calls for it in figures.hours}
        curve = spark(self.terminal.skin, [hours.get(hour, 0) for hour in range(24)], 24)
        text = _("{calls}   answered {answered}   lost {lost}   ")
        told = text.format(calls=day.calls, answered=day.answered, lost=day.lost)
        yield [_label(_("today")), told, Cell(f"0h{curve}24h", "dim")]

    def _machine(self) -> Iterable[Line]:
        reply = self.picture.last(SystemReply)
        if reply is None:
            return
        it, skin = reply.machine, self.terminal.skin
        parts: list[Cell | str] = []
        if it.cpu is not None:
            parts += [_("CPU "), Cell(meter(skin, it.cpu, 8), _hot(it.cpu)), f" {it.cpu:.0%}   "]
        if it.memory and it.memory_free is not None:
            share = 1 - it.memory_free / it.memory
            parts += [_("memory "), Cell(meter(skin, share, 8), _hot(share)), f" {share:.0%}   "]
        if it.temperature is not None:
            degree = "°C" if skin.name == "house" else "C"
            parts.append(Cell(f"{it.temperature:.0f} {degree}", _warm(it.temperature)))
        synced = it.clock.synced
        time = Cell("   " + (_("time synced") if synced else _("time not synced")), "good" if synced else "warn")
        yield [_label(_("machine")), *parts, *([time] if synced is not None else [])]
        for disk in it.disks:
            share = 1 - disk.free / disk.total if disk.total else 0.0
            left = _("   {n:.0f} days left").format(n=disk.days_left) if disk.days_left is not None else ""
            full: Role = "bad" if disk.days_left is not None and disk.days_left < 3 else _hot(share)
            yield [_label(_("disk")), Cell(meter(skin, share, 8), full), f" {share:.0%}   {disk.folder}{left}"]

    def _recorded(self) -> Iterable[Line]:
        reply = self.picture.last(CoverageReply)
        if reply is None or not reply.coverage.wanted:
            return
        it = reply.coverage
        text = _("{recorded} of {wanted} talks recorded today").format(recorded=it.recorded, wanted=it.wanted)
        yield [_label(_("recordings")), Cell(text, "good" if it.recorded == it.wanted else "bad")]

    def _switch(self) -> Iterable[Line]:
        status, report = self.picture.status, self.picture.switch
        if status is not None and not status.connected:
            yield [_label(_("switch")), Cell(_("not connected: it is being started again, or look at its log"), "bad")]
            return
        if report is None:
            yield [_label(_("switch")), Cell(_("has not reported yet"), "dim")]
            return
        share = report.tick_us_p99 / 20_000
        text = _(" {share:.0%} of a tick (99 %), most {most:.1f} ms, {late} late")
        role: Role = "bad" if share > 0.8 else "warn" if share > 0.5 else "good"
        yield [
            _label(_("switch")),
            Cell(meter(self.terminal.skin, share, 12), role),
            text.format(share=share, most=report.tick_us_max / 1000, late=report.late_ticks),
        ]

    def _edge(self) -> Iterable[Line]:
        edge = self.picture.status.edge if self.picture.status is not None else None
        if edge is None:
            return
        if not edge.up:
            yield [_label(_("edge")), Cell(_("does not answer: it is being started again, or look at its log"), "bad")]
            return
        text = ngettext("{n} extension registered", "{n} extensions registered", edge.phones).format(n=edge.phones)
        missing = [it.name for it in edge.trunks if it.registers and not it.registered]
        parts: list[Cell | str] = [text]
        parts += [Cell("   " + _("trunk {name} not registered").format(name=name), "bad") for name in missing]
        yield [_label(_("edge")), *parts]

    def _books(self) -> Line:
        status = self.picture.status
        if status is None:
            return [_label(_("books")), Cell("-", "dim")]
        books = status.store
        up = _("up {time}").format(time=length(status.up_s))
        if books.error or books.waiting or books.lost:
            text = _("{waiting} records wait to be written, {lost} lost: {error}")
            told = text.format(waiting=books.waiting, lost=books.lost, error=in_words(books.error))
            return [_label(_("books")), Cell(told, "bad")]
        return [
            _label(_("books")),
            Cell(_("all written"), "good"),
            f"   {size(books.bytes)}   MXBox {status.version}, {up}",
        ]

    def _queues(self, width: int) -> Iterable[Line]:
        heads = (_("waiting"), _("longest"), _("idle/busy/in"), _("lost today"))
        figures = self.picture.last(FiguresReply)
        lost = {day.queue: day.abandoned for day in figures.queues} if figures is not None else {}
        name = max(_LABEL, width - 60)
        yield [Cell(" " + fit(_("queue"), name) + "".join(fit(each, 13, right=True) for each in heads), "head")]
        for it in sorted(self.picture.queues.values(), key=lambda queue: queue.queue):
            members = [agent for agent in self.picture.agents.values() if it.queue in agent.queues]
            idle = sum(agent.state == "idle" for agent in members)
            busy = sum(agent.state in ("offered", "talking", "wrap_up") for agent in members)
            signed_in = sum(agent.status != "signed_out" for agent in members)
            longest = length(self.picture.since(it.waiting[0].at)) if it.waiting else "-"
            waits = Cell(fit(str(len(it.waiting)), 13, right=True), COLOURS[it.colour])
            rest = (longest, f"{idle}/{busy}/{signed_in}", str(lost.get(it.queue, 0)))
            yield [" " + fit(it.queue, name), waits, "".join(fit(each, 13, right=True) for each in rest)]

    def _agents(self) -> Iterable[Line]:
        states = Counter(agent.state for agent in self.picture.agents.values())
        text = "   ".join(f"{word(state)} {count}" for state, count in sorted(states.items()))
        yield [_label(_("agents")), text or Cell(_("no agent is configured"), "dim")]

    def _troubles(self) -> Iterable[Line]:
        if not self.picture.troubles:
            yield [_label(_("troubles")), Cell(_("none"), "good")]
        for place, it in enumerate(self.picture.troubles[:8]):
            when = datetime.fromtimestamp(it.started_at / 1000).astimezone().strftime("%m-%d %H:%M")
            many = f"  x{it.count}" if it.count > 1 else ""
            yield [_label(_("troubles") if not place else ""), Cell(when + " ", "dim"), text_of(it) + many]


def _hot(share: float) -> Role:
    return "bad" if share > 0.9 else "warn" if share > 0.75 else "good"


def _warm(celsius: float) -> Role:
    return "bad" if celsius > 85 else "warn" if celsius > 75 else "good"


def _label(text: str) -> Cell:
    return Cell(" " + fit(text, _LABEL), "head")
