# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of prompts, and of their changes."""

from typing import Literal

import msgspec

from appliance.contract.rows import Row

PromptSource = Literal["made", "recorded", "own"]
"""A prompt that is spoken by a synthesiser, one recorded by a speaker, or one of the owner's."""
PromptStep = Literal["replace", "record", "make", "restore"]


class PromptRow(Row, frozen=True, kw_only=True):
    """A prompt: `<language>/<name>`, and the `number` by which a phone names it.

    `text`: its words, where they are known. `version` names the owner's sound, '' for a built-in one. `at` (Unix
    milliseconds) and `user`: the last change of an own sound, 0 if its file was put there by hand.
    """

    number: int
    prompt: str
    text: str
    source: PromptSource
    length_s: float
    version: str = ""
    at: int = 0
    user: str = ""


class PromptChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change of a prompt by a user, from a `door`: `version` is its sound since then, '' the built-in one.

    `before`: the version until then. `text`: the words from which the sound was made, or a file's name.
    """

    at: int
    user: str
    door: str
    step: PromptStep
    why: str = ""
    version: str = ""
    before: str = ""
    text: str = ""
    length_s: float = 0.0
