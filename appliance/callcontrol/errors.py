# SPDX-License-Identifier: GPL-2.0-or-later
"""The error tree of call control.

MissingTransition       a state machine met an input its table does not know: a bug, never a person's doing
ApplianceError
+-- RequestError        a request of the control API cannot be done
"""

from appliance.errors import ApplianceError


class MissingTransition(Exception):  # noqa: N818 - it is named for what is missing
    """The table of a machine has no entry for this state and input: a bug in the table."""

    def __init__(self, machine: str, state: object, given: object) -> None:
        super().__init__(f"{machine}: no transition from {state!s} on {given!s}")


class RequestError(ApplianceError):
    """A request of the control API cannot be done."""
