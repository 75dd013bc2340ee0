# SPDX-License-Identifier: GPL-2.0-or-later
"""All 90 channels of an MX90 at once, in real time over three TDMoE spans, with everything on.

45 callers are answered, greeted, press a key, and are connected to 45 subscribers outside, who press keys as well; each
pair is recorded. Counted: calls lost, keys missed or invented, gaps in recordings. Measured: CPU of the
switch in percent of a core, the tick's work.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from appliance.api.messages import Cdr, CdrReply, Ledger, LedgerReply
from appliance.config.model import BoxConfig, RouteConfig, SipConfig
from appliance.contract.switch import StatusReport
from appliance.demo.stage import CALL_SERVER, SWITCH, Stage
from dsp.dtmf import DtmfDetector, KeyEnd
from dsp.levels import Float
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from hw_sim.wav import read_wav
from tests.scenarios import house

SPANS, PAIRS = 3, 45
LEAD_S = 8.0


class Ninety(msgspec.Struct, frozen=True):
    """Result of a run. `cpu` in percent of one core; `gaps` are ticks of a continuous tone missing in recordings."""

    calls: int
    lost: int
    keys_wanted: int
    keys_found: int
    recordings: int
    recorded_s: float
    gaps: int
    balanced: bool
    switch_cpu: float
    call_server_cpu: float
    late_ticks: int
    tick_us_p50: float
    tick_us_p99: float
    tick_us_max: float
    failures: tuple[str, ...] = ()


@dataclass
class Meter:
    """CPU seconds of processes between two looks."""

    pids: dict[str, int]

    def __post_init__(self) -> None:
        self._begun = time.monotonic()
        self._used = {name: cpu_s(pid) for name, pid in self.pids.items()}

    def percent(self, name: str) -> float:
        """CPU of one since the beginning, in percent of a core."""
        return 100 * (cpu_s(self.pids[name]) - self._used[name]) / (time.monotonic() - self._begun)


def cpu_s(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(folder: Path, talk_s: float) -> Ninety:
    """Make the calls and count."""
    config = BoxConfig(
        profile="mx90", language="en", sip=SipConfig(enabled=False), route=(RouteConfig(called="96900", flow="desk"),)
    )
    with Stage(folder, config, {"desk": house.DESK}, spans=SPANS) as stage:
        stage.start()
        pressed = max(2, int(talk_s / 10))
        press = "; ".join(["wait 2; key 5"] * pressed)
        stage.exchange.subscribe("10086", read_script(f"alert; wait 1; answer; {press}; speak tone 700 -12 600"))
        script = f"wait answer 20; wait 3; key 1; wait 3; speak tone 1004 -12 {talk_s + LEAD_S}; hangup"
        pids = {name: stage.children.pid(name) or 0 for name in (SWITCH, CALL_SERVER)}
        records = [
            stage.exchange.call(CallPlan("96900", read_script(script), f"138{n:08d}", keep_audio=False))
            for n in range(PAIRS)
        ]
        cpu, report = measured(stage, records, pids, LEAD_S, talk_s)
        return _count(stage, records, cpu, report, pressed)


def measured(
    stage: Stage, records: list[CallRecord], pids: dict[str, int], lead_s: float, talk_s: float
) -> tuple[dict[str, float], StatusReport]:
    """Set up the calls, measure them for `talk_s`, and wait for their end; return CPU in percent, and the last
    report."""
    stage.run_s(lead_s)
    meter = Meter(pids)
    stage.run_s(talk_s)
    cpu = {name: meter.percent(name) for name in pids}
    report = stage.status().switch
    stage.until(lambda: all(r.ended is not None for r in records), 60, "calls do not end", every_s=0.2)
    stage.until(stage.quiet, 20, "channels stay busy", every_s=0.2)
    stage.run_s(1)
    assert report is not None
    return cpu, report


def _count(
    stage: Stage, records: list[CallRecord], cpu: dict[str, float], report: StatusReport, pressed: int
) -> Ninety:
    calls = stage.exchange.records
    cdrs = stage.client.ask(Cdr(limit=1000), CdrReply).calls
    files = [stage.paths.recordings / cdr.recording for cdr in cdrs if cdr.recording]
    sounds = [read_wav(file) for file in files]
    failures = [text for record in records for text in record.failures]
    return Ninety(
        calls=len(calls),
        lost=sum(not r.passed for r in records) + 2 * PAIRS - len(calls),
        keys_wanted=PAIRS * pressed,
        keys_found=sum(len(keys(heard)) for _said, heard in sounds),
        recordings=len(files),
        recorded_s=round(min((len(said) for said, _heard in sounds), default=0) / 8000, 1),
        gaps=sum(gaps(said) for said, _heard in sounds),
        balanced=stage.client.ask(Ledger(), LedgerReply).balanced,
        switch_cpu=round(cpu[SWITCH], 1),
        call_server_cpu=round(cpu[CALL_SERVER], 1),
        late_ticks=report.late_ticks,
        tick_us_p50=report.tick_us_p50,
        tick_us_p99=report.tick_us_p99,
        tick_us_max=report.tick_us_max,
        failures=tuple(failures[:5]),
    )


def keys(heard: Float) -> str:
    """Return the keys in a track [n], in order."""
    detector = DtmfDetector(1)
    ticks = heard[: len(heard) // 160 * 160].reshape(-1, 1, 160)
    return "".join(event.key for tick in ticks for event in detector.feed(tick) if isinstance(event, KeyEnd))


def gaps(said: Float) -> int:
    """Count the ticks within the caller's continuous 1,004 Hz that are not that tone; all of them if there is none."""
    ticks = said[: len(said) // 160 * 160].reshape(-1, 160).astype(np.float64)
    level = np.abs(ticks @ np.exp(-2j * np.pi * 1004 / 8000 * np.arange(160))) / 80
    on = np.flatnonzero(level > 0.05)
    if len(on) < 10:
        return len(ticks)
    inside = level[on[0] + 2 : on[-1] - 1]
    return int((np.abs(inside / np.median(inside) - 1) > 0.05).sum())


def main(argv: list[str] | None = None) -> int:
    """Run it and print; 0 only if nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        seen = run(Path(folder), args.seconds)
    for name, value in msgspec.structs.asdict(seen).items():
        print(f"{name:>18}  {value}")
    whole = seen.lost == 0 and seen.gaps == 0 and seen.keys_found == seen.keys_wanted and seen.balanced
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
