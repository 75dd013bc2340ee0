# SPDX-License-Identifier: GPL-2.0-or-later
"""Roles of supervisors."""

from appliance.config.base import Config, Name, Number, UserName
from appliance.contract.supervision import ALL_ACTS, May


class RoleConfig(Config, frozen=True, kw_only=True):
    """A role of supervisors: acts that they may do, and where. A supervisor without a role may do all of them."""

    name: Name
    may: tuple[May, ...] = ALL_ACTS
    queues: tuple[Name, ...] = ()  # only talks of these queues' agents, and callers in these queues; empty: all
    extensions: tuple[Number, ...] = ()  # phones of this role; they need `supervisor` as well
    users: tuple[UserName, ...] = ()  # of this machine; they need the right `supervise` as well
