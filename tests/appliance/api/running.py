# SPDX-License-Identifier: GPL-2.0-or-later
"""A call server with its control socket, on a thread of its own; the switch is `switchboard`, driven by the test."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self, TypeVar

from appliance.api.messages import AnyReply, AnyRequest
from appliance.config.model import ApiConfig, BoxConfig
from appliance.config.roles import RoleConfig
from appliance.contract.switch import AnyCommand
from appliance.engine.engine import Engine
from appliance.server.control import ControlServer
from appliance.server.desk import Desk
from appliance.server.discretion import Discretion
from appliance.server.oplog import NOTED, OperationLog
from appliance.server.reception import Reception
from appliance.server.rights import Admission
from appliance.server.server import CallServer
from appliance.server.subscribers import MAX_KEPT, Subscribers
from appliance.store.store import Store
from appliance.switch.sound.wav import header
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import config, flow
from tests.appliance.server.switchboard import Switchboard
from tests.bench.callsource import Habits

T = TypeVar("T")

EPOCH_MS = 1_790_000_000_000
HABITS = Habits(calls_per_s=0.3, keys="1", talk_s=30, patience_s=60, restricted=0.0)


Answer = Callable[[AnyRequest, str], Awaitable[AnyReply]]


class Rules:
    """Rules for those who sign in, their roles, and the time of day (Unix milliseconds)."""

    def __init__(self) -> None:
        self.rules, self.clock = ApiConfig(), EPOCH_MS
        self.roles: tuple[RoleConfig, ...] = ()


def reception(folder: Path, server: CallServer, answer: Answer, rules: Rules) -> Reception:
    """Return a reception whose users and log are in a folder."""
    path, engine = folder / "access.db", server.engine
    log = OperationLog(path, engine, lambda: rules.clock, server.note)
    return Reception(path, rules.rules, lambda: rules.roles, engine, answer, log, lambda: rules.clock)


def lone_server() -> CallServer:
    """Return a call server without a switch, with books in memory."""
    store = Store.in_memory()
    return CallServer(Engine(config(), {"hotline": flow()}, store.open_books()), store)


class RunningBox(Rules):
    """Serves from entry to exit of `with`. `server` and `board` belong to the thread: touch them through `do`."""

    server: CallServer
    board: Switchboard
    control: ControlServer
    _subscribers: Subscribers
    reception: Reception

    def __init__(
        self,
        folder: Path,
        admission: Admission | None = None,
        kept: int = MAX_KEPT,
        configured: BoxConfig | None = None,
    ) -> None:
        super().__init__()
        self.config = configured or config()
        self.admission = admission or Admission({})
        self._kept = kept
        self.folder = folder
        self.path = folder / "control.sock"
        self.sent: list[AnyCommand] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def do(self, act: Callable[[], T]) -> T:
        """Run `act` on the box's thread; return its result."""

        async def ask() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(20)

    def server_seq(self) -> int:
        """Return the number of the last update."""
        return self._subscribers.seq

    def hang_up(self) -> None:
        """End every connection, as a box does that is short of them. Runs on the box's thread."""
        for connection in self.control._connections.values():
            connection.writer.close()

    def calls(self, n: int) -> None:
        """Run until `n` calls have begun; the last may be up."""

        def turn() -> None:
            while self.board.source.begun < n:
                self.board.turn(self.server)

        self.do(turn)

    def drain(self) -> None:
        """End all calls, and write the recordings that the books name."""
        self.do(lambda: self.board.drain(self.server))
        for path, samples in self.do(
            lambda: self.server.store.reader().execute("SELECT path, samples FROM recordings").fetchall()
        ):
            (self.folder / "recordings" / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "recordings" / path).write_bytes(header(samples) + bytes(2 * samples))

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        store = Store.open(self.folder / "store.db", lockstep_wall(EPOCH_MS))
        self.server = CallServer(Engine(self.config, {"hotline": flow()}, store.open_books()), store)
        self.board = Switchboard(self.config, HABITS, seed=11)
        self.board.attach(self.server)
        discretion = Discretion(self.config.codes.listen)
        subscribers = self._subscribers = Subscribers(store.label, store.count_start(), self._kept, discretion)
        self.server.watchers.append(subscribers.tell)
        desk = Desk(
            self.server,
            self.config,
            self.folder / "recordings",
            self.sent.extend,
            self._reload,
            self._reload,
            lambda: 12.5,
            seq=lambda: subscribers.seq,
            archive_folder=self.folder / "archive",
            state=self.folder,
        )
        self.reception = reception(self.folder, self.server, desk.answer, self)
        subscribers.noted, subscribers.note = NOTED, self.reception.log.noted
        self.control = ControlServer(self.path, self.reception, subscribers, self.admission, discretion)
        await self.control.start()
        self._ready.set()
        await self._stop.wait()
        await self.control.stop()
        store.close()

    async def _reload(self) -> tuple[str, ...]:
        return ("hotline",)
