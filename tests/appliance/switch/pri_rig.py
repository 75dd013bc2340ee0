# SPDX-License-Identifier: GPL-2.0-or-later
"""A PRI card on a line whose far end is a bare D channel with spans' octets, all in lockstep."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Literal, TypeVar

import numpy as np

from appliance.config.model import SpanConfig
from appliance.contract.switch import Answer, AnyEvent, Cleared, Dial, Incoming, SpanState
from appliance.switch.lines.pri.card import PriCard
from drivers.pri import PriLink, Side
from drivers.pri_events import Connect, Gone, PriEvent, Setup
from drivers.sim import SimLine
from drivers.span import IDLE_BYTE, TICK_S, TICK_SAMPLES, TIMESLOTS, Span

E = TypeVar("E")


class Rig:
    """`card` and its events (`told`); `far`, the D channel of the other side, and its events (`far_told`)."""

    def __init__(
        self,
        side: Side = "user",
        spans: tuple[Span, Span] | None = None,
        *,
        overlap: bool = False,
        keep_s: float = 0.0,
        echo: Literal["none", "box"] = "none",
    ) -> None:
        self.line = SimLine()
        near, self.far_span = spans or self.line.ends()
        self._config = SpanConfig(
            address=near.address, side=side, overlap=overlap, keep_calls_s=keep_s, echo_canceller=echo, echo_ms=128
        )
        self._even = count(2, 2)
        self.card = PriCard(1, near, self._config, self._even.__next__)
        self.far = PriLink("network" if side == "user" else "user", {"T309": keep_s})
        self.now = 100_000  # box time never begins at 0
        self.told: list[AnyEvent] = []
        self.far_told: list[PriEvent] = []
        self.said = np.zeros((TIMESLOTS, TICK_SAMPLES), np.float32)
        self.heard = np.zeros((TIMESLOTS, TICK_SAMPLES), np.float32)
        self.far_sends = np.full((TIMESLOTS, TICK_SAMPLES), IDLE_BYTE, np.uint8)
        self.far_hears = self.far_sends.copy()
        self.d_cut = False  # the D channel carries nothing, the B channels go on
        self._odd = count(1, 2)

    def new_card(self) -> None:
        """Kill the card, and put a new one in its place."""
        self.card = PriCard(1, self.card.span, self._config, self._even.__next__)

    def tick(self, ticks: int = 1) -> None:
        """Both ends do so many ticks."""
        for _ in range(ticks):
            self.now += 1
            self.card.receive(self.said)
            self.told += self.card.signal(self.now)
            self.card.transmit(self.heard)
            self._far_tick()

    def _far_tick(self) -> None:
        self.far_span.receive(self.far_hears)
        self.far.run(self.now * TICK_S)
        for frame in self.far_span.frames():
            if not self.d_cut:
                self.far.receive(frame)
        self.far.run(self.now * TICK_S)
        self.far_told += self.far.events()
        for frame in self.far.take_frames():
            if not self.d_cut:
                self.far_span.send_frame(frame)
        self.far_span.transmit(self.far_sends)

    def until(self, what: Callable[[], object], most_s: float = 5.0) -> float:
        """Tick until something is so; the seconds it took."""
        begun = self.now
        while not what():
            assert (self.now - begun) * TICK_S < most_s, "it never came"
            self.tick()
        return (self.now - begun) * TICK_S

    def up(self) -> "Rig":
        """The D channel is up and all channels are restarted."""
        self.until(lambda: any(s.in_service for s in self.of(SpanState)))
        self.until(lambda: not self.card._channels.restarting, 20)
        self.told.clear()
        self.far_told.clear()
        return self

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.told if isinstance(event, kind)]

    def far_of(self, kind: type[E]) -> list[E]:
        return [event for event in self.far_told if isinstance(event, kind)]

    def come_in(self, timeslot: int = 1, called: str = "95555", **details: object) -> tuple[int, int]:
        """A call from the far end: the leg, and the call's number there."""
        call = self.far.setup(timeslot, called, "13800138000", **details)  # type: ignore[arg-type]
        seen = len(self.of(Incoming))
        self.until(lambda: len(self.of(Incoming)) > seen)
        return self.of(Incoming)[seen].leg, call

    def dial(self, called: str = "01088886666", **details: object) -> tuple[int, int]:
        """A call from the box: the leg, and the call's number at the far end."""
        leg = next(self._odd)
        seen = len(self.far_of(Setup))
        self.card.execute(Dial(leg, "pri:carrier", called, **details), self.now)  # type: ignore[arg-type]
        self.until(lambda: len(self.far_of(Setup)) > seen)
        return leg, self.far_of(Setup)[seen].call

    def cleared(self, leg: int) -> list[int]:
        """Return the causes of the leg's end: one, when it is over."""
        return [event.cause for event in self.of(Cleared) if event.leg == leg]

    def far_gone(self, call: int) -> list[int]:
        return [event.cause for event in self.far_of(Gone) if event.call == call]

    def all_idle(self) -> bool:
        """Neither end has a call or a channel taken."""
        return not (self.card._legs or self.card._by_call or self.card._channels.in_use or self.far.calls)

    def close(self) -> None:
        self.card.close()
        self.far.close()


def rig(side: Side = "user", **options: object) -> Iterator[Rig]:
    """A rig that is up, for a fixture."""
    made = Rig(side, **options).up()  # type: ignore[arg-type]
    yield made
    made.close()


def talk(box: Rig, timeslot: int = 1) -> tuple[int, int]:
    leg, call = box.come_in(timeslot)
    box.card.execute(Answer(leg), box.now)
    box.until(lambda: any(e.call == call for e in box.far_of(Connect)))
    return leg, call


def states(box: Rig) -> list[tuple[tuple[str, ...], str]]:
    return [(state.alarms, state.cause) for state in box.of(SpanState)]
