# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans as the control API shows them."""

from typing import Literal

from appliance.contract.records import PlanState
from appliance.contract.rows import Row

PlanReason = Literal["exception", "workday", "holiday", "public_workday", "public_holiday", "hours", "by_hand"]
"""Kind of the entry that decides whether a time plan is open."""


class PlanSwitch(Row, frozen=True, kw_only=True):
    """A change of a time plan by hand; `until` Unix milliseconds, 0: until further notice.

    `extension` is the phone that did it, `asked_by` the user of the machine; both '': the time was over.
    """

    at: int
    state: PlanState
    until: int
    extension: str
    asked_by: str


class PlanRow(Row, frozen=True, kw_only=True):
    """A time plan at a moment: `open`, by the entry `by` of the kind `reason`.

    `times` are those of that day. `changes_at` is when it opens or closes next (Unix milliseconds), 0: not within a
    year, or by hand. `state` is `by_plan`, or what it was switched to by hand, until `until` (0: until further notice).
    `code` is what a phone dials to switch it, '' without one. `announced` is the last day for which the public holidays
    that it follows are announced. `switches` are the last changes by hand, newest first.
    """

    plan: str
    open: bool
    reason: PlanReason
    by: str
    times: tuple[str, ...]
    changes_at: int
    state: PlanState
    until: int
    code: str
    announced: str
    switches: tuple[PlanSwitch, ...] = ()
