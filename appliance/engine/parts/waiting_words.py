# SPDX-License-Identifier: GPL-2.0-or-later
"""Announcements to callers in a queue: the position, the expected wait, and how to be called back."""

from typing import Final

from appliance.contract.ticks import ticks
from appliance.engine.parts.entries import Entry
from appliance.engine.parts.queues import Queue
from appliance.ivr import say

MINUTE: Final = ticks(60)


def position(queue: Queue, entry: Entry, language: str, now: int, first: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sounds of prompts, and of the position and all that follows it."""
    sounds = (
        *say.prompts(language, (*first, "queue-position")),
        *say.number(queue.position(entry), language),
        say.prompt(language, "queue-position-end"),
    )
    if not entry.waits:
        return sounds
    if queue.config.announce_wait:
        sounds += _expected(queue, entry, language, now)
    callback = queue.config.callback
    if callback is not None and callback.announce:
        sounds += (say.prompt(language, "callback-offer"), *say.digits(callback.key, language))
    return sounds


def _expected(queue: Queue, entry: Entry, language: str, now: int) -> tuple[str, ...]:
    """Return the words for the wait that is expected from now on, if anything tells."""
    further = queue.further(entry, now)
    if further is None:
        return ()
    minutes = max(1, -(-further // MINUTE))
    unit = "queue-minute" if minutes == 1 else "queue-minutes"
    return say.prompt(language, "queue-wait"), *say.number(minutes, language), say.prompt(language, unit)
