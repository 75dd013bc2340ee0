# SPDX-License-Identifier: GPL-2.0-or-later
"""Mistakes in flows are named by file, node, key, with a remedy."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.ivr import check
from appliance.ivr.check import FlowError, Problem, check_flow, load_flow
from appliance.ivr.flow import Flow
from appliance.ivr.load import read_flow
from appliance.ivr.schema import SCHEMA, text
from tests.appliance.callcontrol.box import HOTLINE, config

EXAMPLES = sorted(Path(check.__file__).with_name("examples").glob("*.toml"))


def _problems(change: dict[str, Any], *, drop: str = "", missing: tuple[str, ...] = ()) -> list[Problem]:
    document: dict[str, Any] = deepcopy(dict(HOTLINE))
    document["node"] |= change
    document["node"].pop(drop, None)
    flow = msgspec.convert(document, Flow)
    return check_flow(flow, lambda name: name not in missing, config(), "hotline.toml")


def _only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    assert problems[0].file == "hotline.toml"
    assert problems[0].hint
    return problems[0]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_good(path: Path) -> None:
    assert check_flow(load_flow(path), lambda _: True, config(), str(path)) == []


def test_examples_show_every_kind_of_node() -> None:
    shown = {node.__struct_config__.tag for path in EXAMPLES for node in load_flow(path).node.values()}
    assert shown == {"play", "say", "menu", "collect", "branch", "set", "queue", "dial", "hangup"}


def test_a_good_flow() -> None:
    assert _problems({}) == []


def test_unknown_node() -> None:
    found = _only(_problems({"welcome": {"do": "play", "prompts": ["welcome"], "next": "menu"}}, drop="bye"))
    assert (found.node, found.key) == ("nobody", "next")
    assert "no node bye" in found.message
    assert "welcome" in found.hint


def test_unknown_start() -> None:
    flow = msgspec.convert({"start": "x", "node": {"a": {"do": "hangup"}}}, Flow)
    assert [problem.key for problem in check_flow(flow, lambda _: True, config())] == ["start", ""]


def test_unreachable_node() -> None:
    found = _only(_problems({"island": {"do": "hangup"}}))
    assert found.node == "island"


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
    assert (found.node, found.key) == ("menu", "prompts")
    assert "en/menu-hotline" in found.message
    assert "en/menu-hotline.wav" in found.hint


def test_prompts_of_both_languages_and_of_spoken_digits() -> None:
    nodes = {
        "bye": {"do": "set", "language": "zh", "next": "read"},
        "read": {"do": "say", "text": "{caller}", "next": "end"},
        "end": {"do": "hangup"},
    }
    problems = _problems(nodes, missing=("zh/digit-7", "zh/welcome"))
    assert {problem.node for problem in problems} == {"read", "welcome"}


def test_unknown_queue_and_extension() -> None:
    found = _only(_problems({"sales": {"do": "queue", "queue": "sails", "otherwise": "nobody"}}))
    assert (found.key, "sales, service" in found.hint) == ("queue", True)
    found = _only(_problems({"desk": {"do": "dial", "extension": "9999", "otherwise": "nobody"}}))
    assert (found.key, "8009" in found.hint) == ("extension", True)
    found = _only(_problems({"desk": {"do": "dial", "otherwise": "nobody"}}))
    assert "whom to dial" in found.message
    assert _problems({"desk": {"do": "dial", "extension": "{caller}", "otherwise": "nobody"}}) == []


def test_unknown_variable() -> None:
    found = _only(_problems({"nobody": {"do": "say", "text": "{pin}", "next": "bye"}}))
    assert (found.node, found.key) == ("nobody", "text")
    found = _only(_problems({"nobody": {"do": "branch", "on": "pin", "cases": {"1": "bye"}, "otherwise": "bye"}}))
    assert found.key == "on"


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('start = "a"\n[node.a\n', "line 2"),
        ('start = "a"\n[node.a]\ndo = "hangup"\ndo = "hangup"\n', "line 4"),
        ('start = "a"\n[node.a]\ndo = "jump"\n', "[node.a] do: Invalid value 'jump'"),
        ('start = "a"\n[node.a]\ndo = "play"\nprompts = ["p"]\n', "[node.a]: Object missing required field `next`"),
        ('start = "a"\n[node.a]\ndo = "hangup"\ncauze = 16\n', "[node.a]: Object contains unknown field `cauze`"),
        ('start = "a"\n[node.a]\ndo = "hangup"\ncause = 300\n', "[node.a] cause: Expected `int` <= 127"),
        ('start = "a"\n[node.a]\nprompts = ["p"]\n', "Object missing required field `do`"),
        ('[node.a]\ndo = "hangup"\n', "Object missing required field `start`"),
        ('start = "a"\n', "Object missing required field `node`"),
        ('flow_version = 2\nstart = "a"\n[node.a]\ndo = "hangup"\n', "flow_version: Invalid enum value 2"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, toml: str, says: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(toml, "utf-8")
    with pytest.raises(FlowError) as error:
        load_flow(path)
    assert str(error.value).startswith(str(path))
    assert says in str(error.value)
    assert error.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="No such file"):
        load_flow(tmp_path / "gone.toml")


def test_every_wrong_node_is_told() -> None:
    with pytest.raises(FlowError) as error:
        read_flow({"start": "a", "node": {"a": {"do": "x"}, "b": {"do": "hangup", "why": 1}, "c": 3}}, "f.toml")
    assert [problem.node for problem in error.value.problems] == ["a", "b", "c"]
    assert "cause?" in error.value.problems[1].hint


def test_published_schema_is_current() -> None:
    assert SCHEMA.read_text("utf-8") == text(), "run python -m appliance.ivr.schema"
    assert "Menu" in json.loads(SCHEMA.read_text("utf-8"))["$defs"]
