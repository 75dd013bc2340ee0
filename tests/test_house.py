# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the house, held: imports, heads of files, translated texts, true documents."""

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from appliance import i18n_catalog
from tests.conftest import LONGEST_FIRST

ROOT = Path(__file__).parent.parent
PACKAGES = ("appliance", "drivers", "dsp", "firmware_tools", "hw_sim", "image", "lab", "tests", "tui")
OURS = frozenset(PACKAGES)

MAY_IMPORT = {
    "dsp": set(),
    "drivers": set(),
    "hw_sim": {"drivers", "dsp"},
    "appliance": {"drivers", "dsp"},
    "lab": {"appliance", "dsp"},
    "tui": {"appliance"},
    "firmware_tools": {"drivers"},
    "image": set(),
    "tests": OURS,
}
"""Of our own packages; each may import itself."""

GROUND = {"i18n", "numbering", "contract"}
"""Rooms that every room may import."""

LAYERS: dict[str, set[str]] = {
    "i18n": set(),
    "version": set(),
    "schemas": set(),
    "i18n_catalog": {"version"},
    "contract": {"i18n"},
    "numbering": {"contract", "i18n"},
    "bugs": set(),
    "wall": set(),
    "pinyin": set(),
    "children": set(),
    "config": {"children", "schemas"},
    "phones": {"children"},
    "access": set(),
    "dahdi": {"config"},
    "sounds": {"config"},
    "ivr": {"config", "schemas", "sounds"},
    "engine.machine": set(),
    "engine.script": {"engine.machine", "ivr"},
    "engine.routes": {"config"},
    "engine.parts": {"config", "engine.machine", "engine.routes", "ivr"},
    "engine.activities": {"engine.parts", "engine.routes", "engine.script", "ivr"},
    "api.messages": set(),
    "api.needs": {"api.messages"},
    "engine": {
        "api.messages",
        *("bugs", "config", "ivr"),
        *("engine.activities", "engine.parts", "engine.routes"),
    },
    "store.recordings": set(),
    "store": {"wall", "store.recordings"},
    "api": {"api.messages"},
    "switch.sound": set(),
    "switch.bulkhead": {"bugs"},
    "switch.lines": {"config", "wall", "switch.bulkhead", "switch.sound"},
    "switch": {
        *("bugs", "children", "config", "sounds", "version"),
        *("switch.bulkhead", "switch.lines", "switch.sound"),
    },
    "edge": {"api", "children", "config", "phones"},
    "provisioning": {"api", "children", "config", "edge", "phones", "wall"},
    "wizard": {"access", "config", "phones", "wall"},
    "mailing": {"api", "api.messages", "children", "config", "store.recordings", "wall"},
    "server": {
        *("access", "api.messages", "api.needs", "bugs", "children", "config", "edge", "engine", "ivr", "phones"),
        *("sounds", "store", "version", "wall"),
        "provisioning",
        "pinyin",
    },
    "demo": {"api", "api.messages", "children", "config", "server", "sounds", "switch"},
    "cli": {
        *(
            "access",
            "api",
            "api.messages",
            "children",
            "config",
            "dahdi",
            "demo",
            "edge",
            "ivr",
            "phones",
            "provisioning",
            "sounds",
            "wizard",
        ),
        *("store.recordings", "version", "wall"),
    },
}
"""The rooms of `appliance/` from the ground up, and what each may import besides GROUND, also under TYPE_CHECKING,
inside functions and by name. A room is named by its longest entry; the rest of a package belongs to its own."""

LIBRARIES = {
    "dsp": {"numpy", "scipy"},
    "drivers": {"cffi", "serial", "numpy", "pjsua2", "setuptools"},
}
"""Libraries of packages with rules; for others pyproject.toml decides."""

STARTERS, STARTED = ("appliance/cli/", "appliance/demo/"), {"hw_sim", "lab", "tui"}
"""The command and its demo start the simulator, the tone laboratory and the terminal UI; no other room knows them."""

LONG_FOR_A_REASON = {
    "appliance/api/messages.py": "one contract: all that can be asked of a box, and what it answers, top to bottom",
    "appliance/store/migrations.py": "one list of steps, only ever added to, which books of any age take in order",
    "appliance/contract/switch.py": "all that switch and call server say to each other, read from top to bottom",
    "appliance/contract/records.py": "all facts of the books, one contract read from top to bottom",
    "appliance/contract/rows.py": "all rows that the books are read as, one contract beside the records",
    "appliance/switch/lines/pri/card.py": "a PRI span as a card: what Q.931 tells and what the box asks, side by side",
    "drivers/pri.py": "one D channel through libpri: every message of Q.931 that a call knows, in one class",
    "tests/appliance/cli/answers.py": "one table: what a box answers to each request",
    "tests/appliance/cli/test_asking.py": "one table: every command that asks a box, what it asks and what it shows",
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
    """Return the top-level names that a file imports, anywhere in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield path.relative_to(ROOT).parts[0] if node.level else (node.module or "").partition(".")[0]


def module(path: Path) -> str:
    """Return the dotted name under which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> frozenset[str]:
    return frozenset(module(path) for path in ALL)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules())
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield from [each for each in (full, node.module) if each in modules()][:1]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if called in {"import_module", "__import__"} and node.args and isinstance(node.args[0], ast.Constant):
                yield from [str(node.args[0].value)] if node.args[0].value in modules() else []


@cache
def imported_modules(path: Path) -> frozenset[str]:
    """Return our own modules that a file imports: by a statement anywhere in it, or by importlib with a plain name."""
    return frozenset(_imported(path))


def room(name_: str) -> str:
    """Return the room of `appliance/` in which a module is."""
    parts = name_.split(".")[1:]
    return next((room for n in range(len(parts), 0, -1) if (room := ".".join(parts[:n])) in LAYERS), "")


def test_a_room_imports_only_lower_rooms() -> None:
    wrong = []
    for path in sources("appliance"):
        here = room(module(path))
        for imported in imported_modules(path):
            there = room(imported)
            if imported.startswith("appliance.") and there != here and there not in LAYERS[here] | GROUND:
                wrong.append(f"{name(path)} ({here}) imports {imported} ({there})")
    assert not wrong


def test_every_module_of_the_box_is_in_a_room() -> None:
    assert not [name(path) for path in sources("appliance") if module(path) != "appliance" and not room(module(path))]


def test_rooms_stand_on_each_other_without_a_circle() -> None:
    order = list(LAYERS)
    up = [
        f"{here} on {there}" for here, on in LAYERS.items() for there in on if order.index(there) >= order.index(here)
    ]
    assert not up, "LAYERS lists rooms from the ground up"
    taken = {(room(module(path)), room(each)) for path in sources("appliance") for each in imported_modules(path)}
    idle = [
        f"{here} may import {there} and does not"
        for here, on in LAYERS.items()
        for there in on
        if (here, there) not in taken
    ]
    assert not idle


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module(path): set(imported_modules(path)) - {module(path)} for path in ALL}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_messages_of_the_box_load_nothing_of_its_engine() -> None:
    program = "import sys, appliance.api.messages; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {each.split(".")[1] for each in done.stdout.split() if each.startswith("appliance.")}
    assert loaded == {"api", "contract", "i18n"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_whom_it_may(package: str) -> None:
    wrong = []
    for path in sources(package):
        allowed = MAY_IMPORT[package] | {package} | (STARTED if name(path).startswith(STARTERS) else set())
        wrong += [f"{name(path)} imports {imported}" for imported in imports(path) if imported in OURS - allowed]
    assert not wrong


def test_the_command_loads_what_it_starts_only_when_it_starts_it() -> None:
    program = "import sys, appliance.cli.tree; print(*{each.partition('.')[0] for each in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(done.stdout.split())
    assert "appliance" in loaded
    assert not loaded & (STARTED | {"numpy", "scipy"})


@pytest.mark.parametrize("module_", ["appliance.cli.run", "appliance.edge.process", "appliance.provisioning.main"])
def test_processes_without_sound_load_nothing_that_computes_it(module_: str) -> None:
    program = f"import sys, {module_}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "appliance.config.load" in done.stdout.split()
    assert not {"numpy", "scipy"} & set(done.stdout.split())


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


def test_the_files_that_are_tested_first_are_there() -> None:
    assert not [file for file in LONGEST_FIRST if not (ROOT / file).exists()]


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
