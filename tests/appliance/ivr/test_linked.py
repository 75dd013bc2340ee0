# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows that lead to others: what is checked of them together, and which are read."""

from pathlib import Path
from typing import Any

import pytest

from appliance.config.errors import Mistake
from appliance.config.model import BoxConfig, RouteConfig
from appliance.config.paths import resolve
from appliance.ivr.check import check_file
from appliance.ivr.check_site import Site
from appliance.ivr.flows import FlowsBrokenError, check_flows, load_flows
from appliance.ivr.linked import reached

END = '[node.end]\ndo = "hangup"\n'
BACK = '[node.back]\ndo = "return"\n'
MENU = '[node.menu]\ndo = "menu"\nprompts = ["p"]\nkeys = { 1 = "back" }\notherwise = "back"\n'


def _sub(flow: str, after: str = "end", name: str = "go") -> str:
    return f'[node.{name}]\ndo = "sub"\nflow = "{flow}"\nnext = "{after}"\n'


def _goto(flow: str, name: str = "go") -> str:
    return f'[node.{name}]\ndo = "goto"\nflow = "{flow}"\n'


def _checked(folder: Path, name: str = "a", **flows: str) -> list[Mistake]:
    for flow, text in flows.items():
        start = text.partition("[node.")[2].partition("]")[0]
        (folder / f"{flow}.toml").write_text(f'start = "{start}"\n{text}')
    return check_file(folder / f"{name}.toml", lambda _: True, None, Site(None, None, folder))


def _only(mistakes: list[Mistake]) -> Mistake:
    assert len(mistakes) == 1, mistakes
    assert mistakes[0].hint
    return mistakes[0]


def test_a_flow_through_another_is_fine(tmp_path: Path) -> None:
    assert _checked(tmp_path, a=_sub("b") + END, b=MENU + BACK) == []


def test_a_flow_that_is_not_there_is_named_with_one_like_it(tmp_path: Path) -> None:
    found = _only(_checked(tmp_path, a=_sub("menue") + END, menu=MENU + BACK))
    assert (found.key, found.value, found.line, "menu" in found.hint) == ("node.go.flow", "menue", 4, True)


def test_variables_of_a_flow_that_is_not_there_are_no_mistakes_of_their_own(tmp_path: Path) -> None:
    say = '[node.say]\ndo = "say"\ntext = "{pin}"\nnext = "end"\n'
    assert _only(_checked(tmp_path, a=_sub("b", "say") + say + END)).key == "node.go.flow"


def test_flows_that_enter_each_other_are_found_before_a_call_is_lost_in_them(tmp_path: Path) -> None:
    found = _only(
        _checked(tmp_path, a=_sub("b") + END, b=MENU + BACK.replace("back", "x") + _sub("c", "x", "back"), c=_goto("a"))
    )
    assert "a -> b -> c -> a" in found.message
    assert (
        "b -> b" in _only(_checked(tmp_path, "b", b=MENU + _sub("b", "x", "back") + BACK.replace("back", "x"))).message
    )


def test_two_flows_may_lead_to_each_other_by_goto_where_callers_have_time(tmp_path: Path) -> None:
    menu = MENU + _goto("a", "back")
    assert _checked(tmp_path, a=_goto("b"), b=menu) == []


@pytest.mark.parametrize(
    ("flows", "ring"),
    [
        ({"a": _goto("b"), "b": _goto("a")}, "a/go -> b/go -> a/go"),
        ({"a": _goto("a")}, "a/go -> a/go"),
        ({"a": _sub("b", "go"), "b": BACK}, "a/go -> a/go"),
        ({"a": _sub("b", "go"), "b": _sub("c", "back") + BACK, "c": BACK}, "a/go -> a/go"),
        ({"a": _sub("b", "go"), "b": _goto("c"), "c": BACK}, "a/go -> a/go"),
    ],
)
def test_rings_through_flows_without_time_for_the_caller_are_found(
    flows: dict[str, str], ring: str, tmp_path: Path
) -> None:
    assert ring in _only(_checked(tmp_path, **flows)).message


def test_a_ring_through_a_sub_flow_that_asks_is_fine(tmp_path: Path) -> None:
    assert _checked(tmp_path, a=_sub("b", "go"), b=MENU + BACK) == []
    assert _checked(tmp_path, a=_sub("b", "go"), b=_sub("c", "back") + BACK, c=MENU + BACK) == []


def test_variables_of_a_sub_flow_are_known_and_those_that_it_takes_are_asked_for(tmp_path: Path) -> None:
    collect = '[node.ask]\ndo = "collect"\nprompts = ["p"]\ninto = "pin"\nnext = "back"\notherwise = "back"\n'
    say = '[node.say]\ndo = "say"\ntext = "{pin}"\nnext = "end"\n'
    assert _checked(tmp_path, a=_sub("b", "say") + say + END, b=collect + BACK) == []
    assert "pin" in _only(_checked(tmp_path, a=_sub("b", "say") + say + END, b=MENU + BACK)).message
    b = tmp_path / "b.toml"
    b.write_text('start = "say"\ntakes = ["pin"]\n' + say.replace("end", "back") + BACK)
    found = _only(_checked(tmp_path, a=_sub("b") + END))
    assert (found.key, "takes the variable pin" in found.message) == ("node.go.flow", True)
    values = '[node.set]\ndo = "set"\nvalues = { pin = "1" }\nnext = "go"\n'
    assert _checked(tmp_path, a=values + _sub("b") + END) == []
    assert check_file(b, lambda _: True, None) == [], "by itself it says what it takes"


def test_without_the_folder_nothing_is_said_of_other_flows(tmp_path: Path) -> None:
    _checked(tmp_path, a=_sub("b", "say") + '[node.say]\ndo = "say"\ntext = "{pin}"\nnext = "end"\n' + END)
    assert check_file(tmp_path / "a.toml", lambda _: True, None) == []


def test_flows_that_are_led_to_are_read_and_checked_with_those_that_routes_name(tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    config = BoxConfig(route=(RouteConfig(called="96900", flow="a"),))
    paths = resolve(config, tmp_path / "box.toml")
    _checked(folder, a=_sub("b") + END, b=_goto("c"), c=MENU + BACK, unused=END)
    assert reached(config.flows, folder) == ("a", "b", "c")
    assert check_flows(config, paths, lambda _: True) == []
    (folder / "c.toml").write_text("start = 1\n")
    assert {Path(each.file).name for each in check_flows(config, paths, lambda _: True)} == {"c.toml"}
    with pytest.raises(FlowsBrokenError, match=r"c\.toml"):
        load_flows(config, paths)


@pytest.mark.parametrize(
    ("shares", "good"), [({"x": 50, "y": 50}, True), ({"x": 50, "y": 49}, False), ({"x": 100}, True)]
)
def test_shares_are_a_hundred_percent(shares: dict[str, Any], good: bool, tmp_path: Path) -> None:
    told = ", ".join(f"{name} = {share}" for name, share in shares.items())
    ends = "".join(f'[node.{name}]\ndo = "hangup"\n' for name in shares)
    found = _checked(tmp_path, a=f'[node.s]\ndo = "split"\nshares = {{ {told} }}\n{ends}')
    assert [each.key for each in found] == ([] if good else ["node.s.shares"])


def test_a_choice_of_languages_asks_for_the_prompts_of_each(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        'start = "c"\n[node.c]\ndo = "language"\nkeys = { 1 = "zh", 2 = "en" }\nnext = "p"\notherwise = "p"\n'
        '[node.p]\ndo = "play"\nprompts = ["hello"]\nnext = "end"\n' + END
    )
    for missing, key in (
        ("en/language-en", "node.c.prompts"),
        ("zh/hello", "node.p.prompts"),
        ("en/hello", "node.p.prompts"),
    ):
        found = _only(check_file(file, missing.__ne__, None))
        assert found.key == key
    assert check_file(file, lambda name: name not in ("en/language-zh", "zh/language-en"), None) == []
