# SPDX-License-Identifier: GPL-2.0-or-later
"""A supervisor in a talk of others: hears both, is heard by the agent alone, or by both.

The phone dials a code and the agent's number, or is rung. While it listens, keys choose: 4 listen, 5 whisper,
6 barge in, 7 intercept, 8 end the talk, 9 and a number send the other party there, 0 record it or not.
"""

from enum import IntEnum
from typing import Any, ClassVar, Final, Literal, NamedTuple

from appliance.contract.supervision import Mode
from appliance.contract.switch import Cause
from appliance.engine.parts import ending, hearing, intervening, lines, parking
from appliance.engine.parts.activity import Machine, Row, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Mixed, Said, Takes
from appliance.engine.parts.inputs import In
from appliance.engine.parts.rows import nothing, refuse
from appliance.engine.parts.supervisors import Supervisor
from appliance.engine.routes.routing import ToFeature
from appliance.ivr import say

DIGITS_S: Final = 4.0
"""Pause that ends a number; '#' ends it at once."""
NOT_ALLOWED: Final = Ending(Cause.CALL_REJECTED, "box", "rejected")


class Supervision(IntEnum):
    """Ways in which a supervisor takes part."""

    LISTENING = 0
    WHISPERING = 1
    BARGING = 2


_S = Supervision
STATES: Final[dict[Mode, Supervision]] = {"listen": _S.LISTENING, "whisper": _S.WHISPERING, "barge": _S.BARGING}
Choice = Mode | Literal["release", "transfer", "record"]
KEYS: Final[dict[str, Choice]] = {
    "4": "listen",
    "5": "whisper",
    "6": "barge",
    "7": "intercept",
    "8": "release",
    "9": "transfer",
    "0": "record",
}


class Joining(NamedTuple):
    """A supervisor's leg that comes into a talk; `coached` is the agent's leg."""

    leg: Leg
    coached: Leg
    mode: Mode
    by: Supervisor


class Supervising(Machine):
    """The leg of a supervisor; `talk` gets its end."""

    __slots__ = ("_by", "_coached", "_number", "_talk", "leg")

    def __init__(self, board: Board, call: Call, talk: Takes, joining: Joining) -> None:
        super().__init__(board, call, STATES[joining.mode])
        self.leg, self._coached, mode, self._by = joining
        self._talk = talk
        self._number: str | None = None
        self.leg.at = self
        self._tell(mode)

    def mix(self, parties: tuple[Leg, ...]) -> Mixed:
        """Return the gains that the supervisor adds."""
        others = [leg for leg in parties if leg is not self._coached]
        if self.state is _S.LISTENING:
            return hearing.listen(self.leg, *parties)
        if self.state is _S.WHISPERING:
            return hearing.whisper(self.leg, self._coached, *others)
        return hearing.barge(self.leg, *parties)

    def be(self, mode: Mode, by: Supervisor) -> None:
        """Take part in another way from now on; `by`: on whose behalf."""
        self._by = by
        self.board.stirred[self.call.number] = self.call
        if mode == "intercept":
            self._talk.take(In.UNSUPERVISED, self.leg)
            intervening.intercept(self.board, by, self.leg, self._coached)
        else:
            self.state = STATES[mode]
            self._tell(mode)

    def drop(self) -> None:
        """Detach the leg: the talk goes on without it, or ends."""
        self.cancel()
        self.leg.at = None

    def _tell(self, mode: Mode) -> None:
        """Write the way of taking part into the books, and say it to the supervisor."""
        intervening.write(self.board, self._coached, mode, self._by)
        self._say(f"supervise-{mode}")

    def _say(self, prompt: str) -> None:
        lines.play(self.board, self.leg, say.prompts(self.board.config.language, (prompt,)))

    # --- keys

    def _key(self, said: Said) -> None:
        key: str = said.what.key
        if self._number is not None:
            self._digit(key)
        elif (act := KEYS.get(key)) is None:
            return
        elif act not in self._by.role.may:
            self._say("not-possible")
        elif act == "transfer":
            self._number = ""
            self._say("enter-number")
        elif act == "release":
            intervening.release(self.board, self._by, self._coached)
        elif act == "record":
            self._say("recording-on" if intervening.record(self.board, self._by, self._coached) else "recording-off")
        else:
            self.be(act, self._by)

    def _digit(self, key: str) -> None:
        self.cancel()
        if key == "#":
            self._dialled(None)
        else:
            self._number = (self._number or "") + key
            self.timer = self.after(DIGITS_S)

    def _dialled(self, _: Any) -> None:
        """Send the other party to the number; go on if that is not possible."""
        number, self._number = self._number, None
        if not (number and intervening.transfer_to(self.board, self._by, self._coached, number)):
            self._say("not-possible")

    def _gone(self, _: Any) -> None:
        self.cancel()
        self._talk.take(In.UNSUPERVISED, self.leg)

    @staticmethod
    def _rows(state: Supervision) -> dict[In, Row]:
        quiet: dict[In, Row] = dict.fromkeys((In.HELD, In.RESUMED, In.PLAYED), (state, nothing))
        return {
            **quiet,
            In.KEY: (state, Supervising._key),
            In.TIMER: (state, Supervising._dialled),
            In.TRANSFER: (state, refuse),
            In.CLEARED: (state, Supervising._gone),
        }

    TABLE: ClassVar[Table] = {}


Supervising.TABLE = {state: Supervising._rows(state) for state in _S}  # noqa: SLF001 - the same block for each


def dialled(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Move a supervisor's phone into the talk of the agent whose number it dialled."""
    phone = caller.phone
    coached = intervening.agent_leg(board, code.number)
    if phone is None or not phone.supervisor:
        ending.fail(board, call, caller, NOT_ALLOWED)
        return
    by = board.roles.at_phone(phone.number)
    if coached is not None and not intervening.may(board, by, "listen", coached):
        ending.fail(board, call, caller, NOT_ALLOWED)
    else:
        join(board, call, caller, coached, "listen", by)


def join(board: Board, call: Call, leg: Leg, coached: Leg | None, mode: Mode, by: Supervisor) -> None:
    """Move the phone of a call of its own into the talk of `coached`; fail if that is over."""
    if coached is None:
        ending.fail(board, call, leg, parking.NOTHING_THERE)
    elif mode == "intercept":
        intervening.intercept(board, by, leg, coached)
    else:
        leg.role = "supervisor"
        parking.bring(board, call, leg, coached.call)
        coached.call.activity.take(In.SUPERVISED, Joining(leg, coached, mode, by))


def of_phone(board: Board, extension: str, talk: Call) -> Supervising | None:
    """Return the supervisor in a talk at a phone, None if there is none."""
    at = [leg.at for leg in board.in_use.get(extension, ()) if leg.call is talk]
    return next((each for each in at if isinstance(each, Supervising)), None)
