# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys: what each does, that the foot line tells the truth, and that nothing dangerous hangs on one key."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from textual.binding import Binding

from appliance.api import messages as api
from appliance.contract.errors import ApiError
from tests.tui.rig import Rig, running, terminal
from tui.link import Gone, NoAnswerError
from tui.live_table import LiveTable
from tui.screens import SCREENS
from tui.skin import PLAIN

LOOKS = (
    *(api.Users, api.Operations, api.VerifyOperations),
    *(api.GetConfig, api.ConfigHistory, api.CheckConfig, api.DiffConfig),
)
"""Requests that take more than the right to read, and change nothing."""


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def rows_of(text: str) -> list[str]:
    """Return the lines of a table, without head and foot."""
    return [line for line in text.split("\n")[3:-2] if line.strip()]


def table(rig: Rig) -> LiveTable[Any]:
    assert rig.app.house is not None
    assert rig.app.house.table is not None
    return rig.app.house.table


def row(rig: Rig) -> Any:
    """Return the row under the cursor."""
    return table(rig).row


async def calls(rig: Rig) -> str:
    return await rig.press("3")


def test_a_screen_that_has_no_widgets_yet_is_neither_drawn_nor_acted_on() -> None:
    async def story() -> None:
        async with terminal() as rig:
            for each in SCREENS:
                screen = each()
                rig.app.push_screen(screen)
                rig.app.draw()  # the beat may come between the key and the widgets
                assert rig.app.house is not screen
                await rig.until(lambda _text, screen=screen: rig.app.house is screen)  # type: ignore[misc]
                await rig.press("escape")

    running(story)


def test_digits_choose_screens_and_each_digit_is_of_one_screen() -> None:
    async def story() -> None:
        async with terminal() as rig:
            for each in SCREENS:
                if each.DIGIT:
                    await rig.press(each.DIGIT)
                    assert rig.app.current_mode == each.NAME

    digits = [each.DIGIT for each in SCREENS if each.DIGIT]
    assert len(digits) == len(set(digits))
    assert len({each.NAME for each in SCREENS}) == len(SCREENS)
    running(story)


def test_a_filter_shows_what_fits_while_it_is_typed_and_esc_shows_all() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await calls(rig)
            await rig.press("slash")
            assert len(rows_of(await rig.type("139"))) == 2, "one call, and the filter's line"
            assert "13911112222" in await rig.press("enter")
            assert len(rows_of(await rig.press("escape"))) == 6
            assert "nothing fits" in await rig.press("f3", "x", "x")

    running(story)


def test_the_cursor_stays_on_its_call_when_others_go() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await calls(rig)
            await rig.press("down", "down", "down")
            assert row(rig).call == 1045
            del rig.app.picture.calls[1042]
            await rig.settle()
            assert row(rig).call == 1045
            del rig.app.picture.calls[1045]
            await rig.settle()
            assert row(rig).call == 1046, "the one that took its place"

    running(story)


def test_columns_sort_and_turn_round() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await calls(rig)
            assert "call^" in (text := await rig.press("s"))
            assert rows_of(text)[0].split()[0] == "1042"
            assert rows_of(await rig.press("S"))[0].split()[0] == "1047"

    running(story)


def test_marked_calls_are_hung_up_together_after_a_sentence_and_y_alone() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await calls(rig)
            await rig.press("space", "space")
            assert "* " in await rig.press("x")
            assert "Ends 2 calls." in await rig.press("h")
            await rig.press("n")
            assert rig.link.changed(api.HangUp) == []
            await rig.press("x", "h")
            await rig.press("y")
            assert rig.link.changed(api.HangUp) == [api.HangUp(1042), api.HangUp(1043)]

    running(story)


def test_an_action_asks_for_what_it_needs_and_tells_the_boxs_refusal() -> None:
    async def story() -> None:
        refused = ApiError("8001 talks with nobody", "choose a call that is a talk")
        async with terminal({api.TransferTalk: refused}) as rig:
            await calls(rig)
            assert "number, as a phone dials it" in await rig.press("x", "t")
            assert "this is needed" in await rig.press("enter")
            await rig.type("10086")
            assert "Sends the other party of the call of 13800138000 with 8001 to 10086." in await rig.press("enter")
            await rig.press("y")
            await rig.until(lambda text: "choose a call that is a talk" in text)
            assert rig.link.changed(api.TransferTalk) == [api.TransferTalk("10086", call=1042)]

    running(story)


def test_a_jump_finds_a_call_by_part_of_its_number_and_puts_the_cursor_on_it() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("colon")
            assert "1043 13911112222" in await rig.type("1391*")
            await rig.press("enter")
            assert rig.app.current_mode == "calls"
            assert row(rig).call == 1043
            await rig.press("colon")
            await rig.type("lines")
            await rig.press("enter")
            assert rig.app.current_mode == "lines"

    running(story)


def test_help_is_that_of_the_screen_and_lists_its_own_keys() -> None:
    async def story() -> None:
        async with terminal(size=(100, 50)) as rig:
            for each in SCREENS:
                await rig.show(each.NAME)
                text = await rig.press("question_mark")
                assert each.HELP_TEXT.split(",")[0].split(".")[0][:30] in text
                assert "filter as you type" in text or rig.app.house is None or rig.app.house.table is None
                await rig.press("escape")

    running(story)


def test_help_says_how_it_is_left_on_the_smallest_screen() -> None:
    async def story() -> None:
        async with terminal(size=(80, 24)) as rig:
            for each in SCREENS:
                await rig.show(each.NAME)
                assert "Esc: back" in await rig.press("question_mark"), each.NAME
                await rig.press("escape")

    running(story)


def test_no_key_of_a_screen_changes_the_box_at_once() -> None:
    """Every key that any screen binds is pressed; not one request that takes a right beyond reading is sent."""

    async def story() -> None:
        for screen in SCREENS:
            async with terminal() as rig:
                await rig.show(screen.NAME)
                for binding in screen.__dict__.get("BINDINGS", ()):
                    keys = binding.key if isinstance(binding, Binding) else binding[0]
                    for key in keys.split(","):
                        await rig.press(key.strip())
                        await rig.press("escape", "escape")
                assert [each for each in rig.link.asked if each.right != "read" and type(each) not in LOOKS] == []

    running(story)


def test_a_box_that_does_not_answer_in_time_is_not_taken_for_one_that_does() -> None:
    """Its connections stand, and nothing is said on them: a call server that hangs."""

    async def story() -> None:
        async with terminal() as rig:
            await calls(rig)
            told = dict(rig.link.answers)
            silent = NoAnswerError("the box does not answer", "no answer in time")
            rig.link.answers.update(dict.fromkeys(told, silent))
            rig.app.ask_again()
            assert "no answer since 0:00" in await rig.text()
            rig.link.answers.update(told)
            rig.app.ask_again()
            assert "no answer" not in await rig.text()

    running(story)


def test_what_is_told_over_a_plain_screen_is_ascii_too() -> None:
    async def story() -> None:
        async with terminal(skin=PLAIN) as rig:
            await rig.press("1", "x")
            text = await rig.until(lambda text: "nothing can be done here" in text)
            assert text.isascii()

    running(story)


@pytest.mark.parametrize("seed", range(4))
def test_no_keys_in_any_order_end_it_or_change_the_box(seed: int) -> None:
    """Keys of all screens and dialogs but y, in windows of any size."""
    keys = [
        *"1234578/?:x sSpmlhfabcuvoFn09z张",
        "enter",
        "escape",
        "tab",
        "up",
        "down",
        "left",
        "right",
        "pagedown",
        "end",
    ]
    chance = random.Random(seed)

    async def story() -> None:
        async with terminal() as rig:
            for n in range(150):
                key = chance.choice(keys)
                await rig.pilot.press({"/": "slash", "?": "question_mark", ":": "colon", " ": "space"}.get(key, key))
                if n % 25 == 24:
                    await rig.pilot.resize_terminal(*chance.choice(((40, 10), (10, 3), (200, 60), (80, 24))))
            await rig.settle()
            harmless = {
                "Originate",
                "Supervise",
                "RecordCall",
                "SetPhone",
                "SetAgent",
                "ChangeSpan",
                "MoveWaiting",
                "SetPriority",
                "PlayRecording",
                "PlayMessage",
                "ChangeMessage",
                "ChangeConference",
                "CallIntoConference",
            }
            sent = [each for each in rig.link.asked if each.right != "read" and type(each) not in LOOKS]
            changed = {type(each).__name__ for each in sent}
            assert changed <= harmless, "each was chosen by a letter of a menu, and needs no sentence"

    running(story)


def test_a_user_is_offered_only_what_the_user_may_do() -> None:
    async def story() -> None:
        async with terminal() as rig:
            hello = rig.app.picture.hello
            assert hello is not None
            await calls(rig)
            rig.link.hear([structs.replace(hello, rights=("read", "control"))])
            text = await rig.press("x")
            assert "hang up" in text
            assert "listen" not in text
            await rig.press("escape")
            rig.link.hear([structs.replace(hello, rights=("read",))])
            await rig.press("x")
            await rig.until(lambda text: "your user may look" in text)

    running(story)


def test_standing_still_keeps_what_is_seen_until_p_again() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await calls(rig)
            assert "stands still" in await rig.press("p")
            rig.app.picture.calls.clear()
            await asyncio.sleep(0.3)
            rig.app._beat()
            assert table(rig).shown_count == 6
            assert "no call is up" in await rig.press("p")

    running(story)


def test_the_screen_is_saved_as_text(tmp_path: Path) -> None:
    async def story() -> None:
        async with terminal(folder=tmp_path) as rig:
            await calls(rig)
            await rig.press("f2")

    running(story)
    [saved] = tmp_path.iterdir()
    assert "13800138000" in saved.read_text(encoding="utf-8")


def test_a_box_that_is_gone_leaves_a_greyed_picture_that_says_since_when() -> None:
    now = [1000.0]

    async def story() -> None:
        async with terminal(clock=lambda: now[0]) as rig:
            await calls(rig)
            rig.link.hear([Gone("the connection was closed")])
            now[0] += 12
            text = await rig.text()
            assert "no answer since 0:12" in text
            assert "13800138000" in text
            body = (await rig.roles()).split("\n")[4:9]
            assert body == ["d" * 80] * 5
            rig.link.hear([api.Subscribed(100, complete=True)])
            text = await rig.text()
            assert "no answer" not in text
            assert (await rig.roles()).split("\n")[4:9] != body

    running(story)
