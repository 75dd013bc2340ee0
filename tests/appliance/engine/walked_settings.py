# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of the configuration for the walk: tables are taken out while calls are with them, and come back."""

from random import Random
from typing import Any

import msgspec

from appliance.config.codes import CodesConfig
from appliance.config.model import BoxConfig, ListsConfig, ParkingConfig, TrunkRuleConfig
from appliance.config.recordings import RecordingConfig

TAKEN_OUT: tuple[dict[str, Any], ...] = (
    *(
        {name: ()}
        for name in ("voicemail", "conference", "hunt", "duty", "keyed", "recording_rule", "outgoing", "role")
    ),
    {"trunk_rule": (TrunkRuleConfig(line="pri:carrier", calls=2),)},
    {"lists": ListsConfig(black=("1*",), vip=("138*",))},
    {"parking": ParkingConfig(places=0)},
    {"codes": CodesConfig(park="", listen="", conference="")},
    {"recording": RecordingConfig(rule="none")},
    {},
)
"""What changes of the configuration beside the extensions, until it changes again."""


def changed(begun: BoxConfig, chance: Random) -> dict[str, Any]:
    """Return what changes next, for `box.reloaded`: an extension may be gone, one other table is changed."""
    gone = chance.choice(("8001", "8002", "8003", ""))
    left = tuple(msgspec.structs.replace(each) for each in begun.extension if each.number != gone)
    as_begun = {name: getattr(begun, name) for change in TAKEN_OUT for name in change}
    return {"extensions": left, **as_begun, **chance.choice(TAKEN_OUT)}
