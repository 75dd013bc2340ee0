# SPDX-License-Identifier: GPL-2.0-or-later
"""Other parties are rung for a caller, who hears ringback, and then talks with the first to answer."""

from enum import IntEnum
from typing import ClassVar, Final

from appliance.contract.switch import Cause
from appliance.engine.parts import consulting, ending, lines, parties
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Mixed, Said, Stretch, by_whom
from appliance.engine.parts.goals import Goal
from appliance.engine.parts.inputs import In
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.rows import OVER, on_the_way, replace
from appliance.engine.parts.starts import StartFlow, StartMessage, StartRing, StartTalk
from appliance.engine.routes.routing import ToBox

RINGBACK: Final = ("tone:ringback",)


class RingState(IntEnum):
    """States of the activity."""

    RINGING = 0


_S = RingState


class Ring(Activity):
    """A caller for whom other parties are rung."""

    VIEWS: ClassVar = {_S.RINGING: "calling"}
    MIXES: ClassVar = True
    __slots__ = ("_back", "_caller", "_heard", "_node", "_reach", "_then")

    def __init__(self, board: Board, call: Call, start: StartRing) -> None:
        super().__init__(board, call, _S.RINGING, start.caller)
        self._caller, reaching, self._back = start.caller, start.reaching, start.back
        self._node, self._then = start.node, start.reached
        goals = [*reaching.otherwise[::-1], Goal(reaching.target, reaching.ring_s, behalf=reaching.behalf)]
        in_flow = self._back is not None
        self._reach = Reach(board, call, self, goals, heard=True, follows=True, flows=not in_flow, back=in_flow)
        self._heard = 0
        """The leg among those rung that the caller hears."""

    def enter(self) -> None:
        """Ring the first goal."""
        if not self._caller.answered:
            lines.proceed(self.board, self._caller)
        lines.hush(self.board, self._caller)
        self.call.disposition = "answered" if self._talked else "abandoned"
        self._reach.seek()

    def leave(self, ending: Ending | None) -> None:  # noqa: ARG002 - as `Activity` has it
        """Detach the legs that ring."""
        self._reach.drop()

    @property
    def _talked(self) -> bool:
        """Whether the caller has been in a talk already, and was transferred or parked."""
        return self.call.answered and self._back is None

    @property
    def node(self) -> str:
        """Node of the flow to which the call goes back."""
        return self._node

    def parties(self) -> tuple[Leg, ...]:
        """Return the caller and the legs that ring."""
        return (self._caller, *self._reach.legs())

    def ringing(self) -> tuple[Leg, ...]:
        """Return the legs that ring."""
        return self._reach.legs()

    def redials(self) -> bool:
        """Return whether another call may dial the same number in its place: if it does not go back to a flow."""
        return self._back is None

    def mix(self) -> Mixed:
        """Return the gains: the caller hears one of the ringing legs, beside the ringback."""
        return {(self._caller.number, self._heard, False): 1.0} if self._heard else {}

    def stretch(self) -> Stretch | None:
        """Return the stretch of the legs that ring."""
        legs = self._reach.legs()
        if not legs:
            return None
        return Stretch(
            "ring", (self._caller.number, *[leg.number for leg in legs]), " ".join([leg.who for leg in legs])
        )

    def whole(self) -> bool:
        """Return whether a leg rings."""
        return self._reach.whole()

    # --- keys before the answer: a carrier's menu (RFC 3960)

    def _key(self, said: Said) -> None:
        """Send a key where sound goes: to the leg that is heard, and from it unless the key was in that sound."""
        to = self._caller if said.leg.number == self._heard else self.board.legs.get(self._heard)
        if (
            to is None
            or (to is self._caller and said.what.inband)
            or (to is not self._caller and said.leg is not self._caller)
        ):
            return
        lines.send_key(self.board, to, said.what.key, said.what.duration_ms)

    # --- the result of ringing

    def _rings(self, said: Said) -> None:
        """Connect the caller to the sound of the ringing legs; play the box's own tone where there is none.

        A leg that announces sound is heard beside our tone, so that nothing of its beginning is missed.
        """
        rung = [each for each in self._reach.rung.values() if each.rings]
        if rung and not self._caller.answered:
            if [*self._reach.rung] == [said.leg.number]:
                parties.reached(self.board, self.call, self._caller, said.leg)
            lines.alert(self.board, self._caller)
        sounding = [each.leg.number for each in rung if each.speaks]
        heard = sounding or [each.leg.number for each in rung if each.promises]
        self._heard = self._heard if self._heard in heard else next(iter(heard), 0)
        if sounding:
            lines.hush(self.board, self._caller)
        elif rung and not self._caller.playing:
            lines.play(self.board, self._caller, RINGBACK, loop=True)

    def _reached(self, leg: Leg) -> None:
        parties.reached(self.board, self.call, self._caller, leg)
        if self._then is not None:
            self._then(self.call, self._caller, leg)
            return
        self.board.begin(self.call, StartTalk(self._caller, leg, tell="b" if self.call.called != leg.who else ""))

    def _to_flow(self, name: str) -> None:
        """Enter the flow to which the number led."""
        self.board.begin(self.call, StartFlow(self._caller, name))

    def _to_box(self, to: ToBox) -> None:
        """Begin a message of the caller in a box."""
        self.board.begin(self.call, StartMessage(self._caller, to.box, to.why))

    def _unreached(self, cause: int) -> None:
        """Go on in the flow, or signal the cause to the caller: no goal is left."""
        board, call = self.board, self.call
        lines.hush(board, self._caller)
        if not self._talked:
            call.disposition = ending.disposition(cause)
        if self._back is not None:
            board.resume(call, self._back, self._caller, cause)
        else:
            ending.fail(board, call, self._caller, Ending(cause, by_whom("callee", cause)))

    def _taken(self, leg: Leg) -> None:
        """Connect the caller with another phone, which takes the call."""
        self._reach.stop(Cause.NON_SELECTED_USER)
        parties.reached(self.board, self.call, self._caller, leg)
        self.board.begin(self.call, StartTalk(self._caller, leg, tell="both"))

    def _caller_left(self, said: Said) -> None:
        consulting.caller_left_ringing(self.board, self.call, said.what)

    def _replaced(self, far: Leg) -> None:
        self._caller = replace(self, self._caller, far)

    TABLE: ClassVar[Table] = {
        _S.RINGING: {
            **on_the_way(_S.RINGING),
            In.KEY: (_S.RINGING, _key),
            In.EARLY_KEY: (_S.RINGING, _key),
            In.CLEARED: (OVER, _caller_left),
            In.RINGS: (_S.RINGING, _rings),
            In.REACHED: (OVER, _reached),
            In.UNREACHED: (OVER, _unreached),
            In.TO_FLOW: (OVER, _to_flow),
            In.TO_BOX: (OVER, _to_box),
            In.TAKEN: (OVER, _taken),
            In.REPLACED: (_S.RINGING, _replaced),
        }
    }
