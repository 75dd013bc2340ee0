# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones of the house as rows: where they are registered, whose they are now, what they do with calls."""

from appliance.contract.records import Setting
from appliance.contract.rows import Row


class ContactRow(Row, frozen=True, kw_only=True):
    """A phone that is registered: `address` host:port as the box sees it, `agent` its make by its own words.

    `until`: Unix milliseconds at which its registration ends, unless it is renewed.
    """

    address: str
    transport: str
    agent: str
    until: int


class PhoneRow(Row, frozen=True, kw_only=True):
    """An extension. `registers`: its phone has to, and is at each of `contacts`; other lines are where `line` says.

    `agent` is signed in there, '' if none; `call` that of its phone (0: none); `settings` as in `PhoneReply`.
    """

    extension: str
    name: str
    line: str
    registers: bool
    contacts: tuple[ContactRow, ...]
    agent: str
    call: int
    settings: dict[Setting, str]
