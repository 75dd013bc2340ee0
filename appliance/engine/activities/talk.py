# SPDX-License-Identifier: GPL-2.0-or-later
"""A talk of two: after both heard what they are told, with hold and music, and feature codes that one of them presses.

While a code's number is being pressed the other party hears music, and the one that presses it the dial tone until the
first key.
"""

from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.contract.records import SegmentKind
from appliance.contract.switch import Cause
from appliance.contract.views import HELD
from appliance.engine.parts import consulting, ending, keyed, lines, parking, parties, recording, surveys, transfer
from appliance.engine.parts.activity import NO_GAINS, Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Mixed, Said, Stretch
from appliance.engine.parts.hearing import talk
from appliance.engine.parts.inputs import In
from appliance.engine.parts.presses import Presses
from appliance.engine.parts.prompts import note_missing
from appliance.engine.parts.rows import OVER, asked, left_waiting, nothing, refuse, replace
from appliance.engine.parts.starts import StartTalk
from appliance.engine.parts.supervising import Joining, Supervising
from appliance.ivr import say

DIGITS_S: Final = 4.0
"""Pause that ends the number; '#' ends it at once."""
FIRST_DIGIT_S: Final = 10.0


class TalkState(IntEnum):
    """States of the activity."""

    ANNOUNCING = 0
    TALKING = 1
    DIALLING = 2  # one of them presses the number that belongs to a code


ANNOUNCING, TALKING, DIALLING = TalkState


class Dialling:
    """A number that a leg presses for a feature code."""

    __slots__ = ("code", "leg", "number")

    def __init__(self, leg: Leg, code: str) -> None:
        self.leg = leg
        self.code = code
        self.number = ""


def _number(leg: Leg) -> str:
    return leg.phone.number if leg.phone is not None else ""


class Talk(Activity):
    """Two parties: `a` called, or stayed when another left; `b` was called, or came."""

    VIEWS: ClassVar = {ANNOUNCING: "announcing", TALKING: "talking", DIALLING: "talking"}
    MIXES: ClassVar = True
    __slots__ = ("_a", "_announce", "_b", "_dialling", "_presses", "_supervisors", "_tell", "_told")

    def __init__(self, board: Board, call: Call, start: StartTalk) -> None:
        announce = recording.notice(board, call, (start.a, start.b)) + start.announce
        super().__init__(board, call, ANNOUNCING if announce else TALKING, start.a, start.b)
        self._a, self._b, self._announce, self._tell = start.a, start.b, announce, start.tell
        self._dialling: Dialling | None = None
        self._presses: dict[int, Presses] = {}
        self._supervisors: dict[int, Supervising] = {}
        self._told: Leg | None = None
        """The leg to which the last code was confirmed."""

    def enter(self) -> None:
        """Play what both are told, such as the agent's number, or connect the parties."""
        offer = self._b.offer
        if offer is not None:
            offer.agent.serves(self.call.number, offer.queue, self.call.caller.number)
        if self.state is ANNOUNCING:
            for leg in (self._a, self._b):
                lines.play(self.board, leg, self._announce)
        else:
            self._connect()

    def leave(self, ending: Ending | None) -> None:
        """Drop keys that wait, and a confirmation that is being said."""
        if self.timer is not None:
            self.cancel()
        told = self._told
        if told is not None and told.at is self and told.playing and not told.plays[1]:
            lines.hush(self.board, told)
        for presses in self._presses.values():
            presses.drop()
        for supervisor in self._supervisors.values():
            supervisor.drop()
            if ending is None:  # the talk goes on as another activity, without them
                lines.clear(self.board, supervisor.leg, Cause.NORMAL_CLEARING)
        self._supervisors.clear()

    # --- the talk as others see it

    @property
    def view(self) -> str:
        """Name of the state, as people see it."""
        held = self.state is TALKING and (self._a.held or self._b.held)
        return HELD if held else self.VIEWS[self.state]

    def parties(self) -> tuple[Leg, ...]:
        """Return both parties, and the supervisors."""
        return (self._a, self._b, *[supervisor.leg for supervisor in self._supervisors.values()])

    def partner(self, leg: Leg) -> Leg | None:
        """Return the leg that a leg talks with, or will talk with once neither holds."""
        if self.state is ANNOUNCING or leg not in (self._a, self._b):
            return None
        return self._b if leg is self._a else self._a

    def mix(self) -> Mixed:
        """Return the gains: each party hears the other unless that one holds."""
        if self.state is not TALKING:
            return NO_GAINS
        mixed = talk(self._a, self._b)
        for supervisor in self._supervisors.values():
            mixed |= supervisor.mix((self._a, self._b))
        return mixed

    def stretch(self) -> Stretch:
        """Return the talk, named by the agent or party that it is with."""
        legs = (self._a.number, self._b.number)
        if self.state is ANNOUNCING:
            return Stretch("announce", legs, self._b.agent)
        kind: SegmentKind = "hold" if self.state is TALKING and (self._a.held or self._b.held) else "talk"
        return Stretch(kind, legs, self._b.agent or self._b.who)

    def whole(self) -> bool:
        """Return whether both parties are there."""
        return self.state is not ANNOUNCING or bool(self._a.playing)

    def hears_out(self, leg: Leg, cause: int) -> bool:  # noqa: ARG002 - as `call.Takes` has it
        """Return whether the other party hears this leg."""
        return self.state is TALKING and not leg.held

    def _open(self, leg: Leg) -> Leg | None:
        """Return the other party, if both hear each other."""
        both = self.state is TALKING and not (self._a.held or self._b.held)
        return self.partner(leg) if both else None

    # --- connecting and holding

    def _connect(self) -> None:
        board, call = self.board, self.call
        call.disposition = "answered"
        if not self._a.answered:
            lines.answer(board, self._a)
        for leg in (self._a, self._b):
            lines.hush(board, leg)
        if self._a.held or self._b.held:
            self._arrange()
        lines.charge(board, call, self._a)
        if self._tell == "both":
            parties.show(board, call, self._a, self._b)
        elif self._tell:
            parties.tell(board, call, self._b, self._a)

    def _arrange(self) -> None:
        """Play music to the party whose partner holds or presses a number, and nothing to others."""
        for listener, speaker in ((self._a, self._b), (self._b, self._a)):
            dialling = self._dialling
            if dialling is not None and listener is dialling.leg:
                continue
            if not speaker.held and (dialling is None or speaker is not dialling.leg):
                lines.hush(self.board, listener)
            elif not (listener.playing and listener.plays[1]):
                lines.play(self.board, listener, (f"music:{self.board.config.parking.music}",), loop=True)

    def _announced(self, said: Said) -> None:
        """Connect the parties when `a` has heard the announcement; so has `b`."""
        if said.leg is not self._a:
            return
        note_missing(self.board, self._b.agent, said.what.missing)
        self.state = TALKING
        self.call.since = self.board.now
        self._connect()

    def _held(self, _: Said) -> None:
        """Play music to a party on hold, and let others hear each other."""
        self._arrange()

    def _transfer_early(self, said: Said) -> None:
        """Put the party of the caller's talk in the caller's place; refuse a transfer by the agent."""
        if said.leg is self._a:
            transfer.named_first(self.board, said)
        else:
            refuse(self, said)

    def _transfer(self, said: Said) -> None:
        if self._stop_dialling() is not None:
            self._arrange()
        transfer.wanted(self.board, said.leg, self._other(said.leg), said.what)

    def _other(self, leg: Leg) -> Leg:
        return self._b if leg is self._a else self._a

    # --- keys

    def _key(self, said: Said) -> None:
        leg = said.leg
        code = self._pressed_by(leg).press(said.what)
        if code == "park_talk":
            parking.park(self.board, leg, self._other(leg), "", say_it=True)
        elif code == "consult" and self.call.consults is not None and leg is self._a:  # not the party that is consulted
            consulting.back(self.board, self.call, leg)
        elif code == "conference" and leg is self._a:
            consulting.meet(self.board, self.call, leg, self._b)
        elif code in ("transfer", "consult") and self.call.consults is None:
            self._dial(leg, code)
        elif code in ("record", "record_pause"):
            self._confirm(leg, recording.pressed(self.board, self.call, _number(leg), code))
        elif code == surveys.CODE and leg is self._b and self.call.consults is None:
            surveys.sent(self.board, self.call, self._a, leg)
        elif code and leg is self._b and keyed.begin(self.board, leg, code):
            self._called_left(Cause.NORMAL_CLEARING)

    def _confirm(self, leg: Leg, prompt: str) -> None:
        """Play a prompt to a party that hears nothing else from the box; the talk goes on beneath it."""
        if not leg.playing:
            self._told = leg
            lines.play(self.board, leg, (say.prompt(self.board.config.language, prompt),))

    def _pressed_by(self, leg: Leg) -> Presses:
        presses = self._presses.get(leg.number)
        if presses is None:
            presses = self._presses[leg.number] = Presses(self.board, leg, self._open)
        return presses

    def _dial(self, leg: Leg, code: str) -> None:
        self._dialling = Dialling(leg, code)
        self.state = DIALLING
        self._arrange()
        lines.play(self.board, leg, ("tone:dial",), loop=True)
        self.timer = self.after(FIRST_DIGIT_S)

    def _digit(self, said: Said) -> None:
        dialling, event = self._dialling, said.what
        if dialling is None or said.leg is not dialling.leg:
            self._pressed_by(said.leg).press(event)  # codes have no effect now, and no party hears the keys
            return
        self.cancel()
        lines.hush(self.board, dialling.leg)
        if event.key == "#":
            self._dialled(None)
        else:
            dialling.number += event.key
            self.timer = self.after(DIGITS_S)

    def _dialled(self, _: Any) -> None:
        """Transfer or consult; go on with the talk if that fails."""
        dialling = self._stop_dialling()
        if dialling is None:
            return
        leg, number = dialling.leg, dialling.number
        stays = self._other(leg)
        do = transfer.blind if dialling.code == "transfer" else consulting.begin
        if not number or not do(self.board, leg, stays, number):
            self._arrange()

    def _stop_dialling(self) -> Dialling | None:
        """Drop the number that is being pressed; return it."""
        dialling, self._dialling = self._dialling, None
        if dialling is not None:
            self.cancel()
            self.state = TALKING
            lines.hush(self.board, dialling.leg)
        return dialling

    # --- supervisors

    def _supervised(self, joining: Joining) -> None:
        self._supervisors[joining.leg.number] = Supervising(self.board, self.call, self, joining)

    def _unsupervised(self, leg: Leg) -> None:
        del self._supervisors[leg.number]

    # --- one of them leaves, or is replaced

    def _cleared(self, said: Said) -> None:
        if said.leg is not self._a:
            self._called_left(said.what)
            return
        if self.board.config.keyed and self.call.consults is None:
            keyed.begin(self.board, self._b)
        consulting.caller_left_talk(self.board, self.call, self._b, said.what)

    def _called_left(self, cause: int) -> None:
        board, call, caller, called = self.board, self.call, self._a, self._b
        if consulting.back(board, call, caller):
            return
        asks = called.offer is not None and called.offer.survey
        if not asks or not surveys.invite(board, call, caller, called, cause):
            ending.callee_gone(board, call, cause)

    def _cleared_early(self, said: Said) -> None:
        if said.leg is self._a:
            left_waiting(self, said)
        else:
            ending.callee_gone(self.board, self.call, said.what)

    def _replaced(self, far: Leg) -> None:
        self._a = replace(self, self._a, far)

    TABLE: ClassVar[Table] = {
        ANNOUNCING: {
            **asked(),
            In.PLAYED: (ANNOUNCING, _announced),
            In.KEY: (ANNOUNCING, nothing),
            In.HELD: (ANNOUNCING, nothing),
            In.RESUMED: (ANNOUNCING, nothing),
            In.TRANSFER: (ANNOUNCING, _transfer_early),
            In.REPLACED: (ANNOUNCING, _replaced),
            In.CLEARED: (ANNOUNCING, _cleared_early),
        },
        TALKING: {
            **asked(),
            In.SUPERVISED: (TALKING, _supervised),
            In.UNSUPERVISED: (TALKING, _unsupervised),
            In.KEY: (TALKING, _key),
            In.PLAYED: (TALKING, nothing),
            In.HELD: (TALKING, _held),
            In.RESUMED: (TALKING, _held),
            In.TRANSFER: (TALKING, _transfer),
            In.CLEARED: (OVER, _cleared),
        },
        DIALLING: {
            **asked(),
            In.UNSUPERVISED: (DIALLING, _unsupervised),
            In.KEY: (DIALLING, _digit),
            In.PLAYED: (DIALLING, nothing),
            In.HELD: (DIALLING, _held),
            In.RESUMED: (DIALLING, _held),
            In.TRANSFER: (DIALLING, _transfer),
            In.TIMER: (TALKING, _dialled),
            In.CLEARED: (OVER, _cleared),
        },
    }
