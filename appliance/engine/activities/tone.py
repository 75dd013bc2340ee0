# SPDX-License-Identifier: GPL-2.0-or-later
"""The last sounds of a call: a tone that signals a failure, or words that confirm a change."""

from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.contract.switch import Cause
from appliance.engine.parts import consulting, ending, lines
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Said
from appliance.engine.parts.inputs import In
from appliance.engine.parts.prompts import note_missing
from appliance.engine.parts.rows import OVER, caller
from appliance.engine.parts.starts import StartSpeech, StartTone

TONE_S: Final = 8.0
"""How long an answered caller hears the tone. Others get the cause alone."""


class ToneState(IntEnum):
    """States of the activity."""

    SOUNDING = 0


_S = ToneState


class Tone(Activity):
    """A tone, for a while."""

    VIEWS: ClassVar = {_S.SOUNDING: "tone"}
    __slots__ = ("_caller", "_ending")

    def __init__(self, board: Board, call: Call, start: StartTone) -> None:
        super().__init__(board, call, _S.SOUNDING, start.caller)
        self._caller, self._ending = start.caller, start.ending

    def enter(self) -> None:
        """Play the tone."""
        call, why = self.call, self._ending
        call.ending = why
        if why.disposition is not None:
            call.disposition = why.disposition
        name = "busy" if why.cause == Cause.USER_BUSY else "congestion"
        lines.play(self.board, self._caller, (f"tone:{name}",), loop=True)
        self.timer = self.after(TONE_S)

    def parties(self) -> tuple[Leg, ...]:
        """Return the caller."""
        return (self._caller,)

    def _over(self, _: Any) -> None:
        """End the call; a phone that failed to reach the party to consult goes back to the one that waits."""
        if not consulting.back(self.board, self.call, self._caller):
            ending.release(self.board, self.call, self._ending)

    TABLE: ClassVar[Table] = {_S.SOUNDING: {**caller(_S.SOUNDING), In.TIMER: (OVER, _over)}}


class Speech(Activity):
    """Words, once."""

    VIEWS: ClassVar = {_S.SOUNDING: "speaking"}
    __slots__ = ("_caller", "_sounds")

    def __init__(self, board: Board, call: Call, start: StartSpeech) -> None:
        super().__init__(board, call, _S.SOUNDING, start.caller)
        self._caller, self._sounds = start.caller, start.sounds

    def enter(self) -> None:
        """Play the words."""
        if not self._caller.answered:
            lines.proceed(self.board, self._caller)
            lines.answer(self.board, self._caller)
        self.call.disposition = "answered"
        lines.play(self.board, self._caller, self._sounds)

    def parties(self) -> tuple[Leg, ...]:
        """Return the caller."""
        return (self._caller,)

    def whole(self) -> bool:
        """Return whether words are played."""
        return bool(self._caller.playing)

    def _over(self, said: Said) -> None:
        if said.what.missing:
            note_missing(self.board, "phone code", said.what.missing)
        ending.release(self.board, self.call, Ending(Cause.NORMAL_CLEARING, "box"))

    TABLE: ClassVar[Table] = {_S.SOUNDING: {**caller(_S.SOUNDING), In.PLAYED: (OVER, _over)}}
