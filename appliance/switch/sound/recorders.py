# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorders: the rows of all running recordings are encoded in one go, and leave in blocks of half a second.

Left track: what the leg says (its row of X). Right track: what it hears (its row of Y), prompts and music included.
Blocks end at different ticks for different recorders, so that the disk sees an even load.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appliance.contract.switch import Record, Recorded
from appliance.i18n import N_
from appliance.switch.sound.disk import Disk
from appliance.switch.sound.fabric import Sound
from appliance.switch.sound.wav import TRACKS
from drivers.span import TICK_SAMPLES
from dsp.g711 import alaw_encode

BLOCK_TICKS = 25


@dataclass
class _Running:
    order: Record
    slot: int
    first: int  # tick of its block at which it began or went on


class Recorders:
    """Up to `slots` recordings at a time, in a ring of blocks [slots, 25, 160, 2] A-law octets."""

    def __init__(self, slots: int, disk: Disk) -> None:
        self._disk = disk
        self._blocks = np.zeros((slots, BLOCK_TICKS, TICK_SAMPLES, TRACKS), np.uint8)
        self._free = list(range(slots - 1, -1, -1))
        self._running: dict[int, _Running] = {}
        self._slots: NDArray[np.int64] = np.zeros(0, np.int64)
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self._of_slot: list[int] = [0] * slots
        self._refused: list[Recorded] = []
        self._tick = 0

    def start(self, order: Record, row: int) -> None:
        """Record a row from the next tick on; with no slot left the recording ends at once with an error."""
        if not self._free:
            self._refused.append(Recorded(order.recording, 0, N_("too many recordings at a time")))
            return
        slot = self._free.pop()
        self._disk.open(order.recording, order.path)
        self._running[order.recording] = _Running(order, slot, self._phase(slot))
        self._of_slot[slot] = order.recording
        self._slots = np.append(self._slots, slot)
        self._rows = np.append(self._rows, row)

    def move(self, leg: int, row: int) -> None:
        """The leg's sound is on another row from now on."""
        for running in self._running.values():
            if running.order.leg == leg:
                self._rows[self._slots == running.slot] = row

    def stop(self, recording: int) -> None:
        """End a recording; `Recorded` follows from `finished`. Nothing if it does not run."""
        running = self._running.pop(recording, None)
        if running is None:
            return
        self._flush(running, self._phase(running.slot))
        self._disk.finish(recording)
        keep = self._slots != running.slot
        self._slots, self._rows = self._slots[keep], self._rows[keep]
        self._free.append(running.slot)

    def stop_leg(self, leg: int) -> None:
        """End every recording of a leg."""
        for recording in [n for n, running in self._running.items() if running.order.leg == leg]:
            self.stop(recording)

    def advance(self, said: Sound, heard: Sound) -> None:
        """Take one tick of X (`said`) and Y (`heard`), rows of legs."""
        if len(self._slots):
            phases = (self._tick + self._slots) % BLOCK_TICKS
            pair = np.empty((len(self._slots), TICK_SAMPLES, TRACKS), np.float32)
            pair[..., 0], pair[..., 1] = said[self._rows], heard[self._rows]
            self._blocks[self._slots, phases] = alaw_encode(pair)
        self._tick += 1
        for slot in self._slots[(self._tick + self._slots) % BLOCK_TICKS == 0].tolist():
            running = self._running[self._of_slot[slot]]
            self._flush(running, BLOCK_TICKS)
            running.first = 0

    def finished(self) -> list[Recorded]:
        """Let the disk do what this tick asked of it; give the recordings whose files were closed."""
        self._disk.go()
        done = [Recorded(w.recording, w.samples, w.error) for w in self._disk.finished()]
        for recorded in done:
            self.stop(recorded.recording)  # one that failed by itself gives its slot back
        refused, self._refused = self._refused, []
        return refused + done

    def close(self) -> None:
        """End everything; blocks in memory are written."""
        for recording in list(self._running):
            self.stop(recording)
        self._disk.close()

    def _phase(self, slot: int) -> int:
        return (self._tick + slot) % BLOCK_TICKS

    def _flush(self, running: _Running, end: int) -> None:
        if end > running.first:
            self._disk.append(running.order.recording, self._blocks[running.slot, running.first : end].tobytes())
