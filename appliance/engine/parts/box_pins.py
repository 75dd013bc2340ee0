# SPDX-License-Identifier: GPL-2.0-or-later
"""The PIN of a box, asked for at a phone that listens to it.

A phone whose lamp shows the box needs no PIN, unless the box has one; any other phone needs it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from appliance.contract.asks import BOX_PREFIX, CheckPin
from appliance.contract.ticks import ticks
from appliance.engine.parts.listener import Listener
from appliance.engine.parts.turns import Checking, Question, Turn
from appliance.i18n import N_

TRIES: Final = 3
"""Wrong PINs after which a call ends."""
Admitted = Callable[[Listener], Turn]
"""The first turn of a phone that may listen."""


def ask(listener: Listener, admitted: Admitted) -> Turn:
    """Ask for the PIN of the box, unless it has none and the phone is one of its own."""
    return Checking(CheckPin(BOX_PREFIX + listener.box.name), partial(_known, listener, admitted))


def _known(listener: Listener, admitted: Admitted, result: str, _values: Mapping[str, str]) -> Turn:
    at_home = listener.phone.number in listener.box.shown_at
    if result == "none" and at_home:
        return admitted(listener)
    if result in ("none", "failed"):
        return listener.words("not-possible")
    return _ask_pin(listener, admitted, ())


def _ask_pin(listener: Listener, admitted: Admitted, first: tuple[str, ...]) -> Turn:
    if listener.board.now < listener.box.locked_until:
        return listener.words("agent-locked")
    return Question(listener.prompts(*first, "agent-enter-pin"), partial(_take_pin, listener, admitted))


def _take_pin(listener: Listener, admitted: Admitted, pin: str) -> Turn:
    return Checking(CheckPin(BOX_PREFIX + listener.box.name, pin), partial(_compared, listener, admitted))


def _compared(listener: Listener, admitted: Admitted, result: str, _values: Mapping[str, str]) -> Turn:
    box = listener.box
    if result == "failed":
        return listener.words("not-possible")
    if listener.board.now < box.locked_until:
        return listener.words("agent-locked")
    if result == "right":
        box.wrong_pins = 0
        return admitted(listener)
    if _locks(listener):
        return listener.words("agent-locked")
    if listener.wrong + 1 >= TRIES:
        return listener.words("voicemail-wrong-pin")
    return _ask_pin(listener._replace(wrong=listener.wrong + 1), admitted, ("voicemail-wrong-pin",))


def _locks(listener: Listener) -> bool:
    """Count a wrong PIN; return whether it was one too many, after which no PIN is taken for a while."""
    board, box, rules = listener.board, listener.box, listener.board.config.agents
    box.wrong_pins += 1
    if box.wrong_pins < rules.wrong_pins:
        return False
    box.wrong_pins, box.locked_until = 0, board.now + ticks(rules.lock_s)
    text = N_("box {box}: {n} wrong PINs, the last one at extension {extension}; no PIN is taken for {seconds} s")
    n, seconds = rules.wrong_pins, f"{rules.lock_s:g}"
    board.trouble("voicemail", text, box=box.name, n=n, extension=listener.phone.number, seconds=seconds)
    return True
