# SPDX-License-Identifier: GPL-2.0-or-later
"""The way into a conference: by its number and PIN, by a code that names one, or called by a host."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from appliance.config.conferences import ConferenceConfig
from appliance.contract.asks import GUEST_PREFIX, HOST_PREFIX, CheckPin
from appliance.contract.switch import Party
from appliance.engine.parts import parking
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, Takes
from appliance.engine.parts.goals import Goal
from appliance.engine.parts.inputs import In
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.starts import StartDialogue, StartRoom, StartSpeech
from appliance.engine.parts.turns import Checking, Onward, Question, Turn, Words
from appliance.engine.routes.routing import ToConference, ToFeature, ToGroup, ToOutside, ToPhone
from appliance.i18n import N_
from appliance.ivr import say

TRIES: Final = 3
"""Wrong PINs after which a call ends."""


def dialled(board: Board, call: Call, caller: Leg, target: ToConference) -> None:
    """Take a caller into the conference that it dialled, after its PIN if there is one."""
    plan = target.conference
    if caller.phone is not None and caller.phone.number in plan.hosts:
        come_in(board, call, caller, plan, host=True)
    elif plan.host_pin or plan.guest_pin:
        board.begin(call, StartDialogue(caller, _Door(board, caller, plan).ask()))
    else:
        come_in(board, call, caller, plan)


def named(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Take a phone into the conference that it names by a number of its own choice."""
    come_in(board, call, caller, ConferenceConfig(number=code.number))


class _Door(NamedTuple):
    """A caller who has to key in a PIN; `wrong`: how many were wrong."""

    board: Board
    caller: Leg
    plan: ConferenceConfig
    wrong: int = 0

    def ask(self, *first: str) -> Turn:
        """Ask for the PIN; `first`: prompts before the question."""
        return Question(say.prompts(self.board.config.language, (*first, "room-enter-pin")), self._keyed)

    def _keyed(self, pin: str) -> Turn:
        """Compare a PIN with that of guests, who are more, then of hosts; the hash key alone lets guests without in."""
        if not pin:
            return self._refuse() if self.plan.guest_pin else self._onward(host=False)
        return self._check(pin, host=not self.plan.guest_pin)

    def _check(self, pin: str, *, host: bool) -> Turn:
        whose = HOST_PREFIX if host else GUEST_PREFIX
        return Checking(CheckPin(whose + self.plan.number, pin), partial(self._checked, pin, host))

    def _checked(self, pin: str, host: bool, result: str, _values: Mapping[str, str]) -> Turn:  # noqa: FBT001 - by `_check`
        if result == "right":
            return self._onward(host=host)
        if result == "none":
            whose = N_("conference {number} has no PIN for hosts: `mxbox conference pin {number} --host` makes one")
            text = whose if host else N_("conference {number} has no PIN: `mxbox conference pin {number}` makes one")
            self.board.trouble("conference", text, number=self.plan.number)
        if not host and self.plan.host_pin:
            return self._check(pin, host=True)
        return self._refuse() if result == "wrong" else self._words("not-possible")

    def _onward(self, *, host: bool) -> Turn:
        return Onward(partial(come_in, plan=self.plan, host=host))

    def _refuse(self) -> Turn:
        if self.wrong + 1 < TRIES:
            return self._replace(wrong=self.wrong + 1).ask("room-wrong-pin")
        text = N_("conference {number}: {n} wrong PINs in a call from {caller}")
        self.board.trouble("conference", text, number=self.plan.number, n=TRIES, caller=self.caller.who or "?")
        return self._words("room-wrong-pin")

    def _words(self, prompt: str) -> Turn:
        return Words(say.prompts(self.board.config.language, (prompt,)))


def come_in(board: Board, call: Call, caller: Leg, plan: ConferenceConfig, *, host: bool = False) -> None:
    """Move a caller into a conference; without one, it begins in the caller's call."""
    under_way = board.rooms.get(plan.number)
    if under_way is None:
        board.begin(call, StartRoom((caller,), plan, caller if host else None))
        return
    conference, room = under_way
    if why := conference.admits(host=host):
        board.begin(call, StartSpeech(caller, say.prompts(board.config.language, (why,))))
        return
    caller.role = "member"
    parking.bring(board, call, caller, room)
    room.activity.take(In.JOINED, (caller, host))


class Invited:
    """A number that is called into a conference: it takes the result of its Reach to the room.

    Attributes:
        by: the host who calls it, None if a program does.
    """

    __slots__ = ("_room", "by", "number", "reach")

    def __init__(self, board: Board, call: Call, room: Takes, number: str, by: Leg | None) -> None:
        self._room, self.number, self.by = room, number, by
        behalf = by.phone if by is not None else None
        self.reach = Reach(board, call, self, [Goal(number, behalf=behalf)])

    def take(self, given: In, what: Any = None) -> None:
        """Pass on the result."""
        if given in (In.REACHED, In.UNREACHED):
            self._room.take(given, (self, what))

    def can(self, given: In) -> bool:
        """Return whether an input has an effect."""
        return given in (In.REACHED, In.UNREACHED)

    def hears_out(self, leg: Leg, cause: int) -> bool:  # noqa: ARG002 - as `call.Takes` has it
        """Return False: no member hears an announcement of the line."""
        return False


def may_be_called(board: Board, call: Call, number: str, by: Leg | None) -> bool:
    """Return whether a number can be called into a conference: by a host outside only if it is in the house."""
    target = board.routes.find(number, complete=True, phone=True, given=board.given(call))
    if isinstance(target, ToOutside):
        phone = by.phone if by is not None else None
        return by is None or (phone is not None and board.outbound.permitted(phone, target.number))
    return isinstance(target, ToPhone | ToGroup)


def shown(plan: ConferenceConfig, by: Leg | None, before: Party) -> Party:
    """Return the party that a phone that is called in sees: the host, or the conference."""
    if by is not None and by.phone is not None:
        return Party(by.phone.number, by.phone.name, by.presentation)
    return Party(plan.number, plan.name) if plan.number else before
