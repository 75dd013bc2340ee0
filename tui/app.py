# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal: modes by number keys, the frame around each screen, the beat, and all that is asked of the box."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final, TypeVar

from textual import work
from textual.binding import Binding, BindingType

from appliance.api.messages import (
    Agents,
    AgentsReply,
    AnyRequest,
    Calls,
    CallsReply,
    Done,
    Queues,
    QueuesReply,
    Reply,
    Status,
    StatusReply,
    Troubles,
    TroublesReply,
)
from appliance.contract.errors import ApiError
from appliance.i18n import _, filled
from tui import frame
from tui.actions import Action
from tui.cells import Line
from tui.dialogs import CSS as DIALOGS
from tui.dialogs import Form, Help, Jump, JumpTo, Menu, Sure, nearness
from tui.link import Gone, Hear, LinkLike, NoAnswerError
from tui.pace import Pace
from tui.picture import Picture
from tui.quick import QuickApp
from tui.screens import SCREENS
from tui.screens.base import Every, HouseScreen, digits
from tui.seen import text_of
from tui.skin import HOUSE, HOUSE_THEME, PLAIN, Skin

R = TypeVar("R", bound=Reply)

STATUS: Final = Every(5.0, Status(), StatusReply)
PRESENT: Final = (
    STATUS,
    Every(60.0, Calls(), CallsReply),
    Every(60.0, Queues(), QueuesReply),
    Every(60.0, Agents(), AgentsReply),
    Every(60.0, Troubles(), TroublesReply),
)
"""The present state: asked for at the beginning, after updates were lost, and now and then."""
POLL_S: Final = 0.2
NOTE_S: Final = 6.0
MAX_FOUND: Final = 200


KEYS: Final[tuple[BindingType, ...]] = (
    Binding("colon,ctrl+p", "jump", show=False),
    Binding("q,f10", "leave", show=False),
    Binding("p", "pause", show=False),
    Binding("f2", "save", show=False),
    Binding("ctrl+t", "turn_skin", show=False),
)


class TerminalApp(QuickApp):
    """The app.

    Args:
        link: makes the link, given what hears its news.
        skin: how it looks.
        beat_s: pause between two looks at the picture.
        pace: tells whether the line has room.
        wall: the clock of the head line, in the reader's time zone.
        folder: where screens are saved as text.
    """

    TITLE = "MXBox"
    ENABLE_COMMAND_PALETTE = False
    INLINE_PADDING = 0
    CSS = (
        """
    Screen { background: $background; color: $foreground; }
    #head { background: $panel; }
    #tabs, #foot { background: $surface; }
    #body { height: 1fr; }
    #filter { height: 1; border: none; padding: 0 1; background: $panel; }
    TextArea { background: $background; scrollbar-size: 1 1; }
    .-plain TextArea { scrollbar-size: 0 0; }
    """
        + DIALOGS
    )
    SHOWN: ClassVar[Sequence[type[HouseScreen]]] = SCREENS
    PRESENT: ClassVar[Sequence[Every]] = PRESENT
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS, *digits(SCREENS)]

    def __init__(
        self,
        link: Callable[[Callable[..., None]], LinkLike],
        skin: Skin = HOUSE,
        *,
        picture: Picture | None = None,
        beat_s: float = 0.1,
        pace: Pace | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        folder: Path = Path(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.skin = skin
        super().__init__()
        self.picture = picture or Picture()
        self.link = link(self.hears(self.picture.hear))
        self.paused = False
        self._beat_s, self._pace, self._clock = beat_s, pace or Pace(None), clock
        self._wall, self._folder = wall, folder
        self._asked: dict[AnyRequest, float] = {}
        self._refused: set[AnyRequest] = set()
        self._second = -1.0
        self._last: dict[str, str] = {}

    def hears(self, hear: Hear) -> Hear:
        """Return what hears the news of the link."""
        return hear

    # --- begin

    def on_mount(self) -> None:
        """Put on the skin, show the first screen, begin to listen and to draw."""
        self.register_theme(HOUSE_THEME)
        self._dress()
        for each in self.SHOWN:
            self.add_mode(each.NAME, each)
        self.switch_mode(self.SHOWN[0].NAME)
        self.run_worker(self.link.run(), name="link")
        self.run_worker(self._poll(), name="poll")
        self.set_interval(self._beat_s, self._beat)

    def _dress(self) -> None:
        self.theme = self.skin.theme
        self.set_class(self.skin is PLAIN, "-plain")

    def action_turn_skin(self) -> None:
        """Change the skin."""
        self.skin = HOUSE if self.skin is PLAIN else PLAIN
        self._dress()
        self.refresh_css()
        self.picture.touch()

    in_browser = False
    """Whether it is shown in a browser, which takes files by itself."""

    def hand_out(self, path: Path, name: str, kind: str) -> None:
        """Send a file to the reader's browser."""
        self.deliver_binary(path, save_filename=name, mime_type=kind)

    # --- what is asked

    async def ask(self, request: AnyRequest, kind: type[R]) -> R:
        """Send a request; return its reply. Raises ApiError. Screens use it in workers."""
        return await self.link.ask(request, kind)

    async def _poll(self) -> None:
        """Ask for the present state, and for what the screen draws, without end."""
        while True:
            await self.poll()
            await asyncio.sleep(POLL_S)

    async def poll(self) -> None:
        """Ask for what is due."""
        if self.picture.silent_s is not None and not self.picture.known:
            return
        if stale := self.picture.stale:
            self.picture.stale = False
            self._asked.clear()
        screen = self.house
        for each in (*self.PRESENT, *(screen.asks() if screen is not None else ())):
            if each.request in self._refused or self._clock() - self._asked.get(each.request, -1e9) < each.seconds:
                continue
            self._asked[each.request] = self._clock()
            if not await self._take(each) and stale:
                self.picture.stale = True
                return

    async def _take(self, every: Every) -> bool:
        """Ask once; return whether there was a reply. What the user may not ask is asked once only."""
        try:
            self.picture.take(await self.link.ask(every.request, every.reply))
        except NoAnswerError as error:
            self.picture.hear((Gone(error.hint),))
            return False
        except ApiError as error:
            if self.picture.silent_s is None and every.request not in self._refused and error.hint:
                self._refused.add(every.request)
                self.notify(f"{error.message}\n{error.hint}", severity="warning", timeout=NOTE_S, markup=False)
            return False
        return True

    def ask_again(self) -> None:
        """Ask for all that the screen draws at once: something was changed."""
        screen = self.house
        for each in (*self.PRESENT, *(screen.asks() if screen is not None else ())):
            self._asked.pop(each.request, None)

    # --- what is drawn

    @property
    def house(self) -> HouseScreen | None:
        """The screen of ours that is seen: the top one, or that below a dialog; none before it has its widgets."""
        shown = (each for each in reversed(self.screen_stack) if isinstance(each, HouseScreen))
        return next((each for each in shown if each.is_mounted), None)

    @property
    def greyed(self) -> bool:
        """Whether the picture is an old one."""
        return self.picture.silent_s is not None

    def _beat(self) -> None:
        if self.paused or not self._pace.clear() or self._writes_wait():
            return
        self.draw()

    def _writes_wait(self) -> bool:
        """Return whether the thread that writes to the terminal is behind: the line takes no more."""
        queue = getattr(getattr(self._driver, "_writer_thread", None), "_queue", None)
        return queue is not None and queue.qsize() > 0

    def draw(self) -> None:
        """Draw what changed in the screens that are seen."""
        for each in self.screen_stack:
            if isinstance(each, HouseScreen) and each is self.house:
                each.beat()

    def head_line(self, width: int) -> Line:  # noqa: ARG002 - cut where it is drawn
        """Return the head line: the box, its health, calls, callers that wait, the time."""
        return frame.head(self.picture, self.skin, self._wall(), paused=self.paused)

    def tabs_line(self, width: int) -> Line:
        """Return the names of the screens, that of now marked; digits only where there is no room."""
        return frame.tabs(self.SHOWN, self.house, self.current_mode, width)

    def foot_line(self, width: int) -> Line:
        """Return the keys that are true here and now."""
        return frame.foot(self.house.foot_keys() if self.house is not None else [], width)

    # --- keys

    def action_go(self, mode: str) -> None:
        """Show a screen."""
        self.show(mode)

    def show(self, mode: str, key: object = None) -> None:
        """Show a screen, and put its cursor on a thing."""
        if isinstance(self.screen, HouseScreen):
            self.run_worker(self._show(mode, key), exclusive=True, group="show")

    async def _show(self, mode: str, key: object) -> None:
        await self.switch_mode(mode)
        if key is not None:
            while len(self.screen_stack) > 1:
                await self.pop_screen()
            if (house := self.house) is not None:
                house.go_to(key)
        self.draw()

    def action_leave(self) -> None:
        """Leave the terminal."""
        self.exit()

    def action_help_quit(self) -> None:
        """Show how to leave: Ctrl-C does not, for it would be one key."""
        self.notify(_("q or F10 leaves"), timeout=NOTE_S)

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self.paused = not self.paused
        self.draw()

    def action_save(self) -> None:
        """Save the screen as text."""
        path = self._folder / self._wall().strftime("mxbox-%Y%m%d-%H%M%S.txt")
        try:
            lines = (self.house.whole_text() if self.house is not None else ()) or text_of(self)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        except OSError as error:
            self.notify(str(error), severity="error", timeout=NOTE_S, markup=False)
            return
        self.notify(_("saved as {path}").format(path=path), timeout=NOTE_S, markup=False)

    @work(exclusive=True, group="dialog")
    async def action_jump(self) -> None:
        """Open the palette, and go where it says."""
        jump = await self.push_screen_wait(JumpTo(self.find))
        if isinstance(jump, Jump):
            await self._show(jump.mode, jump.key)

    def find(self, text: str) -> Sequence[Jump]:
        """Return the places that fit a text; `*` stands for anything."""
        wanted = text.casefold().strip("*: ")
        places = [Jump(_("screen"), f"{each.DIGIT} {_(each.LABEL)} ({each.NAME})", each.NAME) for each in self.SHOWN]
        for each in self.SHOWN:
            places += each.jumps(self.picture)
        found = [place for place in places if wanted in place.name.casefold()]
        return sorted(found, key=lambda place: nearness(wanted, place.name.casefold()))[:MAX_FOUND]

    @work(exclusive=True, group="dialog")
    async def show_help(self, title: str, text: str, keys: Sequence[tuple[str, str]]) -> None:
        """Open a help."""
        await self.push_screen_wait(Help(title, text, keys))

    @work(exclusive=True, group="dialog")
    async def act(self, title: str, actions: Sequence[Action]) -> None:
        """Ask the reader to choose an action, say its sentence, carry it out, and tell the result."""
        allowed = [each for each in actions if self.picture.may(each.right)]
        if not allowed:
            text = _("your user may look, and change nothing here") if actions else _("nothing can be done here")
            self.notify(text, timeout=NOTE_S)
            return
        chosen = await self.push_screen_wait(Menu(title, allowed))
        if isinstance(chosen, Action):
            await self.carry_out(chosen)

    async def carry_out(self, action: Action) -> None:
        """Ask for the fields of an action, say its sentence, and carry it out. Runs in a worker."""
        values: Mapping[str, str] = {}
        if action.fields or action.form is not None:
            given = await self.push_screen_wait(
                action.form() if action.form else Form(action.name, action.fields, self._last)
            )
            if not isinstance(given, dict):
                return
            values = given
        if action.sentence and not await self.push_screen_wait(Sure(filled(action.sentence, values))):
            return
        try:
            told = await self._carry_out(action, values)
        except ApiError as error:
            text = error.message + (f"\n{error.hint}" if error.hint else "")
            self.notify(text, severity="error", timeout=2 * NOTE_S, markup=False)
        else:
            self.notify(told or _("done"), timeout=NOTE_S, markup=False)
        self.ask_again()

    async def _carry_out(self, action: Action, values: Mapping[str, str]) -> str:
        if action.do is not None:
            return await action.do(self.link, values)
        for request in action.requests(values):
            await self.link.ask(request, Done)
        return ""
