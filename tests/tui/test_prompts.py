# SPDX-License-Identifier: GPL-2.0-or-later
"""Prompts by keys: found, shown, played and recorded at a phone, replaced, made of a text, restored."""

from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.cli.prompt import PART
from tests.tui import kept
from tests.tui.busy import Answer
from tests.tui.rig import Rig, running, terminal

WELCOME = "zh/welcome"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def at_prompts(rig: Rig) -> str:
    await rig.show("prompts")
    return await rig.text()


async def act(rig: Rig, letter: str, *values: str) -> str:
    """Choose an action on the second prompt, fill in its form; return what is seen then."""
    await at_prompts(rig)
    await rig.press("down")
    await rig.press("x", letter)
    await rig.fill(*values)
    return await rig.text()


def answers(*changed: type[api.Request]) -> dict[type[api.Request], Answer]:
    reply: Answer = api.PromptReply(kept.PROMPTS[1], (-20,))
    return {**dict.fromkeys(changed, reply), api.PlayPrompt: api.Done(7)}


def test_own_prompts_alone_or_those_with_a_word() -> None:
    async def story() -> None:
        async with terminal(size=(100, 24)) as rig:
            assert "4 prompts   2 not built in" in await at_prompts(rig)
            assert "2 prompts" in await rig.press("o")
            text = await rig.press("slash", *"spring")
            assert "zh/holiday" in text
            assert WELCOME not in text

    running(story)


def test_a_prompt_is_played_to_a_phone() -> None:
    async def story() -> None:
        async with terminal(size=(100, 24), answers=answers()) as rig:
            await act(rig, "p", "1001")
            assert rig.link.changed(api.PlayPrompt) == [api.PlayPrompt(WELCOME, "1001")]
            await rig.press("enter")
            await rig.press("x", "p")
            await rig.fill("1002", "0c7d3e8465f1c2a9")
            assert rig.link.changed(api.PlayPrompt)[-1] == api.PlayPrompt(WELCOME, "1002", "0c7d3e8465f1c2a9")

    running(story)


def test_a_phone_is_rung_to_record_only_after_the_sentence() -> None:
    async def story() -> None:
        async with terminal(size=(100, 24), answers={api.RecordPrompt: api.Done(7)}) as rig:
            assert "The phone 1001 rings: 1 records zh/welcome" in await act(rig, "r", "1001", "new hours")
            assert not rig.link.changed(api.RecordPrompt)
            await rig.press("y")
            assert rig.link.changed(api.RecordPrompt) == [api.RecordPrompt(WELCOME, "1001", why="new hours")]

    running(story)


def test_a_file_is_sent_in_parts_and_one_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a path of many letters takes long to type on a busy machine
    Path("long.wav").write_bytes(bytes(PART + 5))

    async def story() -> None:
        whole = api.PromptReply(kept.PROMPTS[1], (-20,))
        replies: dict[type[api.Request], Answer] = {api.ReplacePrompt: lambda it: api.Done() if it.more else whole}
        async with terminal(size=(100, 24), answers={**answers(), **replies}) as rig:
            assert "Callers hear another sound" in await act(rig, "f", "long.wav", "")
            await rig.press("y")
            await rig.until(lambda text: "3.4 s, in force" in text)
            parts = rig.link.changed(api.ReplacePrompt)
            assert [(each.at, len(each.data), each.more, each.file) for each in parts] == [
                (0, PART, True, "long.wav"), (PART, 5, False, "long.wav"),
            ]  # fmt: skip
            await act(rig, "f", "none.wav", "")
            await rig.press("y")
            await rig.until(lambda text: "cannot be read" in text)

    running(story)


def test_a_text_is_spoken_and_the_sound_before_is_offered_to_be_restored() -> None:
    async def story() -> None:
        async with terminal(size=(100, 24), answers=answers(api.MakePrompt, api.RestorePrompt)) as rig:
            await act(rig, "m", "hello", "why")
            await rig.press("y")
            assert rig.link.changed(api.MakePrompt) == [api.MakePrompt(WELCOME, "hello", why="why")]
            await at_prompts(rig)
            await rig.press("enter")
            await rig.press("x", "b")
            await rig.press("enter", "enter")
            await rig.press("y")
            assert rig.link.changed(api.RestorePrompt) == [api.RestorePrompt(WELCOME, "0c7d3e8465f1c2a9")]

    running(story)
