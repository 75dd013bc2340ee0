# SPDX-License-Identifier: GPL-2.0-or-later
"""Greetings of a box, recorded at a phone that listens to it."""

from collections.abc import Callable
from functools import partial
from typing import Final

from appliance.config.voicemail import When
from appliance.engine.parts import messages
from appliance.engine.parts.call import Leg, Takes
from appliance.engine.parts.listener import Listener
from appliance.engine.parts.starts import StartMessage
from appliance.engine.parts.turns import Away, Question, Turn

GREETINGS: Final[dict[str, When]] = {"1": "busy", "2": "no_answer", "3": "after_hours"}
"""Keys of the greetings."""


Back = Callable[[], Turn]
"""The turn to which keys lead back."""


def choose(listener: Listener, back: Back) -> Turn:
    """Ask for the calls whose greeting is to be changed."""
    return Question(listener.prompts("voicemail-which-greeting"), partial(_greeting, listener, back), longest=1)


def _greeting(listener: Listener, back: Back, key: str) -> Turn:
    when = GREETINGS.get(key)
    if when is None:
        return back()
    return Question(listener.prompts("voicemail-greeting-keys"), partial(_change, listener, back, when), longest=1)


def _change(listener: Listener, back: Back, when: When, key: str) -> Turn:
    own = listener.box.greetings.get(when)
    if key == "1":
        return Away(partial(_record, listener, when), partial(_recorded, listener, back, when))
    if key == "2":
        sounds = (own.sound,) if own is not None else listener.prompts(f"voicemail-{when.replace('_', '-')}")
        return Question(
            sounds, partial(_change, listener, back, when), 1, partial(_greeting, listener, back, _key_of(when))
        )
    if key == "3" and own is not None:
        messages.mark(listener.board, own, "deleted", listener.by)
        return Question(
            listener.prompts("voicemail-deleted"), partial(_change, listener, back, when), longest=1, heard=back
        )
    return back()


def _key_of(when: When) -> str:
    return next(key for key, each in GREETINGS.items() if each == when)


def _record(listener: Listener, when: When, leg: Leg, dialogue: Takes) -> None:
    listener.board.begin(leg.call, StartMessage(leg, listener.box.name, when, when, dialogue))


def _recorded(listener: Listener, back: Back, when: When, _result: str) -> Turn:
    return _greeting(listener, back, _key_of(when))
