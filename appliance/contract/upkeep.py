# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows about the upkeep of lines: counters by quarter hour, and work that lasts."""

from typing import Literal

import msgspec

from appliance.contract.rows import Row
from appliance.contract.switch import BitTest

JobKind = Literal["bit_test"]
JobState = Literal["running", "done", "stopped", "failed"]


class QuarterRow(Row, frozen=True, kw_only=True):
    """A span in a quarter of an hour from `began` (Unix milliseconds); `seconds` of it were looked at.

    `counters`: how much each grew. `errored_s`: seconds with errors, slips or lost frames (as G.826 without its
    thresholds); `alarm_s` in RED or BLUE, `far_alarm_s` in YELLOW, `out_s` not in service.
    """

    span: int
    began: int
    seconds: int
    counters: dict[str, int]
    errored_s: int
    alarm_s: int
    far_alarm_s: int
    out_s: int


class JobRow(msgspec.Struct, frozen=True, kw_only=True, tag="job"):
    """Work that a user asked for and that lasts: `progress` 0 to 1. `what` it is done to; `by` the user.

    `error`, with `hint`, is a msgid of why it failed, filled in with `values`. `tests` are the results of bit error
    tests so far. `began` and `ended` (0: not yet) are Unix milliseconds.
    """

    job: int
    kind: JobKind
    what: str
    by: str
    began: int
    state: JobState = "running"
    ended: int = 0
    progress: float = 0.0
    error: str = ""
    hint: str = ""
    values: dict[str, str] = {}
    tests: tuple[BitTest, ...] = ()
