# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of the configuration for the walk: tables are taken out while calls are with them, and come back."""

from typing import Any

from appliance.config.codes import CodesConfig
from appliance.config.model import ListsConfig, ParkingConfig, TrunkRuleConfig
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
