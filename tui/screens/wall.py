# SPDX-License-Identifier: GPL-2.0-or-later
"""Wall board: the queues in figures that are read from afar, their agents by state, and what is wrong with the box.

It takes no keys: digits are as large as there is room, and pages turn by themselves where queues do not fit.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from appliance.api.messages import Agents, AgentsReply, Figures, FiguresReply, Queues, QueuesReply
from appliance.cli.words import text_of, word
from appliance.contract.day import QueueDay
from appliance.i18n import N_, _
from tui.cells import Cell, Line, brief, fit, width_of
from tui.digits import HEIGHT, large
from tui.live import joined
from tui.picture import Picture
from tui.screens.base import Every, HouseScreen
from tui.screens.board import COLOURS, MARKS, STATE_ROLES
from tui.skin import Role
from tui.things import QueueNow

PAGE_S: Final = 10
"""Seconds that a page stands."""
TROUBLE_S: Final = 900.0
"""Age up to which a trouble is shown."""
MAX_ALARMS: Final = 3
SIZES: Final = ((2, 3), (2, 2), (2, 1), (1, 1))
"""Columns and lines of a dot of the digits; the first with which all queues fit, else the last, in pages."""
_FIELDS: Final = (11, 17, 15, 15)
"""Dots of the figures: 999 callers, 99:59, 9999 answered, 100%."""
_GAP: Final = 6
_STATES: Final = ("talking", "idle", "offered", "wrap_up", "paused", "unreachable", "signed_out")


class WallScreen(HouseScreen, inherit_bindings=False):
    """The wall board."""

    NAME, LABEL = "wall", N_("wall board")
    HELP_TEXT = N_(
        "For a screen on the wall: callers who wait, the longest wait, answered today, served in time, agents by "
        "state, alarms. ! and !! are the yellow and red of a queue's `board`. Pages turn by themselves. "
        "`mxbox tui --wall` shows it alone."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1", "help", show=False)]
    DEFAULT_CSS = "WallScreen #tabs, WallScreen #foot { display: none; }"
    ASKS: ClassVar = (
        Every(10.0, Queues(), QueuesReply),
        Every(10.0, Agents(), AgentsReply),
        Every(30.0, Figures(), FiguresReply),
    )

    def lines(self, width: int) -> Sequence[Line]:
        """Return the page of now."""
        queues = sorted(self.picture.queues.values(), key=lambda it: it.queue)
        alarms = list(dict.fromkeys(alarms_of(self.picture)))[:MAX_ALARMS]
        room = self.size.height - 2 - max(1, len(alarms))
        across, down, columns, rows = shape(len(queues), width, room)
        pages = max(1, -(-len(queues) // (columns * rows)))
        page = self.picture.now_ms // 1000 // PAGE_S % pages
        shown = queues[page * columns * rows :][: columns * rows]
        figures = self.picture.last(FiguresReply)
        days = {day.queue: day for day in (figures.queues if figures is not None else ())}
        tiles = [self._tile(it, days.get(it.queue), width // columns, across, down) for it in shown]
        body = [line for first in range(0, len(tiles), columns) for line in _beside(tiles[first : first + columns])]
        if not queues:
            body = [[Cell(" " + _("no queue is configured"), "dim")]]
        filled = [*body, *[()] * (room - len(body))]
        return [*filled, [Cell(f" {page + 1}/{pages}" if pages > 1 else "", "dim")], *_bottom(alarms)]

    def _tile(self, it: QueueNow, day: QueueDay | None, width: int, across: int, down: int) -> list[Line]:
        """Return a queue: its name, four figures with their labels, its agents; all lines as wide as the tile."""
        role = COLOURS[it.colour]
        level = f"{day.service_level:.0%}" if day is not None and day.service_level is not None else "-"
        longest = brief(self.picture.since(it.waiting[0].at)) if it.waiting else "-"
        figures: tuple[tuple[str, str, Role], ...] = (
            (_("waiting"), str(len(it.waiting)), role),
            (_("longest"), longest, role),
            (_("answered"), _counted(day.answered if day is not None else it.answered), ""),
            (_("in time"), level, COLOURS[day.colour] if day is not None else ""),
        )
        dot = self.terminal.skin.bar[0]
        drawn = [list(large(text, across, down, dot)) for _label, text, _role in figures]
        wide = [dots * across + _GAP for dots in _FIELDS]
        labels = [Cell(fit(label, space), "dim") for (label, _text, _role), space in zip(figures, wide, strict=True)]
        lines: list[Line] = [[Cell(f"{it.queue} {MARKS[it.colour]}".rstrip(), role or "head")], labels]
        for row in range(HEIGHT * down):
            parts = zip(drawn, figures, wide, strict=True)
            lines.append([Cell(fit(sign[row], space), colour) for sign, (_label, _text, colour), space in parts])
        lines += [self._agents(it), ()]
        return [_padded(line, width) for line in lines]

    def _agents(self, it: QueueNow) -> Line:
        states = Counter(agent.state for agent in self.picture.agents.values() if it.queue in agent.queues)
        told = [Cell(f"{word(state)} {states[state]}", STATE_ROLES[state]) for state in _STATES if states[state]]
        return joined(told or [Cell(_("no agent"), "dim")], "  ")


def shape(queues: int, width: int, room: int) -> tuple[int, int, int, int]:
    """Return columns and lines of a dot, and columns and rows of tiles, for so many queues in a room."""
    for across, down in SIZES:
        columns = width // (sum(_FIELDS) * across + len(_FIELDS) * _GAP - _GAP + 2)
        rows = room // (HEIGHT * down + 4)
        if columns * rows >= max(1, queues):
            return across, down, columns, rows
    return across, down, max(1, columns), max(1, rows)


def alarms_of(picture: Picture) -> Iterable[str]:
    """Return what is wrong with the box, the worst first: processes, lines, trunks, troubles that are new."""
    status = picture.status
    if status is not None and not status.connected:
        yield _("the switch is not connected")
    if status is not None and status.edge is not None and not status.edge.up:
        yield _("the edge does not answer")
    for it in sorted(picture.spans.values(), key=lambda span: span.span):
        if not it.in_service:
            yield _("span {number}").format(number=it.span) + ": " + (" ".join(it.alarms) or _("out of service"))
    for trunk in status.edge.trunks if status is not None and status.edge is not None else ():
        if trunk.registers and not trunk.registered:
            yield _("trunk {name} not registered").format(name=trunk.name)
    for trouble in picture.troubles:
        if picture.since(trouble.started_at) < TROUBLE_S:
            yield text_of(trouble)


def _bottom(alarms: Sequence[str]) -> Sequence[Line]:
    if not alarms:
        return ([Cell(" " + _("no alarm"), "good")],)
    return [[Cell(f" !! {alarm}", "bad")] for alarm in alarms]


def _counted(number: int) -> str:
    return str(number) if number < 10_000 else f"{number // 1000}k"


def _beside(tiles: Sequence[Sequence[Line]]) -> Iterable[Line]:
    """Return the lines of tiles that stand side by side."""
    for parts in zip(*tiles, strict=True):
        yield [cell for line in parts for cell in line]


def _padded(line: Line, width: int) -> Line:
    """Return a line of exactly `width` columns, with a blank before it."""
    parts: list[Cell | str] = [" "]
    left = width - 2
    for part in line:
        text, role = part if isinstance(part, Cell) else Cell(part)
        kept = text if width_of(text) <= left else fit(text, left)
        parts.append(Cell(kept, role))
        left -= width_of(kept)
    return [*parts, " " * (left + 1)]
