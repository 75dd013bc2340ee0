# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration by keys alone: forms, text, history, undo; nothing is in force before a sentence and y."""

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import TextArea

from appliance.api import messages as api
from appliance.config.edit import version
from appliance.contract.errors import ApiError
from tests.tui.configured import TEXT, Configured
from tests.tui.rig import Rig, running, terminal
from tui.forms import LABELS, Key, form_of, inline, keys_of, kinds, name_key

EXAMPLES = Path("appliance/config/examples")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def form(rig: Rig, table: str, entry: str) -> str:
    """Open the form of an entry: jump to it, Enter."""
    await rig.press("9", "colon")
    await rig.type(f"{table} {entry}")
    await rig.press("enter")
    await rig.until(lambda text: "what it says" in text)
    await rig.press("enter")
    return await rig.until(lambda text: "nothing is changed" in text)


async def key(rig: Rig, name: str) -> None:
    """Put the cursor on a key of the form, by the filter."""
    await rig.press("slash")
    await rig.type(name)
    await rig.press("enter")


async def typed(rig: Rig, name: str, value: str) -> str:
    """Open a key of the form and type another value in place of its own."""
    await key(rig, name)
    await rig.press("enter")
    return await rig.type(value)


async def taken(rig: Rig, name: str, value: str) -> str:
    """Change a key, and wait for the box's word."""
    await typed(rig, name, value)
    await rig.press("enter")
    return await rig.until(lambda text: "no mistake" in text or "(" in text.split("─" * 80)[-1])


async def text_screen(rig: Rig) -> TextArea:
    """Open the configuration as text."""
    await rig.press("9")
    await rig.press("e")
    await rig.until(lambda text: "F4" in text)
    return rig.app.screen.query_one(TextArea)


def test_tables_are_listed_with_how_many_entries_they_have_and_what_waits_is_told() -> None:
    async def story() -> None:
        async with terminal(size=(120, 60)) as rig:
            lines = (await rig.press("9")).split("\n")
            assert any(line.split()[:3] == ["queue", "queues", "2"] for line in lines)
            assert any(line.split()[:3] == ["sip", "SIP", "*"] for line in lines)
            assert any("1 setting waits for a restart" in line for line in lines)
            assert "the old exchange has 5060" in "\n".join(lines), "who changed it last, and why"
            assert "restart of the box" in await rig.press("w")

    running(story)


def test_a_queue_is_changed_in_its_form_for_a_reason_and_the_change_is_undone() -> None:
    box = Configured()

    async def story() -> None:
        async with terminal(box.answers) as rig:
            await form(rig, "queue", "sales")
            assert "* ring_s" in await taken(rig, "ring_s", "30")
            assert "queue[sales].ring_s: 20.0 -> 30.0" in await rig.press("x", "a")
            await rig.type("agents walk far")
            assert "Puts 1 change in force." in await rig.press("enter")
            await rig.press("n")
            assert rig.link.changed(api.SetEntry) == []
            await rig.press("x", "a")
            await rig.type("agents walk far")
            await rig.press("enter", "y")
            (sent,) = rig.link.changed(api.SetEntry)
            assert sent == api.SetEntry("queue", "sales", {"ring_s": 30}, version(TEXT), why="agents walk far")
            assert box.text == TEXT.replace("ring_s = 20  # seconds", "ring_s = 30  # seconds")
            text = await rig.until(lambda text: "what it says" in text)
            assert "in force" in text
            await rig.press("x", "z")
            await rig.press("enter")
            assert rig.link.changed(api.UndoConfig) == []
            await rig.press("y")
            assert box.text == TEXT

    running(story)


def test_a_value_of_the_wrong_type_is_said_to_be_wrong_as_it_is_typed_and_is_not_taken() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await form(rig, "queue", "sales")
            assert "allowed: a number, 0 or more" in await typed(rig, "ring_s", "soon")
            assert "not allowed here" in await rig.press("enter"), "Enter does not leave"
            await rig.press("escape")
            assert "nothing is changed" in await rig.text()

    running(story)


def test_a_value_that_makes_no_sense_to_the_box_is_said_to_be_wrong_as_it_is_typed() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await form(rig, "queue", "sales")
            await typed(rig, "agents", "8001 8009")
            text = await rig.until(lambda text: "queue[0].agents" in text)
            assert "8002" in text, "the hint names those that are there"
            await rig.press("enter")
            text = await rig.until(lambda text: "queue[0].agents" in text and "Esc: nothing" not in text)
            assert "a  put in force" not in await rig.press("x"), "what has a mistake cannot be put in force"

    running(story)


def test_keys_with_few_values_are_chosen_by_a_letter_and_taken_out_by_nought() -> None:
    box = Configured()

    async def story() -> None:
        async with terminal(box.answers) as rig:
            await form(rig, "queue", "service")
            await key(rig, "strategy")
            assert "2  ring_all" in await rig.press("enter")
            await rig.press("2")
            assert "ring_all" in await rig.until(lambda text: "no mistake" in text)
            await rig.press("enter", "0")
            await rig.until(lambda text: "longest_idle" in text and "no mistake" in text)
            await rig.press("x", "a")
            await rig.press("enter", "y")
            assert rig.link.changed(api.SetEntry)[0].values == {"strategy": None}
            assert 'strategy = "skill"' not in box.text

    running(story)


def test_changes_are_forgotten_only_after_a_question() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await form(rig, "queue", "sales")
            await taken(rig, "ring_s", "30")
            await rig.press("escape")
            assert "Forgets 1 change that is not in force." in await rig.press("escape")
            assert "* ring_s" in await rig.press("n")
            await rig.press("escape")
            assert "what it says" in await rig.press("y")
            await form(rig, "queue", "sales")
            await taken(rig, "ring_s", "30")
            await rig.press("x", "f")
            assert "nothing is changed" in await rig.text()

    running(story)


def test_an_entry_is_added_copied_and_removed() -> None:
    box = Configured()

    async def story() -> None:
        async with terminal(box.answers) as rig:
            await form(rig, "queue", "sales")
            await rig.press("escape")
            await rig.press("x", "c")
            assert "sales is there already" in await rig.type("sales")
            await rig.type("2")
            await rig.press("enter")
            text = await rig.until(lambda text: "no mistake" in text)
            assert "* name" in text
            assert "8001, 8002" in text
            await rig.press("x", "a")
            await rig.press("enter", "y")
            assert form_of(box.text).table("queue").entries[-1].values == {
                "name": "sales2",
                "agents": ["8001", "8002"],
                "ring_s": 20,
            }
            await rig.until(lambda text: "sales2" in text)
            await rig.press("end")
            await rig.press("x")
            assert "[[queue]] sales2" in await rig.press("d")
            await rig.type("not needed")
            await rig.press("enter", "y")
            assert box.text == TEXT
            assert box.whys[-1] == "not needed"

    running(story)


def test_a_change_by_somebody_else_is_not_overwritten_and_the_form_goes_on_with_it() -> None:
    box = Configured()

    async def story() -> None:
        async with terminal(box.answers) as rig:
            await form(rig, "queue", "sales")
            await taken(rig, "ring_s", "30")
            box.text = TEXT.replace('agents = ["8001", "8002"]', 'agents = ["8002"]')
            await rig.press("x", "a")
            await rig.press("enter", "y")
            await rig.until(lambda text: "was changed" in text)
            await rig.until(lambda text: "8001, 8002" not in text)
            await rig.press("x", "a")
            await rig.press("enter", "y")
            assert box.text == TEXT.replace('agents = ["8001", "8002"]', 'agents = ["8002"]').replace("= 20", "= 30")

    running(story)


def test_the_text_is_checked_as_it_is_typed_and_put_in_force_with_its_comments() -> None:
    box = Configured()

    async def story() -> None:
        async with terminal(box.answers) as rig:
            area = await text_screen(rig)
            await rig.press("f3")
            await rig.type("ring_s")
            await rig.press("enter")
            assert area.document.get_line(area.cursor_location[0]).startswith("ring_s = 20")
            await rig.press("end")
            for _letter in "20  # seconds":
                await rig.press("backspace")
            await rig.type("x")
            text = await rig.until(lambda text: "1 mistake" in text)
            assert f"line {area.cursor_location[0] + 1}" in text
            await rig.press("x")
            assert "put in force" not in await rig.press("f4"), "x is a letter here, and a mistake cannot be applied"
            await rig.press("escape")
            await rig.press("backspace", "backspace")
            await rig.type("25")
            await rig.until(lambda text: "1 setting differs, no mistake" in text)
            assert "queue[sales].ring_s" in await rig.press("f5")
            await rig.press("escape")
            await rig.press("f4", "a")
            await rig.type("walks")
            await rig.press("enter", "y")
            assert box.text == TEXT.replace("ring_s = 20  # seconds", "ring_s = 25")
            assert rig.link.changed(api.ApplyConfig)[0].version == version(TEXT)
            assert box.whys == ["walks"]
            assert "the text that is in force" in await rig.until(lambda text: "that is in force" in text)

    running(story)


def test_what_was_typed_is_forgotten_only_after_a_question_and_f10_does_not_leave_with_it() -> None:
    async def story() -> None:
        async with terminal() as rig:
            area = await text_screen(rig)
            await rig.type("q:9")
            assert area.text.startswith("q:9"), "letters and digits are text, not keys of the terminal"
            for leaving in ("escape", "f10"):
                assert "Forgets all that was typed here." in await rig.press(leaving)
                await rig.press("n")
            assert area.text.startswith("q:9")
            await rig.press("escape")
            assert "what it says" in await rig.press("y")

    running(story)


def test_f8_goes_from_one_mistake_to_the_next_and_round() -> None:
    wrong = TEXT.replace("ring_s = 20", 'ring_s = "20"').replace('strategy = "skill"', 'strategy = "skil"')

    async def story() -> None:
        async with terminal(Configured().answers) as rig:
            area = await text_screen(rig)
            area.text = wrong
            await rig.until(lambda text: "2 mistakes" in text)
            lines = []
            for _time in range(3):
                await rig.press("f8")
                lines.append(area.document.get_line(area.cursor_location[0])[:8])
            assert lines == ["ring_s =", "strategy", "ring_s ="]

    running(story)


def test_a_text_whose_secrets_are_hidden_is_only_read() -> None:
    async def story() -> None:
        async with terminal(Configured(hidden=True).answers) as rig:
            area = await text_screen(rig)
            await rig.press("f4")
            assert "secrets are hidden" in await rig.type("abc")
            assert area.text == TEXT

    running(story)


def test_a_file_that_cannot_be_read_is_said_to_be_so_and_shown_as_text() -> None:
    async def story() -> None:
        async with terminal(Configured(TEXT + "[broken\n").answers) as rig:
            assert "it cannot be read" in await rig.press("9")
            area = await text_screen(rig)
            assert area.text.endswith("[broken\n")

    running(story)


def test_a_change_of_the_history_tells_what_it_changed_and_is_taken_back_after_a_sentence() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("9")
            assert "192.0.2.7" in await rig.press("h")
            text = await rig.press("enter")
            text = await rig.until(lambda text: "sip.port: 5070 -> 5060" in text)
            assert "sip.port: 5060 -> 5070" in text, "from the operation log"
            await rig.press("x", "u")
            await rig.type("wrong after all")
            assert "when wang" in await rig.press("enter")
            assert rig.link.changed(api.UndoConfig) == []
            await rig.press("y")
            assert rig.link.changed(api.UndoConfig) == [api.UndoConfig("a90b3c5d7e8f1022", why="wrong after all")]

    running(story)


def test_who_may_not_see_the_configuration_is_told_so() -> None:
    no = ApiError("your role does not hold this", "ask a technician")

    async def story() -> None:
        answers: dict[type[api.Request], Any] = dict.fromkeys((api.GetConfig, api.ConfigHistory, api.DiffConfig), no)
        async with terminal(answers) as rig:
            text = await rig.press("9")
            assert "the configuration is not known" in text
            assert "your role does not hold this" in text
            for each in ("e", "h", "escape", "w", "escape", "enter", "x"):
                await rig.press(each)

    running(story)


def test_every_table_of_the_schema_has_a_name_and_a_way_to_tell_its_entries_apart() -> None:
    assert set(LABELS) == {"", *kinds()}
    assert [table for table in kinds() if form_of("").table(table).listed and not name_key(table)] == ["span"]


@pytest.mark.parametrize("table", ["", *kinds()])
def test_a_default_that_is_shown_reads_back_as_it_is(table: str) -> None:
    for each in keys_of(table):
        if each.default not in (None, "", [], {}):
            assert each.value(each.shown(each.default)) == each.default, each.name
            assert each.mistakes(each.default) == [], each.name


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_value_of_the_examples_is_shown_as_it_reads_back(path: Path) -> None:
    shown = 0
    for table in form_of(path.read_text(encoding="utf-8")).tables:
        keys: dict[str, Key] = {each.name: each for each in keys_of(table.name)}
        for entry in table.entries:
            for name, value in entry.values.items():
                assert keys[name].mistakes(value) == [], name
                if value not in ("", [], {}):
                    assert keys[name].value(keys[name].shown(value)) == value, name
                    shown += 1
    assert shown


def test_texts_that_look_like_other_values_stay_texts() -> None:
    names = {each.name: each for each in keys_of("extension")}
    for text in ("true", "12", "a, b", '"quoted"', "[x]", "x = 1", "李 娜"):
        assert names["name"].value(names["name"].shown(text)) == text
    assert inline({"a b": ['"', True, 1.5]}) == '{ "a b" = ["\\"", true, 1.5] }'
