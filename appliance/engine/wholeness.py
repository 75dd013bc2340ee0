# SPDX-License-Identifier: GPL-2.0-or-later
"""What must be true of every call between two events: each leg is somebody's, and the call waits for something."""

from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.parking import Leaving


def whole(call: Call) -> bool:
    """Tell whether nobody in a call is lost."""
    parties = call.activity.parties()
    return (
        call.activity.whole()
        and all(call.legs.get(leg.number) is leg and leg.at is not None for leg in parties)
        and all(leg.call is call and (leg in parties or _going(leg)) for leg in call.legs.values())
    )


def _going(leg: Leg) -> bool:
    """It is on its way out, or will be when it has heard what it hears."""
    return leg.state is LegState.RELEASING or (isinstance(leg.at, Leaving) and bool(leg.playing))
