# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors, in words for people and as a code for programs."""


class ToolError(Exception):
    """A job that cannot be done: its fault, what helps, and a code that never changes with the language."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


class WronglyAskedError(ToolError):
    """A job that was asked for in a way that cannot be meant: exit status 2."""
