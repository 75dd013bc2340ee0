# SPDX-License-Identifier: GPL-2.0-or-later
"""200 phones register at once, as after a power cut, and then each every minute: how long it takes, what it costs."""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tests.bench.sip_house import Registrar, SipHouse, sip_house

AGAIN_S = 60.0
PING_S = 25


class Seen(msgspec.Struct, frozen=True):
    """Result of a run. `edge_percent` is of one core, while phones register each minute and are pinged every 25 s."""

    phones: int
    all_s: float
    slowest_s: float
    repeated: int
    edge_cpu_s: float
    again_ms_p50: float
    again_ms_max: float
    edge_percent: float


async def measure(house: SipHouse, seconds: float) -> Seen:
    """Register all at once, then go on for so long."""
    phones = Registrar(house.edge_port)
    await phones.open()
    try:
        house.meter.look()
        begin = time.monotonic()
        took = await asyncio.gather(*(phones.register(number) for number in house.numbers))
        all_s, cpu = time.monotonic() - begin, house.meter.look()["edge"]
        begin, pause_s = time.monotonic(), AGAIN_S / len(house.numbers)
        again: list[float] = []
        while time.monotonic() - begin < seconds:
            again.append(await phones.register(house.numbers[len(again) % len(house.numbers)]))
            await asyncio.sleep(max(0.0, begin + len(again) * pause_s - time.monotonic()))
        later = house.meter.look()["edge"] / (time.monotonic() - begin)
    finally:
        phones.close()
    return Seen(
        phones=len(house.numbers),
        all_s=round(all_s, 2),
        slowest_s=round(max(took), 2),
        repeated=phones.repeated,
        edge_cpu_s=round(cpu, 2),
        again_ms_p50=round(1000 * statistics.median(again), 1),
        again_ms_max=round(1000 * max(again), 1),
        edge_percent=round(100 * later, 1),
    )


def main(argv: list[str] | None = None) -> int:
    """Run it and print; 0 only if every phone was registered within five seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory(prefix="mx") as folder,
        sip_house(Path(folder), args.phones, ping_s=PING_S) as house,
    ):
        seen = asyncio.run(measure(house, args.seconds))
    for name, value in msgspec.structs.asdict(seen).items():
        print(f"{name:>18}  {value}")
    return 0 if seen.slowest_s < 5 else 1


if __name__ == "__main__":
    sys.exit(main())
