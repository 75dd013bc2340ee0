# SPDX-License-Identifier: GPL-2.0-or-later
"""What must be true of every call between two events: each leg is somebody's, and the call waits for something."""

from collections.abc import Callable
from typing import Final

from appliance.engine.parts.call import Call, CallState, Leg
from appliance.engine.parts.legs import LegState


def whole(call: Call) -> bool:
    """Tell whether nobody in a call is lost."""
    over = call.state is CallState.RELEASING
    parties = [leg for leg in (call.a, call.b, *call.ringing.values()) if leg is not None]
    return (
        all(call.legs.get(leg.number) is leg for leg in parties)
        and all(leg.call is call and (_going(leg) or (leg in parties and not over)) for leg in call.legs.values())
        and (over or (call.a is not None and _WAITS[call.state](call)))
    )


def _going(leg: Leg) -> bool:
    """It is on its way out, or will be when it has heard what it hears."""
    return leg.state is LegState.RELEASING or (leg.leaving and bool(leg.playing))


def _timed(call: Call) -> bool:
    return call.timer is not None


def _played(call: Call) -> bool:
    return call.a is not None and bool(call.a.playing)


_WAITS: Final[dict[CallState, Callable[[Call], bool]]] = {
    CallState.ADDRESS: _timed,
    CallState.FLOW: lambda call: _timed(call) or _played(call),
    CallState.WAITING: lambda call: call.entry is not None,
    CallState.OFFERING: lambda call: call.entry is not None and call.b is not None,
    CallState.ANNOUNCING: lambda call: call.b is not None and _played(call),
    CallState.CALLING: lambda call: bool(call.ringing) and _timed(call),
    CallState.TALKING: lambda call: call.b is not None,
    CallState.TONE: _timed,
    CallState.ORIGINATING: _timed,
    CallState.SPEAKING: _played,
    CallState.PARKED: lambda call: _timed(call) or call.consulted_by is not None,
}
"""What the call waits for, in each state in which it is not over."""
