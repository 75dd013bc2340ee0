# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a call goes, and why: what `mxbox route test` shows."""

from typing import NamedTuple

import msgspec


class Why(NamedTuple):
    """One reason: a message id and what goes into its placeholders."""

    msgid: str
    values: dict[str, str]


class Way(NamedTuple):
    """One line that may carry the call: what is dialled there, and which number is shown ('' the caller's own)."""

    line: str
    called: str
    caller: str


class Ways(NamedTuple):
    """Lines in the order in which they are tried; without any, `cause` says why not. `why` tells how it came."""

    lines: tuple[Way, ...]
    cause: int
    why: tuple[Why, ...]


class Step(msgspec.Struct, frozen=True):
    """One step of the way: a message id, and what goes into its placeholders."""

    msgid: str
    values: dict[str, str] = {}


class Leads(msgspec.Struct, frozen=True):
    """Where a call leads.

    `lines` are tried in order, each with what is dialled and shown there ('' the caller's own number); `cause` (Q.850)
    says how it is refused, 0: it is not.
    """

    lines: tuple[Way, ...]
    steps: tuple[Step, ...]
    cause: int = 0
