# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines: every span with its alarms and verdict, and the timeslots of the chosen one, live."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import SpanQuarters, SpanQuartersReply
from appliance.cli.output import length
from appliance.cli.spans import CAUSES, VERDICTS
from appliance.cli.words import word
from appliance.contract.switch import SpanState
from appliance.i18n import N_, _
from tui.actions import Action
from tui.cells import Cell, Line, brief, fit
from tui.dialogs import Jump
from tui.line_actions import on_line
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.picture import Picture
from tui.screens.base import Every, HouseScreen
from tui.skin import Role, spark
from tui.things import CallNow, LegNow
from tui.trunks import MAX_TRUNKS, TrunkTable

SLOTS: Final = 32
D_CHANNEL: Final = 16
_CHANNELS: Final[Mapping[str, tuple[str, Role]]] = {
    "blocked_near": ("B", "bad"),
    "blocked_far": ("b", "warn"),
    "restarting": ("R", "warn"),
    "testing": ("e", "accent"),
    "looped": ("L", "warn"),
    "out_of_service": ("-", "bad"),
}
"""Letter of a timeslot without a call by the state of its channel."""
QUARTERS_A_DAY: Final = 96
MAX_SPANS: Final = 8
"""Spans that are seen at once."""
_LETTERS: Final[Mapping[str, tuple[str, Role]]] = {
    "talking": ("T", "good"),
    "conference": ("C", "good"),
    "held": ("H", "warn"),
    "waiting": ("Q", "warn"),
    "offering": ("Q", "warn"),
    "calling": ("r", "accent"),
    "originating": ("r", "accent"),
    "announcing": ("a", "accent"),
    "releasing": ("x", "dim"),
}
"""Letter of a timeslot by the state of its call; `i`: it hears the box."""
_COUNTERS: Final = (
    ("CV", "code_violations"), ("CRC", "crc4_errors"), ("E", "e_bits"), ("FAS", "framing_errors"),
    ("ES", "errored_seconds"),
)  # fmt: skip
_SLIPS: Final = ("slips_repeated", "slips_dropped", "timing_slips")


class LinesScreen(HouseScreen):
    """The lines."""

    NAME, LABEL, DIGIT = "lines", N_("lines"), "2"
    HELP_TEXT = N_(
        "Above the spans, below the timeslots of the chosen one. T talk, Q in a queue, i hears the box (a flow, an "
        "announcement), r rings, H on hold, C conference, x releasing, . idle; B blocked here, b by the far end, "
        "R restarting, e tested, L looped, - out of service; 16 is the D channel. Left and right choose a timeslot, "
        "Enter goes to its call. At the bottom the SIP trunks: registered and since when, calls that are up, the last "
        "answer since the terminal was started."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "slot(-1)", N_("timeslot"), key_display="<- ->"),
        Binding("right", "slot(1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._slot = 1

    def body(self) -> Iterable[Widget]:
        """Return the table of spans above the timeslots of one."""
        self._spans: LiveTable[SpanState] = LiveTable(
            self._columns(), self._rows, lambda it: it.span, N_("no span is configured"), id="spans"
        )
        self._pane = Pane(self._timeslots)
        self._pane.can_focus = False
        self._trunks = TrunkTable(self.picture)
        return (Vertical(self._spans, self._pane, self._trunks),)

    def beat(self) -> None:
        """Draw what changed; the tables are as high as they have rows, and trunks are shown where there are any."""
        self._spans.styles.height = min(MAX_SPANS, len(self.picture.spans) or 1) + 1
        trunks = len(self._trunks.trunks())
        self._trunks.display = bool(trunks)
        self._trunks.styles.height = min(MAX_TRUNKS, trunks) + 1
        super().beat()

    def _columns(self) -> Sequence[Column[SpanState]]:
        return (
            Column(N_("span"), 4, lambda it: str(it.span), right=True, order=lambda it: it.span),
            Column(
                N_("service"), 8, lambda it: Cell(_(CAUSES.get(it.cause, it.cause)), "good" if it.in_service else "bad")
            ),
            Column(N_("alarms"), 7, lambda it: Cell(" ".join(it.alarms) or "-", "bad" if it.alarms else "dim")),
            Column(N_("in use"), 6, self._in_use, right=True),
            Column(N_("verdict"), 20, self._verdict, grow=2),
            Column(N_("clock"), 9, self._clock_of, spare=1),
            Column(N_("address"), 14, lambda it: Cell(it.address, "dim"), grow=1, spare=2),
        )

    def _rows(self) -> Sequence[SpanState]:
        return sorted(self.picture.spans.values(), key=lambda it: it.span)

    def _in_use(self, it: SpanState) -> str:
        card = self.picture.cards.get(it.span)
        return f"{card.in_use}/{card.rows}" if card is not None else "-"

    def _verdict(self, it: SpanState) -> Cell:
        card = self.picture.cards.get(it.span)
        if card is None or card.span is None:
            return Cell("-", "dim")
        text = _("; ").join(_(VERDICTS.get(code, code)) for code in card.span.verdicts)
        return Cell(text, "good" if card.span.verdicts == ("in_service",) else "bad")

    def _clock_of(self, it: SpanState) -> str:
        card = self.picture.cards.get(it.span)
        if card is None or card.span is None:
            return "-"
        return _("far end's") if card.span.clock == "far" else _("ours")

    # --- the timeslots

    def _timeslots(self, width: int) -> Sequence[Line]:
        span = self._spans.row
        if span is None:
            return ()
        taken = slots_of(self.picture, span.span)
        per_line = SLOTS if width >= 5 + SLOTS * 3 else SLOTS // 2
        lines: list[Line] = []
        for first in range(0, SLOTS, per_line):
            slots = range(max(first, 1), first + per_line)
            lines.append([Cell(" TS  ", "head"), *(self._number(n) for n in slots)])
            lines.append(["     ", *(self._state(n, taken, span) for n in slots)])
            lines.append([Cell(" dBm ", "dim"), *(self._level(n, taken) for n in slots)])
        return [
            *lines,
            "",
            *self._on_slot(taken),
            *self._tests(span),
            "",
            *self._counters(span),
            *self._day(span, width),
        ]

    def _number(self, slot: int) -> Cell:
        return Cell(fit(str(slot), 3, right=True), "cursor" if slot == self._slot else "head")

    def _state(self, slot: int, taken: "Mapping[int, tuple[CallNow, LegNow]]", span: SpanState) -> Cell:
        if slot == D_CHANNEL:
            up = span.cause != "d_channel" and span.in_service
            return Cell("  D", "good" if up else "bad")
        if slot not in taken:
            card = self.picture.cards.get(span.span)
            state = card.span.channels.get(slot, "") if card is not None and card.span is not None else ""
            letter, role = _CHANNELS.get(state, (".", "dim") if span.in_service else ("-", "bad"))
            return Cell(f"  {letter}", role)
        letter, role = _LETTERS.get(taken[slot][0].state, ("i", "accent"))
        return Cell(f"  {letter}", role)

    def _level(self, slot: int, taken: "Mapping[int, tuple[CallNow, LegNow]]") -> Cell:
        levels = self.picture.switch.levels if self.picture.switch is not None else {}
        level = levels.get(taken[slot][1].leg) if slot in taken else None
        return Cell(fit("" if level is None else str(level), 3, right=True), "dim")

    def _on_slot(self, taken: "Mapping[int, tuple[CallNow, LegNow]]") -> Iterable[Line]:
        if self._slot not in taken:
            what = _("D channel") if self._slot == D_CHANNEL else _("no call")
            yield [_(" timeslot {n}: {what}").format(n=self._slot, what=what)]
            return
        call, leg = taken[self._slot]
        text = _(" timeslot {n}: call {call}, {number}, {state}, {age}")
        age = length(self.picture.since(call.started_at))
        yield [text.format(n=self._slot, call=call.call, number=leg.number, state=word(call.state), age=age)]

    def _counters(self, span: SpanState) -> Iterable[Line]:
        card = self.picture.cards.get(span.span)
        if card is None or card.span is None:
            return
        report = card.span
        known = [(name, report.counters.get(key), report.recent.get(key, 0)) for name, key in _COUNTERS]
        slips = [count for key in _SLIPS if (count := report.counters.get(key)) is not None]
        known.append((_("slips"), sum(slips) if slips else None, sum(report.recent.get(key, 0) for key in _SLIPS)))
        last = _(" last {n} s: ").format(n=round(report.recent_s))
        yield [last, *(part for name, total, recent in known for part in _counter(name, total, recent))]
        yield [
            _(" since the start: "),
            *(f"{name} {'-' if total is None else total}  " for name, total, _recent in known),
        ]
        kind = " ".join(each for each in (report.kind, report.signalling, report.side, report.description) if each)
        loop = Cell("   " + _("loop: {loop}").format(loop=report.loop), "warn") if report.loop != "none" else ""
        yield [Cell(" " + kind, "dim"), loop]

    def _tests(self, span: SpanState) -> Iterable[Line]:
        card = self.picture.cards.get(span.span)
        for it in card.span.tests if card is not None and card.span is not None else ():
            good = it.synced and not it.errors and not it.losses
            there = _("comes back") if it.synced else _("does not come back")
            share = f"{it.errors / it.bits:.1e}" if it.bits else "-"
            text = _(" timeslot {n} is tested, {time}: the pattern {there}, wrong bits {share}, errored s {errored}")
            told = text.format(n=it.timeslot, time=brief(it.seconds), there=there, share=share, errored=it.errored_s)
            yield [Cell(told, "good" if good else "bad")]

    def _day(self, span: SpanState, width: int) -> Iterable[Line]:
        """Return the last day by quarter hours."""
        reply = self.picture.last(SpanQuartersReply)
        rows = [row for row in (reply.quarters if reply is not None else ()) if row.span == span.span][:QUARTERS_A_DAY]
        if not rows:
            return
        errored, alarm, out = (sum(getattr(row, name) for row in rows) for name in ("errored_s", "alarm_s", "out_s"))
        text = _(" 24 h: errored s {errored}   alarm {alarm}   out of service {out}   ")
        told = text.format(errored=errored, alarm=brief(alarm), out=brief(out))
        curve = spark(
            self.terminal.skin, [row.errored_s + row.alarm_s for row in reversed(rows)], max(1, width - len(told) - 1)
        )
        yield [Cell(told, "bad" if errored or alarm or out else "dim"), Cell(curve, "warn")]

    def asks(self) -> Sequence[Every]:
        """Return the requests: the quarters of the chosen span."""
        span = self._spans.row
        return (Every(60.0, SpanQuarters(span.span), SpanQuartersReply),) if span is not None else ()

    # --- keys

    def heading(self) -> str:
        """Return the chosen span."""
        span = self._chosen
        return _("span {number}").format(number=span.span) if span is not None else _(self.LABEL)

    @property
    def _chosen(self) -> SpanState | None:
        """The chosen span, where keys count there."""
        return self._spans.row if self.table is self._spans else None

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the chosen span and timeslot."""
        span = self._chosen
        if span is None:
            return ()
        card = self.picture.cards.get(span.span)
        return on_line(span.span, card.span if card is not None else None, self._slot)

    def action_slot(self, by: int) -> None:
        """Choose another timeslot."""
        self._slot = (self._slot - 1 + by) % (SLOTS - 1) + 1
        self.beat()

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        """Go to the call on the timeslot."""
        if not isinstance(event.row, SpanState):
            return
        taken = slots_of(self.picture, event.row.span)
        if self._slot in taken:
            self.terminal.show("calls", taken[self._slot][0].call)

    def go_to(self, key: Any) -> None:
        """Choose a span, and a timeslot if one is named."""
        span, _dot, slot = str(key).partition("/")
        self._spans.go_to(int(span))
        self._slot = int(slot) if slot else self._slot
        self.beat()

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the spans."""
        for it in picture.spans.values():
            yield Jump(_("span"), f"{it.span} {it.address}", cls.NAME, str(it.span))


def _counter(name: str, total: int | None, recent: int) -> Iterable[Cell | str]:
    yield f"{name} "
    yield Cell(f"{'-' if total is None else recent}  ", "bad" if recent else "dim")


def slots_of(picture: Picture, span: int) -> dict[int, tuple[CallNow, LegNow]]:
    """Return the calls and legs on the timeslots of a span."""
    return {
        leg.timeslot: (call, leg) for call in picture.calls.values() for leg in call.legs.values() if leg.span == span
    }
