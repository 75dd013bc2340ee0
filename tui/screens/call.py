# SPDX-License-Identifier: GPL-2.0-or-later
"""One call as a ladder, present or past: each step, the message behind it, its legs and how they sound."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from appliance.api.messages import Trace, TraceReply, WholeCall, WholeCallReply
from appliance.cli.ladder import POSTS
from appliance.cli.words import word
from appliance.contract.whole_call import StayRow
from appliance.i18n import N_, _
from tui.actions import Action
from tui.call_actions import on_calls
from tui.cells import Cell, Line, brief, fit, wrapped
from tui.ladder import Step, heads, message_lines, rails, steps_of
from tui.live import Bar, Pane
from tui.live_table import Column, LiveTable
from tui.screens.base import Every, HouseScreen, OfCall
from tui.skin import PLAIN, Role

FRESH_S: Final = 2.0
NARROW_POST, WIDE_POST = 8, 11
WIDE: Final = 120
_SHOWN: Final = ("all", "decisions", "messages")


class CallScreen(HouseScreen):
    """One call."""

    NAME, LABEL = "call", N_("call")
    HELP_TEXT = N_(
        "The call from its first step to its last: what the box decided, and the messages of its lines, SIP and ISDN "
        "alike. Below or beside it the message that is marked, in full, or the call's legs with the quality of their "
        "sound (MOS by G.107: 4 good, 3 bad)."
    )
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's
    DEFAULT_CSS = """
    #call { layout: vertical; }
    .-wide #call { layout: horizontal; }
    #steps { height: 3fr; width: 1fr; }
    #message { height: 2fr; }
    .-wide #steps { height: 1fr; width: 5fr; }
    .-wide #message { height: 1fr; width: 3fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "shown", N_("which steps")),
        Binding("l", "legs", N_("legs")),
        Binding("r", "recordings", N_("recordings")),
        Binding("tab", "app.focus_next", N_("next part"), key_display="Tab"),
    ]

    def __init__(self, call: int) -> None:
        super().__init__()
        self.call = call
        self._shown, self._legs = 0, False
        self._steps: list[Step] = []
        self._read: Step | None = None
        self._made_of: tuple[object, object] = (None, None)

    # --- what is asked

    def asks(self) -> Sequence[Every]:
        """Return the requests about this call: often while it is up, seldom once it is over."""
        whole = self.whole
        seconds = FRESH_S if whole is None or not whole.call.disposition else 60.0
        return (Every(seconds, WholeCall(self.call), WholeCallReply), Every(seconds, Trace(self.call), TraceReply))

    @property
    def whole(self) -> WholeCallReply | None:
        """The call, once it is told."""
        reply = self.picture.last(WholeCallReply)
        return reply if reply is not None and reply.call.call == self.call else None

    def steps(self) -> list[Step]:
        """Return the steps that are shown."""
        whole, trace = self.whole, self.picture.last(TraceReply)
        if whole is None:
            return []
        if trace is not None and trace.call != self.call:
            trace = None
        if self._made_of != (whole, trace):
            self._made_of, self._steps = (whole, trace), steps_of(whole, trace)
        shown = _SHOWN[self._shown]
        return [it for it in self._steps if shown == "all" or (it.message is not None) == (shown == "messages")]

    # --- what is drawn

    def body(self) -> Iterable[Widget]:
        """Return the ladder, and the message of its marked step."""
        self._post = WIDE_POST if self.app.size.width >= WIDE else NARROW_POST
        columns: tuple[Column[Step], ...] = (
            Column(N_("time"), 7, self._time, right=True),
            Column(heads(self._post), self._post * len(POSTS), self._rails),
            Column(N_("step"), 16, lambda it: Cell(it.text, "accent" if it.message is None else ""), grow=1),
        )  # fmt: skip
        self._ladder: LiveTable[Step] = LiveTable(
            columns, self.steps, lambda it: (it.at_ms, it.nth), N_("nothing is known of this call"), id="steps"
        )
        self._pane = Pane(self._below, id="message")
        return (Container(self._ladder, self._pane, id="call"),)

    def above(self) -> ComposeResult:
        """Return a line of facts."""
        yield Bar(self._facts, id="facts")

    def _facts(self, _width: int) -> Line:
        whole = self.whole
        if whole is None:
            return [" " + _("call {n}").format(n=self.call)]
        it, arrow = whole.call, self.terminal.skin.arrow
        parts: list[Cell | str] = [Cell(f" {_('call {n}').format(n=self.call)} ", "accent")]
        name = f" {whole.live.caller_name}" if whole.live is not None and whole.live.caller_name else ""
        parts.append(f" {it.caller or _('unknown')}{name} {arrow} {it.called}")
        if whole.live is not None:
            parts.append(Cell(f"   {word(whole.live.state)} {brief(whole.live.state_s)}", "good"))
        elif it.disposition:
            parts.append(
                Cell(f"   {word(it.disposition)}, {_('cause {n}').format(n=int(it.cause))}", _role_of(it.disposition))
            )
        parts.append(f"   {brief(it.duration_s)}")
        who = " ".join(each for each in (it.queue, it.talked_with) if each)
        return [*parts, f"   {who}"]

    def _rails(self, it: Step) -> Cell:
        return Cell(rails(it, self._post, self.terminal.skin), "dim")

    def _time(self, it: Step) -> str:
        whole = self.whole
        return f"{(it.at_ms - whole.call.started_at) / 1000:.2f}" if whole is not None else ""

    def _below(self, width: int) -> Sequence[Line]:
        step = self._ladder.row
        if step is not self._read:
            self._read = step
            self._pane.to_top()
        if self._legs or step is None or step.message is None:
            return self._legs_lines(width)
        ends = (_("box"), step.message.peer)
        source, target = ends if step.message.sent else ends[::-1]
        head = f" {source} {self.terminal.skin.arrow} {target}"
        return [[Cell(head, "head")], *message_lines(step)]

    def _legs_lines(self, width: int) -> list[Line]:
        whole = self.whole
        if whole is None:
            return []
        lines: list[Line] = [[Cell(" " + _("legs"), "head")]]
        for it in whole.stays:
            lines += [[Cell(f" {it.number or _('unknown')}", "accent"), f"  {word(it.role)}  {_line(it)}"]]
            lines += [[f"   {text}"] for text in wrapped(_sound(it), max(10, width - 4)) if text]
        return lines

    # --- keys

    def on_live_table_opened(self, _event: LiveTable.Opened) -> None:
        """Go to the message, to read it."""
        self._legs = False
        self._pane.focus()

    def action_shown(self) -> None:
        """Show all, the decisions, or the messages."""
        self._shown = (self._shown + 1) % len(_SHOWN)
        self.beat()

    def action_legs(self) -> None:
        """Show the legs, or the message of the marked step."""
        self._legs = not self._legs
        self.beat()

    def action_recordings(self) -> None:
        """Show the recordings of the call."""
        self.terminal.show("recordings", OfCall(self.call))

    def whole_text(self) -> Sequence[str]:
        """Return the whole ladder, then its messages in full."""
        rungs = [f"{self._time(it):>8} {rails(it, WIDE_POST, PLAIN)} {it.text}" for it in self._steps]
        said = [it for it in self._steps if it.message is not None]
        full = [line for it in said for line in ("", f"--- {self._time(it)}", *it.message_text.split("\n"))]
        return [f"{'':8} {heads(WIDE_POST)}", *rungs, *full]

    def heading(self) -> str:
        """Return the call."""
        return _("call {n}").format(n=self.call)

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the call, while it is up."""
        now = self.picture.calls.get(self.call)
        return on_calls([now]) if now is not None else ()


def _line(it: StayRow) -> str:
    channels = " ".join(f"{each.span}/{each.timeslot:02}" for each in it.channels)
    ends = "" if it.cause is None else _("cause {n}").format(n=it.cause)
    return "  ".join(each for each in (channels or it.line, fit(ends, len(ends))) if each)


def _sound(it: StayRow) -> str:
    """Return how a leg sounds, as far as that is known."""
    parts = []
    if it.level is not None:
        parts.append(_("level {n} dBm0").format(n=it.level))
    if it.rtp is not None:
        packets, rtp = it.rtp.packets, it.rtp
        parts.append(packets.codec)
        parts += [_("we hear MOS {mos:.1f}").format(mos=rtp.mos)] if rtp.mos is not None else []
        parts += [_("they hear MOS {mos:.1f}").format(mos=rtp.far_mos)] if rtp.far_mos is not None else []
        parts.append(_("loss {share:.1%}").format(share=rtp.loss))
        parts.append(
            _("jitter {ms:.0f} ms, at most {most:.0f}").format(ms=packets.jitter_ms, most=packets.jitter_max_ms)
        )
        parts += [_("round trip {ms:.0f} ms").format(ms=packets.round_trip_ms)] if packets.round_trip_ms >= 0 else []
    return "  ".join(parts)


def _role_of(disposition: str) -> Role:
    return "good" if disposition == "answered" else "bad" if disposition in ("failed", "interrupted") else "warn"
