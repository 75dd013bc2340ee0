# SPDX-License-Identifier: GPL-2.0-or-later
"""The one question the gate asks of the box: may this user in?"""

from dataclasses import dataclass
from typing import Protocol

from appliance.contract.errors import ApplianceError
from tui.web.visit import Guest


class RefusedError(ApplianceError):
    """The box lets this user not in, or not now. Its message is shown."""


class AwayError(ApplianceError):
    """The box cannot be asked now."""


@dataclass(frozen=True)
class Proof:
    """Input of a person at the login."""

    user: str
    password: str
    code: str
    source: str
    """IP address of the browser."""


class Door(Protocol):
    """Checks users; the box does, through its control socket."""

    async def sign_in(self, proof: Proof) -> Guest:
        """Return the guest that a proof is for. Raises RefusedError, AwayError."""

    async def sign_out(self, guest: Guest) -> None:
        """Make the guest's ticket void. Raises nothing: a ticket ends by itself as well."""
