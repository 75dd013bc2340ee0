# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors of provisioning.

ApplianceError
+-- ProvisioningError   telephones cannot fetch their settings here as configured
"""

from appliance.contract.errors import ApplianceError


class ProvisioningError(ApplianceError):
    """Telephones cannot fetch their settings here as configured."""
