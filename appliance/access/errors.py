# SPDX-License-Identifier: GPL-2.0-or-later
"""The error of users, tickets and the operation log."""

from appliance.contract.errors import ApplianceError


class AccessError(ApplianceError):
    """A user cannot sign in or be changed as asked, or users and operation log cannot be read."""
