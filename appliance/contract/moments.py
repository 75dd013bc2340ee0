# SPDX-License-Identifier: GPL-2.0-or-later
"""Times of day in requests: local time of the site, as in ISO 8601."""

from datetime import datetime

from appliance.contract.errors import RequestError
from appliance.i18n import N_


def moment(text: str) -> datetime:
    """Parse a time of day. Raises RequestError if it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        hint = N_("write it like 2026-01-31T14:30")
        raise RequestError.of(N_("{at} is no time of day"), hint, at=text) from error
