# SPDX-License-Identifier: GPL-2.0-or-later
"""The call server as a process: sockets, threads that sync and read the disk, signals.

Its work is in `CallServer`.
"""

import asyncio
import gc
import logging
import time
from collections.abc import Coroutine, Mapping
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from appliance.api.messages import AnyReply
from appliance.children.child import ending_signals, in_words, refuse
from appliance.children.crashes import Endings
from appliance.children.keeper import die_with_parent
from appliance.config.live import merged
from appliance.config.load import load_box
from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths
from appliance.contract.asks import MESSAGE, AnyAnswer
from appliance.contract.errors import ApplianceError
from appliance.contract.switch import ReadSounds
from appliance.edge.block_troubles import BlockTroubles
from appliance.edge.blocks import Blocks
from appliance.edge.link import EdgeLink
from appliance.edge.rpc import Rpc
from appliance.edge.tags import Tags
from appliance.edge.values import edge_paths
from appliance.edge.watch import EdgeWatch
from appliance.engine.engine import Engine
from appliance.ivr.flow import Flow
from appliance.ivr.flows import FlowsBrokenError, load_flows
from appliance.ivr.tables import Tables
from appliance.phones import pins
from appliance.server.asks import Asks, handlers
from appliance.server.box_keeping import BoxKeeping
from appliance.server.config_desk import ConfigDesk
from appliance.server.control import ControlServer
from appliance.server.desk import Desk
from appliance.server.discretion import Discretion
from appliance.server.link import SwitchLink
from appliance.server.oplog import NOTED, OperationLog
from appliance.server.prompts_desk import PromptsDesk
from appliance.server.quarters import Quarters
from appliance.server.reception import Reception
from appliance.server.retention import Retention
from appliance.server.rights import Admission
from appliance.server.server import CallServer, Change
from appliance.server.subscribers import Subscribers
from appliance.sounds.kept import kept_dir, read_index
from appliance.sounds.own_prompts import OwnPrompts
from appliance.store import aged, archive, messages
from appliance.store.reads import Reads
from appliance.store.shelves import Shelves
from appliance.store.store import Store
from appliance.wall import system_wall

SOUNDS_S = 3.0
"""How long the switch may take to read the owner's sounds."""
SYNC_S = 1.0
"""A power cut loses no more than this of the books."""


_log = logging.getLogger(__name__)


def _clock() -> int:
    """Return the time of day of people (Unix milliseconds): the line's clock stands still while the switch is down."""
    return system_wall(0)


def _zone(config: BoxConfig) -> ZoneInfo | None:
    """Return the time zone of the site; None: this machine's."""
    return ZoneInfo(config.site.timezone) if config.site.timezone else None


def _kept_in(error: Exception) -> None:
    """Log a bug that cost no more than the call that it was about."""
    _log.error("a bug; calls go on", exc_info=error)


class Process:
    """Everything around one `CallServer`."""

    def __init__(self, config: BoxConfig, paths: ResolvedPaths) -> None:
        self._config, self._paths = config, paths
        self._zone = _zone(config)
        self._store = Store.open(paths.store)
        flows = load_flows(config, paths, tables=False)  # one that was spoilt in the night must not hinder the start
        engine = Engine(config, flows, self._store.open_books(), self._local_time, _kept_in)
        self._server = CallServer(engine, self._store, _kept_in)
        self._shelves = Shelves(paths.recordings, paths.moved)
        self._link = SwitchLink(paths.switch_socket, self._server)
        self._started = time.monotonic()
        self._disk_error = ""
        self._endings = Endings(paths.run)
        self._discretion = discretion = Discretion(config.codes.listen)
        subscribers = Subscribers(self._store.label, self._store.count_start(), discretion=discretion)
        self._quarters = Quarters(self._store)
        self._server.watchers += [subscribers.tell, self._quarters.tell]
        rpc = edge_paths(config, paths).rpc
        self._desk = Desk(
            self._server,
            config,
            paths.recordings,
            self._link.send,
            self._reload,
            self._reload_extensions,
            self._up_s,
            Blocks(Rpc(rpc), config.edge.block_s) if config.edge.enabled else None,
            str(paths.config),
            seq=lambda: subscribers.seq,
            archive_folder=paths.archive,
            moved=paths.moved,
            state=paths.state,
            quarters=self._quarters,
        )
        oplog = OperationLog(paths.access, engine, _clock, self._server.note, paths.archive)
        oplog.be(config.books)
        subscribers.noted, subscribers.note = NOTED, oplog.noted
        answer, roles = self._desk.answer, lambda: self._config.role
        self._reception = Reception(paths.access, config.api, roles, engine, answer, oplog, _clock)
        self._reception.config = ConfigDesk(paths, config, lambda: self._config, self._be)
        self._reception.prompts = prompts = PromptsDesk(
            OwnPrompts(paths.sounds, paths.prompts, kept_dir(), read_index),
            paths.recordings,
            self._change,
            self._read_sounds,
            oplog.row,
            _clock,
        )
        asks = Asks(
            handlers(
                Tables(paths.tables),
                paths.state / pins.FILE,
                self._figures,
                self._sound_of,
                self._last_agent,
                wall=self._wall,
                more=prompts.handlers(),
            ),
            self._answered,
            self._server.note,
            _kept_in,
        )
        self._server.asks = asks.take
        self._admission = Admission(config.api.users, sign_in=config.api.sign_in)
        self._control = ControlServer(paths.control_socket, self._reception, subscribers, self._admission, discretion)
        self._retention = Retention(
            self._store, paths.store, paths.archive, paths.recordings, config, paths.moved, self._server.note
        )
        self._box_keeping = BoxKeeping(self._store, paths.recordings, config, self._change)
        self._edge: EdgeLink | None = None
        self._watch: EdgeWatch | None = None
        if config.edge.enabled:
            extensions = (each.number for each in config.extension)
            blocked = BlockTroubles(self._server.note, config.edge.block_s)
            self._edge = EdgeLink(config.edge, extensions, self._server.note, blocked, Tags(paths.run / "edge.tags"))
            self._edge.show([*engine.presence(), *engine.lamps()])
            self._server.edge = self._edge.show
            self._watch = EdgeWatch(
                rpc, config.trunk, self._server.on_edge, self._server.note, blocked, block_s=config.edge.block_s
            )

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then end in order: all handled events are in the books."""
        stop = asyncio.Event()
        for number in ending_signals():
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        try:
            await self._control.start()
        except OSError as error:
            raise in_words(error) from error
        tasks: list[Coroutine[None, None, object]] = [self._link.run(), self._keep_books(), stop.wait()]
        tasks += [each.run() for each in (self._edge, self._watch) if each is not None]
        tasks += [self._retention.run(), self._reception.run()]
        tasks += [self._box_keeping.run()]
        work = [asyncio.create_task(task) for task in tasks]
        try:
            done, _others = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a bug in one of them ends the process with its traceback
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await self._control.stop()
            await self._desk.close()
            self._quarters.save()
            self._store.close()

    def _figures(self, agent: str) -> dict[str, str]:
        """Return what an agent did today, in a thread of its own."""
        with closing(self._store.reader()) as connection:
            return Reads(connection).figures(agent, self._wall())

    def _last_agent(self, caller: str, days: int) -> str:
        """Return the agent who talked with a caller last, '' if none did, in a thread of its own."""
        with closing(self._store.reader()) as connection:
            return Reads(connection).last_agent(caller, self._wall() - days * 86_400_000)

    def _wall(self) -> int:
        """Return the time of day (Unix milliseconds)."""
        return self._store.label(self._server.now)

    def _sound_of(self, recording: str) -> str:
        """Return the sound of a recording, or of a queue's message, '' if it has none, in a thread of its own."""
        with closing(self._store.reader()) as connection:
            if recording.startswith(MESSAGE):
                return self._shelves.sound(messages.file_of(connection, recording.removeprefix(MESSAGE)))
            path = aged.file_of(connection, recording)
        return self._shelves.sound(path or archive.sound_of(self._paths.archive, recording))

    def _change(self, request: Change, by: str = "") -> AnyReply:
        """Carry out a request of a user, or of the box itself, in call control. Raises RequestError."""
        reply, commands = self._server.change(request, by)
        self._link.send(commands)
        return reply

    def _answered(self, answer: AnyAnswer) -> None:
        self._link.send(self._server.on_answer(answer))

    def _local_time(self, tick: int) -> datetime:
        """Return the time of day at the box's site, for time plans: daylight saving is that of its zone."""
        return datetime.fromtimestamp(self._store.label(tick) / 1000, self._zone)

    async def _keep_books(self) -> None:
        while True:
            await asyncio.sleep(SYNC_S)
            self._store.retry()
            self._tell_of_disk()
            for ended in self._endings.take():
                self._server.note(ended.trouble())
            await asyncio.to_thread(self._store.sync)
            await self._reception.log.write()

    def _tell_of_disk(self) -> None:
        """Log once when the disk begins to refuse, and once when it takes records again."""
        books = self._store.status()
        if books.error and not self._disk_error:
            _log.error("the books cannot be written: %s; calls go on, records wait in memory", books.error)
        elif self._disk_error and not books.error:
            _log.warning("the books are written again, nothing waits")
        self._disk_error = books.error

    async def _reload(self) -> tuple[str, ...]:
        flows = await asyncio.to_thread(load_flows, self._config, self._paths)
        await self._read_sounds()
        self._server.engine.reload_flows(flows)
        return tuple(sorted(flows))

    async def _read_sounds(self) -> None:
        """Make the switch read the owner's prompts: those with which flows were checked are to be heard."""
        if self._server.attached:
            with suppress(TimeoutError):  # a switch that is started again reads them anyway
                await self._link.ask(ReadSounds, SOUNDS_S)

    async def _reload_extensions(self) -> tuple[str, ...]:
        written, _paths = await asyncio.to_thread(load_box, self._paths.config)
        config = merged(self._config, written)
        try:
            await self._be(config, await asyncio.to_thread(load_flows, config, self._paths))
        except FlowsBrokenError:  # all but routes: `ReloadFlows` names the mistakes
            await self._be(msgspec.structs.replace(config, route=self._config.route), None)
        return tuple(extension.number for extension in written.extension)

    async def _be(self, config: BoxConfig, flows: Mapping[str, Flow] | None) -> None:
        """Put a configuration in force while calls go on; `flows` None: as before."""
        engine = self._server.engine
        if flows is not None and any(engine.flows.get(name) != flow for name, flow in flows.items()):
            await self._read_sounds()
            engine.reload_flows({**engine.flows, **flows})
        self._link.send(self._server.reload(config))
        if flows is not None:
            engine.reload_flows(flows)
        self._config, self._zone = config, _zone(config)
        self._desk.reload(config)
        self._retention.be(config)
        self._box_keeping.be(config)
        self._reception.be(config.api)
        self._reception.log.be(config.books)
        self._admission.be(config.api.users)
        self._discretion.be(config.codes.listen)
        if self._edge is not None:
            self._edge.show([*engine.presence(), *engine.lamps()])

    def _up_s(self) -> float:
        return time.monotonic() - self._started


def main(arguments: list[str]) -> int:
    """Run the call server of a configuration; return 2, with a line and its remedy, if it cannot run as configured."""
    die_with_parent()
    logging.basicConfig(level=logging.INFO, format="server: %(message)s")
    try:
        process = Process(*load_box(Path(arguments[0])))
        gc.collect()
        gc.freeze()
        asyncio.run(process.run())
    except (ApplianceError, OSError) as error:
        return refuse(error)
    return 0
