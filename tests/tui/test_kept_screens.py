# SPDX-License-Identifier: GPL-2.0-or-later
"""Voice messages, conferences, the machine, users and the log of operations by keys: what each asks of the box."""

import pytest
from msgspec import structs

from appliance.api import messages as api
from tests.tui.rig import Rig, running, terminal


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def at(rig: Rig, *keys: str) -> str:
    """Press keys one after the other, the screen drawn after each."""
    text = ""
    for key in keys:
        text = await rig.press(key)
    return text


def test_tasks_that_are_late_stand_out_and_are_shown_alone() -> None:
    async def story() -> None:
        async with terminal() as rig:
            text = await at(rig, "7", "v")
            assert "5 messages   1 new   1 late" in text
            assert "withheld" in text
            row = (await rig.roles()).split("\n")[5]
            assert "b" in row, "the deadline of message 16 is over"
            text = await rig.press("t")
            assert "3 messages" in text
            assert " ann " not in text

    running(story)


def test_marked_messages_are_marked_heard_and_a_task_is_taken_by_an_agent() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at(rig, "7", "v", "space", "space")
            text = await at(rig, "x")
            assert "take" in text, "one of them is a task"
            await rig.press("h")
            assert rig.link.changed(api.ChangeMessage) == [
                api.ChangeMessage(17, "heard"),
                api.ChangeMessage(16, "heard"),
            ]
            await at(rig, "escape", "up", "x", "t")
            await rig.fill("8001")
            await rig.settle()
            assert rig.link.changed(api.ChangeMessage)[2:] == [api.ChangeMessage(16, "taken", "8001")]

    running(story)


def test_a_message_of_a_person_is_no_task_and_goes_after_a_sentence() -> None:
    async def story() -> None:
        async with terminal() as rig:
            text = await at(rig, "7", "v", "x")
            assert "finish" not in text
            assert "Deletes message 17" in await rig.press("d")
            assert rig.link.changed(api.ChangeMessage) == []
            await at(rig, "y")
            assert rig.link.changed(api.ChangeMessage) == [api.ChangeMessage(17, "deleted")]

    running(story)


def test_a_task_is_played_to_a_phone_and_a_persons_message_is_not() -> None:
    async def story() -> None:
        async with terminal() as rig:
            assert "play to a phone" not in await at(rig, "7", "v", "x")
            assert "play to a phone" in await at(rig, "escape", "down", "x")
            await rig.press("p")
            await rig.fill("1001")
            await rig.settle()
            assert rig.link.changed(api.PlayMessage) == [api.PlayMessage(16, "1001")]

    running(story)


def test_messages_of_one_box_are_asked_for_and_a_strange_state_is_refused() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at(rig, "7", "v", "f")
            await rig.fill("sales", "opened", "")
            await rig.until(lambda text: "there is no state 'opened'" in text)
            await rig.press("f")
            await rig.fill("sales", "open", "y")
            text = await rig.text()
            assert "box sales   open   also deleted ones" in text
            asked = rig.link.changed(api.Messages)[-1]
            assert (asked.box, asked.state, asked.deleted) == ("sales", "open", True)

    running(story)


def test_a_number_is_called_into_a_conference_and_it_is_ended_after_a_sentence() -> None:
    async def story() -> None:
        async with terminal() as rig:
            text = await at(rig, "3", "c")
            assert "asks to speak (1)" in text
            await rig.until(lambda text: "1001  (host)  joined" in text)
            await at(rig, "x", "c")
            await rig.fill("1005")
            await rig.settle()
            assert rig.link.changed(api.CallIntoConference) == [api.CallIntoConference("8500", "1005")]
            text = await at(rig, "x", "e")
            assert "Ends conference 8500 board for all: 3 members." in text
            assert rig.link.changed(api.ChangeConference) == []
            await rig.press("y")
            assert rig.link.changed(api.ChangeConference) == [api.ChangeConference("8500", "end")]

    running(story)


def test_marked_members_are_removed_together() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await at(rig, "3", "c", "enter", "down", "space", "space", "x")
            text = await rig.press("d")
            assert "Removes 2 members from conference 8500 board." in text
            await rig.press("y")
            assert rig.link.changed(api.ChangeConference) == [
                api.ChangeConference("8500", "remove", 2),
                api.ChangeConference("8500", "remove", 3),
            ]

    running(story)


def test_a_machine_whose_disk_is_nearly_full_says_so() -> None:
    async def story() -> None:
        async with terminal() as rig:
            text = await rig.press("0")
            assert "no keeper for: slots, updates" in text
            reply = rig.app.picture.last(api.SystemReply)
            assert reply is not None
            disk = structs.replace(reply.machine.disks[0], days_left=1.2)
            full = structs.replace(reply, machine=structs.replace(reply.machine, disks=(disk,), temperature=None))
            rig.link.answers[api.System] = full
            rig.app.ask_again()
            text = await rig.text()
            assert "1 day left" in text
            assert "no sensor" in text
            place = next(n for n, line in enumerate(text.split("\n")) if "1 day left" in line)
            assert "b" in (await rig.roles()).split("\n")[place]

    running(story)


def test_a_users_rights_are_told_and_a_change_says_that_the_user_signs_in_again() -> None:
    async def story() -> None:
        async with terminal() as rig:
            text = await at(rig, "0", "u", "down", "down")
            assert "role agent: of one's own calls" in text
            assert "calls: v a c" in text
            await at(rig, "x", "c")
            await rig.fill("supervisor", "", "")
            text = await rig.fill("new task")
            assert "User old: role supervisor" in text
            assert "signs in again" in text
            await rig.press("y")
            assert rig.link.changed(api.ChangeUser) == [api.ChangeUser("old", "supervisor", "", "8009", why="new task")]
            await at(rig, "x", "u")
            assert rig.link.changed(api.ChangeUser)[1:] == [api.ChangeUser("old", locked=False)]

    running(story)


def test_an_operation_shows_what_it_changed_and_others_are_found() -> None:
    async def story() -> None:
        async with terminal() as rig:
            text = await at(rig, "0", "o")
            assert '{"forward_busy":"1002"}' in text
            await rig.press("f")
            await rig.fill("anna", "set_phone", "7d", "")
            asked = rig.link.changed(api.Operations)[-1]
            assert (asked.user, asked.what, asked.until) == ("anna", "set_phone", 0)
            assert asked.since > 0
            rig.link.answers[api.VerifyOperations] = api.VerifiedReply(2, "5f", wrong=2)
            await rig.press("v")
            await rig.until(lambda text: "operation 2 is not as it was written" in text)

    running(story)
