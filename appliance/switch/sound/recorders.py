# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorders: the rows of all running recordings are encoded in one go, and leave in blocks of half a second.

A leg's voice is its row of X, the sound sent to it its row of Y, prompts and music included (`contract.switch.Tracks`).
Blocks end at different ticks for different recorders, so that the disk has an even load.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.contract.switch import Record, Recorded, RecordingEnd
from appliance.contract.ticks import ticks
from appliance.i18n import N_
from appliance.switch.sound.disk import Disk
from appliance.switch.sound.fabric import Sound
from appliance.switch.sound.wav import TRACKS
from drivers.span import TICK_SAMPLES
from dsp.g711 import alaw_encode

BLOCK_TICKS = 25
NEVER: Final = 1 << 62
TAKEN: Final = {"said": slice(0, 1), "heard": slice(1, 2), "both": slice(0, 2), "mixed": slice(0, 1)}
"""The part of a block's two tracks that is written."""


@dataclass
class _Running:
    order: Record
    slot: int
    first: int  # tick of its block at which it began or went on


class Recorders:
    """Up to `slots` recordings at a time, in a ring of blocks [slots, 25, 160, 2] A-law octets."""

    def __init__(self, slots: int, disk: Disk) -> None:
        self._disk = disk
        self._blocks = np.zeros((slots, BLOCK_TICKS, TICK_SAMPLES, 2), np.uint8)
        self._free = list(range(slots - 1, -1, -1))
        self._running: dict[int, _Running] = {}
        self._slots: NDArray[np.int64] = np.zeros(0, np.int64)
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self._of_slot: list[int] = [0] * slots
        self._mixed = np.zeros(slots, np.bool_)
        self._paused = np.zeros(slots, np.bool_)
        self._left = np.zeros(slots, np.int64)  # ticks to the longest time
        self._silent = np.zeros(slots, np.int64)  # ticks since speech
        self._patience = np.zeros(slots, np.int64)  # ticks of silence that end it
        self._why: dict[int, RecordingEnd] = {}  # reason of each ended one, until its file is closed
        self._mixing = self._bounded = self._quiet = np.zeros(0, np.intp)  # places in `_slots`
        self._refused: list[Recorded] = []
        self._pair = np.empty((0, TICK_SAMPLES, 2), np.float32)  # both tracks of a tick
        self._full_at: dict[int, list[int]] = {}  # slots by the tick at which their blocks are full
        self._tick = 0

    def start(self, order: Record, row: int) -> None:
        """Record a row from the next tick on; with no slot left the recording ends at once with an error."""
        if not self._free:
            self._refused.append(Recorded(order.recording, 0, N_("too many recordings at a time"), "disk"))
            return
        slot = self._free.pop()
        self._disk.open(order.recording, order.path, TRACKS[order.tracks])
        self._running[order.recording] = _Running(order, slot, self._phase(slot))
        self._of_slot[slot] = order.recording
        self._mixed[slot], self._silent[slot], self._paused[slot] = order.tracks == "mixed", 0, False
        self._left[slot] = ticks(order.longest_s) if order.longest_s else NEVER
        self._patience[slot] = ticks(order.silence_s) if order.silence_s else NEVER
        self._slots = np.append(self._slots, slot)
        self._rows = np.append(self._rows, row)
        self._regroup()

    def move(self, leg: int, row: int) -> None:
        """Move a leg's recordings to the leg's new row."""
        for running in self._running.values():
            if running.order.leg == leg:
                self._rows[self._slots == running.slot] = row

    def stop(self, recording: int, why: RecordingEnd = "stopped") -> None:
        """End a recording; `Recorded` follows from `finished`. No-op if it does not run."""
        running = self._running.pop(recording, None)
        if running is None:
            return
        self._why[recording] = why
        self._flush(running, self._phase(running.slot))
        self._disk.finish(recording)
        keep = self._slots != running.slot
        self._slots, self._rows = self._slots[keep], self._rows[keep]
        self._regroup()
        self._free.append(running.slot)

    def pause(self, recording: int, *, paused: bool) -> None:
        """Write silence from the next tick on, or sound again. No-op if it does not run."""
        if running := self._running.get(recording):
            self._paused[running.slot] = paused
            self._regroup()

    def stop_leg(self, leg: int) -> None:
        """End every recording of a leg."""
        for recording in [n for n, running in self._running.items() if running.order.leg == leg]:
            self.stop(recording, "leg")

    def pressed(self, leg: int, key: str) -> None:
        """End the recordings of a leg that a key ends."""
        ended = [n for n, each in self._running.items() if each.order.leg == leg and key in each.order.end_keys]
        for recording in ended:
            self.stop(recording, "key")

    def advance(self, said: Sound, heard: Sound, speaking: NDArray[np.bool_] | None = None) -> None:
        """Take one tick of X (`said`) and Y (`heard`), rows of legs, and the rows with speech."""
        if len(self._slots):
            phases, pair = (self._tick + self._slots) % BLOCK_TICKS, self._pair
            pair[..., 0], pair[..., 1] = said[self._rows], heard[self._rows]
            if len(quiet := self._quiet):
                pair[quiet] = 0.0
            if len(mixed := self._mixing):
                pair[mixed, :, 0] = np.clip(pair[mixed, :, 0] + pair[mixed, :, 1], -1.0, 1.0)
            self._blocks[self._slots, phases] = alaw_encode(pair)
        self._tick += 1
        for slot in self._full_at.get(-self._tick % BLOCK_TICKS, ()):
            running = self._running[self._of_slot[slot]]
            self._flush(running, BLOCK_TICKS)
            running.first = 0
        if len(self._bounded):
            self._end(speaking)

    def finished(self) -> list[Recorded]:
        """Pass this tick's orders to the disk; return the recordings whose files were closed."""
        self._disk.go()
        done = []
        for written in self._disk.finished():
            self.stop(written.recording, "disk")  # one that failed by itself frees its slot
            why = self._why.pop(written.recording, "disk")
            done.append(Recorded(written.recording, written.samples, written.error, "disk" if written.error else why))
        refused, self._refused = self._refused, []
        return refused + done

    def close(self) -> None:
        """End everything; blocks in memory are written."""
        for recording in list(self._running):
            self.stop(recording, "leg")
        self._disk.close()

    def _regroup(self) -> None:
        """Find what each tick needs to know, and those that are mixed, paused, or end by themselves."""
        slots = self._slots
        self._quiet = np.flatnonzero(self._paused[slots])
        self._mixing = np.flatnonzero(self._mixed[slots])
        self._bounded = np.flatnonzero((self._left[slots] < NEVER) | (self._patience[slots] < NEVER))
        self._pair = np.empty((len(slots), TICK_SAMPLES, 2), np.float32)
        self._full_at = {}
        for slot in slots.tolist():
            self._full_at.setdefault(slot % BLOCK_TICKS, []).append(slot)

    def _end(self, speaking: NDArray[np.bool_] | None) -> None:
        """End those that have reached their longest time, or been silent for long enough."""
        slots = self._slots[self._bounded]
        self._left[slots] -= 1
        if speaking is not None:
            self._silent[slots] = np.where(speaking[self._rows[self._bounded]], 0, self._silent[slots] + 1)
        long, silent = self._left[slots] <= 0, self._silent[slots] >= self._patience[slots]
        for slot, is_long in zip(slots[long | silent].tolist(), long[long | silent].tolist(), strict=True):
            self.stop(self._of_slot[slot], "longest" if is_long else "silence")

    def _phase(self, slot: int) -> int:
        return (self._tick + slot) % BLOCK_TICKS

    def _flush(self, running: _Running, end: int) -> None:
        if end > running.first:
            block = self._blocks[running.slot, running.first : end]
            self._disk.append(running.order.recording, block[..., TAKEN[running.order.tracks]].tobytes())
