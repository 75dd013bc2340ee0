# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk of an agent: doings of programs in the talk of a phone, and choices that the configuration offers."""

from typing import Literal

import msgspec

InTalk = Literal["transfer", "consult", "back", "join", "conference", "park"]


class DeskChoice(msgspec.Struct, frozen=True):
    """A reason for a pause, or a wrap-up code: its key at a phone, and its name."""

    key: str
    name: str


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """Choices of agents. `prefix` goes before numbers outside; `codes` are those of phones, by name, '' if off.

    `lock_pause`: agents may choose a code with which a pause ends.
    """

    pause_reasons: tuple[DeskChoice, ...] = ()
    wrap_up_codes: tuple[DeskChoice, ...] = ()
    prefix: str = ""
    codes: dict[str, str] = {}
    lock_pause: bool = False
