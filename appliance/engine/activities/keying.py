# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent keys in fields about a caller: `#` ends a value, which is kept and said back; `*` begins it anew.

A value that is not ended, because the agent hangs up or presses nothing more, is kept as incomplete.
"""

from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.contract.records import DataAsked, DataKeyed, KeyPressed
from appliance.contract.switch import Cause
from appliance.engine.parts import ending, lines
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Said
from appliance.engine.parts.inputs import In
from appliance.engine.parts.keyed import Field
from appliance.engine.parts.prompts import note_missing
from appliance.engine.parts.rows import caller
from appliance.engine.parts.starts import StartKeying
from appliance.ivr import say

TRIES: Final = 3
"""How often a field is asked for whose value is too short or too long."""
CORRECT_S: Final = 3.0
"""Time to correct a value after it was said back."""


class KeyingState(IntEnum):
    """States of the activity."""

    KEYING = 0
    REPEATING = 1  # the value is said back


_S = KeyingState


class Keying(Activity):
    """An agent alone with the box, at one of the fields."""

    VIEWS: ClassVar = dict.fromkeys(_S, "keying")
    __slots__ = ("_agent", "_fields", "_keys", "_served", "_tries")

    def __init__(self, board: Board, call: Call, start: StartKeying) -> None:
        super().__init__(board, call, _S.KEYING, start.agent)
        self._agent, self._served, fields = start.agent, start.served, start.fields
        self._fields = list(fields)
        self._keys = ""
        self._tries = 0

    def enter(self) -> None:
        """Answer, and ask for the first field."""
        if not self._agent.answered:
            lines.proceed(self.board, self._agent)
            lines.answer(self.board, self._agent)
        self.call.disposition = "answered"
        self._ask()

    def leave(self, ending: Ending | None) -> None:
        """Keep what has been keyed in so far."""
        super().leave(ending)
        self._keep_incomplete()

    def parties(self) -> tuple[Leg, ...]:
        """Return the agent."""
        return (self._agent,)

    def whole(self) -> bool:
        """Return whether it plays, or waits for a key."""
        return self.timer is not None or bool(self._agent.playing)

    @property
    def _field(self) -> Field:
        return self._fields[0]

    def _prompts(self, *names: str) -> tuple[str, ...]:
        return say.prompts(self.board.config.language, names)

    # --- a field

    def _ask(self, *first: str) -> None:
        self.state, self._keys = _S.KEYING, ""
        served = self._served
        self.board.records.append(
            DataAsked(self.call.number, served.call, self._field.name, served.agent, served.queue, served.caller)
        )
        lines.play(self.board, self._agent, self._prompts(*first, self._field.prompt))

    def _key(self, said: Said) -> None:
        key = said.what.key
        lines.hush(self.board, self._agent)
        self.cancel()
        known = key in "0123456789*#"
        place = f"keyed/{self._field.name}"
        self.board.records.append(KeyPressed(self.call.number, said.leg.number, key, place, known))
        if key == "#":
            self._ended()
            return
        if key == "*":
            self._keys = ""
        elif known and len(self._keys) <= self._field.most:  # one too many tells that it is too long
            self._keys += key
        self.timer = self.after(self._field.wait_s)

    def _ended(self) -> None:
        keys, field = self._keys, self._field
        if not keys:
            self._next()
        elif field.least <= len(keys) <= field.most:
            self._keep(whole=True)
            self.state = _S.REPEATING
            language = self.board.config.language
            sounds = (*self._prompts("keyed-kept"), *say.digits(keys, language), *self._prompts("keyed-correct"))
            lines.play(self.board, self._agent, sounds)
        else:
            self._keep(whole=False)
            self._tries += 1
            if self._tries < TRIES:
                self._ask("keyed-length")
            else:
                self._next()

    def _asked(self, said: Said) -> None:
        """Wait for keys after the question, or for a correction after the value."""
        note_missing(self.board, "keyed", said.what.missing)
        self.timer = self.after(CORRECT_S if self.state is _S.REPEATING else self._field.wait_s)

    def _silence(self, _: Any) -> None:
        self.timer = None
        self._keep_incomplete()
        self._over()

    def _keep_incomplete(self) -> None:
        if self._keys:
            self._keep(whole=False)

    def _keep(self, *, whole: bool) -> None:
        served, keys = self._served, self._keys
        self._keys = ""
        self.board.records.append(
            DataKeyed(served.call, self._field.name, keys, whole, served.agent, served.queue, served.caller)
        )

    # --- the value is said back

    def _judged(self, said: Said) -> None:
        """Begin the field anew at `*`, go on at `#`."""
        if said.what.key not in "*#":
            return
        lines.hush(self.board, self._agent)
        self.cancel()
        if said.what.key == "*":
            self._ask()
        else:
            self._next()

    def _kept(self, _: Any) -> None:
        self.timer = None
        self._next()

    # --- the next one

    def _next(self) -> None:
        self._tries = 0
        if len(self._fields) > 1:
            del self._fields[0]
            self._ask()
        else:
            self._over()

    def _over(self) -> None:
        ending.release(self.board, self.call, Ending(Cause.NORMAL_CLEARING, "box"))

    TABLE: ClassVar[Table] = {
        _S.KEYING: {
            **caller(_S.KEYING),
            In.KEY: (_S.KEYING, _key),
            In.PLAYED: (_S.KEYING, _asked),
            In.TIMER: (_S.KEYING, _silence),
        },
        _S.REPEATING: {
            **caller(_S.REPEATING),
            In.KEY: (_S.REPEATING, _judged),
            In.PLAYED: (_S.REPEATING, _asked),
            In.TIMER: (_S.REPEATING, _kept),
        },
    }
