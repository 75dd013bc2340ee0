# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls a second between registered phones, set up and cleared through edge, switch and call server, until one fails.

sipp is all the phones: half of them call, each proving who it is, the others answer. Each step is faster by a quarter.
A step holds if every call of it was answered and cleared on both sides, and the books say so, too.
"""

import argparse
import asyncio
import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from appliance.api.messages import Ledger, LedgerReply
from hw_sim.baresip import free_port
from tests.bench.sip_house import PROCESSES, Registrar, SipHouse, password, sip_house

SCENARIOS = Path(__file__).parent.parent / "data" / "sipp"
PHONES = 400
ROWS = 512
FASTER = 1.25
END_S = 40
IDLE_S = 5


class Step(msgspec.Struct, frozen=True):
    """One rate. `cpu`: seconds that 1,000 calls cost, by process. `set_up_ms`: from INVITE to 200, the mean."""

    rate: float
    calls: int
    failed: int
    repeated: int
    set_up_ms: float
    cpu: dict[str, float]


def run(house: SipHouse, folder: Path, first: float, seconds: float) -> list[Step]:
    """Go faster until a step fails; give all, the failed one last."""
    port = free_port()
    asyncio.run(_register(house, port))
    half = len(house.numbers) // 2
    pairs = zip(house.numbers[:half], house.numbers[half:], strict=True)
    lines = [f"{a};[authentication username={a} password={password(a)}];{b}" for a, b in pairs]
    (folder / "phones.csv").write_text("\n".join(["SEQUENTIAL", *lines, ""]))
    steps: list[Step] = []
    idle = _idle(house)
    with _sipp(folder, "phone_answers", "-p", str(port)) as phones:
        rate = first
        while not steps or not steps[-1].failed:
            steps.append(_step(house, folder, rate, seconds, idle))
            print(_line(steps[-1]), flush=True)
            rate *= FASTER
        phones.terminate()
    return steps


async def _register(house: SipHouse, port: int) -> None:
    registrar = Registrar(house.edge_port, f"127.0.0.1:{port}")
    await registrar.open()
    try:
        for number in house.numbers:
            await registrar.register(number, 3600)
    finally:
        registrar.close()


def _step(house: SipHouse, folder: Path, rate: float, seconds: float, idle: dict[str, float]) -> Step:
    calls = max(10, round(rate * seconds))
    before = house.status().calls_total
    numbers = folder / "calls.csv"
    numbers.unlink(missing_ok=True)
    house.meter.look()
    begin = time.monotonic()
    more = ["-r", f"{rate:.0f}", "-m", str(calls), "-d", "100", "-inf", str(folder / "phones.csv"), "-timeout", "60"]
    with _sipp(
        folder, "caller_digest", f"127.0.0.1:{house.edge_port}", *more, "-trace_stat", "-stf", str(numbers)
    ) as sipp:
        sipp.wait()
    _calm(house)
    used, lasted = house.meter.look(), time.monotonic() - begin
    with numbers.open() as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    done = int(last["SuccessfulCall(C)"])
    booked = house.status().calls_total - before
    return Step(
        rate=round(rate),
        calls=calls,
        failed=calls - min(done, booked),
        repeated=int(last["Retransmissions(C)"]),
        set_up_ms=_ms(last["ResponseTime1(C)"]),
        cpu={name: round(1000 * (used[name] - idle[name] * lasted) / calls, 1) for name in PROCESSES.values()},
    )


def _idle(house: SipHouse) -> dict[str, float]:
    """Return the cost of each process without calls, in CPU seconds a second."""
    house.meter.look()
    time.sleep(IDLE_S)
    idle = {name: used / IDLE_S for name, used in house.meter.look().items()}
    print("without calls:", ", ".join(f"{name} {100 * used:.1f} %" for name, used in idle.items()), "of a core")
    return idle


def _calm(house: SipHouse) -> None:
    end = time.monotonic() + END_S
    while house.status().calls_up and time.monotonic() < end:
        time.sleep(0.05)


def _ms(text: str) -> float:
    """Read sipp's hh:mm:ss:microseconds."""
    hours, minutes, seconds, micros = map(int, text.split(":"))
    return round(1000 * (3600 * hours + 60 * minutes + seconds) + micros / 1000, 1)


def _sipp(folder: Path, scenario: str, *arguments: str) -> "subprocess.Popen[bytes]":
    command = ["sipp", *arguments, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-mi", "127.0.0.1"]
    command += ["-nostdin", "-trace_err", "-error_file", str(folder / f"{scenario}.errors")]
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=folder, stdin=silent, stdout=silent, stderr=silent)


def _line(step: Step) -> str:
    cpu = ", ".join(f"{name} {used:.1f}" for name, used in step.cpu.items())
    return (
        f"{step.rate:5.0f} calls/s  {step.calls:5} calls, failed {step.failed}, repeated {step.repeated}, "
        f"set up {step.set_up_ms:.0f} ms; CPU s per 1,000: {cpu}, together {sum(step.cpu.values()):.1f}"
    )


def main(argv: list[str] | None = None) -> int:
    """Run it and print; 0 only if a step held and the books balance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=float, default=10.0, help="calls a second to begin with")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each step")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mx") as name:
        folder = Path(name)
        with sip_house(folder, PHONES, rows=ROWS) as house:
            steps = run(house, folder, args.first, args.seconds)
            balanced = house.client.ask(Ledger(files=False), LedgerReply).balanced
    held = [step.rate for step in steps if not step.failed]
    print(f"{'calls/s held':>18}  {max(held, default=0):.0f}")
    print(f"{'books':>18}  {'balance' if balanced else 'DO NOT BALANCE'}")
    return 0 if held and balanced else 1


if __name__ == "__main__":
    sys.exit(main())
