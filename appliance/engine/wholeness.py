# SPDX-License-Identifier: GPL-2.0-or-later
"""An invariant of every call between two events: each leg is at an activity, and the call waits for something."""

from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.parking import Leaving


def whole(call: Call) -> bool:
    """Return whether no leg of a call is lost."""
    parties = call.activity.parties()
    return (
        call.activity.whole()
        and all(call.legs.get(leg.number) is leg and leg.at is not None for leg in parties)
        and all(leg.call is call and (leg in parties or _going(leg)) for leg in call.legs.values())
    )


def _going(leg: Leg) -> bool:
    """Return whether a leg is being cleared, or will be at the end of its sounds."""
    return leg.state is LegState.RELEASING or (isinstance(leg.at, Leaving) and bool(leg.playing))
