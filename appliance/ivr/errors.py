# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors of the flows.

ApplianceError
+-- ConfigError
    +-- FlowError       a flow's document cannot be used; carries its mistakes with their places
"""

from appliance.config.errors import ConfigError
from appliance.i18n import N_


class FlowError(ConfigError):
    """A flow that cannot be used. `mistakes` has at least one."""

    remedy = N_("correct the flow, then run: mxbox flow check {file}")
