# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone of the house in a spoken dialogue with the box: questions, keys, answers.

What is keyed in may be secret: it goes into no record, and the call is not recorded.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.contract.asks import AskAnswered
from appliance.engine.parts import asking, lines
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Said
from appliance.engine.parts.inputs import In
from appliance.engine.parts.rows import caller
from appliance.engine.parts.starts import StartDialogue, StartSpeech
from appliance.engine.parts.turns import Away, Checking, Onward, Question, Turn, Words
from appliance.ivr import say

SILENCE_S: Final = 6.0
"""Wait for the first key, and for each further one. Keys that are there then are taken as they are."""
TIMES: Final = 3
"""How often a question is asked without an answer."""
CHECK_S: Final = 5.0
"""Wait for the answer of a check."""


class DialogueState(IntEnum):
    """States of the activity."""

    ASKING = 0
    CHECKING = 1


_S = DialogueState


class Dialogue(Activity):
    """A dialogue, at one of its turns."""

    VIEWS: ClassVar = dict.fromkeys(_S, "speaking")
    __slots__ = (
        "_answered",
        "_ask",
        "_asked",
        "_caller",
        "_first",
        "_heard",
        "_keys",
        "_longest",
        "_silent",
        "_sounds",
        "_then",
    )

    def __init__(self, board: Board, call: Call, start: StartDialogue) -> None:
        super().__init__(board, call, _S.ASKING, start.caller)
        self._caller, self._first, self._silent = start.caller, start.turn, start.silent
        self._sounds: tuple[str, ...] = ()
        self._then: Callable[[str], Turn]
        self._answered: Callable[[str, Mapping[str, str]], Turn]
        self._heard: Callable[[], Turn] | None = None
        self._longest = 0
        self._keys = ""
        self._asked = 0
        self._ask = 0

    def enter(self) -> None:
        """Answer, and begin with the first turn."""
        if not self._caller.answered:
            lines.proceed(self.board, self._caller)
            lines.answer(self.board, self._caller)
        self.call.disposition = "answered"
        self._go_on(self._first)

    def leave(self, ending: Ending | None) -> None:
        """Withdraw the check."""
        super().leave(ending)
        asking.withdraw(self.board, self._ask)

    def parties(self) -> tuple[Leg, ...]:
        """Return the caller."""
        return (self._caller,)

    def whole(self) -> bool:
        """Return whether it plays, or waits for a key or an answer."""
        if self.state is _S.CHECKING:
            return self._ask in self.board.asking and self.timer is not None
        return self.timer is not None or bool(self._caller.playing)

    # --- turns

    def _go_on(self, turn: Turn) -> None:
        if isinstance(turn, Words):
            self.board.begin(self.call, StartSpeech(self._caller, turn.sounds))
        elif isinstance(turn, Onward):
            turn.then(self.board, self.call, self._caller)
        elif isinstance(turn, Checking):
            self._answered = turn.then
            self.take(In.ASK, turn)
        elif isinstance(turn, Away):
            self._then = turn.then
            turn.begin(self._caller, self)
        else:
            self._begin(turn)

    def _begin(self, turn: Question) -> None:
        self._sounds, self._then, self._longest, self._heard = turn
        self._keys, self._asked = "", 0
        self._say()

    def _returned(self, came: tuple[Leg, str]) -> None:
        """Go on with the result of an activity that had the caller."""
        self._caller, result = came
        self._caller.at = self.call.activity = self
        lines.hush(self.board, self._caller)
        self._go_on(self._then(result))

    def _say(self) -> None:
        self._asked += 1
        lines.play(self.board, self._caller, self._sounds)

    # --- keys

    def _key(self, said: Said) -> None:
        """Take a key: it ends the question that is being said."""
        key = said.what.key
        lines.hush(self.board, self._caller)
        self.cancel()
        self._keys = "" if key == "*" else self._keys + key.rstrip("#")
        if key == "#" or len(self._keys) >= self._longest:
            self._go_on(self._then(self._keys))
        else:
            self.timer = self.after(SILENCE_S)

    def _said(self, _: Any) -> None:
        if self._heard is not None:
            self._go_on(self._heard())
            return
        self.timer = self.after(SILENCE_S)

    def _silence(self, _: Any) -> None:
        self.timer = None
        if self._keys:
            self._go_on(self._then(self._keys))
        elif self._asked < TIMES:
            self._say()
        else:
            self._go_on(self._silent or Words(say.prompts(self.board.config.language, ("not-possible",))))

    # --- checks

    def _check(self, turn: Checking) -> None:
        lines.hush(self.board, self._caller)
        self._ask = asking.ask(self.board, self.call, self, "phone code", CHECK_S, turn.what)
        self.timer = self.after(CHECK_S)

    def _checked(self, event: AskAnswered) -> None:
        self._end_check(event.result, event.values)

    def _failed(self, _: Any) -> None:
        self._end_check("failed", {})

    def _late(self, _: Any) -> None:
        asking.withdraw(self.board, self._ask, late=True)
        self._end_check("failed", {})

    def _end_check(self, result: str, values: Mapping[str, str]) -> None:
        self.cancel()
        self._ask = 0
        self._go_on(self._answered(result, values))

    TABLE: ClassVar[Table] = {
        _S.ASKING: {
            **caller(_S.ASKING),
            In.KEY: (_S.ASKING, _key),
            In.PLAYED: (_S.ASKING, _said),
            In.TIMER: (_S.ASKING, _silence),
            In.ASK: (_S.CHECKING, _check),
            In.RETURNED: (_S.ASKING, _returned),
        },
        _S.CHECKING: {
            **caller(_S.CHECKING),
            In.TIMER: (_S.ASKING, _late),
            In.ASK_ANSWERED: (_S.ASKING, _checked),
            In.ASK_FAILED: (_S.ASKING, _failed),
        },
    }
