# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the house, held: who imports whom, how files begin, that texts are translated and documents true."""

import ast
import re
import shlex
import string
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from appliance import i18n_catalog
from appliance.cli.command import Command, Group
from appliance.cli.main import make_parser
from appliance.cli.tree import TREE

ROOT = Path(__file__).parent.parent
PACKAGES = ("appliance", "drivers", "dsp", "firmware_tools", "hw_sim", "image", "tests", "tui")
OURS = frozenset(PACKAGES)

MAY_IMPORT = {
    "dsp": set(),
    "drivers": set(),
    "hw_sim": {"drivers", "dsp"},
    "appliance": {"drivers", "dsp"},
    "tui": {"appliance"},
    "firmware_tools": {"drivers"},
    "image": set(),
    "tests": OURS,
}
"""Of our own packages; each may import itself."""

LIBRARIES = {
    "dsp": {"numpy", "scipy"},
    "drivers": {"cffi", "serial", "numpy", "pjsua2", "setuptools"},
}
"""Where the house says which libraries; elsewhere pyproject.toml does."""

STARTER, STARTED = "appliance/cli/", {"hw_sim", "tui"}
"""The command starts the simulator and the terminal UI; nobody else of the box knows them."""

LONG_FOR_A_REASON = {
    "appliance/api/messages.py": "one contract: all that can be asked of a box, and what it answers, top to bottom",
    "appliance/messages.py": "one contract: all that switch and call server say to each other, read from top to bottom",
    "appliance/switch/pri_card.py": "one PRI span as a card: what Q.931 tells and what the box asks, side by side",
    "drivers/pri.py": "one D channel through libpri: every message of Q.931 that a call knows, in one class",
    "tests/appliance/switch/test_pri_card.py": "a test for each event of a span, on one rig",
}
"""Files above 400 lines: path, reason."""


@cache
def sources(package: str) -> tuple[Path, ...]:
    return tuple(sorted((ROOT / package).rglob("*.py")))


ALL = [path for package in PACKAGES for path in sources(package)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Top-level names that a file imports, anywhere in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield path.relative_to(ROOT).parts[0] if node.level else (node.module or "").partition(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_whom_it_may(package: str) -> None:
    wrong = []
    for path in sources(package):
        allowed = MAY_IMPORT[package] | {package} | (STARTED if name(path).startswith(STARTER) else set())
        wrong += [f"{name(path)} imports {imported}" for imported in imports(path) if imported in OURS - allowed]
    assert not wrong


def test_the_command_loads_what_it_starts_only_when_it_starts_it() -> None:
    program = "import sys, appliance.cli.main; print(*{each.partition('.')[0] for each in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.split())
    assert "appliance" in loaded
    assert not loaded & (STARTED | {"numpy", "scipy"})


@pytest.mark.parametrize("package", sorted(LIBRARIES))
def test_a_package_uses_only_its_libraries(package: str) -> None:
    known = LIBRARIES[package] | sys.stdlib_module_names | OURS
    wrong = [
        f"{name(path)} imports {imported}"
        for path in sources(package)
        for imported in imports(path)
        if imported not in known and not (imported.startswith("_") and (ROOT / package).joinpath(imported).exists())
    ]
    assert not wrong


def test_the_import_rules_find_a_breach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    breach = tmp_path / "dsp/breach.py"
    breach.parent.mkdir()
    breach.write_text("import drivers.span\ndef f():\n    from hw_sim import x\n    from . import y\n")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert list(imports(breach)) == ["drivers", "hw_sim", "dsp"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_begins_with_its_licence_and_says_what_it_is(package: str) -> None:
    wrong = []
    for path in sources(package):
        if not path.read_text(encoding="utf-8").startswith("# SPDX-License-Identifier: GPL-2.0-or-later\n"):
            wrong.append(f"{name(path)}: first line is not the licence")
        if path.name != "__init__.py" and not ast.get_docstring(tree_of(path)):
            wrong.append(f"{name(path)}: no module docstring")
    for pattern in ("*.toml", "*.sh", "*.c", "*.h", "*.sql", "*.po"):
        for path in (ROOT / package).rglob(pattern):
            head = path.read_text(encoding="utf-8").split("\n", 2)[:2]
            if not any("SPDX-License-Identifier: GPL-2.0-or-later" in line for line in head):
                wrong.append(f"{name(path)}: the licence is not in its first two lines")
    assert not wrong


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    shipped = [path for path in ALL if path.relative_to(ROOT).parts[0] != "tests"]
    names = {name(path): path.stem if path.name != "__init__.py" else path.parent.name for path in shipped}
    assert not {place for place, stem in names.items() if stem in sys.stdlib_module_names}


def test_no_file_is_too_long_without_a_reason() -> None:
    long = {name(path) for path in ALL if len(path.read_text(encoding="utf-8").splitlines()) > 400}
    assert long <= set(LONG_FOR_A_REASON)


# --- texts ------------------------------------------------------------------------------------------------------------


def placeholders(text: str) -> set[str]:
    percent = set(re.findall(r"%(?:\([a-z_]+\))?[sdr]", text))
    try:
        braces = {field for _text, field, _spec, _conversion in string.Formatter().parse(text) if field is not None}
    except ValueError:
        braces = set()
    return percent | braces


@cache
def catalogue() -> Catalog:
    return i18n_catalog.extract()


@pytest.mark.parametrize("po", i18n_catalog.catalogues(), ids=lambda po: po.parts[-3])
def test_every_text_is_translated_with_the_same_placeholders(po: Path) -> None:
    known, wanted = i18n_catalog.read(po), {message.id for message in catalogue() if message.id}
    wrong = []
    for msgid in wanted:
        message = known.get(msgid)
        forms = [msgid] if isinstance(msgid, str) else list(msgid)
        if message is None or message.fuzzy or not message.string or not all(translated(message.string)):
            wrong.append(f"not translated: {forms[0]!r}")
        elif any(placeholders(text) != placeholders(forms[-1]) for text in translated(message.string)):
            wrong.append(f"other placeholders: {forms[0]!r}")
    wrong += [f"no longer in the sources: {m.id!r}" for m in known if m.id and m.id not in wanted]
    assert not wrong, f"run: python -m appliance.i18n_catalog update, then complete {name(po)}"


def translated(string_: str | Sequence[str]) -> list[str]:
    return [string_] if isinstance(string_, str) else list(string_)


def test_texts_are_filled_in_after_they_are_translated() -> None:
    """`_(f"...")` and `_("...".format())` could never be found in a catalogue."""
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in i18n_catalog.source_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_", "ngettext"}
        if any(isinstance(argument, ast.JoinedStr | ast.BinOp) or formats(argument) for argument in node.args[:2])
    ]
    assert not wrong


def formats(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"


# --- commands and documents -------------------------------------------------------------------------------------------


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


def test_no_text_is_translated_inside_an_f_string() -> None:
    """Before Python 3.12 an f-string is one token, in which the catalogue's reader finds no text."""
    wrong = [
        f"{name(path)}:{call.lineno}"
        for path in sources("appliance")
        for text in ast.walk(tree_of(path))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"_", "N_", "ngettext"}
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert not wrong
