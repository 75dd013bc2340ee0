# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings that are played to the phone of a supervisor, which dials a code and the number of one."""

from collections.abc import Mapping

from appliance.contract.asks import FindRecording
from appliance.engine.parts.at_desk import Desk
from appliance.engine.parts.turns import Checking, Turn, Words


def replay(desk: Desk, number: str) -> Turn:
    """Play a recording; other phones are refused."""
    if not desk.phone.supervisor:
        return desk.words("not-possible")

    def found(result: str, values: Mapping[str, str]) -> Turn:
        return Words((values["sound"],)) if result == "found" else desk.words("not-possible")

    return Checking(FindRecording(number), found)
