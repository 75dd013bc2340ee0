# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes `docs/*/commands.md`, the list of all commands, and `card.md`, that of all codes: `make commands`."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from appliance.cli import card
from appliance.cli.command import Command, Group
from appliance.cli.main import sentence
from appliance.cli.tree import TREE
from appliance.i18n import N_, _

DOCS: Final = Path(__file__).parents[2] / "docs"
LANGUAGES: Final = {"en": "en", "zh": "zh_CN"}
"""Folder below `docs`, and its locale."""
LICENCE: Final = "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->"
MADE: Final = "<!-- Written by `make commands`: change the texts of the commands instead. -->"
INTRODUCTION: Final = (
    N_(
        "Made from the texts of the command itself: `mxbox COMMAND --help` says the same, in the language of your"
        " locale (`LANG=zh_CN.UTF-8`: Chinese; else English)."
    ),
    N_(
        "Commands marked *running box* ask it on its control socket: that of `--socket`, else of `MXBOX_SOCKET`, else"
        " `run/control.sock` in the folder, else `/run/mxbox/control.sock`."
    ),
    N_(
        "Commands marked *JSON* take `--json`: one JSON document on standard output, never translated. What goes wrong"
        ' is then `{"error":...,"hint":...}` on standard error, and standard output is empty. The three checks print'
        " their list either way: `{file, good, mistakes}` for each file, each mistake with `file`, `line`, `key`,"
        " `value`, `text`, `hint`."
    ),
    N_("Exit status: 0 good, 1 not good, 2 wrongly asked."),
)


class _Arguments(argparse.ArgumentParser):
    """The arguments of a command, in order."""

    def __init__(self, command: Command) -> None:
        self.added: list[argparse.Action] = []
        super().__init__(add_help=False)
        command.arguments(self)

    def add_argument(self, *args: Any, **kwargs: Any) -> argparse.Action:
        """Add an argument to the parser and to `added`."""
        action = super().add_argument(*args, **kwargs)
        self.added.append(action)
        return action


def commands(entries: tuple[Command | Group, ...] = TREE, before: str = "mxbox") -> Iterator[tuple[str, Command]]:
    """Return every command with its words, e.g. `mxbox agent ready`."""
    for entry in entries:
        if isinstance(entry, Group):
            yield from commands(entry.commands, f"{before} {entry.name}")
        else:
            yield f"{before} {entry.name}", entry


def page() -> str:
    """Return the page in the language of the process (`LANGUAGE`)."""
    head = (LICENCE, MADE, "# " + _("Commands"), *(_(text) for text in INTRODUCTION))
    parts = [part for line, command in commands() for part in _section(line, command)]
    return "\n\n".join((*head, *parts)) + "\n"


def card_page() -> str:
    """Return the page of the card with all codes."""
    made = "<!-- Written by `make commands`: change appliance/cli/card.py instead. -->"
    return "\n\n".join((LICENCE, made, "# " + _("Card of all codes"), card.page())) + "\n"


def _section(line: str, command: Command) -> Iterator[str]:
    added = _Arguments(command).added
    places = [_named(action) for action in added if not action.option_strings]
    yield f"## `{' '.join((line, *places))}`"
    yield " ".join((sentence(_(command.summary)), *_marks(command)))
    if command.text:
        text = _(command.text)
        yield f"```text\n{text}\n```" if "\n" in text else text
    if added:
        yield "\n".join(f"- `{_written(action)}`: {_help(action)}" for action in added)
    yield "```sh\n" + "\n".join(command.examples) + "\n```"


def _marks(command: Command) -> Iterator[str]:
    marks = [_("running box")] * command.asks + [_("JSON")] * command.json
    if marks:
        yield "*(" + ", ".join(marks) + ")*"


def _help(action: argparse.Action) -> str:
    return ((action.help or "") % vars(action)).replace("<", r"\<")  # no HTML


def _named(action: argparse.Action) -> str:
    plain = action.dest.upper() if action.option_strings else action.dest  # as argparse does
    name = str(action.metavar or "|".join(map(str, action.choices or ())) or plain)
    return {"?": f"[{name}]", "*": f"[{name}...]", "+": f"{name}..."}.get(str(action.nargs), name)


def _written(action: argparse.Action) -> str:
    if action.nargs == 0 or not action.option_strings:
        return ", ".join(action.option_strings) or _named(action)
    return f"{', '.join(action.option_strings)} {_named(action)}"


def write(docs: Path = DOCS) -> None:
    """Write the pages of each language."""
    for folder, locale in LANGUAGES.items():
        os.environ["LANGUAGE"] = locale
        (docs / folder / "commands.md").write_text(page(), encoding="utf-8")
        (docs / folder / "card.md").write_text(card_page(), encoding="utf-8")


if __name__ == "__main__":
    write()
