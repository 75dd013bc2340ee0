# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal without a terminal: a link that answers from a table, keys, and the screen read back as text."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch

from textual.pilot import Pilot

from appliance.api import messages as api
from appliance.contract.errors import ApiError
from appliance.contract.rights import ALL, Right
from appliance.version import VERSION
from tests.tui.busy import BUSY, SEQ, Answer
from tui.app import TerminalApp
from tui.desk.app import DeskApp
from tui.link import Heard, R
from tui.picture import Picture
from tui.seen import strips_of, text_of
from tui.skin import HOUSE, Skin
from tui.wall import WallApp

T = TypeVar("T")

TURNS: Final = 100
"""Turns of the event loop after which the work of a key is done and drawn: a whole screen takes some twenty."""
LETTERS = {"good": "g", "warn": "w", "bad": "b", "dim": "d", "head": "h", "accent": "a", "mark": "m"}
"""Letter of each role in a map of roles; C is the cursor's line."""


class FakeLink:
    """A link to a box that is a table of replies. `asked` are the requests, in order."""

    def __init__(self, hear: Callable[[Sequence[Heard]], None], answers: dict[type[api.Request], Answer]) -> None:
        self.hear, self.answers = hear, answers
        self.asked: list[api.Request] = []
        self.rights: tuple[Right, ...] = ALL

    async def run(self) -> None:
        """Be connected, for ever."""
        hello = api.Hello(version=VERSION, user="root", rights=self.rights)
        self.hear((hello, api.Subscribed(SEQ, complete=False)))
        await asyncio.Event().wait()

    async def ask(self, request: api.AnyRequest, kind: type[R]) -> R:
        """Answer from the table."""
        self.asked.append(request)
        reply = self.answers.get(type(request), api.Done())
        if callable(reply):
            reply = reply(request)
        if isinstance(reply, ApiError):
            raise reply
        assert isinstance(reply, kind), f"{request} is answered by {type(reply).__name__}"
        return reply

    def changed(self, kind: type[api.Request]) -> list[Any]:
        """Return the requests of a kind that were sent."""
        return [each for each in self.asked if isinstance(each, kind)]


class Rig:
    """The terminal under way."""

    def __init__(self, app: TerminalApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def link(self) -> FakeLink:
        link = self.app.link
        assert isinstance(link, FakeLink)
        return link

    async def press(self, *keys: str) -> str:
        """Press keys, draw, return the screen as text."""
        await self.pilot.press(*keys)
        return await self.text()

    async def show(self, mode: str) -> str:
        """Show a screen, return it as text."""
        self.app.show(mode)
        return await self.until(lambda _text: self.app.current_mode == mode)

    async def type(self, text: str) -> str:
        """Type a text."""
        return await self.press(*text)

    async def fill(self, *values: str) -> str:
        """Type into the fields of a form, and go on after the last."""
        text = ""
        for value in values:
            await self.type(value)
            text = await self.press("enter")
        return text

    async def text(self) -> str:
        """Return the screen as text."""
        await self.settle()
        return "\n".join(text_of(self.app)) + "\n"

    async def settle(self) -> None:
        """Take what is asked and drawn."""
        await self.pilot.pause()
        await self.app.poll()
        await self.pilot.pause()
        self.app.draw()
        await self.pilot.pause()

    async def until(self, what: Callable[[str], object], tries: int = 400) -> str:
        """Wait until the screen is so; return it."""
        text = ""
        for _try in range(tries):
            text = await self.text()
            if what(text):
                return text
            await asyncio.sleep(0.05)
        raise AssertionError(f"the screen never was so:\n{text}")

    async def roles(self) -> str:
        """Return the map of roles: a letter in each place whose text has one."""
        await self.settle()
        return "\n".join(self._roles_of(strip) for strip in strips_of(self.app)) + "\n"

    def _roles_of(self, strip: Any) -> str:
        skin, line = self.app.skin, ""
        named = {(skin.roles[role].color, bool(skin.roles[role].bold)): LETTERS[role] for role in LETTERS}  # type: ignore[index]
        for segment in strip:
            style = segment.style
            letter = "." if style is None else named.get((style.color, bool(style.bold)), ".")
            if style is not None and style.bgcolor == skin.roles["cursor"].bgcolor is not None:
                letter = "C"
            line += letter * segment.cell_length
        return line.rstrip(".")


async def idle(_min_sleep: float = 0, _max_sleep: float = 0) -> None:
    """Wait until the terminal has nothing to do, in turns of its loop.

    Textual's own waits until the process has used no CPU for 20 ms, twice for each key.
    """
    for _turn in range(TURNS):
        await asyncio.sleep(0)


@asynccontextmanager
async def terminal(
    answers: dict[type[api.Request], Answer] | None = None,
    size: tuple[int, int] = (80, 24),
    skin: Skin = HOUSE,
    folder: Path = Path(),
    clock: Callable[[], float] = lambda: 1000.0,
    agent: str = "",
    *,
    wall: bool = False,
) -> AsyncIterator[Rig]:
    """Run the terminal, or the desk of an agent, or the board of a wall, on a table of replies.

    Its clock stands still, so that what it shows is the same each time.
    """
    table = {**BUSY, **(answers or {})}
    kind = WallApp if wall else TerminalApp
    app = (kind if not agent else partial(DeskApp, agent=agent))(
        lambda hear: FakeLink(hear, table),
        skin,
        picture=Picture(clock),
        wall=lambda: datetime(2026, 11, 30, 14, 2, 11, tzinfo=UTC),
        folder=folder,
    )
    with patch("textual.pilot.wait_for_idle", idle), patch("textual.app.wait_for_idle", idle):
        async with app.run_test(size=size, notifications=True) as pilot:
            rig = Rig(app, pilot)
            await rig.settle()
            yield rig


def running(story: Callable[[], Any]) -> Any:
    """Run a story to its end."""
    return asyncio.run(story())
