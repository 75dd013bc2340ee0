# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors of the set-up."""

from appliance.contract.errors import ApplianceError


class WizardError(ApplianceError):
    """The set-up cannot be written as it was answered."""
