# SPDX-License-Identifier: GPL-2.0-or-later
"""One call as a ladder: decisions and messages in the order of time, the message in full, the legs and their sound."""

from pathlib import Path

import pytest

from appliance.api import messages as api
from tests.tui.busy import _trace, _whole
from tests.tui.rig import Rig, running, terminal
from tui.cells import wrapped
from tui.ladder import heads, rails, steps_of
from tui.skin import HOUSE, PLAIN


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def at_call(rig: Rig) -> str:
    await rig.press("3")
    return await rig.press("enter")


def test_steps_are_those_of_the_books_and_of_the_lines_in_the_order_of_time() -> None:
    steps = steps_of(_whole(api.WholeCall(1042)), _trace(api.Trace(1042)))
    times = [step.at_ms for step in steps]
    assert times == sorted(times)
    assert [step.nth for step in steps] == list(range(len(steps)))
    said = [(step.source, step.target, step.text) for step in steps if step.message is not None]
    assert said[:2] == [
        ("exchange", "switch", "SETUP timeslot 7, to 12345"),
        ("switch", "exchange", "CALL PROCEEDING"),
    ]
    assert ("switch", "phone", "INVITE sip:1001@192.168.1.31") in said
    assert ("phone", "switch", "200 OK (INVITE)") in said
    assert ("caller", "switch", "key 1") in [(step.source, step.target, step.text) for step in steps]


def test_a_call_without_messages_has_its_decisions() -> None:
    steps = steps_of(_whole(api.WholeCall(7)), None)
    assert steps
    assert all(step.message is None for step in steps)


@pytest.mark.parametrize("skin", [HOUSE, PLAIN])
@pytest.mark.parametrize("width", [8, 11])
def test_every_rung_is_as_wide_as_its_head(skin: object, width: int) -> None:
    for step in steps_of(_whole(api.WholeCall(1042)), _trace(api.Trace(1042))):
        line = rails(step, width, skin)  # type: ignore[arg-type]
        assert len(line) == len(heads(width)) == 5 * width
        assert line.count(">") + line.count("<") + line.count("*") == 1


def test_the_marked_message_is_read_in_full_and_kinds_of_steps_are_chosen() -> None:
    async def story() -> None:
        async with terminal() as rig:
            text = await at_call(rig)
            assert "answers" in text
            assert "MOS 4.0" in text
            text = await rig.press("m")
            assert "answers" in text
            assert "SETUP" not in text
            await rig.press("m")
            text = await rig.press("home")
            assert "key 1" not in text
            assert "Calling: 13800138000" in text
            text = await rig.press("l")
            assert "loss 3.3%" in text
            assert "Calling: 13800138000" not in text
            assert "hang up" in await rig.press("x")

    running(story)


def test_a_call_that_is_up_is_asked_for_again_and_one_that_is_over_has_no_actions() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at_call(rig)
            assert rig.link.changed(api.WholeCall) == [api.WholeCall(1042)]
            assert rig.link.changed(api.Trace) == [api.Trace(1042)]
            house = rig.app.house
            assert house is not None
            assert [each.seconds for each in house.asks()] == [2.0, 2.0]
            rig.app.picture.take(_whole(api.WholeCall(7)))
            assert house.asks()[0].seconds == 2.0, "another call's reply is not taken for this one's"
            del rig.app.picture.calls[1042]
            assert house.actions() == ()

    running(story)


def test_a_long_message_is_scrolled_in_its_part() -> None:
    async def story() -> None:
        lines = "\r\n".join(f"Header-{n}: x" for n in range(40))
        message = _trace(api.Trace(1)).messages[3]
        long = type(message)(message.leg, message.time_us, True, message.peer, f"INVITE sip:1 SIP/2.0\r\n{lines}")
        async with terminal({api.Trace: lambda request: api.TraceReply(request.call, 0, (long,))}) as rig:
            await at_call(rig)
            await rig.press("m", "m")
            assert "Header-30" not in await rig.press("enter")
            assert "Header-39" in await rig.press("end")
            assert "Header-1:" in await rig.press("home")

    running(story)


def test_a_ladder_is_saved_whole_with_its_messages(tmp_path: Path) -> None:
    async def story() -> None:
        async with terminal(folder=tmp_path) as rig:
            await at_call(rig)
            await rig.press("f2")

    running(story)
    text = next(tmp_path.iterdir()).read_text(encoding="utf-8")
    assert "gone, cause 16" in text, "also what is not in view"
    assert "Calling: 13800138000" in text
    assert "m=audio 4000 RTP/AVP 8" in text


def test_past_calls_are_found_by_what_is_keyed_in_and_shown_as_ladders() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("3")
            text = await rig.press("h")
            assert "8001 1002" in text
            await rig.press("f")
            await rig.type("138*")
            await rig.press("enter")
            await rig.type("8001")
            await rig.press("enter")
            await rig.press("enter")
            await rig.type("yesterdy")
            await rig.press("enter")
            await rig.press("enter")
            await rig.until(lambda text: "is no moment" in text)
            await rig.press("f")
            await rig.type("138*")
            for _field in range(3):
                await rig.press("enter")
            await rig.type("2h")
            await rig.press("enter")
            await rig.press("enter")
            first, found = rig.link.changed(api.Cdr)
            assert first == api.Cdr(limit=500)
            assert (found.number, found.agent, found.until) == ("138*", "", 0)
            assert found.since > 0
            assert "call 16" in await rig.press("enter")
            assert rig.link.changed(api.WholeCall) == [api.WholeCall(16)]
            await rig.press("escape")
            assert "past" in (rig.app.house.NAME if rig.app.house is not None else "")

    running(story)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("", 7, [""]),
        ("a-very-long-word-that-fits-no-line", 10, ["a-very-lon", "g-word-tha", "t-fits-no-", "line"]),
        ("看文字中的最后输出，和日志。", 10, ["看文字中的", "最后输出，", "和日志。"]),
        ("按 y 才执行", 6, ["按 y", "才执行"]),
    ],
)
def test_texts_are_broken_at_blanks_and_between_hanzi(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines
