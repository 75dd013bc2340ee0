# SPDX-License-Identifier: GPL-2.0-or-later
"""The link at a real control socket: it hears, asks, comes back after every loss, and misses nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from appliance.api.messages import (
    Agents,
    AgentsReply,
    Calls,
    CallsReply,
    HangUp,
    Hello,
    Queues,
    QueuesReply,
    Status,
    StatusReply,
    Subscribed,
    Update,
)
from appliance.api.messages import Done as DoneReply
from appliance.contract.errors import ApiError
from tests.appliance.api.running import RunningBox
from tui.link import Gone, Heard, Link
from tui.picture import Picture

Story = Callable[[Link, list[Heard]], Coroutine[Any, Any, None]]


def play(path: Path, story: Story, hear: Callable[[Sequence[Heard]], None] | None = None) -> list[Heard]:
    """Run a story beside a link to `path`; return what the link heard."""
    heard: list[Heard] = []

    def both(news: Sequence[Heard]) -> None:
        heard.extend(news)
        if hear is not None:
            hear(news)

    async def main() -> None:
        link = Link(path, both, pause_s=0.05)
        task = asyncio.create_task(link.run())
        try:
            await asyncio.wait_for(story(link, heard), 30)
        finally:
            task.cancel()

    asyncio.run(main())
    return heard


async def until(what: Callable[[], object]) -> None:
    while not what():  # noqa: ASYNC110 - what is waited for happens in another thread
        await asyncio.sleep(0.01)


def kinds(heard: list[Heard]) -> list[type]:
    return [type(each) for each in heard]


def test_it_hears_who_it_is_and_every_update(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box:

        async def story(_link: Link, heard: list[Heard]) -> None:
            await until(lambda: Subscribed in kinds(heard))
            await asyncio.to_thread(box.calls, 3)
            await until(lambda: kinds(heard).count(Update) >= 20)

        heard = play(box.path, story)
    assert kinds(heard)[:2] == [Hello, Subscribed]
    numbers = [each.seq for each in heard if isinstance(each, Update)]
    assert numbers == sorted(set(numbers))


def test_it_comes_back_and_resumes_where_it_was(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box:

        async def story(link: Link, heard: list[Heard]) -> None:
            await until(lambda: Subscribed in kinds(heard))
            await asyncio.to_thread(box.calls, 2)
            await until(lambda: Update in kinds(heard))
            await asyncio.to_thread(box.do, box.hang_up)
            await until(lambda: Gone in kinds(heard))
            await asyncio.to_thread(box.calls, 4)
            await until(lambda: kinds(heard).count(Subscribed) == 2)
            await until(lambda: heard[-1].seq == box.server_seq() if isinstance(heard[-1], Update) else False)
            assert isinstance(await link.ask(Status(), StatusReply), StatusReply)

        heard = play(box.path, story)
    again = [each for each in heard if isinstance(each, Subscribed)]
    assert again[1].complete
    numbers = [each.seq for each in heard if isinstance(each, Update)]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_a_box_that_does_not_run_is_waited_for(tmp_path: Path) -> None:
    async def story(link: Link, heard: list[Heard]) -> None:
        await until(lambda: Gone in kinds(heard))
        with pytest.raises(ApiError, match="does not answer"):
            await link.ask(Status(), StatusReply)
        box = RunningBox(tmp_path)
        await asyncio.to_thread(box.__enter__)
        try:
            await until(lambda: Subscribed in kinds(heard))
            assert (await link.ask(Calls(), CallsReply)).calls == ()
        finally:
            await asyncio.to_thread(box.__exit__)

    heard = play(tmp_path / "control.sock", story)
    first = heard[0]
    assert isinstance(first, Gone)
    assert "mxbox run" in first.why


def test_an_error_of_the_box_is_told_with_its_remedy_and_the_link_goes_on(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box:

        async def story(link: Link, _heard: list[Heard]) -> None:
            with pytest.raises(ApiError, match="there is no call 4711 now"):
                await link.ask(HangUp(4711), DoneReply)
            with pytest.raises(ApiError, match="something else"):
                await link.ask(Calls(), StatusReply)
            assert (await link.ask(Calls(), CallsReply)).calls == ()

        play(box.path, story)


def test_a_question_that_is_given_up_does_not_spoil_the_next_answer(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box:

        async def story(link: Link, _heard: list[Heard]) -> None:
            asked = asyncio.create_task(link.ask(Calls(), CallsReply))
            await asyncio.sleep(0)
            asked.cancel()
            assert isinstance(await link.ask(Status(), StatusReply), StatusReply)

        play(box.path, story)


def test_the_folded_picture_is_what_the_box_says_it_is(tmp_path: Path) -> None:
    """Calls that were there at first, and five minutes of calls on top: states, legs, queues, agents agree."""
    picture = Picture()
    with RunningBox(tmp_path) as box:
        box.calls(5)

        async def story(link: Link, heard: list[Heard]) -> None:
            await until(lambda: Subscribed in kinds(heard))
            for request, kind in PRESENT:
                picture.take(await link.ask(request, kind))
            for n in range(6, 200, 4):
                await asyncio.to_thread(box.calls, n)
                await until(lambda: isinstance(heard[-1], Update) and heard[-1].seq == box.server_seq())
                fresh = Picture()
                for request, kind in PRESENT:
                    fresh.take(await link.ask(request, kind))
                assert differences(picture, fresh) == []

        play(box.path, story, picture.hear)


PRESENT: tuple[tuple[Any, Any], ...] = ((Calls(), CallsReply), (Queues(), QueuesReply), (Agents(), AgentsReply))


def facts(picture: Picture) -> dict[str, Any]:
    """Return the picture without times."""
    return {
        "calls": {
            it.call: [
                (it.caller, it.called, it.state, it.where, it.flow, it.agent),
                *((leg.leg, leg.number, leg.span, leg.timeslot) for leg in it.legs.values()),
            ]
            for it in picture.calls.values()
        },
        "queues": {
            it.queue: ([(each.call, each.caller) for each in it.waiting], it.entered, it.answered, it.abandoned)
            for it in picture.queues.values()
        },
        "agents": {it.agent: (it.status, it.state, it.reason, it.call, it.extension) for it in picture.agents.values()},
    }


def differences(folded: Picture, fresh: Picture) -> list[str]:
    """Return what one picture has and the other has not."""
    ours, theirs = facts(folded), facts(fresh)
    return [
        f"{kind} {key}: folded {ours[kind].get(key)}, is {theirs[kind].get(key)}"
        for kind in ours
        for key in ours[kind].keys() | theirs[kind].keys()
        if ours[kind].get(key) != theirs[kind].get(key)
    ]
