# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors of the edge.

ApplianceError
+-- EdgeError   kamailio is missing, refuses its configuration, or has no certificate
"""

from appliance.contract.errors import ApplianceError


class EdgeError(ApplianceError):
    """The SIP face outside cannot run as configured."""
