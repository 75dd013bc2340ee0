# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of one local day, for overviews and boards."""

from appliance.contract.rows import Colour, Row


class HourRow(Row, frozen=True, kw_only=True):
    """Calls that began in an hour of the day: by the network's result, and those that hung up before any answer."""

    hour: int
    calls: int
    answered: int
    abandoned: int


class BoxDay(Row, frozen=True, kw_only=True):
    """All calls of a day. `lost`: from outside, and no person talked with the caller: counted when they are over."""

    calls: int
    answered: int
    abandoned: int
    lost: int
    talk_s: float


class QueueDay(Row, frozen=True, kw_only=True):
    """Stays of callers in a queue that began on the day, and have ended.

    `in_time`: answered within `target_s` of the queue; `service_level` is their share of all stays but those who hung
    up within it, 0 to 1; None: there were none. `colour` is of the service level, by `queue.board`. `wait_s` is the
    mean wait of callers who were answered, `longest_s` the longest of all.
    """

    queue: str
    entered: int
    answered: int
    abandoned: int
    in_time: int
    target_s: float
    service_level: float | None
    wait_s: float
    longest_s: float
    colour: Colour = ""
