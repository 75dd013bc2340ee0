# SPDX-License-Identifier: GPL-2.0-or-later
"""Prompts of the house, recorded at a phone: after a code and a PIN, or when a request rings it.

They are spoken as greetings of boxes are, into a box of their own, and are in force when a key keeps them.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from appliance.config.model import ExtensionConfig
from appliance.contract.asks import PROMPT_PREFIX, FindPrompt, KeepPrompt
from appliance.engine.parts import box_pins, messages
from appliance.engine.parts.board import Board
from appliance.engine.parts.boxes import Kept
from appliance.engine.parts.call import Call, Leg, Takes
from appliance.engine.parts.listener import Listener
from appliance.engine.parts.starts import StartDialogue, StartMessage, StartSpeech
from appliance.engine.parts.turns import Away, Checking, Question, Turn
from appliance.engine.routes.routing import ToFeature
from appliance.ivr import say

FOLDER: Final = "prompts"
"""Folder of what prompts were before, as `switch.Play` names it."""


def sound(prompt: str, version: str) -> str:
    """Return the sound that plays a prompt, or a version that it had."""
    return f"file:{FOLDER}/{prompt}/{version}.wav" if version else f"{PROMPT_PREFIX}{prompt}"


def dialled(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Ask a phone that dialled the code for the PIN, then for the number of a prompt, unless it was dialled."""
    phone = caller.phone
    if phone is None:
        board.begin(call, StartSpeech(caller, say.prompts(board.config.language, ("not-possible",))))
        return
    listener = Listener(board, caller, phone, board.boxes.booth(""))
    board.begin(call, StartDialogue(caller, box_pins.ask(listener, partial(_which, number=code.number))))


def begin(board: Board, call: Call, caller: Leg, phone: ExtensionConfig, prompt: str) -> None:
    """Record a prompt at a phone."""
    board.begin(call, StartDialogue(caller, _at(Listener(board, caller, phone, board.boxes.booth("")), prompt)))


def _which(listener: Listener, number: str) -> Turn:
    if not number:
        return Question(listener.prompts("prompt-enter-number"), partial(_find, listener))
    return _find(listener, number)


def _find(listener: Listener, number: str) -> Turn:
    return Checking(FindPrompt(number), partial(_found, listener))


def _found(listener: Listener, result: str, values: Mapping[str, str]) -> Turn:
    return _at(listener, values["prompt"]) if result == "found" else listener.words("not-possible")


def _at(listener: Listener, prompt: str) -> Turn:
    """Return the turn of a prompt's keys; what another phone recorded for it and did not keep is gone."""
    listener = listener._replace(box=listener.board.boxes.booth(prompt))
    if (take := _take(listener)) is not None:
        messages.mark(listener.board, take, "deleted", listener.by)
    return _keys(listener)


def _keys(listener: Listener, *first: str) -> Turn:
    return Question(listener.prompts(*first, "prompt-keys"), partial(_key, listener), longest=1)


def _key(listener: Listener, key: str) -> Turn:
    take, prompt = _take(listener), listener.box.name.removeprefix(PROMPT_PREFIX)
    if key == "1":
        return Away(partial(_record, listener), lambda _result: _keys(listener))
    if key == "2":
        heard = take.sound if take is not None else sound(prompt, "")
        return Question((heard,), partial(_key, listener), 1, partial(_keys, listener))
    if key == "3" and take is not None:
        asked = KeepPrompt(prompt, take.path, listener.phone.number, listener.leg.call.number)
        return Checking(asked, partial(_kept, listener, take))
    return listener.words("goodbye") if key == "4" else _keys(listener)


def _take(listener: Listener) -> Kept | None:
    """Return what was recorded and not kept yet."""
    return listener.box.greetings.get("prompt")


def _record(listener: Listener, leg: Leg, dialogue: Takes) -> None:
    listener.board.begin(leg.call, StartMessage(leg, listener.box.name, "dialled", "prompt", dialogue))


def _kept(listener: Listener, take: Kept, result: str, _values: Mapping[str, str]) -> Turn:
    if result == "failed":
        return _keys(listener, "not-possible")
    messages.mark(listener.board, take, "deleted", listener.by)
    return _keys(listener, "prompt-changed" if result == "kept" else "prompt-not-changed")
