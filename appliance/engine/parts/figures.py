# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of an agent, of one day, that strategies of queues compare."""

from datetime import date

from appliance.contract.records import AgentState


class Figures:
    """Calls, and times in ticks, of one agent since midnight or the start of the call server.

    Attributes:
        calls: calls of queues that the agent answered.
        talk: time in talk.
        occupied: time in talk and wrap-up.
        present: time signed in.
    """

    __slots__ = ("_day", "_since", "calls", "occupied", "present", "talk")

    def __init__(self) -> None:
        self.calls = self.talk = self.occupied = self.present = self._since = 0
        self._day: date | None = None

    def ended(self, state: AgentState, now: int, day: date) -> None:
        """Count the time in a state that ends now; on a new day, that stretch is the first."""
        if day != self._day:
            self.calls = self.talk = self.occupied = self.present = 0
            self._day = day
        length, self._since = now - self._since, now
        if state == "signed_out":
            return
        self.present += length
        if state == "talking":
            self.talk += length
            self.occupied += length
        elif state == "wrap_up":
            self.occupied += length

    def occupancy(self, now: int) -> int:
        """Return the part of the time signed in, in thousandths, that was talk or wrap-up; the agent is idle now."""
        present = self.present + now - self._since
        return 1000 * self.occupied // present if present else 0
