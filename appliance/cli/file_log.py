# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the operation log for commands that change files themselves, whether or not a box runs."""

import os
import pwd
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from appliance.config.paths import ResolvedPaths

COMMAND: Final = "command"
"""The door of such changes."""


def note(paths: "ResolvedPaths", what: str, on: str, *, before: str = "", after: str = "") -> None:
    """Add a row for a change that was made; its user is the one who called sudo. Raises AccessError."""
    from appliance.access import operations
    from appliance.contract.access import OperationRow
    from appliance.wall import system_wall

    at = system_wall(0)
    row = OperationRow(
        operation=0, at=at, user=_user(), door=COMMAND, what=what, on=on, before=before, after=after
    )  # fmt: skip
    operations.append(paths.access, row)


def _user() -> str:
    if called := os.environ.get("SUDO_USER"):
        return called
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
