# SPDX-License-Identifier: GPL-2.0-or-later
"""The row of a voice message, as `rows` has those of calls."""

from appliance.contract.records import MessageWhy, TaskState
from appliance.contract.rows import Row


class MessageRow(Row, frozen=True, kw_only=True):
    """A message in a box; `running` while it is spoken. `at`: when it was left, Unix milliseconds, as all times here.

    `why` the call came to the box: `busy`, `no_answer`, `after_hours`, `dialled`. `heard_at` 0: it is new; `saved`: it
    is not deleted for its age; `passed`: the message of another box that was passed on, 0: none. Of a queue's box:
    `state` is `open`, `taken` or `done`, `owner` the agent, `due_at` the deadline. `deleted_at` 0: it is in its box.
    """

    message: int
    box: str
    call: int
    path: str
    caller: str
    name: str
    withheld: bool
    why: MessageWhy
    at: int
    length_s: float
    running: bool
    error: str
    heard_at: int
    saved: bool
    deleted_at: int
    deleted_by: str
    passed: int
    state: TaskState
    owner: str
    due_at: int
