# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules for agents at desk phones."""

from typing import Annotated

from msgspec import Meta

from appliance.config.base import Config, Seconds


class AgentsConfig(Config, frozen=True, kw_only=True):
    """Rules for all agents who sign in at desk phones. Their PINs are made by `mxbox agent pin`."""

    wrong_pins: Annotated[int, Meta(ge=1, le=100)] = 5  # in a row, of one agent; then no PIN is taken for `lock_s`
    lock_s: Seconds = 900.0
