# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines: timeslots and what is on them, upkeep by menu and sentence, tests that last."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from appliance.api import messages as api
from appliance.contract import records
from appliance.contract.rows import LegRow
from tests.tui.busy import AT, CALLS, SEQ, SWITCH
from tests.tui.rig import Rig, running, terminal


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def story_at_lines(story: Callable[[Rig], Any], **answers: Any) -> None:
    async def whole() -> None:
        async with terminal({getattr(api, name): reply for name, reply in answers.items()}) as rig:
            await rig.press("2")
            await story(rig)

    running(whole)


def test_each_timeslot_has_the_letter_of_its_call_or_its_channel() -> None:
    async def story(rig: Rig) -> None:
        lines = (await rig.text()).split("\n")
        at = next(n for n, line in enumerate(lines) if line.startswith(" TS    1"))
        first = lines[at + 1].split()
        assert first == ["Q", ".", ".", ".", "B", "b", "T", ".", ".", ".", ".", "r", ".", ".", "."]
        assert lines[at + 4].split()[:6] == ["D", "Q", ".", ".", "e", "R"]

    story_at_lines(story)


def test_a_timeslot_is_chosen_and_enter_goes_to_its_call() -> None:
    async def story(rig: Rig) -> None:
        assert "timeslot 7: call 1042" in await rig.press(*["right"] * 6)
        await rig.press("enter")
        await rig.until(lambda _text: rig.app.current_mode == "calls")
        assert rig.app.house is not None
        assert rig.app.house.table is not None
        assert getattr(rig.app.house.table.row, "call", 0) == 1042

    story_at_lines(story)


def test_a_timeslot_is_blocked_after_a_sentence_and_unblocked_where_it_is() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("x")
        assert "No call takes timeslot 1 of span 1 from now on" in await rig.press("b")
        await rig.press("y")
        await rig.press(*["right"] * 4)
        text = await rig.press("x")
        assert "unblock timeslot 5 of span 1" in text
        assert "b  block" not in text
        await rig.press("u")
        await rig.until(lambda text: "done" in text)
        assert rig.link.changed(api.ChangeSpan) == [
            api.ChangeSpan(1, "block", (1,)),
            api.ChangeSpan(1, "unblock", (5,)),
        ]

    story_at_lines(story)


def test_a_loop_is_set_by_its_name_and_another_word_is_refused() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("x")
        assert "which loop: local, payload, none" in await rig.press("l")
        await rig.type("line")
        await rig.press("enter")
        await rig.press("y")
        await rig.until(lambda text: "there is no loop 'line'" in text)
        await rig.press("x")
        await rig.press("l")
        await rig.type("payload")
        assert "with a loop there are no calls" in await rig.press("enter")
        await rig.press("y")
        assert rig.link.changed(api.ChangeSpan) == [api.ChangeSpan(1, "loop", loop="payload")]

    story_at_lines(story)


def test_a_bit_error_test_is_begun_with_its_length_seen_and_stopped() -> None:
    async def story(rig: Rig) -> None:
        assert "wrong bits 1.2e-06" in await rig.text()
        await rig.press("x")
        await rig.press("e")
        await rig.type("x")
        await rig.press("enter")
        await rig.press("y")
        await rig.until(lambda text: "'x' is no number of seconds" in text)
        for key in ("x", "e", "enter", "y"):
            await rig.press(key)
        await rig.until(lambda text: "begun: job 3" in text)
        assert rig.link.changed(api.TestSpan) == [api.TestSpan(1, (1,), 60)]
        await rig.press("x")
        await rig.press("S")
        await rig.until(lambda text: "stopped" in text)
        assert rig.link.changed(api.StopJob) == [api.StopJob(3)]

    story_at_lines(story)


def test_a_line_is_offered_only_what_its_kind_can() -> None:
    card = SWITCH.cards[0]
    assert card.span is not None
    poor = structs.replace(card, span=structs.replace(card.span, acts=("clear",), loops=()))

    async def story(rig: Rig) -> None:
        rig.app.picture.switch = structs.replace(SWITCH, cards=(poor,))
        text = await rig.press("x")
        assert "clear the counters of span 1" in text
        assert "block" not in text
        assert "loop on" not in text

    story_at_lines(story)


def test_the_last_day_is_summed_up_of_the_chosen_span_alone() -> None:
    async def story(rig: Rig) -> None:
        assert "24 h: errored s 4   alarm 0:30   out of service 0:40" in await rig.text()
        assert "24 h" not in await rig.press("down")
        assert [each.span for each in rig.link.changed(api.SpanQuarters)] == [1, 2]

    story_at_lines(story)


def test_a_trunk_is_seen_with_its_registration_its_calls_and_its_last_answer() -> None:
    def leg(number: int, role: records.Role) -> LegRow:
        facts: dict[str, Any] = {"number": "138", "agent": "", "state": "active", "span": 0, "timeslot": 0}
        return LegRow(leg=number, line="trunk:voip", role=role, **facts)

    calls = (
        structs.replace(CALLS[0], legs=(leg(1, "caller"),)),
        structs.replace(CALLS[1], legs=(leg(3, "outside"),)),
        structs.replace(CALLS[3], legs=(leg(5, "outside"),)),
    )

    async def story(rig: Rig) -> None:
        row = next(line for line in (await rig.press("2")).split("\n") if line.startswith("  voip"))
        assert row.split() == ["voip", "not", "registered", "8:00", "1", "2", "-"]
        at = AT + 3_000
        rig.link.hear((api.Update("calls", at, records.LegAnswered(3, CALLS[1].call), SEQ + 1),))
        told = time.strftime("%H:%M:%S", time.localtime(at / 1000))
        assert (await rig.text()).split("voip ")[1].split("\n")[0].endswith(told)

    story_at_lines(story, Calls=api.CallsReply(calls, SEQ))


def test_what_can_be_done_is_that_of_spans_only_where_keys_count_there() -> None:
    async def story(rig: Rig) -> None:
        await rig.press("2")
        assert "block" in await rig.press("x")
        await rig.press("escape", "tab")
        assert "block" not in await rig.press("x")

    story_at_lines(story)
