# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox setup [FILE]`: first set-up of a box, as plain questions for slow lines, or on a whole screen."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal, Protocol

from appliance.cli.command import Command
from appliance.contract.errors import ApplianceError
from appliance.i18n import N_, _, languages
from appliance.wizard.question import Choice, Question, Site
from appliance.wizard.wizard import Wizard, label, remember_language

BACK: Final = "<"
FILE: Final = "box.toml"


class Say(Protocol):
    """Writes a line."""

    def __call__(self, text: str = "", /) -> None:
        """Write it."""


Ask = Callable[[str, bool], str]
"""Asks for a line; True: it is a secret. Raises EOFError."""


def setup(args: argparse.Namespace) -> int:
    """Ask the questions, and write the configuration. Return the exit status."""
    from appliance.wizard.course import STEPS

    wizard = Wizard(STEPS, site(Path(args.config)))
    if args.frames:
        from appliance.cli.setup_frames import serve

        return serve(wizard)
    if not args.plain and _screen():
        from tui.setup import run

        return run(wizard)
    return converse(wizard, _ask, print)


def site(file: Path) -> Site:
    """Return the box that a file describes, or a new one. Raises ApplianceError."""
    from appliance.config.edit import read
    from appliance.config.load import load_shape
    from appliance.config.model import BoxConfig
    from appliance.config.paths import resolve
    from appliance.wizard.finish import known_users
    from appliance.wizard.machine import look

    there = file.exists() and file.stat().st_size > 0
    config, paths = load_shape(file) if there else (BoxConfig(), resolve(BoxConfig(), file))
    return Site(file, read(file) if there else "", config, look(), known_users(paths), reader(), _test_call)


def reader() -> Literal["zh", "en"]:
    """Return the language of the person here, by the locale."""
    return "zh" if any(each.startswith("zh") for each in languages(os.environ)) else "en"


def _test_call(language: str) -> tuple[bool, Sequence[str]]:
    """Make the demo's call in a process of its own; return whether it was good, and what was checked."""
    import subprocess

    command = [sys.executable, "-m", "appliance.cli", "demo", "--language", language]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    _before, _heading, checks = done.stdout.rpartition(_("What was checked"))
    lines = checks or "\n".join(done.stderr.splitlines()[-3:])
    return done.returncode == 0, lines.strip().splitlines()


def _screen() -> bool:
    """Return whether this terminal can show a whole screen in good time: a serial line gets plain questions."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return not os.ttyname(sys.stdout.fileno()).startswith(("/dev/ttyS", "/dev/ttyUSB", "/dev/ttyAMA"))


def _ask(prompt: str, secret: bool) -> str:  # noqa: FBT001 - as `Ask` has it
    return getpass.getpass(prompt) if secret and sys.stdin.isatty() else input(prompt)


def converse(wizard: Wizard, ask: Ask, say: Say) -> int:
    """Ask all questions line by line; return the exit status: 1 if it was broken off."""
    told = _("Enter takes what stands in brackets; {back} goes back; Ctrl-D leaves, and nothing is changed.")
    say(told.format(back=BACK))
    try:
        while True:
            _head(wizard, say)
            if not _questions(wizard, ask, say):
                continue
            last = wizard.last
            _go_on(wizard, say)
            if last:
                return 0
    except EOFError:
        say()
        return 1


def _head(wizard: Wizard, say: Say) -> None:
    say(f"\n{wizard.place + 1}/{len(wizard.steps)} {_(wizard.step.title)}")
    for line in wizard.told():
        say(f"  {line}")


def _questions(wizard: Wizard, ask: Ask, say: Say) -> bool:
    """Ask what this step asks; return False if it went back."""
    while (question := wizard.question) is not None:
        choices = question.choices(wizard.site)
        for number, choice in enumerate(choices, 1):
            say(f"    {number} {_(choice.label)}")
        text = ask(_prompt(wizard, question, choices), question.secret)
        if text.strip() == BACK:
            wizard.back()
            return False
        if mistake := wizard.take(question, text):
            say(f"  ! {mistake}")
        else:
            remember_language(wizard, question)
    return True


def _prompt(wizard: Wizard, question: Question, choices: Sequence[Choice]) -> str:
    proposal = "" if question.secret else wizard.proposal(question)
    shown = next((_(each.label) for each in choices if each.value == proposal), proposal)
    return f"  {label(question)}" + (f" [{shown}]: " if shown else ": ")


def _go_on(wizard: Wizard, say: Say) -> None:
    try:
        for line in wizard.go_on():
            say(f"  {line}")
    except ApplianceError as error:
        say(f"  ! {error.message}" + (f"\n    {error.hint}" if error.hint else ""))
        wizard.back()


def _arguments(parser: argparse.ArgumentParser) -> None:
    text = _("the box's configuration, a TOML file")
    parser.add_argument("config", metavar="FILE", nargs="?", default=FILE, help=text)
    parser.add_argument("--plain", action="store_true", help=_("questions line by line, for slow lines"))
    parser.add_argument("--frames", action="store_true", help=_("questions for mxbox-tools setup at a serial line"))


SETUP: Final = Command(
    "setup",
    N_("first set-up of a box: questions, then a checked configuration"),
    setup,
    ("mxbox setup", "mxbox setup /etc/mxbox/box.toml --plain"),
    N_(
        "It may be run again: what is there is proposed, and stays unless you answer otherwise."
        " Nothing is changed before the end."
    ),
    arguments=_arguments,
    json=False,
)
