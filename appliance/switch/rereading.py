# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading of the sounds anew while they are played: on a thread of its own, as files take longer than a tick."""

import threading
from collections import deque
from collections.abc import Callable

from appliance.contract.errors import ApplianceError
from appliance.contract.reasons import cause_of
from appliance.contract.switch import ReadSounds, SoundsRead, Trouble
from appliance.i18n import N_
from appliance.sounds.pool import SoundPool
from appliance.switch.sound.players import Players


class Rereading:
    """Maker of one pool after the other.

    Requests that come meanwhile are read once more, as the files may have changed.

    Args:
        pool: the present pool.
        load: makes a pool that follows another; may raise. None: sounds stay as they are.
        start: runs a function, on a thread or at once.
    """

    def __init__(
        self,
        pool: SoundPool | None = None,
        load: Callable[[SoundPool | None], SoundPool] | None = None,
        start: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self.pool = pool
        self._load = load
        self._start = start or _on_a_thread
        self._asked: list[int] = []
        self._reading: list[int] = []
        self._made: deque[tuple[SoundPool | None, tuple[Trouble, ...]]] = deque(maxlen=1)

    def ask(self, command: ReadSounds) -> None:
        """Queue a request."""
        self._asked.append(command.request)

    def advance(self, players: Players) -> list[SoundsRead]:
        """Begin to read, or pass a finished pool to the players; return the answers to its requests."""
        answers = self._take(players) if self._made else []
        if self._asked and not self._reading:
            self._reading, self._asked = self._asked, []
            self._start(self._read)
        return answers

    def _take(self, players: Players) -> list[SoundsRead]:
        pool, troubles = self._made.popleft()
        if pool is not None:
            self.pool = pool
            players.use(pool)
        first, *others = self._reading
        self._reading = []
        return [SoundsRead(first, troubles), *map(SoundsRead, others)]

    def _read(self) -> None:
        try:
            pool = self._load(self.pool) if self._load else None
            self._made.append((pool, pool.troubles if pool else ()))
        except (ApplianceError, OSError, ValueError, MemoryError) as error:
            text = N_("the sounds cannot be read again, those from before are played: {why}")
            self._made.append((None, (Trouble("sounds", text, values={"why": cause_of(error)}),)))


def _on_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="sounds", daemon=True).start()
