# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole box in lockstep with the simulator: exchange, span, switch, engine, books, stations.

Not modelled beyond what its parts say: SIP (phones are stations), the socket between switch and call server.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Self

import msgspec

from appliance.config.model import BoxConfig, SpanConfig
from appliance.demo.lockstep import Lockstep
from appliance.engine.engine import Engine
from appliance.ivr.check import load_flow
from appliance.server.server import CallServer
from appliance.sounds.kept import kept_dir
from appliance.sounds.playable import PlayableFiles
from appliance.sounds.pool import SoundPool
from appliance.store.store import Store
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.card import Card
from appliance.switch.lines.pri.card import PriCard
from appliance.switch.lines.station import StationCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.file_reader import FileReader
from appliance.switch.sound.recorders import Recorders
from appliance.wall import Wall, lockstep_wall
from drivers.sim import SimLine
from hw_sim.exchange import Exchange
from hw_sim.sounds import Library
from hw_sim.station import StationBank

EPOCH_MS = 1_790_000_000_000


class LockBox:
    """One run.

    Args:
        folder: books and recordings; `in_memory` keeps the books out of it.
        config: the box's; its spans are replaced by simulated ones.
        flows: file of each flow by name.
        stations: what each station does when it is rung, as a script, by number.
        line: how each span is to be used; its address is replaced.
        bare: so many spans, the first, end at no exchange but in `bare_ends`.
    """

    def __init__(
        self,
        folder: Path,
        config: BoxConfig,
        flows: Mapping[str, Path],
        stations: Mapping[str, str],
        *,
        spans: int = 1,
        line: SpanConfig = SpanConfig(address="sim:"),  # noqa: B008 - frozen
        library: Library | None = None,
        seed: int = 0,
        keep_audio: bool = True,
        in_memory: bool = False,
        bare: int = 0,
        wall: Wall = lockstep_wall(EPOCH_MS),  # noqa: B008 - a pure function
    ) -> None:
        self.folder = folder
        lines = [SimLine(f"e1-{n}") for n in range(1, spans + 1)]
        self.lines = lines
        self.config = msgspec.structs.replace(
            config, span=tuple(msgspec.structs.replace(line, address=f"sim:{x.name}") for x in lines)
        )
        ends = [line.ends() for line in lines]
        library = library or Library(config.country)
        self.bare_ends = [far for _near, far in ends[:bare]]
        self.exchange = Exchange([far for _near, far in ends[bare:]], library=library, seed=seed, keep_audio=keep_audio)
        self.bank = StationBank(tuple(stations), stations, seed + 1, library, keep_audio=keep_audio)
        journal = Journal(None)
        cards: list[Card] = [
            PriCard(n, near, used, journal.new_leg)
            for n, ((near, _far), used) in enumerate(zip(ends, self.config.span, strict=True), 1)
        ]
        cards.append(StationCard(self.bank, journal.new_leg))
        pool = SoundPool.load(kept_dir(), None, config.country)
        disk = InlineDisk(folder / "recordings", config.recording.min_free_mb << 20)
        recorders = partial(Recorders, disk=disk)
        (folder / "recordings").mkdir(parents=True, exist_ok=True)
        reader = FileReader(PlayableFiles({"recordings": folder / "recordings"}), lambda work: work())
        self.switch = Switch(cards, pool, recorders, journal, reader=reader)
        self.store = Store.in_memory(wall) if in_memory else Store.open(folder / "store.db", wall)
        loaded = {name: load_flow(path) for name, path in flows.items()}
        self.engine = Engine(self.config, loaded, self.store.open_books())
        self.server = CallServer(self.engine, self.store)
        self.box = Lockstep(self.switch, self.server)
        self.ticks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.exchange.close()
        self.switch.close()
        self.store.close()

    def tick(self) -> None:
        """One tick of everything."""
        self.exchange.tick()
        self.box.tick()
        self.ticks += 1

    def run_s(self, seconds: float) -> None:
        """So many seconds of box time."""
        for _ in range(round(seconds * 50)):
            self.tick()
        self.store.flush()  # as the process does after a second

    def until(self, what: Callable[[], object], within_s: float = 120.0) -> None:
        """Ticks until `what()`, at most `within_s` of box time."""
        for _ in range(round(within_s * 50)):
            if what():
                self.store.flush()
                return
            self.tick()
        raise AssertionError(f"not within {within_s} s of box time")

    def start(self) -> Self:
        """Until the D channels are up."""
        self.until(lambda: self.exchange.ready, 20)
        self.run_s(0.1)
        return self
