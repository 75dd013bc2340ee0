# SPDX-License-Identifier: GPL-2.0-or-later
"""Boxes for messages in walks, and requests that change what is in them."""

from contextlib import suppress
from typing import Any, get_args

from appliance.api.messages import ChangeMessage
from appliance.contract.errors import RequestError

BOXES = [
    {"name": "ann", "extension": "8001", "number": "8600", "lamps": ["8003"], "messages": 9, "longest_s": 10},
    {"name": "late", "number": "8601", "queue": "sales", "lamps": ["8002", "8009"], "takes": ["busy"]},
]
CHANGES = get_args(ChangeMessage.__annotations__["change"])


def change_message(walk: Any) -> None:
    """Change a message in any way, also one that is in no box."""
    number = walk.rng.choice([*walk.audit.messages, 0])
    with suppress(RequestError):  # it is in no box, or no task
        walk.do(walk.engine.request(ChangeMessage(number, walk.rng.choice(CHANGES), "101"), walk.source.now))
