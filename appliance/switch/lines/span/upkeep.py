# SPDX-License-Identifier: GPL-2.0-or-later
"""Upkeep of a span by a technician, whatever its signalling: channels blocked, restarted, looped and tested."""

from collections.abc import Callable, Collection, Iterator
from typing import Final, Protocol

from msgspec.structs import replace

from appliance.contract.switch import ChannelState, Loop, SpanAct, SpanDo, SpanDone, SpanReport
from appliance.i18n import N_
from appliance.switch.lines.span.bit_test import BitTests
from drivers.errors import SpanError
from drivers.span import Octets, Span

ACTS: Final[tuple[SpanAct, ...]] = ("block", "unblock", "restart", "loop", "clear", "test", "end_test")
_OF_THE_BOX: Final[tuple[Loop, ...]] = ("payload",)
_OF_A_CARD: Final[tuple[Loop, ...]] = ("local", "line", "payload")
_SEE: Final = N_("see `mxbox spans`")


class Channels(Protocol):
    """Channels of a span, as its card keeps them. `barred`: those that no call may take."""

    barred: frozenset[int]
    restarting: set[int]

    def leg(self, timeslot: int) -> int | None:
        """Return the leg on a timeslot, None if there is none."""
        ...

    def restart(self, timeslot: int) -> None:
        """Restart a channel."""
        ...


class Upkeep:
    """Settings of a technician on a span.

    Args:
        number: of the span, from 1.
        span: open.
        channels: its channels.
        timeslots: those that carry calls.
        clear: clears the counters that are shown.
        up: returns whether its signalling is in service.
    """

    def __init__(
        self,
        number: int,
        span: Span,
        channels: Channels,
        timeslots: Collection[int],
        clear: Callable[[], None],
        up: Callable[[], bool],
    ) -> None:
        self._number, self._span, self._channels, self._clear, self._up = number, span, channels, clear, up
        self._timeslots = frozenset(timeslots)
        self._blocked: frozenset[int] = frozenset()
        self._looped: frozenset[int] = frozenset()
        self._returned: frozenset[int] = frozenset()
        """Timeslots whose octets the box itself sends back."""
        self._tests = BitTests()
        self._heard: dict[int, Octets] = {}
        self.loop: Loop = "none"
        self.active = False
        """Whether octets are looped or tested: else nothing is asked of it in a tick."""

    # --- what a technician does

    def do(self, command: SpanDo) -> SpanDone:
        """Do it; return the answer."""
        known = frozenset(command.timeslots)
        if strange := known - self._timeslots:
            values = {"timeslot": str(min(strange)), "number": str(self._number)}
            return SpanDone(command.request, N_("timeslot {timeslot} of span {number} carries no calls"), _SEE, values)
        done = self._DO[command.do](self, command, known or self._timeslots)
        self._channels.barred = self._blocked | self._looped | self._tests.timeslots
        self.active = bool(self._returned or self._tests.timeslots)
        return done if done.error else replace(done, timeslots=tuple(sorted(known or self._timeslots)))

    def _block(self, command: SpanDo, slots: frozenset[int]) -> SpanDone:
        self._blocked |= slots
        return SpanDone(command.request)

    def _unblock(self, command: SpanDo, slots: frozenset[int]) -> SpanDone:
        self._blocked -= slots
        return SpanDone(command.request)

    def _restart(self, command: SpanDo, slots: frozenset[int]) -> SpanDone:
        if not self._up():
            text = N_("span {number} is not in service: there is no far end to restart a channel with")
            return SpanDone(command.request, text, _SEE, {"number": str(self._number)})
        if refused := self._busy(command, slots):
            return refused
        for timeslot in sorted(slots):
            self._channels.restart(timeslot)
        return SpanDone(command.request)

    def _set_loop(self, command: SpanDo, slots: frozenset[int]) -> SpanDone:
        if command.loop != "none" and command.loop not in self.loops:
            text = N_("span {number} cannot loop {loop}: its driver has no such loop")
            hint, loops = N_("it can: {loops}"), ", ".join(self.loops)
            values = {"number": str(self._number), "loop": command.loop, "loops": loops}
            return SpanDone(command.request, text, hint, values)
        if command.loop != "none" and (refused := self._busy(command, slots)):
            return refused
        if "loopback" in self._span.can and not command.timeslots:
            try:
                self._span.set_loop(command.loop)
            except SpanError as error:
                return SpanDone(command.request, N_("span {number}: {why}"), error.hint or "", self._why(error))
            self._looped = self._timeslots if command.loop != "none" else frozenset()
            self._returned = frozenset()
        else:
            self._looped = self._looped | slots if command.loop != "none" else self._looped - slots
            self._returned = self._looped
        self._heard.clear()
        self.loop = command.loop if self._looped else "none"
        return SpanDone(command.request)

    def _why(self, error: SpanError) -> dict[str, str]:
        return {"number": str(self._number), "why": str(error)}

    def _clear_counters(self, command: SpanDo, _slots: frozenset[int]) -> SpanDone:
        self._clear()
        return SpanDone(command.request)

    def _test(self, command: SpanDo, slots: frozenset[int]) -> SpanDone:
        wanted = slots if command.timeslots else frozenset(s for s in slots if self._channels.leg(s) is None)
        if refused := self._busy(command, wanted):
            return refused
        for timeslot in wanted - self._looped:
            self._tests.begin(timeslot)
        return SpanDone(command.request)

    def _end_test(self, command: SpanDo, slots: frozenset[int]) -> SpanDone:
        for timeslot in slots:
            self._tests.end(timeslot)
        return SpanDone(command.request)

    _DO: Final[dict[SpanAct, Callable[["Upkeep", SpanDo, frozenset[int]], SpanDone]]] = {
        "block": _block,
        "unblock": _unblock,
        "restart": _restart,
        "loop": _set_loop,
        "clear": _clear_counters,
        "test": _test,
        "end_test": _end_test,
    }

    def _busy(self, command: SpanDo, slots: Collection[int]) -> SpanDone | None:
        """Return the refusal for timeslots of which one carries a call."""
        busy = [slot for slot in sorted(slots) if self._channels.leg(slot) is not None]
        if not busy:
            return None
        values = {"number": str(self._number), "timeslot": str(busy[0])}
        hint = N_("block it, and wait until the call is over, or end the call")
        return SpanDone(command.request, N_("timeslot {timeslot} of span {number} carries a call"), hint, values)

    # --- octets, while something is looped or tested

    def received(self, octets: Octets) -> None:
        """Compare and keep a received tick [31, 160]."""
        self._tests.received(octets)
        self._heard = {slot: octets[slot - 1].copy() for slot in self._returned}

    def fill(self, octets: Octets) -> None:
        """Change a tick before it is sent [31, 160]."""
        self._tests.fill(octets)
        for slot, heard in self._heard.items():
            octets[slot - 1] = heard

    # --- what is shown

    @property
    def loops(self) -> tuple[Loop, ...]:
        """Loops that can be set."""
        return _OF_A_CARD if "loopback" in self._span.can else _OF_THE_BOX

    def states(self) -> dict[int, ChannelState]:
        """Return the state of each channel that is not idle."""
        return dict(self._states())

    def _states(self) -> Iterator[tuple[int, ChannelState]]:
        tested = self._tests.timeslots
        for slot in sorted(self._timeslots):
            if self._channels.leg(slot) is not None:
                yield slot, "in_use"
            elif slot in tested:
                yield slot, "testing"
            elif slot in self._looped:
                yield slot, "looped"
            elif slot in self._blocked:
                yield slot, "blocked_near"
            elif not self._up():
                yield slot, "out_of_service"
            elif slot in self._channels.restarting:
                yield slot, "restarting"

    def told(self, report: SpanReport) -> SpanReport:
        """Return a report with what a technician has set on the span."""
        return replace(
            report,
            channels=self.states(),
            acts=ACTS,
            loops=self.loops,
            loop=self.loop,
            tests=self._tests.report(),
        )
