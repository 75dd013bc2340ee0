# SPDX-License-Identifier: GPL-2.0-or-later
"""A bulkhead around the switch's work on one leg or one card: a bug costs that leg, and is a trouble.

A fault at every tick cannot be contained: then the switch ends, and is started again.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Final, NamedTuple

from appliance.bugs import KIND, Guard, describe
from appliance.contract.switch import Trouble
from appliance.contract.ticks import TICKS_PER_S
from appliance.i18n import N_

MAX_FAILING_TICKS: Final = 5 * TICKS_PER_S
REPORT_INTERVAL_TICKS: Final = 60 * TICKS_PER_S
"""Time from one trouble about a bug that costs no leg to the next about the same."""
MAX_KNOWN: Final = 64


class Lost(NamedTuple):
    """A leg that was lost to a bug, and the work that failed."""

    leg: int
    what: object


class Bulkhead:
    """Containment of exceptions, reported to `guard`; without a guard, they are raised."""

    def __init__(self, guard: Guard | None = None) -> None:
        self._guard = guard
        self._lost: list[Lost] = []
        self._troubles: list[Trouble] = []
        self._told: dict[str, int] = {}
        self._now = self._failing = 0
        self._last: Exception | None = None

    def about(self, what: object, leg: int = 0, then: Callable[[], None] | None = None) -> "Attempt":
        """Return a wrapper for work on a leg, 0: on none that is known. `then` is called if it fails."""
        return Attempt(self, what, leg, then)

    def lost(self) -> list[Lost]:
        """Return the legs that were lost since the last call."""
        lost, self._lost = self._lost, []
        return lost

    def begin(self, now: int) -> None:
        """Begin a tick. Raises an error that came at every tick for a while."""
        self._now = now
        last, self._last = self._last, None
        self._failing = self._failing + 1 if last is not None else 0
        if last is not None and self._failing > MAX_FAILING_TICKS:
            raise last

    def troubles(self) -> list[Trouble]:
        """Return the troubles since the last call."""
        troubles, self._troubles = self._troubles, []
        return troubles

    def contain(self, error: Exception, what: object, leg: int) -> bool:
        """Note an error about a leg; return whether it is contained."""
        if self._guard is None:
            return False
        if leg:
            self._lost.append(Lost(leg, what))
        else:
            self._last = error
        text = f"{describe(error)}; about {what!r:.200}"
        if leg or self._now >= self._told.get(text, 0):
            if len(self._told) >= MAX_KNOWN:
                self._told.clear()
            self._told[text] = self._now + REPORT_INTERVAL_TICKS
            self._guard(error)
            msgid = N_("leg {leg} was ended: {bug}") if leg else N_("no leg was ended: {bug}")
            self._troubles.append(Trouble(KIND, msgid, values={"leg": str(leg), "bug": text}))
        return True


class Attempt:
    """One piece of work behind the bulkhead."""

    __slots__ = ("_bulkhead", "_leg", "_then", "_what")

    def __init__(self, bulkhead: Bulkhead, what: object, leg: int, then: Callable[[], None] | None) -> None:
        self._bulkhead, self._what, self._leg, self._then = bulkhead, what, leg, then

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if not isinstance(error, Exception) or not self._bulkhead.contain(error, self._what, self._leg):
            return False
        if self._then is not None:
            with self._bulkhead.about(f"the end of {self._what!r:.150}"):
                self._then()
        return True
