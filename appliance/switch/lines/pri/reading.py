# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames of a D channel for the recorder: by their call reference they belong to a leg (Q.931 4.3)."""

from appliance.switch.lines.recorder import Reading
from drivers.q931_text import RELEASE_COMPLETE, SETUP, read

_OF_THE_OTHER_SIDE = 0x8000


def reading(frame: bytes, sent: bool) -> Reading:  # noqa: FBT001 - as the recorder has it
    """Return a frame in words. Its key is the call reference as in messages that we receive."""
    said = read(frame)
    if not said.reference:
        return Reading(said.brief, said.text)
    key = said.reference ^ _OF_THE_OTHER_SIDE if sent else said.reference
    return Reading(said.brief, said.text, key, said.message == SETUP, said.message == RELEASE_COMPLETE)
