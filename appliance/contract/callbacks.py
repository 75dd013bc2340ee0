# SPDX-License-Identifier: GPL-2.0-or-later
"""Call-backs of queues, as people see them."""

from typing import Literal

import msgspec

from appliance.contract.records import CallBackResult, CallBackWhy


class CallBackView(msgspec.Struct, frozen=True):
    """A call-back in its queue. `place` is that among all who wait, 0 while it is tried; `call` asked for it.

    'asleep': the next try is not due, or it is out of hours; `tries` are those that count.
    """

    callback: int
    call: int
    number: str
    place: int
    state: Literal["asleep", "waiting", "trying"]
    tries: int


class CallBackRow(msgspec.Struct, frozen=True, kw_only=True):
    """A call-back of a queue. `call` is that in which it was asked for, `calls` those in which it was tried, in order.

    `tries` are those that count. `result` '' while it waits; `why` as in `records.CallBackEnded`. `reached_call` is the
    try that reached the caller, or the call that took its place; 0: none. Times are Unix milliseconds.
    """

    callback: int
    call: int
    started_at: int
    queue: str
    number: str
    tries: int
    result: CallBackResult | Literal[""]
    why: CallBackWhy
    reached_call: int
    ended_at: int
    calls: str


class CallBackTotal(msgspec.Struct, frozen=True):
    """How the call-backs of a queue ended: how many were asked for, and of these each way of ending."""

    queue: str
    asked: int
    reached: int
    given_up: int
    cancelled: int
    waiting: int
