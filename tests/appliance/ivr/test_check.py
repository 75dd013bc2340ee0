# SPDX-License-Identifier: GPL-2.0-or-later
"""Mistakes in flows are named by file, node, key, with a remedy."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.config.errors import Mistake
from appliance.ivr import check
from appliance.ivr.check import FlowError, check_file, check_flow, load_flow
from appliance.ivr.flow import Flow
from appliance.ivr.schema import SCHEMA, text
from tests.appliance.engine.box import HOTLINE, config

EXAMPLES = sorted(Path(check.__file__).with_name("examples").glob("*.toml"))


def _problems(change: dict[str, Any], *, drop: str = "", missing: tuple[str, ...] = ()) -> list[Mistake]:
    document: dict[str, Any] = deepcopy(dict(HOTLINE))
    document["node"] |= change
    document["node"].pop(drop, None)
    flow = msgspec.convert(document, Flow)
    return check_flow(flow, lambda name: name not in missing, config())


def _only(problems: list[Mistake]) -> Mistake:
    assert len(problems) == 1, problems
    assert problems[0].hint
    return problems[0]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_good(path: Path) -> None:
    assert check_flow(load_flow(path), lambda _: True, config()) == []


def test_examples_show_every_kind_of_node() -> None:
    shown = {node.__struct_config__.tag for path in EXAMPLES for node in load_flow(path).node.values()}
    assert shown == {
        *("play", "say", "menu", "collect", "branch", "set", "queue", "dial", "lookup", "rate", "comment", "hangup"),
        *("compare", "add", "language", "sub", "goto", "return", "split"),
    }


def test_a_good_flow() -> None:
    assert _problems({}) == []


def test_unknown_node() -> None:
    found = _only(_problems({"welcome": {"do": "play", "prompts": ["welcome"], "next": "menu"}}, drop="bye"))
    assert (found.key, found.value) == ("node.nobody.next", "bye")
    assert "no node bye" in found.message
    assert "welcome" in found.hint


def test_unknown_start() -> None:
    flow = msgspec.convert({"start": "x", "node": {"a": {"do": "hangup"}}}, Flow)
    assert [problem.key for problem in check_flow(flow, lambda _: True, config())] == ["start"], (
        "what follows from it is not told"
    )


def test_unreachable_node() -> None:
    found = _only(_problems({"island": {"do": "hangup"}}))
    assert found.key == "node.island"


def test_a_ring_of_plays_is_a_mistake_and_is_told_once() -> None:
    found = _only(
        _problems({"nobody": {"do": "play", "prompts": ["p"], "next": "bye"}, "bye": {"do": "set", "next": "nobody"}})
    )
    assert "nobody -> bye -> nobody" in found.message


def test_a_play_that_goes_to_itself() -> None:
    problems = _problems({"nobody": {"do": "play", "prompts": ["p"], "next": "nobody"}})
    assert "nobody -> nobody" in problems[-1].message


def test_a_menu_that_goes_back_to_itself_is_fine() -> None:
    menu = {**HOTLINE["node"]["menu"], "otherwise": "welcome"}  # type: ignore[index]
    assert _problems({"menu": menu}) == []


def test_missing_prompts_with_the_file_to_put() -> None:
    found = _only(_problems({}, missing=("en/menu-hotline",)))
    assert (found.key, found.value) == ("node.menu.prompts", "menu-hotline")
    assert "en/menu-hotline" in found.message
    assert "en/menu-hotline.wav" in found.hint


def test_prompts_of_both_languages_and_of_spoken_digits() -> None:
    nodes = {
        "bye": {"do": "set", "language": "zh", "next": "read"},
        "read": {"do": "say", "text": "{caller}", "next": "end"},
        "end": {"do": "hangup"},
    }
    problems = _problems(nodes, missing=("zh/digit-7", "zh/welcome"))
    assert {problem.key for problem in problems} == {"node.read.prompts", "node.welcome.prompts"}


def test_unknown_queue_and_extension() -> None:
    found = _only(_problems({"sales": {"do": "queue", "queue": "sails", "otherwise": "nobody"}}))
    assert (found.key, "sales, service" in found.hint) == ("node.sales.queue", True)
    found = _only(_problems({"desk": {"do": "dial", "extension": "9999", "otherwise": "nobody"}}))
    assert (found.key, "8009" in found.hint) == ("node.desk.extension", True)
    found = _only(_problems({"desk": {"do": "dial", "otherwise": "nobody"}}))
    assert "whom to dial" in found.message
    assert _problems({"desk": {"do": "dial", "extension": "{caller}", "otherwise": "nobody"}}) == []


def test_unknown_variable() -> None:
    found = _only(_problems({"nobody": {"do": "say", "text": "{pin}", "next": "bye"}}))
    assert found.key == "node.nobody.text"
    found = _only(_problems({"nobody": {"do": "branch", "on": "pin", "cases": {"1": "bye"}, "otherwise": "bye"}}))
    assert found.key == "node.nobody.on"


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('start = "a"\n[node.a\n', ":2: is not TOML: "),
        ('start = "a"\n[node.a]\ndo = "hangup"\ndo = "hangup"\n', ":4: is not TOML: "),
        (
            'start = "a"\n[node.a]\ndo = "meno"\n',
            ':3: node.a.do = "meno": not allowed here (did you mean menu? allowed: "play"',
        ),
        ('start = "a"\n[node.a]\ndo = "play"\nprompts = ["p"]\n', ":2: node.a.next: is missing (allowed: a name"),
        (
            'start = "a"\n[node.a]\ndo = "hangup"\ncauze = 16\n',
            ":4: node.a.cauze = 16: there is no such key (did you mean cause?)",
        ),
        (
            'start = "a"\n[node.a]\ndo = "hangup"\ncause = 300\n',
            ":4: node.a.cause = 300: not allowed here (allowed: a whole number from 1 to 127)",
        ),
        ('start = "a"\n[node.a]\nprompts = ["p"]\n', ":2: node.a.do: is missing (allowed: "),
        ('[node.a]\ndo = "hangup"\n', ": start: is missing (allowed: a name"),
        ('start = "a"\n', ": node: is missing (allowed: a table)"),
        (
            'flow_version = 2\nstart = "a"\n[node.a]\ndo = "hangup"\n',
            ":1: flow_version = 2: not allowed here (allowed: 1)",
        ),
        ("", ": start: is missing"),
        ('start = "a"\nnode = 3\n', ":2: node = 3: not allowed here (allowed: a table)"),
        ('start = "a"\n[node]\n', ":2: node = [table]: not allowed here (allowed: a table)"),
        ('start = "a"\n[node.a]\n菜单 = 3\n', ":3: is not TOML: Invalid statement (a key with other letters"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, toml: str, says: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(toml, "utf-8")
    with pytest.raises(FlowError) as error:
        load_flow(path)
    assert str(error.value).startswith(str(path))
    assert says in str(error.value)
    assert "mxbox flow check" in error.value.hint
    assert says in "\n".join(each.text(str(path)) for each in check_file(path, lambda _: True, None))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="No such file"):
        load_flow(tmp_path / "gone.toml")


def test_a_file_of_another_encoding_is_told_as_a_configuration_is(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('start = "a"\n', "utf-16")
    [found] = check_file(path, lambda _: True, None)
    assert (found.message, found.hint) == ("is not written in UTF-8", "save the file as UTF-8")


BAD = """\
start = "menu"
tittle = "x"

[node.menu]
do = "menu"
prompts = ["welcome"]
timeout_s = "5"
tries = 0
foo = 1
otherwise = "menü"

[node.menu.keys]
"11" = "sales"
"2" = "desc"
"*" = "lost"

[node.sales]
do = "queue"
queue = "sails"
otherwise = "bye"

[node.desk]
do = "dial"
extension = "80-09"
outside = 5
otherwise = "bye"

[node.bye]
do = "hangup"
cause = 999

[node.gone]
do = "jump"
"""


def test_every_mistake_of_shape_and_of_sense_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(BAD)
    found = check_file(path, lambda _: True, config())
    assert [(each.line, each.key) for each in found] == [
        (2, "tittle"),
        (7, "node.menu.timeout_s"),
        (8, "node.menu.tries"),
        (9, "node.menu.foo"),
        (10, "node.menu.otherwise"),
        (13, "node.menu.keys.11"),
        (14, "node.menu.keys.2"),
        (15, "node.menu.keys.*"),
        (19, "node.sales.queue"),
        (24, "node.desk.extension"),
        (25, "node.desk.outside"),
        (30, "node.bye.cause"),
        (33, "node.gone.do"),
    ]
    hints = {each.key: each.hint for each in found}
    assert hints["node.menu.keys.2"].startswith("did you mean desk?")
    assert hints["node.menu.keys.11"] == "allowed: one key, 0-9 * # A-D, in quotation marks"
    assert hints["node.sales.queue"].startswith("did you mean sales?")
    assert all(each.hint for each in found)
    assert not any(word in str(found) for word in ("Expected", "regex", "Object", "$"))


def test_a_wrong_way_does_not_flood(tmp_path: Path) -> None:
    path = tmp_path / "flow.toml"
    nodes = "".join(f'[node.n{n}]\ndo = "play"\nprompts = ["welcome"]\nnext = "n{n + 1}"\n' for n in range(9))
    path.write_text(f'start = "n0"\n{nodes}[node.n9]\ndo = "hangup"\n'.replace('next = "n3"', 'next = "n33"'))
    [found] = check_file(path, lambda _: True, None)
    assert (found.key, found.value) == ("node.n2.next", "n33")
    assert found.hint.startswith("did you mean n")


@pytest.mark.parametrize("name", ["Bad Name.toml", "hotline.txt", "Hotline.toml", "-a.toml", "热线.toml"])
def test_a_file_that_no_route_can_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('start = "a"\n[node.a]\ndo = "hangup"\n')
    [found] = check_file(path, lambda _: True, None)
    assert "can be named by no route" in found.message
    assert "<name>.toml" in found.hint


@pytest.mark.parametrize("number", ["abc", "5551234\\n", "0<x>@y"])
def test_a_number_outside_that_is_none(tmp_path: Path, number: str) -> None:
    path = tmp_path / "flow.toml"
    node = f'do = "dial"\noutside = "{number}"\notherwise = "b"\n'
    path.write_text(f'start = "a"\n[node.a]\n{node}[node.b]\ndo = "hangup"\n')
    [found] = check_file(path, lambda _: True, None)
    assert found.key == "node.a.outside"


def test_published_schema_is_current() -> None:
    assert SCHEMA.read_text("utf-8") == text(), "run python -m appliance.ivr.schema"
    assert "Menu" in json.loads(SCHEMA.read_text("utf-8"))["$defs"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('when = "balance >"', ':5:18: node.a.when = "balance >": a value is missing at the end'),
        ('when = "2 + 3"', ':5:9: node.a.when = "2 + 3": this is a number; true or false is needed here'),
        ("when = 'caller == \"1'", ":5:19: node.a.when"),
        ('when = "caller == \\"1"', ":5: node.a.when"),
        (
            'when = "balence > 3"',
            ':5: node.a.when = "balence": nothing sets the variable balence (set, collect or look',
        ),
        ('when = ""', ":5: node.a.when"),
    ],
)
def test_mistakes_of_expressions_have_line_and_column(line: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    rest = '[node.b]\ndo = "set"\nvalues = { balance = "7" }\nnext = "a"\n[node.z]\ndo = "hangup"\n'
    file.write_text(f'start = "b"\n[node.a]\ndo = "compare"\nyes = "z"\n{line}\nno = "z"\n{rest}')
    mistakes = check_file(file, lambda _: True, None)
    assert [mistake.text(file.name) for mistake in mistakes], "it is found"
    assert mistakes[0].text("f.toml").startswith(f"f.toml{says}"), mistakes[0].text("f.toml")
    assert mistakes[0].hint


def test_mistakes_of_expressions_in_texts_have_their_column(tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    file.write_text(
        'start = "a"\n[node.a]\ndo = "say"\nnext = "z"\ntext = "1{caller}2{caller +}"\n[node.z]\ndo = "hangup"\n'
    )
    assert check_file(file, lambda _: True, None)[0].text("f").startswith("f:5:28: node.a.text")


def test_styles_and_units_fit_together_and_their_prompts_are_there() -> None:
    say = {"do": "say", "text": "{caller}", "style": "quantity", "next": "bye"}
    assert _only(_problems({"nobody": say})).key == "node.nobody.unit"
    assert _only(_problems({"nobody": {**say, "style": "money", "unit": "ticket"}})).key == "node.nobody.unit"
    assert _problems({"nobody": {**say, "unit": "ticket"}}) == []
    missing = _only(_problems({"nobody": {**say, "unit": "box"}}, missing=("en/unit-box-many",)))
    assert (missing.value, "en/unit-box-many.wav" in missing.hint) == ("unit-box-many", True)
    assert _only(_problems({"nobody": {**say, "style": "date"}}, missing=("en/month-7",))).value == "month-7"


def test_comparing_and_counting_alone_do_not_keep_a_caller_for_ever() -> None:
    nodes = {
        "nobody": {"do": "add", "to": "n", "next": "again"},
        "again": {"do": "compare", "when": "n > 3", "yes": "bye", "no": "nobody"},
    }
    assert "for ever" in _only(_problems(nodes)).message
