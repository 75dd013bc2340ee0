# SPDX-License-Identifier: GPL-2.0-or-later
"""A call for a subscriber to make, and the record of a call, made or taken."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from drivers.span import TICK_S, Octets
from hw_sim.steps import Script, State
from hw_sim.subscriber import Expectation, Window

Presentation = Literal["allowed", "restricted", "unavailable"]
NO_CIRCUIT = 34
CONGESTION = frozenset({34, 42, 44, 47})
"""Q.850 causes of a missing channel or resource: the call was blocked."""


class CallPlan(msgspec.Struct, frozen=True):
    """A call to make.

    `overlap` None dials en bloc; a number is how many digits go with SETUP, the others follow one by one, `digit_gap_s`
    apart.
    """

    to: str
    script: Script
    caller: str = ""
    name: str = ""
    presentation: Presentation = "allowed"
    overlap: Annotated[int, Meta(ge=0, le=31)] | None = None
    digit_gap_s: Annotated[float, Meta(ge=0.02, le=30)] = 0.2
    hold_s: float = 0.0
    keep_audio: bool = True


@dataclass
class CallRecord:
    """Course and end of a call. Ticks are those of the exchange; None: that state was not reached."""

    direction: Literal["out", "in"]
    """`out`: our subscriber made it."""
    called: str
    caller: str
    presentation: str
    started: int
    span: int = 0
    timeslot: int = 0
    proceeding: int | None = None
    alerting: int | None = None
    connected: int | None = None
    """The voice path opened."""
    answered: int | None = None
    ended: int | None = None
    cause: int = 0
    ended_by: Literal["", "us", "far end", "line"] = ""
    failures: list[str] = field(default_factory=list)
    cut_off: bool = False
    """Whether it was answered, and ended by a fault of the far end or of the line."""
    ended_early: bool = False
    """Whether the far end hung up before the script came to its end."""
    heard: Octets = field(default_factory=lambda: np.zeros(0, np.uint8))
    """A-law octets from `heard_from` on, all of the call, if it was to be kept."""
    heard_from: int = 0
    windows: list[Window] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)

    def reached(self, state: State, now: int) -> None:
        """Note when the call reached a state, the first time it does."""
        if state == "proceeding" and self.proceeding is None:
            self.proceeding = now
        elif state == "alerting" and self.alerting is None:
            self.alerting = now
        elif state == "answer" and self.answered is None:
            self.answered = now
        if state in ("connect", "answer") and self.connected is None:
            self.connected = now

    def clears(self, by: Literal["us", "far end", "line"], cause: int) -> None:
        """Note the side that cleared first, and the cause."""
        if not self.ended_by:
            self.ended_by, self.cause = by, cause

    @property
    def blocked(self) -> bool:
        """Whether it was not answered because there was no channel or no resource."""
        return self.answered is None and self.cause in CONGESTION

    @property
    def passed(self) -> bool:
        """Whether the script was done to its end."""
        return self.ended is not None and not self.failures

    def after_s(self, tick: int | None) -> float | None:
        """Return the seconds from the start of the call to a tick."""
        return None if tick is None else round((tick - self.started) * TICK_S, 3)
