# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings by keys: found, shown with their levels, played, exported, judged, deleted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.api import messages as api
from appliance.contract.errors import ApiError
from appliance.switch.sound.wav import header
from tests.tui import kept
from tests.tui.busy import Answer
from tests.tui.rig import Rig, running, terminal
from tui import finding, strip
from tui.skin import HOUSE, PLAIN
from tui.typed import between, length, number


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def at_recording(rig: Rig) -> str:
    await rig.press("7")
    await rig.press("down")
    return await rig.press("enter")


def recordings(folder: Path) -> api.RecordingsReply:
    return api.RecordingsReply(str(folder), kept.RECORDINGS)


# --- what is typed


@pytest.mark.parametrize(
    ("text", "parse", "found"),
    [
        ("0:30-5:00", length, (30.0, 300.0)),
        ("90", length, (90.0, 0.0)),
        ("-1:02:03", length, (0.0, 3723.0)),
        ("", length, (0.0, 0.0)),
        ("80 - 92.5", number, (80.0, 92.5)),
    ],
)
def test_a_range_is_read_as_people_write_it(
    text: str, parse: Callable[[str], float], found: tuple[float, float]
) -> None:
    assert between(text, parse) == found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"length": "5:00-0:30"}, "is no range"),
        ({"length": "half"}, "is no length of time"),
        ({"length": "0:75"}, "is no length of time"),
        ({"score": "80-x"}, "is no number"),
        ({"call": "-"}, "is no number"),
        ({"qc": "good"}, "there is no state 'good'"),
        ({"archive": "January"}, "is no month"),
        ({"since": "yesterdy"}, "is no moment"),
    ],
)
def test_what_cannot_be_looked_for_is_said(typed: dict[str, str], said: str) -> None:
    with pytest.raises(ApiError, match=said):
        finding.request(typed)


def test_every_filter_of_the_api_has_its_field() -> None:
    typed = {
        "since": "2026-01-31", "until": "2026-02-01", "number": "138*", "agent": "8001", "queue": "sales",
        "length": "0:30-5:00", "caller": "139*", "called": "12345", "rule": "sales-in", "call": "17",
        "qc": "reviewed", "score": "60-80", "rating": "1-2", "least": "3", "archive": "2026-01",
    }  # fmt: skip
    assert set(typed) == {*finding.FIRST, *finding.MORE}
    asked = finding.request(typed)
    fields = asked.__struct_fields__
    assert {each for each in fields if getattr(asked, each) == getattr(api.Recordings(), each)} == {"why", "before"}


# --- found


def test_recordings_are_found_by_both_forms_together_and_all_are_shown_again() -> None:
    async def story() -> None:
        async with terminal(size=(100, 24)) as rig:
            assert "5 found   all" in await rig.press("7")
            await rig.press("f")
            await rig.fill("2026-01-31", "", "138*", "", "", "0:30-")
            text = await rig.text()
            assert "since 2026-01-31   number 138*   length 0:30-" in text
            await rig.press("F")
            await rig.fill("", "", "", "", "reviewed", "80-", "", "", "")
            asked = rig.link.changed(api.Recordings)[-1]
            assert (asked.number, asked.min_s, asked.qc, asked.score_min) == ("138*", 30.0, "reviewed", 80.0)
            assert asked.since > 0
            assert "review reviewed   score 80-" in await rig.text()
            await rig.press("f")
            await rig.fill("", "", "", "", "", "")
            assert rig.link.changed(api.Recordings)[-1] == asked, "what was typed stands in the form"
            await rig.press("a")
            assert rig.link.changed(api.Recordings)[-1] == api.Recordings(limit=finding.FOUND)

    running(story)


def test_a_filter_that_is_wrong_changes_nothing_and_the_box_may_refuse_one() -> None:
    refused = ApiError("the archive has no month 2020-01", "it has: 2026-01")

    def answer(request: api.Recordings) -> Any:
        return refused if request.archive else recordings(Path("/r"))

    def ask(request: api.Recordings) -> api.Reply:
        reply = answer(request)
        if isinstance(reply, ApiError):
            raise reply
        assert isinstance(reply, api.Reply)
        return reply

    async def story() -> None:
        async with terminal({api.Recordings: ask}) as rig:
            await rig.press("7")
            await rig.press("f")
            await rig.fill("", "", "", "", "", "long")
            await rig.until(lambda text: "is no length of time" in text)
            await rig.press("F")
            await rig.fill(*[""] * 8, "2020-01")
            text = await rig.until(lambda text: "it has: 2026-01" in text)
            assert "5 found   all" in text

    running(story)


# --- one


def test_one_recording_shows_its_levels_keys_holds_parts_and_reviews() -> None:
    async def story() -> None:
        async with terminal(size=(100, 30)) as rig:
            text = await at_recording(rig)
            assert "/var/lib/mxbox/recordings/000001/000000041.wav" in text
            lines = text.split("\n")
            strips = [line for line in lines if line.startswith((" caller", " hears"))]
            assert [any(glyph in line for glyph in HOUSE.sparks[3:]) for line in strips] == [True, True]
            assert "ppp" in text
            assert "hhh" in text
            assert "0:15" in text
            assert "recorded as silence  1001" in text
            assert "first score  8001  anna  service  92.5" in text
            assert "asks back" in text
            assert rig.link.changed(api.RecordingLevels) == [api.RecordingLevels(41, 400)]
            assert "call 1042" in (await rig.press("l")).split("\n")[2]

    running(story)


def test_a_recording_that_is_made_or_deleted_says_so_and_asks_for_no_sound() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("7")
            assert "it is being made" in await rig.press("enter")
            await rig.press("escape", "down", "down", "down")
            assert "its file was deleted 11-18" in await rig.press("enter")
            assert "lina asked for by the caller" in await rig.text()
            assert rig.link.changed(api.RecordingLevels) == []

    running(story)


@pytest.mark.parametrize("keys", [("3", "enter"), ("3", "h")])
def test_the_recordings_of_a_call_are_one_key_from_it(keys: tuple[str, ...]) -> None:
    async def story() -> None:
        async with terminal() as rig:
            for key in keys:
                await rig.press(key)
            await rig.press("r")
            call = 1042 if keys[1] == "enter" else 16
            await rig.until(lambda text: f"call {call}" in text.split("\n")[2])
            assert rig.app.current_mode == "recordings"
            assert rig.link.changed(api.Recordings)[-1].call == call

    running(story)


def test_a_user_who_may_not_see_recordings_is_not_told_that_there_are_none() -> None:
    async def story() -> None:
        refused = ApiError("your role holds no recordings", "ask the technician")
        async with terminal({api.Recordings: refused, api.Messages: refused}) as rig:
            await rig.press("7")
            text = await rig.until(lambda text: "ask the technician" in text)
            assert "the box has not told yet" in text
            assert "0 found" not in text
            assert "no such recording" not in text
            assert "the box has not told yet" in await rig.press("v")

    running(story)


def test_a_jump_finds_a_recording_by_its_number() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("7")
            await rig.press("1")
            await rig.press("colon")
            assert "39 13800138000 12345" in await rig.type("39")
            await rig.press("enter")
            await rig.until(lambda _text: rig.app.current_mode == "recordings")
            await rig.press("enter")
            await rig.until(lambda text: "recording 39" in text)

    running(story)


def test_a_recording_is_played_to_a_phone() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("7")
            await rig.press("down")
            assert "phone of a supervisor" in await rig.press("x", "p")
            assert rig.link.changed(api.PlayRecording) == []
            await rig.fill("1001")
            await rig.settle()
            assert rig.link.changed(api.PlayRecording) == [api.PlayRecording(41, "1001")]

    running(story)


def test_marked_recordings_are_deleted_after_a_reason_and_a_sentence() -> None:
    async def story() -> None:
        deleted = api.RecordingsReply("/r", kept.RECORDINGS[3:4])
        async with terminal({api.DeleteRecording: deleted}) as rig:
            await rig.press("7")
            await rig.press("down", "space", "space", "space")
            await rig.press("x", "d")
            assert "this is needed" in await rig.press("enter")
            assert "Deletes the file of 2 recordings for good" in await rig.fill("the caller asked for it")
            assert rig.link.changed(api.DeleteRecording) == []
            await rig.press("y")
            asked = rig.link.changed(api.DeleteRecording)
            assert [each.recording for each in asked] == [41, 40], "the third is deleted already"
            assert {each.why for each in asked} == {"the caller asked for it"}

    running(story)


def test_recordings_are_exported_into_a_folder_and_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "000001").mkdir()
    (tmp_path / "000001" / "000000041.wav").write_bytes(header(8000) + bytes(16_000))

    async def story() -> None:
        async with terminal({api.Recordings: recordings(tmp_path)}) as rig:
            await rig.press("7")
            await rig.press("down")
            await rig.press("x", "e")
            await rig.press(*["backspace"] * 6)
            await rig.fill(str(tmp_path / "out"), "")
            await rig.until(lambda text: "1 file is written" in text)
            assert (tmp_path / "out" / "000000041.wav").stat().st_size == 16_058
            await rig.press("down")
            await rig.press("x", "e")
            await rig.fill("", "")
            await rig.until(lambda text: "No such file" in text)
            await rig.press("x", "e")
            await rig.fill("", "x")
            await rig.until(lambda text: "there is no format 'x'" in text)
            await rig.press("x", "e")
            await rig.fill("~nobody-of-that-name/out", "")
            await rig.until(lambda text: "home directory" in text)
            assert not rig.app._exception

    running(story)


def test_in_a_browser_a_file_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with terminal() as rig:
            monkeypatch.setattr(rig.app, "in_browser", True)
            await rig.press("7")
            await rig.press("down")
            await rig.press("x", "e")
            await rig.until(lambda text: "or directory" in text.replace("\n", " "))

    running(story)


def test_in_a_browser_a_recording_is_sent_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "000001").mkdir()
    (tmp_path / "000001" / "000000041.wav").write_bytes(header(8000) + bytes(16_000))
    sent: list[tuple[Path, str, str]] = []

    async def story() -> None:
        async with terminal({api.Recordings: recordings(tmp_path)}) as rig:
            monkeypatch.setattr(rig.app, "in_browser", True)
            monkeypatch.setattr(rig.app, "hand_out", lambda *file: sent.append(file))
            await rig.press("7")
            await rig.press("down")
            await rig.press("x", "e")
            await rig.until(lambda text: "1 file is written" in text)

    running(story)
    assert sent == [(tmp_path / "000001" / "000000041.wav", "000000041.wav", "audio/wav")]


# --- reviews


def test_a_review_asks_for_the_points_of_each_item_and_says_that_it_stands() -> None:
    async def story() -> None:
        answers: dict[type[api.Request], Answer] = {api.Review: kept.quality(api.QualityOf(41))}
        async with terminal(answers, size=(100, 40)) as rig:
            await at_recording(rig)
            await rig.press("x", "2")
            text = await rig.text()
            assert "greeting (says the company's name): 0 to 5 points" in text
            assert "law (tells of the recording): 0 to 1 points, 0 fails the whole" in text
            assert "under your name" in await rig.fill("5", "4.5", "-", "good")
            await rig.press("y")
            await rig.until(lambda text: "agent 8001: 92.5 of 100" in text)
            points = {"greeting": 5.0, "solution": 4.5, "law": None}
            assert rig.link.changed(api.Review) == [
                api.Review(41, "second", "8001", "service", points=points, note="good")
            ]

    running(story)


def test_points_above_the_most_are_refused_and_another_card_is_chosen_by_a_key() -> None:
    async def story() -> None:
        async with terminal(size=(100, 40)) as rig:
            await at_recording(rig)
            assert "score card short (2 of 2)" in await rig.press("c")
            await rig.press("x", "1")
            await rig.fill("6", "")
            await rig.press("y")
            await rig.until(lambda text: "kind: 6 points, it has 0 to 5" in text)
            assert rig.link.changed(api.Review) == []

    running(story)


def test_an_objection_needs_a_reason() -> None:
    async def story() -> None:
        async with terminal({api.Review: kept.quality(api.QualityOf(41))}) as rig:
            await at_recording(rig)
            await rig.press("x", "o")
            assert "this is needed" in await rig.press("enter")
            await rig.fill("the caller had hung up")
            await rig.press("y")
            await rig.settle()
            assert rig.link.changed(api.Review) == [api.Review(41, "appeal", "8001", note="the caller had hung up")]

    running(story)


# --- the strip


@pytest.mark.parametrize("skin", [HOUSE, PLAIN])
def test_a_strip_is_as_wide_as_its_room_and_as_high_as_it_is_loud(skin: Any) -> None:
    for count in (1, 7, 60, 400):
        for width in (1, 20, 60):
            drawn = strip.strip(skin, [-90] * count + [-9], width)
            assert len(drawn) == width
            assert drawn[-1] == skin.sparks[-1]
    assert strip.strip(skin, [], 5) == " " * 5


def test_times_stand_below_their_places_and_marks_outside_are_left_out() -> None:
    ruler = strip.ruler(75.0, 60)
    assert ruler.index("0:15") == strip.place(15.0, 75.0, 60)
    assert ruler.index("1:00") == strip.place(60.0, 75.0, 60)
    assert strip.marks(10, 10.0, [(-1.0, "1"), (0.0, "2"), (9.9, "3"), (11.0, "4")]) == "2        3"
    assert strip.stretches(10, 10.0, [(-5.0, 1.0, "h"), (8.0, 99.0, "p")]) == "hh      pp"
    for width in (1, 3, 60):
        for length_s in (0.0, 0.02, 1.0, 86_400.0):
            assert len(strip.ruler(length_s, width)) == width


def test_what_a_plan_draws_for_review_is_shown_by_plan_and_period_and_leads_to_the_recording() -> None:
    async def story() -> None:
        async with terminal(size=(100, 30)) as rig:
            await rig.press("7")
            text = await rig.press("r")
            assert "plan weekly   1 of 3 reviewed" in text
            assert text.index("40 8001") < text.index("41 8001"), "what waits stands first"
            await rig.press("n")
            assert rig.link.changed(api.QualitySample)[-1] == api.QualitySample("beginners")
            await rig.press("f")
            await rig.fill("2026-01-01", "2026-02-01")
            asked = rig.link.changed(api.QualitySample)[-1]
            assert (asked.plan, round((asked.until - asked.since) / 86_400_000)) == ("beginners", 31)
            assert "since 2026-01-01   until 2026-02-01" in await rig.text()
            await rig.press("enter")
            assert rig.link.changed(api.Recordings)[-1] == api.Recordings(before=41, limit=1)

    running(story)
