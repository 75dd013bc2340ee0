# SPDX-License-Identifier: GPL-2.0-or-later
"""A Reach: goals are tried one after the other, the legs of one ring together, the first to answer counts.

The activity that started it gets the result: `RINGS`, `REACHED`, `UNREACHED`, `TO_FLOW`, `TO_BOX`. Offers of
queues, phones, hunt groups, follow-me, a phone that is rung first and the way back of transfers are all Reaches.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.config.model import ExtensionConfig
from appliance.contract.switch import Cause
from appliance.engine.parts import ending, lines
from appliance.engine.parts.activity import Machine, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, Said, Takes
from appliance.engine.parts.goals import Goal, Legs
from appliance.engine.parts.inputs import In
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.offers import OfferInput
from appliance.engine.parts.search import Search
from appliance.engine.routes.routing import ToBox, ToFlow

MAX_ANNOUNCEMENT_S: Final = 60.0
"""Longer than a line lets an announcement last: it clears the leg by itself before."""


class Rung:
    """A leg that rings.

    Attributes:
        promises: it announced its own tone (Alerting.inband).
        sounds: sound comes from it.
        announces: it has disconnected, and plays an announcement.
    """

    __slots__ = ("announces", "leg", "promises", "sounds")

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.promises = self.sounds = self.announces = False

    @property
    def rings(self) -> bool:
        """Whether it is known to ring, or announced sound."""
        return self.leg.state is LegState.DELIVERED or self.promises

    @property
    def speaks(self) -> bool:
        """Whether it can be heard now."""
        return self.rings and (self.sounds or self.announces)


class _Gone:
    """The parent of a Reach that was dropped: nothing is reported any more, and no circle of references is left."""

    def take(self, given: In, what: Any = None) -> None:
        """Do nothing."""

    def can(self, given: In) -> bool:  # noqa: ARG002 - as `call.Takes` has it
        """Return False."""
        return False

    def hears_out(self, leg: Leg, cause: int) -> bool:  # noqa: ARG002 - as `call.Takes` has it
        """Return False."""
        return False


_GONE: Final = _Gone()


class ReachState(IntEnum):
    """States of a Reach."""

    RINGING = 0
    OVER = 1


RINGING, OVER = ReachState


class Reach(Machine):
    """Ringing of a call's goals, and the result.

    Args:
        parent: gets the result.
        goals: the first one last.
        heard: the caller hears the legs that ring, also the announcement of one that cannot be reached.
        follows: a phone may redirect the caller; not an agent's, for which a queue rings it.
        flows: a number may lead to a flow.
        back: the parent goes on if no goal is reached, whatever an announcement says.

    Attributes:
        rung: the legs that ring now, by number.
    """

    __slots__ = ("_back", "_behalf", "_follows", "_heard", "_parent", "_search", "rung")

    def __init__(
        self, board: Board, call: Call, parent: Takes, goals: Iterable[Goal | Legs], *,
        heard: bool = False, follows: bool = False, flows: bool = False, back: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(board, call, RINGING)
        self.rung: dict[int, Rung] = {}
        self._parent: Takes = parent
        self._search = Search(board, call, goals, flows=flows)
        self._behalf: ExtensionConfig | None = None
        self._heard, self._follows, self._back = heard, follows, back

    def seek(self, cause: int = Cause.UNALLOCATED_NUMBER) -> None:
        """Ring the next goal that is tried after `cause`; report to the parent if there is none."""
        found = self._search.next(cause)
        if isinstance(found, Legs):
            self._ring(found)
        elif isinstance(found, ToFlow):
            self._parent.take(In.TO_FLOW, found.flow)
        elif isinstance(found, ToBox):
            self._parent.take(In.TO_BOX, found)
        else:
            self._parent.take(In.UNREACHED, found)

    def _ring(self, found: Legs) -> None:
        self._behalf = found.behalf
        for ring in found.rings:
            leg = lines.dial(self.board, self.call, ring)
            leg.at = self
            self.rung[leg.number] = Rung(leg)
        self.timer = self.after(found.ring_s)

    def legs(self) -> tuple[Leg, ...]:
        """Return the legs that ring."""
        return tuple([rung.leg for rung in self.rung.values()])

    def stop(self, cause: int) -> None:
        """Clear the legs that ring."""
        self.cancel()
        if not self.rung:
            return
        legs = self.legs()
        self.rung.clear()
        for leg in legs:
            leg.at = None
            ending.offer(self.board, leg, OfferInput.WITHDRAW)
            lines.clear(self.board, leg, cause)

    def drop(self) -> None:
        """Detach the legs that ring: the call ends, and clears them."""
        self.cancel()
        for rung in self.rung.values():
            rung.leg.at = None
        self.rung.clear()
        self._parent = _GONE

    def whole(self) -> bool:
        """Return whether a leg rings, and a timer bounds it."""
        return bool(self.rung) and self.timer is not None

    def hears_out(self, leg: Leg, cause: int) -> bool:
        """Return whether the caller hears this leg alone, and no goal is tried after this cause."""
        return self._heard and [*self.rung] == [leg.number] and not (self._back or self._search.goes_on(cause))

    # --- events of the legs that ring

    def _alerting(self, said: Said) -> None:
        rung = self.rung[said.leg.number]
        rung.promises = rung.promises or said.what
        self._parent.take(In.RINGS, said)

    def _key(self, said: Said) -> None:
        """Pass on a key from a leg that is heard before it answers."""
        if self._heard:
            self._parent.take(In.EARLY_KEY, said)

    def _early_sound(self, said: Said) -> None:
        self.rung[said.leg.number].sounds = said.what
        self._parent.take(In.RINGS, said)

    def _announces(self, said: Said) -> None:
        """Wait for the end of an announcement, which the far end bounds (Q.931 T306)."""
        rung = self.rung[said.leg.number]
        rung.announces = rung.promises = True
        self.cancel()
        self.timer = self.after(MAX_ANNOUNCEMENT_S)
        self._parent.take(In.RINGS, said)

    def _answered(self, said: Said) -> None:
        del self.rung[said.leg.number]
        said.leg.at = None
        self.stop(Cause.NON_SELECTED_USER)
        self._parent.take(In.REACHED, said.leg)

    def _redirected(self, said: Said) -> None:
        """Add the numbers to which the leg redirects; they are tried when it is cleared."""
        if self._follows:
            self._search.redirect(said.leg, said.what, self._behalf)

    def _cleared(self, said: Said) -> None:
        self.rung.pop(said.leg.number, None)
        if self.rung:
            self._parent.take(In.RINGS, said)
        else:
            self.cancel()
            self.seek(said.what)

    def _over(self, _: Any) -> None:
        """Ring the next goal: the legs did not answer in time."""
        self.timer = None
        for leg in self.legs():
            ending.offer(self.board, leg, OfferInput.TIME_OUT)
        self.stop(Cause.NO_ANSWER)
        self.seek(Cause.NO_ANSWER)

    TABLE: ClassVar[Table] = {
        RINGING: {
            In.ALERTING: (RINGING, _alerting),
            In.EARLY_SOUND: (RINGING, _early_sound),
            In.EARLY_KEY: (RINGING, _key),
            In.ANNOUNCES: (RINGING, _announces),
            In.ANSWERED: (OVER, _answered),
            In.REDIRECTED: (RINGING, _redirected),
            In.CLEARED: (RINGING, _cleared),
            In.TIMER: (RINGING, _over),
        },
        OVER: {},
    }
