# SPDX-License-Identifier: GPL-2.0-or-later
"""Duty lists as the control API shows them."""

from appliance.contract.rows import Row


class DutySlot(Row, frozen=True, kw_only=True):
    """A slot of a duty list: `call` those on duty, the deputies last. `at`, `asked_by`: when it was set and by whom.

    Slots of the configuration have `at` 0.
    """

    when: str
    call: tuple[str, ...]
    at: int = 0
    asked_by: str = ""


class DutyRow(Row, frozen=True, kw_only=True):
    """A duty list at a moment: `call` those on duty, the deputies last; `slots` in the order in which they win.

    `gaps` are times of the next four weeks at which no number is on duty although one is needed: from, to (Unix
    milliseconds).
    """

    duty: str
    number: str
    call: tuple[str, ...]
    otherwise: str
    slots: tuple[DutySlot, ...]
    gaps: tuple[tuple[int, int], ...]
