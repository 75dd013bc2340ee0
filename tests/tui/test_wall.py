# SPDX-License-Identifier: GPL-2.0-or-later
"""The board on a wall: large digits, pages that turn by themselves, alarms, and no keys."""

from typing import Final

import pytest
from msgspec import structs

from appliance.api import messages as api
from appliance.contract.day import QueueDay
from appliance.contract.rows import WaitingRow
from tests.tui.busy import AT, BUSY, QUEUES, SEQ, STATUS, TROUBLES, Answer
from tests.tui.rig import running, terminal
from tui.digits import large
from tui.link import Gone
from tui.screens.wall import PAGE_S, SIZES, shape
from tui.skin import PLAIN
from tui.wall import WallApp

SIX: Final = ("###", "#  ", "###", "# #", "###")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def queues(count: int) -> api.QueuesReply:
    rows = [structs.replace(QUEUES[1], queue=f"queue-{n:02}") for n in range(count)]
    return api.QueuesReply(tuple(rows), SEQ)


class Clock:
    """Seconds that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_digits_are_drawn_as_large_as_dots_are() -> None:
    assert tuple(large("6", 1, 1, "#")) == SIX
    assert large("6:", 2, 2, "@")[2] == "@@      @@"
    assert len(large("12:30", 2, 3, "#")) == 15


@pytest.mark.parametrize(("count", "size"), [(2, (2, 3)), (3, (2, 2)), (5, (2, 1)), (10, (1, 1)), (40, (1, 1))])
def test_the_largest_digits_with_which_all_queues_fit_are_taken(count: int, size: tuple[int, int]) -> None:
    across, down, columns, rows = shape(count, 160, 47)

    assert (across, down) == size
    assert columns * rows >= min(count, 10)


def test_a_screen_that_is_too_small_for_a_queue_still_shows_one() -> None:
    assert shape(3, 40, 5) == (*SIZES[-1], 1, 1)


def test_pages_turn_by_themselves_and_each_queue_has_its_turn() -> None:
    @running
    async def _story() -> None:
        clock = Clock()
        async with terminal({api.Queues: queues(25)}, (160, 50), PLAIN, clock=clock, wall=True) as rig:
            pages = []
            for _turn in range(3):
                pages.append(await rig.text())
                clock.now += PAGE_S
                rig.app.picture.touch()
            seen = [{f"queue-{n:02}" for n in range(25) if f"queue-{n:02}" in page} for page in pages]
            assert [len(each) for each in seen] in ([10, 10, 5], [10, 5, 10], [5, 10, 10])
            assert len(set.union(*seen)) == 25
            assert all(sum(f" {n}/3\n" in page for page in pages) == 1 for n in (1, 2, 3))


def test_the_colour_of_a_queue_is_told_by_a_mark_as_well() -> None:
    @running
    async def _story() -> None:
        rows = tuple(structs.replace(QUEUES[0], queue=name, colour=colour) for name, colour in
                     (("calm", ""), ("full", "red"), ("some", "yellow")))  # fmt: skip
        async with terminal({api.Queues: api.QueuesReply(rows, SEQ)}, (160, 50), PLAIN, wall=True) as rig:
            names = [line.strip() for line in (await rig.text()).split("\n") if line[1:5] in ("calm", "full", "some")]
            assert names == ["calm", "full !!", "some !"]


def test_figures_are_those_of_today_and_agents_stand_by_state() -> None:
    @running
    async def _story() -> None:
        waiting = tuple(WaitingRow(call=n, caller="138", wait_s=60 * n) for n in (6, 5, 4, 3, 2, 1))
        row = structs.replace(QUEUES[0], waiting=waiting, answered=999)
        day = QueueDay(
            queue="sales", entered=8, answered=6, abandoned=2, in_time=6, target_s=20, service_level=0.66, wait_s=9,
            longest_s=20,
        )  # fmt: skip
        answers: dict[type[api.Request], Answer] = {
            api.Queues: api.QueuesReply((row,), SEQ),
            api.Figures: figures((day,)),
        }
        async with terminal(answers, (80, 24), PLAIN, wall=True) as rig:
            text = (await rig.text()).split("\n")
            top = next(n for n, line in enumerate(text) if "waiting" in line and "longest" in line) + 1
            digits = [line.ljust(80) for line in text[top : top + 5]]
            assert tuple(line[1:4] for line in digits) == SIX, "six callers wait"
            assert tuple(line[41:44] for line in digits) == SIX, "six were answered today, not 999"
            assert tuple(line[62:69] for line in digits) == tuple(large("66", 1, 1, "#"))
            assert text[top + 5] == " talking 1  idle 1  offered 1  paused 1  signed out 1"


def figures(days: tuple[QueueDay, ...]) -> api.FiguresReply:
    told = BUSY[api.Figures]
    assert isinstance(told, api.FiguresReply)
    return structs.replace(told, queues=days)


def test_alarms_are_lines_switch_edge_trunks_and_new_troubles_the_worst_first() -> None:
    @running
    async def _story() -> None:
        status = structs.replace(STATUS, connected=False)
        async with terminal({api.Status: status}, (160, 50), PLAIN, wall=True) as rig:
            alarms = [line for line in (await rig.text()).split("\n") if line.startswith(" !!")]
            assert alarms == [" !! the switch is not connected", " !! span 3: YELLOW", " !! trunk voip not registered"]


def test_a_trouble_leaves_the_wall_after_a_quarter_of_an_hour() -> None:
    @running
    async def _story() -> None:
        new, old = structs.replace(TROUBLES[0], text="new one"), structs.replace(TROUBLES[1], text="old one")
        fine = structs.replace(STATUS, spans=(), edge=None, at=AT)
        answers: dict[type[api.Request], Answer] = {api.Status: fine, api.Troubles: api.TroublesReply((new, old))}
        async with terminal(answers, (160, 50), PLAIN, wall=True) as rig:
            text = await rig.text()
            assert "!! new one" in text
            assert "old one" not in text


def test_a_box_that_is_gone_leaves_its_last_figures_greyed_and_the_page_stands() -> None:
    @running
    async def _story() -> None:
        clock = Clock()
        async with terminal({api.Queues: queues(25)}, (160, 50), clock=clock, wall=True) as rig:
            before = await rig.text()
            rig.link.hear((Gone("the connection was closed"),))
            clock.now += 3 * PAGE_S + 1
            after = await rig.text()
            assert "no answer since" in after.split("\n")[0]
            assert after.split("\n")[1:] == before.split("\n")[1:]
            body = (await rig.roles()).split("\n")[1:]
            assert {letter for line in body for letter in line} <= {"d", "."}


def test_no_key_but_those_that_leave_it_does_anything_on_a_wall() -> None:
    @running
    async def _story() -> None:
        async with terminal(size=(160, 50), skin=PLAIN, wall=True) as rig:
            assert isinstance(rig.app, WallApp)
            before = await rig.text()
            assert await rig.press("1", "4", "x", "slash", "escape", "p", "colon") == before
            assert rig.app.house is rig.app.screen
            assert not [each for each in rig.link.asked if each.right != "read"]


def test_the_board_leads_to_the_wall_and_digits_back() -> None:
    @running
    async def _story() -> None:
        async with terminal(size=(160, 50)) as rig:
            assert "in time" in await rig.press("4", "w")
            assert "in time" not in await rig.press("4")
