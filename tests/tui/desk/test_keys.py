# SPDX-License-Identifier: GPL-2.0-or-later
"""What a desk asks of the box for keys, in each state of the agent; nothing dangerous is one key away."""

from typing import Any

import pytest
from msgspec import structs

from appliance.api import messages as api
from appliance.contract.errors import ApiError
from appliance.version import VERSION
from tests.tui.busy import AGENTS, AT, BUSY, CALLS, QUEUES, SEQ
from tests.tui.rig import Rig, running, terminal
from tui.desk.app import NO_LONGER_GOOD, NO_TICKET
from tui.link import Gone

IDLE, TALKING = "8004", "8001"
FREE: dict[type[api.Request], Any] = {api.Calls: api.CallsReply(CALLS[:-1], SEQ)}
"""The phone of the idle agent has no call."""


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def menu(rig: Rig) -> list[str]:
    """Return the names in the menu of actions, and leave it."""
    text = await rig.press("x")
    lines = [line.split("│")[1].strip() for line in text.splitlines() if line.count("│") == 2 and "Esc" not in line]
    await rig.press("escape")
    return [name.partition("  ")[2] for name in lines if "  " in name]


def test_one_who_is_signed_out_may_sign_in_at_a_phone_and_nothing_else() -> None:
    async def story() -> None:
        async with terminal(agent="8005") as rig:
            await rig.settle()
            assert await menu(rig) == ["sign in"]
            await rig.press("x", "s")
            await rig.press(*["backspace"] * 4)
            await rig.type("1009")
            await rig.press("enter")
            assert rig.link.changed(api.SetAgent) == [api.SetAgent("8005", "ready", "", "1009")]

    running(story)


def test_a_pause_is_two_keys_and_leaves_with_its_reason() -> None:
    async def story() -> None:
        async with terminal(FREE, agent=IDLE) as rig:
            await rig.settle()
            assert "no call" in await rig.text()
            await rig.press("x", "3")
            assert rig.link.changed(api.SetAgent) == [api.SetAgent(IDLE, "paused", "会议")]

    running(story)


def locked(rows: tuple[Any, ...]) -> dict[type[api.Request], Any]:
    """Return a desk whose pauses take a lock code, and its agents."""
    known = BUSY[api.Desk]
    assert isinstance(known, api.DeskReply)
    told = api.DeskReply(at=known.at, desk=structs.replace(known.desk, lock_pause=True))
    return {**FREE, api.Desk: told, api.Agents: api.AgentsReply(rows, SEQ)}


def test_a_pause_asks_for_a_lock_code_where_agents_choose_one() -> None:
    async def story() -> None:
        async with terminal(locked(AGENTS), agent=IDLE) as rig:
            await rig.settle()
            assert "lock code" in await rig.press("x", "3")
            assert "55" not in await rig.type("55")
            await rig.press("enter")
            await rig.press("x", "3", "enter")
            assert rig.link.changed(api.SetAgent) == [
                api.SetAgent(IDLE, "paused", "会议", lock="55"),
                api.SetAgent(IDLE, "paused", "会议"),
            ]

    running(story)


def test_a_locked_pause_is_left_with_its_code_alone_and_a_wrong_one_is_told() -> None:
    rows = tuple(
        structs.replace(row, status="paused", state="paused", locked=True) if row.agent == IDLE else row
        for row in AGENTS
    )

    async def story() -> None:
        answers = locked(rows) | {api.SetAgent: ApiError("this is not the lock code of the pause", "once more")}
        async with terminal(answers, agent=IDLE) as rig:
            await rig.settle()
            names = await menu(rig)
            assert "ready" in names
            assert not [name for name in names if name.startswith("pause")]
            await rig.press("x", "r")
            await rig.press("enter")
            assert rig.link.changed(api.SetAgent) == [], "a code is needed"
            await rig.type("55")
            await rig.press("enter")
            await rig.until(lambda text: "not the lock code" in text)
            assert rig.link.changed(api.SetAgent) == [api.SetAgent(IDLE, "ready", lock="55")]

    running(story)


def test_sign_out_says_a_sentence_first() -> None:
    async def story() -> None:
        async with terminal(FREE, agent=IDLE) as rig:
            await rig.settle()
            assert "No callers ring your phone any more." in await rig.press("x", "o")
            assert rig.link.changed(api.SetAgent) == []
            await rig.press("n")
            assert rig.link.changed(api.SetAgent) == []
            await rig.press("x", "o", "y")
            assert rig.link.changed(api.SetAgent) == [api.SetAgent(IDLE, "signed_out")]

    running(story)


def test_a_caller_is_sent_on_to_one_who_is_found() -> None:
    async def story() -> None:
        async with terminal(agent=TALKING) as rig:
            await rig.settle()
            await rig.press("x", "t")
            await rig.type("front")
            assert api.Directory("front") in rig.link.asked
            await rig.press("down", "down")
            assert "Sends 13800138000 to 1003 Front door." in await rig.press("enter")
            await rig.press("y")
            assert rig.link.changed(api.ChangeTalk) == [api.ChangeTalk("1001", "transfer", "1003")]

    running(story)


@pytest.mark.parametrize("typed", ["0139-1111 2222", "013911112222"])
def test_a_number_outside_is_taken_as_it_is_typed(typed: str) -> None:
    async def story() -> None:
        async with terminal(agent=TALKING) as rig:
            await rig.settle()
            await rig.press("x", "n")
            await rig.type(typed.replace(" ", "").replace("-", "") if typed.isdigit() else "")
            rig.app.screen.query_one("Input").value = typed  # type: ignore[attr-defined]
            await rig.settle()
            assert "waits while your phone calls 013911112222." in await rig.press("enter")
            await rig.press("y")
            assert rig.link.changed(api.ChangeTalk) == [api.ChangeTalk("1001", "consult", "013911112222")]

    running(story)


def test_a_text_that_is_neither_number_nor_name_goes_nowhere() -> None:
    async def story() -> None:
        async with terminal({api.Directory: api.DirectoryReply(())}, agent=TALKING) as rig:
            await rig.settle()
            await rig.press("x", "t")
            await rig.type("qqq")
            assert "no number fits" in await rig.press("enter")
            await rig.press("escape")
            assert rig.link.changed(api.ChangeTalk) == []

    running(story)


def test_in_a_consultation_only_its_ends_are_offered_and_the_caller_stays_in_sight() -> None:
    async def story() -> None:
        live = structs.replace(CALLS[0], consults=1040)

        def whole(_request: api.WholeCall) -> api.WholeCallReply:
            from tests.tui.busy import _whole

            return structs.replace(_whole(api.WholeCall(1042)), live=live)

        async with terminal({api.WholeCall: whole}, agent=TALKING) as rig:
            await rig.settle()
            assert "a consultation: the other party waits" in await rig.text()
            names = await menu(rig)
            assert names[:3] == ["back to the party that waits", "all three talk together", "connect both, and leave"]
            assert "transfer" not in names
            for key, do in (("b", "back"), ("j", "join")):
                await rig.press("x", key, "y")
                assert rig.link.changed(api.ChangeTalk)[-1] == api.ChangeTalk("1001", do)  # type: ignore[arg-type]
            await rig.press("x", "m")
            assert rig.link.changed(api.ChangeTalk)[-1] == api.ChangeTalk("1001", "conference")

    running(story)


def test_a_refusal_of_the_box_is_shown_with_its_remedy() -> None:
    async def story() -> None:
        refusal = ApiError("extension 1001 is in no talk of two", "see `mxbox calls`")
        async with terminal({api.ChangeTalk: refusal}, agent=TALKING) as rig:
            await rig.settle()
            await rig.press("x", "k", "y")
            text = await rig.until(lambda text: "is in no talk of two" in text)
            assert "see `mxbox calls`" in text

    running(story)


def test_what_the_last_call_was_about_is_said_by_its_code() -> None:
    async def story() -> None:
        async with terminal(FREE, agent=IDLE) as rig:
            await rig.settle()
            assert "1 sale  2 complaint" in await rig.press("x", "w")
            await rig.type("2")
            await rig.press("enter")
            assert rig.link.changed(api.SetWrapUpCode) == [api.SetWrapUpCode(IDLE, "2")]

    running(story)


def test_a_number_of_the_list_is_called_and_in_a_talk_it_gets_the_caller() -> None:
    async def story() -> None:
        async with terminal(FREE, agent=IDLE) as rig:
            await rig.show("numbers")
            await rig.press("down", "down", "down")
            assert "Your phone 1004 rings; pick it up, and 1004 欧阳小明 is called." in await rig.press("enter", "d")
            await rig.press("y")
            assert rig.link.changed(api.Originate) == [api.Originate("1004", "1004")]
        async with terminal(agent=TALKING) as rig:
            await rig.show("numbers")
            assert "Sends 13800138000 to 1003 Front door." in await rig.press("down", "down", "x", "t")

    running(story)


def test_a_caller_of_before_is_called_back_with_the_prefix_for_outside() -> None:
    async def story() -> None:
        async with terminal(FREE, agent=IDLE) as rig:
            await rig.show("own")
            await rig.press("x", "d", "y")
            assert rig.link.changed(api.Originate) == [api.Originate("1004", "013800138000")]

    running(story)


def test_only_the_agents_own_queues_and_call_backs_are_shown() -> None:
    async def story() -> None:
        async with terminal({api.Queues: api.QueuesReply(QUEUES, SEQ)}, agent="8002") as rig:
            await rig.settle()
            text = await rig.text()
            assert "sales" in text
            assert "service" not in text

    running(story)


def test_an_agent_who_is_not_there_is_said_to_be_none() -> None:
    async def story() -> None:
        async with terminal(agent="9999") as rig:
            await rig.settle()
            assert "agent 9999 is not configured" in await rig.text()
            assert "nothing can be done here" in await rig.press("x")

    running(story)


def test_a_user_who_signed_in_sits_at_the_desk_of_the_agent_that_the_box_names() -> None:
    async def story() -> None:
        async with terminal(agent=TALKING) as rig:
            rig.app._agent = ""  # type: ignore[attr-defined]
            rig.link.hear((api.Hello(version=VERSION, user="lina", rights=(), agent="8003", own=True),))
            assert "8003 赵六" in await rig.text()

    running(story)


def test_a_ticket_that_is_no_longer_good_ends_the_desk() -> None:
    async def story() -> None:
        async with terminal(agent=TALKING) as rig:
            rig.link.hear((Gone(NO_LONGER_GOOD),))
            assert rig.app.return_code == NO_TICKET

    running(story)


def test_an_offer_and_a_leg_of_the_agents_phone_are_asked_for_at_once() -> None:
    from appliance.contract import records as r

    async def story() -> None:
        async with terminal(agent=TALKING) as rig:
            for what, asked in (
                (r.AgentChanged(TALKING, "ready", "wrap_up"), 1),
                (r.AgentChanged("8002", "ready", "wrap_up"), 0),
            ):
                before = len(rig.link.changed(api.Calls))
                rig.link.hear((api.Update("agents", AT, what, SEQ + 1),))
                await rig.settle()
                assert len(rig.link.changed(api.Calls)) - before == asked

    running(story)
