# SPDX-License-Identifier: GPL-2.0-or-later
"""B channels of one primary rate access: their legs, and the order of taking them (Q.931 5.1.2, 5.7)."""

from collections.abc import Callable, Collection
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from drivers.span import D_TIMESLOT, TIMESLOTS

B_TIMESLOTS = tuple(t for t in range(1, TIMESLOTS + 1) if t != D_TIMESLOT)


class Channels:
    """Timeslots 1 to 31 but 16, and the legs on them.

    The two sides hunt from opposite ends, so that they meet on one channel (glare) only when nearly all are taken.
    `taken` [31] bool: row r is timeslot r + 1; `rows`: those that are. `restarting`: timeslots that wait for the end of
    a restart; `barred`: those that a technician has taken out.

    Args:
        side: of the access.
        restart: has a channel restarted.
        cancel_restart: cancels a restart, if its turn has not come; returns whether it could.
    """

    def __init__(
        self, side: Literal["user", "network"], restart: Callable[[int], None], cancel_restart: Callable[[int], bool]
    ) -> None:
        self._hunt = B_TIMESLOTS if side == "network" else B_TIMESLOTS[::-1]
        self._restart, self._cancel_restart = restart, cancel_restart
        self._leg_at: dict[int, int] = {}
        self._given_up: set[int] = set()
        self.restarting: set[int] = set()
        self.barred: frozenset[int] = frozenset()
        self.taken: NDArray[np.bool_] = np.zeros(TIMESLOTS, np.bool_)
        self.rows: NDArray[np.intp] = np.flatnonzero(self.taken)

    @property
    def in_use(self) -> int:
        """Number of channels that carry a leg."""
        return len(self._leg_at)

    @property
    def room(self) -> bool:
        """Whether a channel would be found: of those that are restarted only one cannot be had."""
        gone = len(self._leg_at.keys() | self.barred) if self.barred else len(self._leg_at)
        return len(self._hunt) - gone > bool(self.restarting)

    def leg(self, timeslot: int) -> int | None:
        """Return the leg on a timeslot, None if there is none."""
        return self._leg_at.get(timeslot)

    def idle(self) -> list[int]:
        """Return the timeslots without a leg in hunting order, those that are being restarted last."""
        return sorted((t for t in self._hunt if t not in self._leg_at), key=self.restarting.__contains__)

    def pick(self, but: Collection[int] = ()) -> int | None:
        """Return the next timeslot to take; None if there is none."""
        return next((t for t in self.idle() if t not in but and self.usable(t)), None)

    def usable(self, timeslot: int) -> bool:
        """It can carry calls, and no leg has it; a restart that has not begun is given up, until the call is over."""
        if timeslot not in B_TIMESLOTS or timeslot in self._leg_at or timeslot in self.barred:
            return False
        if self._take_back(timeslot):
            self._given_up.add(timeslot)
        return timeslot not in self.restarting

    def take(self, timeslot: int, leg: int) -> None:
        """Put a leg on a timeslot."""
        self._leg_at[timeslot] = leg
        self._mark(timeslot, taken=True)

    def release(self, timeslot: int, leg: int) -> None:
        """Remove the leg, if it is still there."""
        if self._leg_at.get(timeslot) == leg:
            del self._leg_at[timeslot]
            self._mark(timeslot, taken=False)
            if timeslot in self._given_up:  # the far end may still hold a call there that was lost with the line
                self.restart(timeslot)

    def agreed(self, timeslot: int) -> None:
        """Note that the far end holds no older call there: it named or took the timeslot for one, or restarted it.

        A restart would only meet its next one: none is due any more. One that is under way goes on to its end.
        """
        self._take_back(timeslot)
        self._given_up.discard(timeslot)

    def restart(self, timeslot: int) -> None:
        """Restart an idle timeslot, so that both ends agree that it is idle."""
        if timeslot not in self.restarting:
            self._given_up.discard(timeslot)
            self.restarting.add(timeslot)
            self._restart(timeslot)

    def forget_restarts(self) -> None:
        """Forget those that are under way or given up: the data link is gone, all begin anew when it is back."""
        self.restarting.clear()
        self._given_up.clear()

    def _take_back(self, timeslot: int) -> bool:
        """Cancel a restart whose turn has not come; return whether there was one."""
        taken = timeslot in self.restarting and self._cancel_restart(timeslot)
        if taken:
            self.restarting.discard(timeslot)
        return taken

    def _mark(self, timeslot: int, *, taken: bool) -> None:
        self.taken[timeslot - 1] = taken
        self.rows = np.flatnonzero(self.taken)
