# SPDX-License-Identifier: GPL-2.0-or-later
"""The error tree of the simulator.

SimError +-- ScriptError         a step of a subscriber's script cannot be read +-- ScenarioError       a scenario
document cannot be read +-- SoundError          a sound to speak or to compare with is missing or unusable +--
ExchangeError       the exchange was asked for what it does not have (a span, a channel) +-- PhoneError          a real
phone program (baresip) cannot be run
"""

from typing import Any


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a text for the catalogue; the simulator itself speaks English."""
    return text


class Said(str):
    """An English text with its message id and values, so that the command can show it in another language."""

    __slots__ = ("msgid", "values")

    msgid: str
    values: dict[str, Any]


def said(msgid: str, **values: object) -> Said:
    """Return a text made of a message id and the values of its placeholders."""
    text = Said(msgid.format(**values))
    text.msgid, text.values = msgid, values
    return text


class SimError(Exception):
    """A request of a person that the simulator cannot do.

    Args:
        message: the fault, naming the place.
        hint: what to write or do instead.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ScriptError(SimError):
    """A step of a script; `step` is its text, `number` its place (from 1)."""

    def __init__(self, number: int, step: str, problem: str, hint: str) -> None:
        super().__init__(f"step {number} '{step}': {problem}", hint)
        self.number, self.step, self.problem = number, step, problem


class ScenarioError(SimError):
    """A scenario document; `file` and `key` (e.g. 'call[0].to') name the place."""

    def __init__(self, file: str, key: str, problem: str, hint: str) -> None:
        super().__init__(f"{file}: {key + ': ' if key else ''}{problem}", hint)
        self.file, self.key, self.problem = file, key, problem


class SoundError(SimError):
    """A sound to speak or to compare with, by its `name`."""

    def __init__(self, name: str, problem: str, hint: str) -> None:
        super().__init__(f"sound '{name}': {problem}", hint)
        self.name, self.problem = name, problem


class ExchangeError(SimError):
    """A span or channel that is not there, or a plan that contradicts itself."""


class PhoneError(SimError):
    """A real phone program that is not installed or does not come up."""
