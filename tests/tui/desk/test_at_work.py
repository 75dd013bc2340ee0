# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent at a desk, by keys alone: the real box in lockstep with phones and callers, signed in as a user of the box.

What the phone does is seen at the desk, and what the desk does happens at the phone.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from appliance.access import users
from appliance.access.users import Account
from appliance.api import messages as api
from appliance.config.model import ApiConfig
from appliance.phones import pins
from appliance.server.control import ControlServer
from appliance.server.desk import Desk
from appliance.server.discretion import Discretion
from appliance.server.oplog import OperationLog
from appliance.server.reception import Reception
from appliance.server.rights import Admission
from appliance.server.subscribers import Subscribers
from hw_sim.desk import DeskAgent
from tests.scenarios import house
from tests.scenarios.lockbox import EPOCH_MS, LockBox
from tests.scenarios.test_first_call import PLAIN, balanced, dial, rows
from tests.scenarios.test_lookup import asks
from tui.desk.app import TOPICS, DeskApp
from tui.link import Link
from tui.picture import Picture
from tui.seen import text_of

AGENT, PHONE, OTHER = house.agent(1), house.extension(1), house.extension(2)
PASSWORD = "correct horse battery"
CALLER = "13800138000"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


class AtWork:
    """A desk and the box that it shows."""

    def __init__(self, box: LockBox, app: DeskApp, pilot: Pilot[None]) -> None:
        self.box, self.app, self._pilot = box, app, pilot
        self.asked = asks(box, box.folder)

    async def seen(self, *texts: str, within_s: float = 20) -> str:
        """Let the box run until all texts are on the screen; return the screen."""
        shown = ""
        for _tick in range(round(within_s * 50)):
            self.box.tick()
            await self.asked.settled()
            if _tick % 20:
                continue
            await asyncio.sleep(0.005)
            await self.app.poll()
            await self._pilot.pause()
            self.app.draw()
            shown = "\n".join(text_of(self.app))
            if all(text in shown for text in texts):
                return shown
        raise AssertionError(f"never seen: {texts}\n{shown}")

    async def press(self, *keys: str) -> None:
        """Press keys; a text is typed."""
        for each in keys:
            await self._pilot.press(*([each] if each in ("enter", "down", "escape") or len(each) == 1 else each))


@asynccontextmanager
async def at_work(box: LockBox, agent: str = AGENT) -> AsyncIterator[AtWork]:
    """Serve a box at a control socket, sign an agent in, and sit down at the desk."""
    folder, access = box.folder, box.folder / "access.db"
    users.add(access, Account("lina", "agent", agent), "Li Na", PASSWORD, EPOCH_MS)
    discretion = Discretion("*34")
    subscribers = Subscribers(box.store.label, box.store.count_start(), discretion=discretion)
    box.server.watchers.append(subscribers.tell)

    async def nothing() -> tuple[str, ...]:
        return ()

    def send(commands: list[object]) -> None:
        for command in commands:
            box.switch.execute(command)  # type: ignore[arg-type]

    desk = Desk(
        box.server, box.config, folder / "recordings", send, nothing, nothing, lambda: 1.0,  # type: ignore[arg-type]
        seq=lambda: subscribers.seq, state=folder,
    )  # fmt: skip
    log = OperationLog(access, box.engine, lambda: EPOCH_MS, box.server.note)
    reception = Reception(access, ApiConfig(), lambda: (), box.engine, desk.answer, log, lambda: EPOCH_MS)
    control = ControlServer(folder / "c.sock", reception, subscribers, Admission({}), discretion)
    await control.start()
    ticket = await _ticket(folder / "c.sock")
    greet = (api.UseTicket(ticket=ticket),)
    app = DeskApp(lambda hear: Link(folder / "c.sock", hear, greet, TOPICS), picture=Picture(), beat_s=0.02)
    try:
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            yield AtWork(box, app, pilot)
    finally:
        await control.stop()


async def _ticket(path: Path) -> str:
    link = Link(path, lambda _heard: None)
    inside = await link.ask(api.SignIn(user="lina", password=PASSWORD), api.SignedIn)
    assert inside.own
    return inside.ticket


def make(folder: Path, stations: dict[str, str], start: str = "ready") -> LockBox:
    plain = house.call_centre(2, start=start)
    names = {PHONE: "李娜", OTHER: "王伟"}
    named = tuple(msgspec.structs.replace(each, name=names[each.number]) for each in plain.extension)
    agents = (msgspec.structs.replace(plain.agent[0], name="李娜"),)
    queue = (msgspec.structs.replace(plain.queue[0], agents=(AGENT,), wrap_up_s=20.0),)
    config = msgspec.structs.replace(plain, extension=named, agent=agents, queue=queue)
    return LockBox(folder, config, house.HOTLINE, stations, library=house.library("en", ()), line=PLAIN).start()


def test_a_call_comes_up_with_its_caller_is_consulted_about_by_pinyin_and_given_away(folder: Path) -> None:
    stations = {PHONE: "alert; wait 3; answer; wait remote 90", OTHER: "alert; wait 2; answer; wait remote 90"}

    async def story(box: LockBox) -> None:
        async with at_work(box) as desk:
            await desk.seen("2001 李娜", "idle", "no call")
            record = dial(box, "wait answer 5; wait 8; key 1; wait 45; hangup")
            await desk.seen("being offered", CALLER, "keyed in the flow")
            text = await desk.seen("\n talking", CALLER)
            assert "called 96900" in text
            assert "service" in text
            await desk.press("x", "n")
            await desk.seen("a number, a name, or its pinyin", "1002")
            await desk.press("ww")
            await desk.seen("王伟")
            await desk.press("enter")
            await desk.seen(f"{CALLER} waits while your phone calls 1002 王伟.")
            await desk.press("y")
            await desk.seen("a consultation: the other party waits", "\n talking")
            await desk.press("x", "j")
            await desk.seen("goes on with the party that waits")
            await desk.press("y")
            text = await desk.seen("wrap-up", "no call")
            assert CALLER in text, text
            assert record.ended is None
            assert [leg.number for call in box.engine.calls() for leg in call.legs][1:] == [OTHER]
            box.until(lambda: record.ended is not None)
            assert record.passed, record.failures
            await desk.press("3")
            await desk.seen("own calls", CALLER, "service")
            await desk.press("5")
            desk.app.ask_again()  # ten seconds are long in lockstep
            await desk.seen("signed in", "1 of 1 offers")

    with make(folder, stations) as box:
        asyncio.run(story(box))
        box.run_s(2)
        (row,) = rows(box, "SELECT agent, talked_with FROM cdr WHERE queue = 'service'")
        assert row["talked_with"].split() == [AGENT, OTHER]
        balanced(box)


def test_what_the_phone_does_is_seen_at_the_desk_and_the_other_way_round(folder: Path) -> None:
    pin = pins.renew(folder / pins.FILE, AGENT, 0)

    async def story(box: LockBox) -> None:
        phone = DeskAgent(box.bank, PHONE, AGENT, pin)
        async with at_work(box) as desk:
            await desk.seen("signed out")
            await desk.press("x", "s", "enter")
            await desk.seen("idle", f"phone {PHONE}")
            assert box.engine.agents()[0].status == "ready"
            await desk.press("x", "2")
            await desk.seen("paused", "meal")
            phone.resume()
            await desk.seen("idle")
            phone.pause("3")
            await desk.seen("paused", "meeting")
            await desk.press("x", "r")
            await desk.seen("idle")
            await desk.press("x", "d")
            await desk.seen("王伟")
            await desk.press("wangw")
            await desk.press("enter")
            await desk.seen("Your phone 1001 rings; pick it up, and 1002 王伟 is called.")
            await desk.press("y")
            await desk.seen("\n talking", OTHER)
            await desk.press("x", "h")
            await desk.seen(f"Ends the call with {OTHER}.")
            await desk.press("y")
            await desk.seen("no call")
            await desk.press("x", "o", "y")
            await desk.seen("signed out")

    stations = {PHONE: "alert; wait 1; answer; wait remote 60", OTHER: "alert; wait 1; answer; wait remote 60"}
    with make(folder, stations, start="signed_out") as box:
        asyncio.run(story(box))
        box.run_s(2)
        log = f"SELECT status, reason FROM agent_log WHERE agent = '{AGENT}' ORDER BY change"
        states = list(dict.fromkeys(tuple(row.values()) for row in rows(box, log)))
        assert states == [("signed_out", ""), ("ready", ""), ("paused", "meal"), ("paused", "meeting")]
        balanced(box)
