# SPDX-License-Identifier: GPL-2.0-or-later
"""A command of `mxbox`: a name, its words, its arguments, and its function."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field

Arguments = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int]
"""Runs the command, returns the exit status. A person's mistake is an `ApplianceError`."""


def no_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


@dataclass(frozen=True)
class Command:
    """One command. Texts are message ids, marked with `N_`.

    Attributes:
        name: as it is typed.
        summary: one line for the list of commands.
        run: runs it.
        examples: whole command lines, tested: each must be one that the parser takes.
        text: more text for its help, e.g. its exit status.
        arguments: adds its own arguments.
        asks: it asks a running box: it takes --socket.
        json: it takes --json.
    """

    name: str
    summary: str
    run: Run
    examples: tuple[str, ...]
    text: str = ""
    arguments: Arguments = no_arguments
    asks: bool = False
    json: bool = True


@dataclass(frozen=True)
class Group:
    """Commands under one word, e.g. `mxbox agent ready`."""

    name: str
    summary: str
    commands: tuple[Command, ...] = field(default=())
