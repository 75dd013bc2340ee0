# SPDX-License-Identifier: GPL-2.0-or-later
"""The way into a conference: by its number and PIN, by a code that names one, or called by a host."""

from functools import partial
from typing import Any, Final

from appliance.config.conferences import ConferenceConfig
from appliance.contract.switch import Party
from appliance.engine.parts import parking
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, Takes
from appliance.engine.parts.goals import Goal
from appliance.engine.parts.inputs import In
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.starts import StartDialogue, StartRoom, StartSpeech
from appliance.engine.parts.turns import Onward, Question, Turn, Words
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
        board.begin(call, StartDialogue(caller, _ask_pin(board, caller, plan)))
    else:
        come_in(board, call, caller, plan)


def named(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Take a phone into the conference that it names by a number of its own choice."""
    come_in(board, call, caller, ConferenceConfig(number=code.number))


def _ask_pin(board: Board, caller: Leg, plan: ConferenceConfig, first: tuple[str, ...] = (), wrong: int = 0) -> Turn:
    sounds = say.prompts(board.config.language, (*first, "room-enter-pin"))
    return Question(sounds, partial(_compare, board, caller, plan, wrong))


def _compare(board: Board, caller: Leg, plan: ConferenceConfig, wrong: int, pin: str) -> Turn:
    """Take hosts and guests in by their PIN; without a PIN for guests, the hash key alone is theirs."""
    if pin == plan.guest_pin or (pin and pin == plan.host_pin):
        return Onward(partial(come_in, plan=plan, host=bool(pin) and pin == plan.host_pin))
    if wrong + 1 < TRIES:
        return _ask_pin(board, caller, plan, ("room-wrong-pin",), wrong + 1)
    text = N_("conference {number}: {n} wrong PINs in a call from {caller}")
    board.trouble("conference", text, number=plan.number, n=TRIES, caller=caller.who or "?")
    return Words(say.prompts(board.config.language, ("room-wrong-pin",)))


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
