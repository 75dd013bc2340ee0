# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk: what the agent is, the call with all that is known of its caller, and who waits in the agent's queues."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import Cdr, CdrReply, Keyed, KeyedReply, Queues, QueuesReply, WholeCall, WholeCallReply
from appliance.cli.words import word
from appliance.contract.errors import ApiError
from appliance.contract.rows import CdrRow, KeyedRow
from appliance.i18n import N_, _
from tui.actions import Action
from tui.cells import Cell, Line, brief, wrapped
from tui.desk.acts import dial, on_call, on_myself
from tui.desk.mine import Mine, other_party, seat
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.screens.base import Every
from tui.screens.troubles import when
from tui.skin import Role
from tui.things import AgentNow, CallNow, QueueNow, WaitingNow

STATES: Final[dict[str, Role]] = {
    "talking": "good", "idle": "accent", "offered": "bad", "wrap_up": "warn", "paused": "warn", "unreachable": "bad",
}  # fmt: skip
_HISTORY: Final = 6


class WorkScreen(Mine):
    """The desk."""

    NAME, LABEL, DIGIT = "desk", N_("desk"), "1"
    HELP_TEXT = N_(
        "Left yourself and your call: who calls, what the flow asked, earlier calls of the same number. Right your "
        "queues and who waits there. x lists all that you can do now; what your phone does is seen here, and the other "
        "way round. Pick up, hold and hang up are keys of the phone; the box has no notes on callers, and no place of "
        "a number."
    )
    ASKS = (Every(5.0, Queues(), QueuesReply),)
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.focus_next", N_("next part"), key_display="Tab")]
    AUTO_FOCUS = "Pane"

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[int, str] = (0, "")
        self._about = ""
        """The number of the caller of whom things are known: in a consultation it is not that of the call."""
        self._consults = False
        self._whole: WholeCallReply | None = None
        self._history: Sequence[CdrRow] = ()
        self._keyed: Sequence[KeyedRow] = ()

    def body(self) -> Iterable[Widget]:
        """Return the call, and queues with callers beside it."""
        left = Pane(self.lines)
        left.styles.width = "3fr"
        queues: LiveTable[QueueNow] = LiveTable(
            (
                Column(N_("queue"), 8, lambda it: it.queue, grow=1),
                Column(N_("wait"), 4, lambda it: str(len(it.waiting)), right=True),
                Column(N_("longest"), 7, self._longest, right=True),
            ),
            self._queues,
            lambda it: it.queue,
            N_("you are in no queue"),
            id="queues",
        )
        callers: LiveTable[WaitingNow] = LiveTable(
            (
                Column(N_("caller"), 11, lambda it: it.caller or _("unknown"), grow=1),
                Column(N_("waits"), 6, lambda it: brief(self.picture.since(it.at)), right=True),
            ),
            lambda: sorted((each for queue in self._queues() for each in queue.waiting), key=lambda it: it.at),
            lambda it: it.call,
            N_("no caller waits"),
            id="callers",
        )
        right = Vertical(queues, callers)
        right.styles.width = "2fr"
        return (left, right)

    def _queues(self) -> Sequence[QueueNow]:
        mine = self.me.queues if self.me is not None else ()
        return [it for it in self.picture.queues.values() if it.queue in mine]

    def _longest(self, it: QueueNow) -> Cell:
        return Cell(brief(self.picture.since(it.waiting[0].at)) if it.waiting else "-", "warn" if it.waiting else "dim")

    # --- the agent and the call

    def lines(self, width: int) -> Sequence[Line]:
        """Return the agent, the call, and what is known of its caller."""
        me = self.me
        if me is None:
            told = _("agent {agent} is not configured, or the box has not answered yet").format(agent=self.agent)
            return [[Cell(line, "dim")] for line in wrapped(told, width - 1)]
        found = [*self._agent(me), ()]
        call = self.my_call
        found += [*self._call(me, call)] if call is not None else [[Cell(" " + _("no call"), "dim")]]
        if self._about:
            found += self._known()
        return found

    def _agent(self, me: AgentNow) -> Iterator[Line]:
        left = me.wrap_up_until - self.picture.now_ms
        ends = me.state == "wrap_up" and left > 0
        shown = "-" + brief(left / 1000) if ends else brief(self.picture.since(me.state_at))
        yield [f" {me.agent} {me.name}  ", Cell(word(me.state), STATES.get(me.state, "dim")), f" {shown}"]
        parts = [_("phone {number}").format(number=me.extension)] if me.extension else []
        if me.status != "ready" and me.state in ("offered", "talking"):
            parts.append(_("after this call: {state}").format(state=word(me.status)))
        parts += [me.reason] if me.reason else []
        parts += [_("last call: {code}").format(code=me.wrap_up_code)] if me.wrap_up_code else []
        yield [Cell(" " + "  ".join(parts), "dim")]

    def _call(self, me: AgentNow, call: CallNow) -> Iterator[Line]:
        ringing = call.state in ("offering", "calling")
        yield [
            " ",
            Cell(word(call.state), "bad" if ringing else "good"),
            f" {brief(self.picture.since(call.state_at))}  ",
            Cell(other_party(call, me) or _("unknown"), "accent"),
            f" {call.name}" if call.name else "",
        ]
        yield [Cell(" " + _("called {number}, call {call}").format(number=call.called, call=call.call), "dim")]
        if self._consults:
            yield [Cell(" " + _("a consultation: the other party waits"), "warn")]

    def _known(self) -> Iterator[Line]:
        whole = self._whole
        if self._consults or self.my_call is None:
            yield [" ", Cell(_("of {number}").format(number=self._about), "head")]
        if whole is not None:
            waited = [f"{each.queue} {brief(each.to_s - each.from_s)}" for each in whole.waits if each.to_s is not None]
            if waited:
                yield [" " + _("waited: {times}").format(times=", ".join(waited))]
            keys = [f"{each.node} {each.key}" for each in whole.keys if each.accepted and each.node]
            if keys:
                yield [" " + _("keyed in the flow: {keys}").format(keys=", ".join(keys))]
        if self._keyed:
            yield ()
            yield [Cell(" " + _("keyed in for this number"), "head")]
            yield from ([f" {when(it.started_at)} {it.field} {it.value}"] for it in self._keyed)
        if self._history:
            yield ()
            yield [Cell(" " + _("earlier calls of this number"), "head")]
            yield from (self._earlier(it) for it in self._history)

    def _earlier(self, it: CdrRow) -> Line:
        what = it.wrap_up_code or (word(it.disposition) if it.disposition else "")
        return [f" {when(it.started_at)} {it.queue or it.called} {brief(it.talk_s)} {it.agent} ", Cell(what, "dim")]

    # --- what is asked when the call changes

    def beat(self) -> None:
        """Draw; ask for what is known of the caller when the call is another one, or goes on in another way."""
        call = self.my_call
        if call is None:
            self._shown, self._consults = (0, ""), False
        elif (call.call, call.state) != self._shown:
            self._shown = (call.call, call.state)
            self._look(call, self.me)
        super().beat()

    @work(exclusive=True, group="look")
    async def _look(self, call: CallNow, me: AgentNow | None) -> None:
        """Ask for the call and its caller; what the user may not see stays away."""
        number = other_party(call, me) if me is not None else call.caller
        try:
            whole = await self.terminal.ask(WholeCall(call.call), WholeCallReply)
            self._consults = whole.live is not None and bool(whole.live.consults)
            if not self._consults:  # in a consultation the party that waits is the one of whom to know
                self._whole = whole
                if number != self._about:
                    await self._learn(number)
        except ApiError:
            pass  # the call is over, or the role does not hold it: what is known stays
        self.picture.touch()

    async def _learn(self, number: str) -> None:
        """Ask for earlier calls of a number, and for what was keyed in for it. Raises ApiError."""
        self._about, self._history, self._keyed = number, (), ()
        if number:
            earlier = (await self.terminal.ask(Cdr(number=number, limit=_HISTORY), CdrReply)).calls
            self._history = [it for it in earlier if it.call != self._shown[0]]
            keyed = (await self.terminal.ask(Keyed(caller=number, limit=_HISTORY), KeyedReply)).keyed
            self._keyed = [it for it in keyed if it.whole and not it.corrected]

    # --- what can be done

    def heading(self) -> str:
        """Return who sits here."""
        return f"{self.me.agent} {self.me.name}".strip() if self.me is not None else self.agent

    def actions(self) -> Sequence[Action]:
        """Return what the agent can do now."""
        me, call = self.me, self.my_call
        if me is None:
            return ()
        calls = on_call(me, call, consults=self._consults)
        own = (dial(me),) if seat(me) and call is None else ()
        return [*calls, *own, *on_myself(me, self.desk)]
