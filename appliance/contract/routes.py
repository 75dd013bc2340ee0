# SPDX-License-Identifier: GPL-2.0-or-later
"""Destination of a call, with reasons, as `mxbox route test` shows it."""

from typing import NamedTuple

import msgspec


class Why(NamedTuple):
    """One reason: a message id and the values for its placeholders."""

    msgid: str
    values: dict[str, str]


class Way(NamedTuple):
    """One line that may carry the call: the number dialled there, and the number shown ('' the caller's own)."""

    line: str
    called: str
    caller: str


class Ways(NamedTuple):
    """Lines in the order in which they are tried; without any, `cause` is that of the refusal. `why`: the reasons."""

    lines: tuple[Way, ...]
    cause: int
    why: tuple[Why, ...]


class Step(msgspec.Struct, frozen=True):
    """One step of the way: a message id, and the values for its placeholders."""

    msgid: str
    values: dict[str, str] = {}


class Leads(msgspec.Struct, frozen=True):
    """Destination of a call.

    `lines` are tried in order, each with the number dialled and the number shown there ('' the caller's own). `cause`
    (Q.850) is that of a refusal, 0 without one.
    """

    lines: tuple[Way, ...]
    steps: tuple[Step, ...]
    cause: int = 0
