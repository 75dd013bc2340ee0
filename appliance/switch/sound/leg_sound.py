# SPDX-License-Identifier: GPL-2.0-or-later
"""The sound of all legs: voices, players and mix, detectors in it, and recordings of it.

The rows of the fabric are the cards'; here they are known by the legs on them. A tick is, in this order: the cards fill
`said`, then `hear`, `pressed`, `noticed`, `play_on`, `mix`, `send_tones`, `record`, and the cards send `heard`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from appliance.contract.switch import (
    EarlySound,
    Heard,
    Hush,
    Key,
    Listen,
    Mix,
    PauseRecord,
    Play,
    Played,
    Record,
    Recorded,
    StopRecord,
)
from appliance.switch.sound.early_sound import EarlyWatch, Quiet
from appliance.switch.sound.fabric import Fabric, Sound
from appliance.switch.sound.file_reader import FileReader
from appliance.switch.sound.key_tones import KeyTones
from appliance.switch.sound.listeners import Listeners
from appliance.switch.sound.players import Players, Pool
from appliance.switch.sound.recorders import Recorders
from dsp.blocks import Rows, tick_of
from dsp.dtmf import KeyEnd

RECORDINGS_PER_LEG: Final = 2
"""Recordings of a leg at a time: of the call, and one of a flow or a supervisor."""


class LegSound:
    """Fabric, players, detectors and recorders of `rows` rows.

    Args:
        rows: of all cards together.
        pool: the sounds.
        recorders: factory, for a number of recordings at a time.
        country: the country of the call progress tones to detect.
        quiet: see `EarlyWatch`.
        reader: reads files that are played; None: none are.
    """

    def __init__(
        self,
        rows: int,
        pool: Pool,
        recorders: Callable[[int], Recorders],
        country: str,
        quiet: Quiet,
        reader: FileReader | None = None,
    ) -> None:
        self.fabric = Fabric(rows)
        self.players = Players(rows, pool, reader)
        self.key_tones = KeyTones(rows)
        self._listeners = Listeners(rows, country)
        self._early = EarlyWatch(rows, quiet)
        self._recorders = recorders(RECORDINGS_PER_LEG * rows)
        self._wishes: dict[int, Listen] = {}
        self._tick = tick_of(self.fabric.said, rows, self.fabric.taken)

    @property
    def said(self) -> Sound:
        """Voices of the lines [rows, 160]."""
        return self.fabric.said

    @property
    def heard(self) -> Sound:
        """Sound sent to the lines [rows, 160]."""
        return self.fabric.y

    def levels(self, legs: Iterable[int]) -> tuple[dict[int, int], tuple[int, ...]]:
        """Return the level of each leg that has a row, in dBm0, and the legs with speech on them."""
        level, speaking = self._listeners.level_dbm0, self._listeners.speaking
        rows = {leg: row for leg in legs if (row := self.fabric.row(leg)) is not None}
        return (
            {leg: round(float(level[row])) for leg, row in rows.items()},
            tuple(leg for leg, row in rows.items() if speaking[row]),
        )

    # --- a tick ---------------------------------------------------------------------------------------------------

    def hear(self) -> None:
        """Take the lines' sound of this tick."""
        self._tick = tick_of(self.fabric.said, self.fabric.rows, self.fabric.taken)

    def pressed(self) -> Iterator[tuple[int, KeyEnd]]:
        """Yield the keys that ended in the sound of legs: leg, key."""
        for key in self._listeners.keys(self._tick):
            if (leg := self.fabric.leg(key.row)) is not None:
                yield leg, key

    def noticed(self) -> list[Heard | EarlySound]:
        """Return the other events in this tick's sound that are to be reported."""
        heard = self._listeners.advance(self._tick)
        early = self._early.hear(self._tick)
        told = [Heard(leg, kind, what) for row, kind, what in heard if (leg := self.fabric.leg(row)) is not None]
        return [*told, *(EarlySound(leg, comes) for leg, comes in early)]

    def play_on(self) -> list[Played]:
        """Play on; return the lists that ended."""
        return self.players.advance(self.fabric.played)

    def mix(self) -> None:
        """Compute the sound to the lines."""
        self.fabric.mix(self._listeners.pressing, self._tick.energy)

    @property
    def pressing(self) -> Rows:
        """Rows in which a key sounds now, or seems to begin."""
        return self._listeners.pressing

    def send_tones(self) -> None:
        """Replace the sound to lines that are sent keys by their tones."""
        self.key_tones.put(self.fabric.y)

    def record(self) -> None:
        """Add the tick to the recordings."""
        heard = self.fabric.recorded(self.key_tones.rows)
        self._recorders.advance(self.fabric.said, heard, self._listeners.speaking)

    def recorded(self) -> list[Recorded]:
        """Return the recordings that were closed."""
        return self._recorders.finished()

    def close(self) -> list[Recorded]:
        """End and return the recordings."""
        self._recorders.close()
        return self._recorders.finished()

    # --- legs come, move and go -----------------------------------------------------------------------------------

    def place(self, leg: int, row: int) -> None:
        """Put a leg on a row, with all that is wanted of it; no-op if it is there."""
        before = self.fabric.row(leg)
        if before == row:
            return
        if before is not None:
            self._listeners.reset(before)
            self.key_tones.stop(before)
        self._listeners.reset(row)
        self.fabric.place(leg, row)
        self._recorders.move(leg, row)
        if leg % 2:  # a leg that the box dialled
            self._early.watch(leg, row)
        if wish := self._wishes.get(leg):
            self._listeners.listen(row, wish)

    def answered(self, leg: int) -> None:
        """End the watch for early sound of a leg."""
        self._early.forget(leg)

    def forget(self, leg: int) -> None:
        """Remove a leg from its row, and end all that went on there."""
        row = self.fabric.row(leg)
        if row is not None:
            self.players.stop(row)
            self.key_tones.stop(row)
            self._listeners.reset(row)
        self._early.forget(leg)
        self._recorders.stop_leg(leg)
        self.fabric.remove(leg)
        self._wishes.pop(leg, None)

    # --- commands, for legs that are there ------------------------------------------------------------------------

    def change(self, command: Mix) -> None:
        """Change entries of the fabric."""
        for change in command.changes:
            self.fabric.hear(change.listener, change.leg, change.gain, played=change.played, aside=change.aside)

    def play(self, command: Play) -> None:
        """Play to a leg that has a row."""
        if (row := self.fabric.row(command.leg)) is not None:
            self.players.play(row, command)

    def hush(self, command: Hush) -> None:
        """Stop playing to a leg."""
        if (row := self.fabric.row(command.leg)) is not None:
            self.players.stop(row)

    def listen(self, command: Listen) -> None:
        """Set what to detect on a leg, on any row that it may come to."""
        self._wishes[command.leg] = command
        if (row := self.fabric.row(command.leg)) is not None:
            self._listeners.listen(row, command)

    def start(self, command: Record) -> None:
        """Record a leg that has a row."""
        if (row := self.fabric.row(command.leg)) is not None:
            self._recorders.start(command, row)

    def end_by_key(self, key: Key) -> None:
        """End the recordings that a key on their leg ends."""
        self._recorders.pressed(key.leg, key.key)

    def stop(self, command: StopRecord) -> None:
        """End a recording."""
        self._recorders.stop(command.recording)

    def pause(self, command: PauseRecord) -> None:
        """Record silence, or sound again."""
        self._recorders.pause(command.recording, paused=command.paused)
