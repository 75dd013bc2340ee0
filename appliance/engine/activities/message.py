# SPDX-License-Identifier: GPL-2.0-or-later
"""A caller hears the greeting of a box and leaves a message, or its owner speaks a greeting, or one a prompt."""

from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.contract.switch import Cause
from appliance.engine.parts import ending, lines, messages
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.boxes import Box
from appliance.engine.parts.call import Call, Ending, Leg, Said, Stretch
from appliance.engine.parts.inputs import In
from appliance.engine.parts.prompts import note_missing
from appliance.engine.parts.rows import OVER, caller, on_the_way, replace
from appliance.engine.parts.starts import StartMessage
from appliance.ivr import say

BEEP: Final = "tone:beep"
SAID: Final = {
    "left": "voicemail-saved",
    "empty": "voicemail-empty",
    "failed": "voicemail-failed",
    "full": "voicemail-full",
}
"""Prompt of each result."""


class MessageState(IntEnum):
    """States of the activity."""

    GREETING = 0
    RECORDING = 1
    CLOSING = 2


_S = MessageState


class Message(Activity):
    """A message that is being left; without `back` the call ends with it."""

    VIEWS: ClassVar = {_S.GREETING: "greeting", _S.RECORDING: "message", _S.CLOSING: "message"}
    __slots__ = ("_back", "_box", "_caller", "_greeting", "_language", "_recording", "_result", "_why")

    def __init__(self, board: Board, call: Call, start: StartMessage) -> None:
        self._box: Box = board.boxes.by_name[start.box]
        self._result = "full" if self._box.full and start.greeting is None else ""
        super().__init__(board, call, _S.CLOSING if self._result else _S.GREETING, start.caller)
        self._caller, self._why, self._greeting, self._back = start.caller, start.why, start.greeting, start.back
        self._language = start.language or board.config.language
        self._recording = 0

    def enter(self) -> None:
        """Answer, and play the greeting; a full box says so instead."""
        board, leg = self.board, self._caller
        if not leg.answered:
            lines.proceed(board, leg)
            lines.answer(board, leg)
        self.call.disposition = "answered"
        if self._greeting is None:
            lines.charge(board, self.call, leg)
        lines.play(board, leg, self._say(SAID["full"]) if self._result else (*self._words(), BEEP))

    def parties(self) -> tuple[Leg, ...]:
        """Return the caller."""
        return (self._caller,)

    def stretch(self) -> Stretch:
        """Return the message, with the name of its box."""
        return Stretch("message", (self._caller.number,), self._box.name)

    def can(self, given: In) -> bool:
        """Return whether an input may come in this state. None but its owner speaks a greeting."""
        return super().can(given) and (given is not In.REPLACED or self._greeting is None)

    def whole(self) -> bool:
        """Return whether it plays or records."""
        if self.state is _S.RECORDING:
            return self._recording in self.board.boxes.open
        return bool(self._caller.playing)

    def _words(self) -> tuple[str, ...]:
        """Return the box's greeting for this call: the owner's own one, or the built-in words."""
        if self._greeting is not None:
            return self._say("voicemail-speak")
        box, when = self._box, "no_answer" if self._why == "dialled" else self._why
        if when in box.greetings:
            return (box.greetings[when].sound,)
        if when in box.config.greetings:
            return self._say(box.config.greetings[when])
        why = () if self._why == "dialled" else (f"voicemail-{when.replace('_', '-')}",)
        return self._say(*why, "voicemail-leave")

    def _say(self, *names: str) -> tuple[str, ...]:
        return say.prompts(self._language, names)

    def _key(self, said: Said) -> None:
        """Skip the greeting for the hash key."""
        if said.what.key == "#" and self._caller.plays[0] != (BEEP,):
            lines.play(self.board, self._caller, (BEEP,))

    def _record(self, said: Said) -> None:
        if said.what.missing:
            note_missing(self.board, f"voicemail {self._box.name}", said.what.missing)
        self._recording = messages.record(self.board, self._caller, self._box, self._why, self._greeting)

    def _recorded(self, result: str) -> None:
        self._result = result
        lines.play(self.board, self._caller, self._say(SAID[result]))

    def _replaced(self, far: Leg) -> None:
        self._caller = replace(self, self._caller, far)

    def _over(self, _: Any) -> None:
        board, call = self.board, self.call
        if self._back is not None:
            board.resume(call, self._back, self._caller, self._result)
        else:
            ending.release(board, call, Ending(Cause.NORMAL_CLEARING, "box"))

    TABLE: ClassVar[Table] = {
        _S.GREETING: {
            **on_the_way(_S.GREETING),
            In.KEY: (_S.GREETING, _key),
            In.PLAYED: (_S.RECORDING, _record),
            In.REPLACED: (_S.GREETING, _replaced),
        },
        _S.RECORDING: {**caller(_S.RECORDING), In.SPOKEN: (_S.CLOSING, _recorded)},
        _S.CLOSING: {**caller(_S.CLOSING), In.PLAYED: (OVER, _over)},
    }
