# SPDX-License-Identifier: GPL-2.0-or-later
"""Cost of the fabric with its detectors at 256 ports: half of them talk in pairs, the rest are played prompts.

One tick is: listen on all rows, advance all players, mix, limit, and encode 90 recordings. Beside it, where wanted:
tones, fax and answers looked for on 90 rows, and three spans' own echo cancellers at 128 ms with all their channels
up."""

import argparse
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from appliance.contract.switch import Listen, Play, Record
from appliance.sounds.kept import kept_dir
from appliance.sounds.pool import SoundPool
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.fabric import Fabric
from appliance.switch.sound.line_echo import LineEcho
from appliance.switch.sound.listeners import Listeners
from appliance.switch.sound.players import Players
from appliance.switch.sound.recorders import Recorders
from drivers.span import D_TIMESLOT, TICK_SAMPLES, TIMESLOTS
from dsp.blocks import tick_of
from dsp.g711 import alaw_encode

PORTS, RECORDED = 256, 90


def measure(ticks: int, folder: Path) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Return microseconds of processor time of each part for each tick."""
    fabric, listeners, asked = Fabric(PORTS), Listeners(PORTS, "cn"), Listeners(PORTS, "cn")
    echo, up = [LineEcho(TIMESLOTS, 128) for _ in range(3)], np.arange(1, TIMESLOTS + 1) != D_TIMESLOT
    octets = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
    players = Players(PORTS, SoundPool.load(kept_dir(), None, "cn"))
    recorders = Recorders(RECORDED, InlineDisk(folder))
    rng = np.random.default_rng(1)
    for row in range(PORTS):
        fabric.place(row, row)
    for row in range(0, PORTS // 2, 2):
        fabric.hear(row, row + 1, 1.0)
        fabric.hear(row + 1, row, 1.0)
    for row in range(PORTS // 2, PORTS):
        players.play(row, Play(row, 1, ("music:default",), loop=True))
    for row in range(RECORDED):
        recorders.start(Record(row, row, f"{row}.wav"), row)
        asked.listen(row, Listen(row, tones=True, fax=True, answer=True))
    speech = rng.normal(0, 0.05, (32, PORTS, 160)).astype(np.float32)

    def listen(to: Listeners) -> None:
        tick = tick_of(fabric.said, PORTS)
        to.keys(tick)
        to.advance(tick)

    def cancel() -> None:
        for number, one in enumerate(echo):
            said = fabric.said[number * TIMESLOTS : (number + 1) * TIMESLOTS]
            one.sent(alaw_encode(said, octets))
            one.received(said * np.float32(0.3), up)

    taken: dict[str, list[float]] = {
        name: [] for name in ("detectors", "players", "mix", "recorders", "all asked", "echo")
    }
    for tick in range(ticks):
        fabric.said[:] = speech[tick % 32]
        for name, work in (
            ("detectors", partial(listen, listeners)),
            ("players", lambda: players.advance(fabric.played)),
            ("mix", fabric.mix),
            ("recorders", lambda: recorders.advance(fabric.said, fabric.y)),
            ("all asked", partial(listen, asked)),
            ("echo", cancel),
        ):
            begun = time.thread_time()
            work()
            taken[name].append((time.thread_time() - begun) * 1e6)
    recorders.close()
    return {name: np.array(values) for name, values in taken.items()}


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=3000)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        taken = measure(args.ticks, Path(folder))
    beside = {name: taken.pop(name) for name in ("all asked", "echo")}
    taken["all"] = sum(taken.values(), np.zeros(args.ticks))
    taken |= beside
    print(f"microseconds of processor time a tick at {PORTS} ports ({RECORDED} recorded)")
    for name, values in taken.items():
        p50, p99 = np.percentile(values, [50, 99])
        print(f"{name:>10}  p50 {p50:7.0f}  p99 {p99:7.0f}  max {values.max():7.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
