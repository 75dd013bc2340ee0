# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors of mailing.

ApplianceError
+-- MailError     no letter can be sent as configured
+-- PostError     one letter was not taken; `final`: trying again is of no use
"""

from appliance.contract.errors import ApplianceError


class MailError(ApplianceError):
    """No letter can be sent as configured."""


class PostError(ApplianceError):
    """A letter was not taken."""

    final = False


class RefusedError(PostError):
    """A letter was refused for good."""

    final = True
