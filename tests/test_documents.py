# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents and the help of the command are true: examples work, commands are listed, links lead somewhere."""

import re
import shlex
from argparse import ArgumentParser
from functools import cache
from pathlib import Path
from shutil import copytree

import msgspec
import pytest

from appliance.cli import reference
from appliance.cli.command import Command
from appliance.cli.main import make_parser
from appliance.config.codes import CodesConfig
from appliance.config.conferences import ConferenceKeysConfig
from appliance.config.load import look
from appliance.config.model import BoxConfig, ParkingConfig
from appliance.engine import diagrams
from hw_sim.desk import Person
from hw_sim.script import read_script
from hw_sim.shift import read_shift
from tests.pages import GUIDES, LANGUAGES, PAGES, READMES, ROOT, blocks, words_of


@cache
def parser() -> ArgumentParser:
    return make_parser()


def parses(line: str) -> bool:
    """Return whether the command takes this line; placeholders in capitals stand for themselves."""
    words = shlex.split(line, comments=True)
    try:
        parser().parse_args(words[1:])
    except SystemExit as end:
        return end.code == 0  # --help and --version
    return True


@pytest.mark.parametrize("command", list(reference.commands()), ids=lambda each: each[0])
def test_a_command_has_words_and_examples_that_work(command: tuple[str, Command]) -> None:
    line, what = command
    assert what.summary
    assert what.examples
    for example in what.examples:
        assert example.startswith(line)
        assert parses(example), example


@pytest.mark.parametrize("folder", reference.LANGUAGES)
def test_the_list_of_commands_is_that_of_the_command(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", reference.LANGUAGES[folder])
    there = (reference.DOCS / folder / "commands.md").read_text(encoding="utf-8")
    assert there == reference.page(), "run: make commands"
    assert not [line for line, _command in reference.commands() if f"## `{line}" not in there]


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_commands_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = [line for block in blocks(page, "sh") for line in block.lines]
    text = (ROOT / page).read_text(encoding="utf-8")
    lines += re.findall(r"`((?:mxbox|make) [a-z][^`]*)`", text) + re.findall(
        r"^ExecStart=\S*/(mxbox .*)$", text, re.MULTILINE
    )
    assert len(lines) > 10
    for line in lines:
        words = words_of(line)
        if words[0] == "make":
            assert {word for word in words[1:] if "=" not in word} <= targets, line
        elif words[0] == "mxbox":
            assert parses(re.sub(r"\bCALL\b", "1", line)) or understood(words), line


def understood(words: list[str]) -> bool:
    """Return whether words in the text name a command or a group of commands, without all its arguments."""
    line = " ".join(words)
    return any(f"{command} ".startswith(f"{line} ") for command, _what in reference.commands())


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/")])
def test_configurations_on_a_page_are_good(page: str, tmp_path: Path) -> None:
    site = copytree(ROOT / "appliance/config/examples", tmp_path / "mysite")
    base = (site / "tester.toml").read_text(encoding="utf-8") + "\n[sip]\nport = 5070\n[edge]\nenabled = true\n"
    for text in (block.text for block in blocks(page, "toml") if not block.mark):
        (site / "shown.toml").write_text(base + text, encoding="utf-8")
        assert look(site / "shown.toml")[1] == []


@pytest.mark.parametrize("page", PAGES)
def test_python_on_a_page_compiles(page: str) -> None:
    for block in blocks(page, "python"):
        compile(block.text, page, "exec")


@pytest.mark.parametrize("guide", [*GUIDES, "commands.md"])
def test_a_guide_says_the_same_in_both_languages(guide: str) -> None:
    english, chinese = (f"docs/{language}/{guide}" for language in LANGUAGES)
    assert outline(english) == outline(chinese)
    if guide in GUIDES:
        assert done(english) == done(chinese)


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/")])
def test_keys_of_the_configuration_on_a_page_are_there(page: str) -> None:
    tables = {field.name: field.type for field in msgspec.structs.fields(BoxConfig)}
    named = re.findall(r"`<?([a-z_]+)\.([a-z_]+)\b", (ROOT / page).read_text(encoding="utf-8"))
    known = {(table, key) for table, kind in tables.items() for key in getattr(kind, "__struct_fields__", ())}
    assert not [key for key in named if key[0] in tables and key not in known]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_feature_codes_on_the_agents_page_are_the_boxs(language: str) -> None:
    text = (ROOT / f"docs/{language}/agent.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"`([*#]+\d*|70\d)`", text))
    places = ParkingConfig().numbers
    codes = {*msgspec.structs.asdict(CodesConfig()).values(), places[0], places[-1]}
    assert shown == codes | {*msgspec.structs.asdict(ConferenceKeysConfig()).values()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_steps_of_callers_on_the_testers_page_are_the_simulators(language: str) -> None:
    text = (ROOT / f"docs/{language}/tester.md").read_text(encoding="utf-8").partition("mxbox sim agent")[0]
    shown = [step for step in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE) if not step.startswith("make ")]
    assert len(shown) == 8
    for step in shown:
        read_script(step)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_agents_on_the_testers_page_are_the_simulators(language: str) -> None:
    text = (ROOT / f"docs/{language}/tester.md").read_text(encoding="utf-8").partition("mxbox sim agent")[2]
    cells = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    shown = [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]
    assert len(shown) == 9
    assert len(read_shift("; ".join(shown), Person("8001"))) == len(shown)


def outline(page: str) -> list[str]:
    """Return the levels of headings, and the rows of tables, in order."""
    return re.findall(r"^(#+(?= )|\|(?= ))", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)


def done(page: str) -> list[tuple[str, str, list[str]]]:
    """Return the blocks of a page, without the remarks in them."""
    return [(block.language, block.mark, block.lines) for block in blocks(page)]


DOCUMENTS = (*PAGES, *(f"docs/{language}/commands.md" for language in LANGUAGES), "ARCHITECTURE.md", "CHANGELOG.md")


@pytest.mark.parametrize("page", DOCUMENTS)
def test_the_documents_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", text)
    here = [(ROOT / page).parent / link if link else ROOT / page for link, _place in links if "://" not in link]
    assert not [link for link in here if not link.exists()]
    places = [place for link, place in links if "://" not in link]
    assert not [place for file, place in zip(here, places, strict=True) if place and place not in anchors(file)]


def anchors(file: Path) -> set[str]:
    """Return the names under which GitHub shows the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_guide_can_be_found_from_the_first_page() -> None:
    for readme, language in zip(READMES, LANGUAGES, strict=True):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert not [guide for guide in (*GUIDES, "commands.md") if f"(docs/{language}/{guide})" not in text]


def test_the_machines_are_drawn_as_their_tables_are() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert diagrams.written(text) == text, "run: make diagrams"


ROOMS = ("", "appliance/", "appliance/engine/", "appliance/switch/lines/", "drivers/")
"""Folders of the files that the architecture names."""


def test_the_architecture_names_files_that_are_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_/0-9]+/[a-z_0-9]+\.(?:py|h|c|md|json))`", text))
    assert len(named) > 50
    assert not [each for each in named if not any((ROOT / room / each).exists() for room in ROOMS)]
