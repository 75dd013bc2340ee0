# SPDX-License-Identifier: GPL-2.0-or-later
"""Cost of the detectors a tick, beside spandsp where it has the like, in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from appliance.contract.switch import Listen
from appliance.switch.sound.listeners import Listeners
from dsp.blocks import tick_of
from dsp.dtmf import DtmfDetector
from dsp.energy import LevelMeter
from dsp.fax import FaxDetector
from dsp.g711 import float_to_int16
from dsp.levels import Float
from dsp.noise import white_noise
from dsp.progress import ProgressDetector
from dsp.r2 import Direction, R2Detector
from dsp.speech import SpeechActivity
from lab import spandsp_peer
from lab.tones_audio import line, recorded_speech

ROWS: Final = (30, 90, 256)
_TICKS: Final = 100
_ROUNDS: Final = 40
_TICK_S: Final = 0.02


@dataclass
class Part:
    """A part to be timed: `hear` does one tick, `beside` is spandsp's like."""

    name: str
    hear: Callable[[], object]
    beside: str = ""
    aim: float | None = None  # ours against spandsp's, at most
    share: float | None = None  # of a core, at most
    best: NDArray[np.float64] = field(default_factory=lambda: np.full(_TICKS, np.inf))  # CPU seconds of each tick

    def round(self, place: NDArray[Any], ticks: NDArray[Any]) -> None:
        """Run all ticks once more; of each the shortest time counts: its work is the same every time."""
        np.minimum(self.best, _round(self.hear, place, ticks), out=self.best)


def report() -> Iterator[str]:
    """Yield the times a tick, in Markdown."""
    yield "\n## Speed\n"
    yield f"CPU time for one tick of 20 ms on one core: {_TICKS} ticks of recorded speech on every channel, each just"
    yield "written to the place it is heard from, as in the switch; both sides in turn,"
    yield f"{_ROUNDS} times, of which the shortest counts for each tick.\n"
    yield "| part | rows | ours | spandsp | ours : spandsp | share of a core | channels a core | wanted | |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for rows in ROWS:
        yield from _lines(rows)


def _lines(rows: int) -> Iterator[str]:
    x = _speech(rows)
    pcm = float_to_int16(x)
    heard, theirs_heard = np.empty_like(x[0]), np.empty_like(pcm[0])
    keys, signals = spandsp_peer.DtmfBank(rows), spandsp_peer.R2Bank(rows)
    theirs = {
        "DTMF": Part("DTMF", keys.listen(theirs_heard)),
        "R2": Part("R2", signals.listen(theirs_heard)),
    }
    ours, clock = _ours(rows, heard), Part("the clock itself", lambda: None)
    for _ in range(_ROUNDS):
        for part in (clock, *ours):
            part.round(heard, x)
        for part in theirs.values():
            part.round(theirs_heard, pcm)
    for bank in (keys, signals):
        bank.close()
    for part in ours:
        cost = float((part.best - clock.best.min()).mean())
        other = float((theirs[part.beside].best - clock.best.min()).mean()) if part.beside else None
        share, ratio = cost / _TICK_S, cost / other if other else None
        beside = f"{other * 1e6:.0f} us | {ratio:.2f}" if other and ratio else "- | -"
        wanted, good = _judged(part, share, ratio)
        channels = rows * _TICK_S / cost
        yield (
            f"| {part.name} | {rows} | {cost * 1e6:.0f} us | {beside} | {share:.2%} | {channels:,.0f} "
            f"| {wanted} | {good} |"
        )


def _round(hear: Callable[[], object], place: NDArray[Any], ticks: NDArray[Any]) -> NDArray[np.float64]:
    """Return the CPU seconds of each tick, which is written to `place` first."""
    spent = np.empty(len(ticks))
    for number, tick in enumerate(ticks):
        np.copyto(place, tick)
        begun = time.thread_time()
        hear()
        spent[number] = time.thread_time() - begun
    return spent


def _judged(part: Part, share: float, ratio: float | None) -> tuple[str, str]:
    """Return the wanted value, and whether it is met."""
    if part.aim is not None and ratio is not None:
        return f"<= {part.aim:.2f}", "yes" if ratio <= part.aim else "**no**"
    if part.share is not None:
        return f"< {part.share:.0%} of a core", "yes" if share < part.share else "**no**"
    return "-", ""


def _ours(rows: int, x: Float) -> list[Part]:
    """Return our parts, each of which analyses `x`."""
    parts = {
        "progress": ProgressDetector(rows, "cn").feed,
        "fax": FaxDetector(rows).feed,
        "speech activity": SpeechActivity(rows).feed,
        "levels": LevelMeter(rows).feed,
        "in the switch: keys, speech, levels": _switch(rows, Listen(0)),
    }
    everything = _switch(rows, Listen(0, tones=True, fax=True))
    return [
        Part("DTMF", partial(DtmfDetector(rows).feed, x), "DTMF", 0.5 if rows >= 90 else None),
        *(Part(f"R2, {d.name.lower()}", partial(R2Detector(rows, d).feed, x), "R2") for d in Direction),
        *(Part(name, partial(feed, x)) for name, feed in parts.items()),
        Part(
            "in the switch: and progress and fax, all rows", partial(everything, x), share=0.03 if rows == 90 else None
        ),
    ]


def _switch(rows: int, order: Listen) -> Callable[[Float], object]:
    """Return the switch's own detectors, every row with `order`."""
    listeners = Listeners(rows, "cn")
    for row in range(rows):
        listeners.listen(row, order)

    def hear(x: Float) -> None:
        tick = tick_of(x, rows)
        listeners.keys(tick)
        listeners.advance(tick)

    return hear


def _speech(rows: int) -> Float:
    """Return ticks of recorded speech [ticks, rows, 160], each row from another place."""
    sound = next(iter(recorded_speech().values()), white_noise(np.random.default_rng(1), 8_000_000, -20))
    starts = np.random.default_rng(1).integers(0, len(sound) - _TICKS * 160, rows)
    x = np.stack([sound[at : at + _TICKS * 160] for at in starts]).reshape(rows, _TICKS, 160).swapaxes(0, 1)
    return line(np.ascontiguousarray(x))
