# SPDX-License-Identifier: GPL-2.0-or-later
"""Common parts of all state machines of the engine."""


class MissingTransition(Exception):  # noqa: N818 - named for what is missing
    """The table of a machine has no entry for this state and input: a bug in the table."""

    def __init__(self, machine: str, state: object, given: object) -> None:
        super().__init__(f"{machine}: no transition from {state!s} on {given!s}")
