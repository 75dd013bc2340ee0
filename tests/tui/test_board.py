# SPDX-License-Identifier: GPL-2.0-or-later
"""The board: what each part shows, and what a supervisor does from it."""

import pytest
from msgspec import structs
from textual import events

from appliance.api import messages as api
from tests.tui.busy import CALLS, SEQ
from tests.tui.rig import Rig, running, terminal
from tui.skin import PLAIN


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def at_agents(rig: Rig) -> str:
    return await rig.press("4", "tab", "tab")


def test_an_agent_is_paused_with_a_reason_after_a_sentence() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at_agents(rig)
            await rig.press("down", "down", "down")
            assert "8004 Chen Jing" in await rig.press("x")
            await rig.press("p")
            await rig.type("lunch")
            assert "No callers are offered to 8004 Chen Jing" in await rig.press("enter")
            assert rig.link.changed(api.SetAgent) == []
            await rig.press("y")
            assert rig.link.changed(api.SetAgent) == [api.SetAgent("8004", "paused", "lunch")]

    running(story)


def test_marked_agents_are_signed_out_together() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at_agents(rig)
            await rig.press("space", "space")
            assert "Signs 2 agents out." in await rig.press("x", "o")
            await rig.press("y")
            assert [each.agent for each in rig.link.changed(api.SetAgent)] == ["8001", "8002"]

    running(story)


def test_a_talk_is_listened_to_and_intercepted_only_after_a_sentence() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at_agents(rig)
            await rig.press("x", "l")
            await rig.type("1009")
            await rig.press("enter")
            await rig.until(lambda text: "done" in text)
            assert "1009" in await rig.press("x", "i"), "the phone given last stands there"
            assert "The agent 8001 leaves the talk" in await rig.press("enter")
            await rig.press("y")
            modes = [(each.extension, each.agent, each.mode) for each in rig.link.changed(api.Supervise)]
            assert modes == [("1009", "8001", "listen"), ("1009", "8001", "intercept")]
            await rig.press("x", "l")
            await rig.type("1010")
            await rig.press("enter")
            assert rig.link.changed(api.Supervise)[-1].extension == "1010", "what is typed takes its place"

    running(story)


def test_only_an_agent_in_a_talk_can_be_listened_to() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at_agents(rig)
            assert "listen" in await rig.press("x")
            await rig.press("escape", "down")
            assert "listen" not in await rig.press("x")

    running(story)


def test_callers_are_moved_to_the_front_in_their_order_and_taken_out() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("4", "tab")
            await rig.press("space", "space", "x", "1")
            assert rig.link.changed(api.MoveWaiting) == [api.MoveWaiting(1046, 1), api.MoveWaiting(1043, 1)]
            await rig.press("escape", "down", "x", "t")
            await rig.type("1001")
            assert "Takes 13700000001 out of the queue and calls 1001." in await rig.press("enter")
            await rig.press("y")
            assert rig.link.changed(api.TakeOut) == [api.TakeOut(1046, "1001")]

    running(story)


def test_callers_are_those_of_the_chosen_queue_and_agents_too_if_asked() -> None:
    async def story() -> None:
        async with terminal() as rig:
            assert "13911112222" in await rig.press("4")
            text = await rig.press("down")
            assert "no caller waits" in text
            assert "8004" in text
            assert "8004" not in await rig.press("a")

    running(story)


def test_enter_on_an_agent_goes_to_the_call() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at_agents(rig)
            await rig.press("enter")
            await rig.until(lambda _text: rig.app.current_mode == "calls")
            assert rig.app.house is not None
            assert rig.app.house.table is not None
            assert getattr(rig.app.house.table.row, "call", 0) == 1042

    running(story)


def test_states_and_limits_are_told_by_marks_as_well_as_by_colours() -> None:
    async def story() -> None:
        async with terminal(skin=PLAIN) as rig:
            text = await rig.press("4")
            marks = {line[line.index(" 800") - 1 :][:6] for line in text.split("\n") if " 800" in line}
            assert marks == {"T 8001", "r 8002", "P 8003", ". 8004", "- 8005"}
            assert "2!" in text, "callers who wait, in yellow"
            assert "81%!" in text

    running(story)


def test_a_supervisor_in_a_talk_stands_beside_the_other_party() -> None:
    beside = structs.replace(CALLS[0].legs[1], leg=99, role="supervisor", number="1009", agent="")
    calls = (structs.replace(CALLS[0], legs=(*CALLS[0].legs, beside)), *CALLS[1:])

    async def story() -> None:
        async with terminal({api.Calls: api.CallsReply(calls, SEQ)}, (200, 40)) as rig:
            assert "13800138000 + 1009" in await rig.press("4")

    running(story)


def test_an_action_that_is_typed_right_after_tab_is_one_of_the_part_it_leads_to() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("4")
            for key in ("tab", "tab", "x"):  # as fast as a line brings them: Textual tells of a focus later
                rig.app.post_message(events.Key(key, "x" if key == "x" else None))
            assert "sign out" in await rig.until(lambda text: "ready" in text, tries=5)

    running(story)
