# SPDX-License-Identifier: GPL-2.0-or-later
"""Feature codes that a phone dials to change its settings, and the words that confirm them."""

from typing import Final, NamedTuple

from appliance.config.model import ExtensionConfig
from appliance.contract.records import Setting
from appliance.engine.parts import settings
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.starts import StartSpeech
from appliance.engine.routes.routing import ToConference, ToFeature, ToPlace, Undecided
from appliance.ivr import say


class Change(NamedTuple):
    """The change that a code makes: `value` None: the number dialled behind it. `said`: the prompt."""

    setting: Setting
    value: str | None
    said: str


CHANGES: Final[dict[str, Change]] = {
    "forward_always": Change("forward_always", None, "forward-always"),
    "forward_always_off": Change("forward_always", "", "forward-off"),
    "forward_busy": Change("forward_busy", None, "forward-busy"),
    "forward_busy_off": Change("forward_busy", "", "forward-off"),
    "forward_no_answer": Change("forward_no_answer", None, "forward-no-answer"),
    "forward_no_answer_off": Change("forward_no_answer", "", "forward-off"),
    "do_not_disturb": Change("do_not_disturb", "1", "do-not-disturb-on"),
    "do_not_disturb_off": Change("do_not_disturb", "", "do-not-disturb-off"),
    "call_waiting": Change("call_waiting", "1", "call-waiting-on"),
    "call_waiting_off": Change("call_waiting", "", "call-waiting-off"),
}


def dialled(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Make the change of a code of `CHANGES` that a phone dialled, and confirm it."""
    phone = caller.phone
    language = board.config.language
    wanted = CHANGES[code.feature]
    value = code.number if wanted.value is None else wanted.value
    if phone is None or (wanted.value is None and not may_forward(board, phone, value)):
        sounds = say.prompts(language, ("not-possible",))
    else:
        change(board, phone, wanted.setting, value)
        number = say.digits(value, language) if wanted.value is None else ()
        sounds = (*say.prompts(language, (wanted.said,)), *number)
    board.begin(call, StartSpeech(caller, sounds))


def may_forward(board: Board, phone: ExtensionConfig, number: str) -> bool:
    """Return whether a phone's calls can go to a number: not to itself, and no further than its class reaches.

    Emergency numbers are excluded: calls to a phone are no emergencies.
    """
    target = board.routes.find(number, complete=True, phone=True)
    if number == phone.number or isinstance(target, Undecided | ToFeature | ToPlace | ToConference):
        return False
    outside = board.routes.outside_number(target)
    return not outside or (board.outbound.permitted(phone, outside) and not board.outbound.is_emergency(outside))


def change(board: Board, phone: ExtensionConfig, setting: Setting, value: str) -> None:
    """Change a setting and write it into the books, unless it has that value already."""
    record = settings.change(board.settings[phone.number], phone.number, setting, value)
    if record is not None:
        board.records.append(record)
