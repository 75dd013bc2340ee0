# SPDX-License-Identifier: GPL-2.0-or-later
"""Routes, time plans and flows by keys alone; flows as a picture of lines, changed as text."""

from pathlib import Path

import pytest
from textual.widgets import TextArea

from appliance.api import messages as api
from appliance.config.edit import NO_TEXT, version
from tests.tui.configured import HOTLINE, TEXT, Configured
from tests.tui.rig import Rig, running, terminal
from tui.cells import cell
from tui.flow_picture import picture_of
from tui.skin import HOUSE, PLAIN

EXAMPLES = sorted(Path("appliance/ivr/examples").glob("*.toml"))


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def drawn(text: str) -> list[str]:
    """Return the picture of a flow as lines of text."""
    return ["".join(cell(part).text for part in line) for line in picture_of(text, "hotline", PLAIN)]


async def flow_text(rig: Rig) -> TextArea:
    """Open the flow of the first route as text."""
    await rig.press("6", "f")
    await rig.until(lambda text: "play welcome" in text)
    await rig.press("e")
    await rig.until(lambda text: "F4" in text)
    return rig.app.screen.query_one(TextArea)


def test_a_call_is_tried_and_its_way_told_without_a_call() -> None:
    async def story() -> None:
        async with terminal() as rig:
            assert "hotline" in await rig.press("6")
            await rig.press("t")
            await rig.type("1001")
            for key in ("enter", "enter", "enter", "enter"):
                await rig.press(key)
            text = await rig.until(lambda text: "pri:carrier" in text)
            assert "1001 → 12345" in text, "the number of the route under the cursor stands there at first"
            assert "needs the calling class" in text
            assert rig.link.changed(api.RouteTest) == [api.RouteTest("1001", "12345")]
            assert rig.link.changed(api.Originate) == []

    running(story)


def test_a_plan_is_closed_by_hand_after_a_sentence_and_goes_by_its_own_times_again() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("6", "tab")
            await rig.press("x", "c")
            await rig.type("next")
            assert "Closes work by hand" in await rig.press("enter")
            assert rig.link.changed(api.SetPlan) == []
            await rig.press("y")
            await rig.press("x", "p")
            assert rig.link.changed(api.SetPlan) == [
                api.SetPlan("work", "closed", "next"), api.SetPlan("work", "by_plan"),
            ]  # fmt: skip

    running(story)


def test_a_route_opens_as_a_form() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("6")
            assert "[[route]] 12345: nothing is changed" in await rig.press("enter")

    running(story)


def test_a_route_that_is_not_told_apart_from_another_opens_as_text_at_its_line() -> None:
    box = Configured(TEXT + '\n[[route]]\ncalled = "12345"\nflow = "night"\nplan = "work"\nclosed = true\n')

    async def story() -> None:
        async with terminal(box.answers) as rig:
            assert 'plan "work"' in await rig.press("6")
            await rig.press("down", "enter")
            await rig.until(lambda text: "F4" in text)
            area = rig.app.screen.query_one(TextArea)
            assert area.document.get_line(area.cursor_location[0] + 2) == 'flow = "night"'

    running(story)


def test_a_flow_is_changed_as_text_checked_as_a_flow_and_put_in_force() -> None:
    box = Configured()

    async def story() -> None:
        async with terminal(box.answers) as rig:
            area = await flow_text(rig)
            area.text = HOTLINE.replace('next = "menu"', 'next = "men"')
            text = await rig.until(lambda text: "1 mistake" in text)
            assert "node.welcome.next" in text
            area.text = HOTLINE.replace("tries = 3", "tries = 2")
            await rig.until(lambda text: "1 setting differs, no mistake" in text)
            assert "node.menu.tries: 3 -> 2" in await rig.press("f4", "a")
            await rig.type("less")
            await rig.press("enter", "y")
            (sent,) = rig.link.changed(api.ApplyConfig)
            assert (sent.flow, sent.version, sent.why) == ("hotline", version(HOTLINE), "less")
            assert "tries = 2" in box.flows["hotline"]
            await rig.press("escape")
            await rig.until(lambda text: "tries 2" in text)

    running(story)


def test_a_new_flow_begins_with_one_that_has_no_mistake() -> None:
    box = Configured()

    async def story() -> None:
        async with terminal(box.answers) as rig:
            await rig.press("6", "f")
            await rig.press("x", "n")
            assert "is there already" in await rig.type("hotline")
            assert "allowed: a name" in await rig.type(" X")
            for _letter in " X":
                await rig.press("backspace")
            await rig.type("2")
            await rig.press("enter")
            await rig.until(lambda text: "differ, no mistake" in text)
            await rig.press("f4", "a")
            await rig.press("enter", "y")
            (sent,) = rig.link.changed(api.ApplyConfig)
            assert (sent.flow, sent.version) == ("hotline2", "")

    running(story)


def test_a_new_flow_is_listed_before_a_number_leads_into_it_and_undo_takes_it_away() -> None:
    box = Configured()
    box.become_flow(api.ApplyConfig(HOTLINE, "", "night", why="nights"))

    async def story() -> None:
        async with terminal(box.answers) as rig:
            await rig.press("6", "f")
            await rig.until(lambda text: "unused" in text)
            await rig.press("down")
            await rig.until(lambda text: "play welcome" in text)
            await rig.press("x", "z")
            assert "Takes the flow away that wang (nights) began" in await rig.press("enter")
            assert rig.link.changed(api.UndoConfig) == []
            await rig.press("y")
            (sent,) = rig.link.changed(api.UndoConfig)
            assert (sent.flow, sent.version) == ("night", NO_TEXT)
            await rig.until(lambda text: "unused" not in text)

    running(story)


def test_a_picture_has_each_node_once_and_each_way_out() -> None:
    lines = drawn(HOTLINE)
    assert lines[1:4] == ["welcome  play welcome", "menu  menu menu-hotline", "+-1 > sales  queue sales"]
    assert "|  otherwise > nobody  play nobody-available, goodbye" in lines
    assert "|  otherwise > nobody  (see above)" in lines
    assert lines[-1] == "\\-otherwise > sales  (see above)"


def test_a_picture_tells_of_ways_to_nowhere_and_nodes_without_a_way() -> None:
    lines = drawn(HOTLINE.replace('1 = "sales"', '1 = "sale"') + '\n[node.lost]\ndo = "hangup"\n')
    assert "+-1 > sale  (there is no such node)" in lines
    assert lines[-2:] == ["no way leads here:", "lost  hangup"]
    assert drawn("[[")[0].startswith("is not TOML")
    assert drawn("start = 1")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("skin", [HOUSE, PLAIN], ids=["house", "plain"])
def test_every_example_is_drawn_whole(path: Path, skin: object) -> None:
    text = path.read_text(encoding="utf-8")
    told = ["".join(cell(part).text for part in line) for line in picture_of(text, path.stem, skin)]  # type: ignore[arg-type]
    for line in text.splitlines():
        if line.startswith("[node."):
            name = line[6:-1]
            assert sum(name in each.split() and "see above" not in each for each in told) >= 1, name
    assert "no way leads here:" not in told
