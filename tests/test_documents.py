# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents and the help of the command are true: examples work, commands are listed, links lead somewhere."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.cli.command import Command, Group
from appliance.cli.main import make_parser
from appliance.cli.tree import TREE
from appliance.engine import diagrams

ROOT = Path(__file__).parent.parent


def commands(entries: tuple[Command | Group, ...] = TREE, before: str = "mxbox") -> Iterator[tuple[str, Command]]:
    for entry in entries:
        if isinstance(entry, Group):
            yield from commands(entry.commands, f"{before} {entry.name}")
        else:
            yield f"{before} {entry.name}", entry


def parses(line: str) -> bool:
    """Tell whether the command takes this line; placeholders in capitals stand for themselves."""
    words = shlex.split(line, comments=True)
    try:
        make_parser().parse_args(words[1:])
    except SystemExit as end:
        return end.code == 0  # --help and --version
    return True


@pytest.mark.parametrize("command", list(commands()), ids=lambda each: each[0])
def test_a_command_has_words_and_examples_that_work(command: tuple[str, Command]) -> None:
    line, what = command
    assert what.summary
    assert what.examples
    for example in what.examples:
        assert example.startswith(line)
        assert parses(example), example


READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_lists_every_command(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert not [line for line, _command in commands() if f"`{line}" not in text]


def readme_lines(readme: str) -> list[str]:
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:sh|console|bash)\n(.*?)```", text, re.DOTALL)
    lines = [line.removeprefix("$ ").strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith(("mxbox ", ".venv/bin/mxbox ", "make "))]


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_commands_exist(readme: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = readme_lines(readme)
    assert len(lines) > 5
    for line in lines:
        words = shlex.split(line, comments=True)
        if words[0] == "make":
            assert set(words[1:]) <= targets, line
        else:
            assert parses(line), line


@pytest.mark.parametrize("readme", [*READMES, "ARCHITECTURE.md", "CHANGELOG.md"])
def test_the_documents_links_lead_somewhere(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    assert not [link for link in links if "://" not in link and not (ROOT / link).exists()]


def test_the_machines_are_drawn_as_their_tables_are() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert diagrams.written(text) == text, "run: make diagrams"


ROOMS = ("", "appliance/", "appliance/engine/", "appliance/switch/lines/", "drivers/")
"""Where the architecture's files are, as it names them."""


def test_the_architecture_names_files_that_are_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_/0-9]+/[a-z_0-9]+\.(?:py|h|c|md|json))`", text))
    assert len(named) > 50
    assert not [each for each in named if not any((ROOT / room / each).exists() for room in ROOMS)]
