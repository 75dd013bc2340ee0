# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent's own figures of today: times by state, pauses, calls, what they were about."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from appliance.api.messages import Agents, AgentsReply, AgentTotals, AgentTotalsReply
from appliance.cli.output import length
from appliance.contract.rows import AgentTotal
from appliance.i18n import N_, _
from tui.cells import Cell, Line, fit
from tui.desk.mine import Mine
from tui.screens.base import Every
from tui.skin import meter

_NAME = 22


class FiguresScreen(Mine):
    """The agent's figures."""

    NAME, LABEL, DIGIT = "figures", N_("figures"), "5"
    HELP_TEXT = N_("Your day: how long you were in each state, your pauses, your calls and what they were about.")

    def asks(self) -> Sequence[Every]:
        """Return the requests for today, as the clock here has it."""
        now = datetime.fromtimestamp(self.picture.now_ms / 1000).astimezone()
        since = round(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
        totals = Every(10.0, AgentTotals(since=since, agent=self.agent), AgentTotalsReply)
        return (totals, Every(10.0, Agents(), AgentsReply))

    def lines(self, width: int) -> Sequence[Line]:
        """Return the figures."""
        reply, me = self.picture.last(AgentTotalsReply), self.me
        found = next((it for it in reply.agents if it.agent == self.agent), None) if reply is not None else None
        if found is None:
            return [[Cell(" " + _("you have not been signed in today"), "dim")]]
        day = me.today if me is not None else None
        lines: list[Line] = [*self._times(found, width), ()]
        if day is not None:
            lines.append(
                _row(_("calls of queues"), _("{n} of {offered} offers").format(n=day.answered, offered=day.offered))
            )
            lines.append(_row(_("talk"), length(day.talk_s)))
        dialled = _("{n}, {reached} answered").format(n=found.dialled, reached=found.reached)
        lines.append(_row(_("calls outside"), dialled))
        return [*lines, *self._lists(found)]

    def _times(self, it: AgentTotal, width: int) -> Iterator[Line]:
        yield _row(_("signed in"), length(it.signed_in_s))
        whole = it.signed_in_s or 1.0
        room = max(0, min(40, width - _NAME - 16))
        for name, seconds in (
            (_("ready"), it.ready_s), (_("rung"), it.ringing_s), (_("talking"), it.talking_s),
            (_("wrap-up"), it.wrap_up_s), (_("paused"), it.paused_s),
        ):  # fmt: skip
            bar = meter(self.terminal.skin, seconds / whole, room)
            yield [fit(f" {name}", _NAME), fit(length(seconds), 12), Cell(bar, "dim")]

    def _lists(self, it: AgentTotal) -> Iterator[Line]:
        pauses = [(each.reason or _("no reason"), f"{each.pauses}  {length(each.paused_s)}") for each in it.pauses]
        codes = [(each.name, str(each.calls)) for each in it.codes]
        for title, rows in ((_("pauses"), pauses), (_("what calls were about"), codes)):
            if rows:
                yield ()
                yield [Cell(f" {title}", "head")]
                yield from (_row(name, text) for name, text in rows)


def _row(name: str, text: str) -> Line:
    return [fit(f" {name}", _NAME), text]
