# SPDX-License-Identifier: GPL-2.0-or-later
"""90 callers of an MX90 bridged to 90 SIP phones with G.711, in real time, recorded, keys watched: what it costs.

sipp is the phones: it sends back what it hears. So a recording holds the caller's tone on both tracks, and a tick of it
that is missing was lost on the line, in the switch, or in RTP. After the tone each caller presses three keys.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from appliance.api.messages import Cdr, CdrReply, Ledger, LedgerReply
from appliance.config.model import BoxConfig, ExtensionConfig, RouteConfig, SipConfig
from appliance.contract.switch import StatusReport
from appliance.demo.stage import CALL_SERVER, SWITCH, Stage
from hw_sim.baresip import free_port
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from hw_sim.wav import read_wav
from tests.bench.ninety import gaps, keys, measured

SPANS, PAIRS = 3, 90
LEAD_S = 5.0
KEYS = "159"
AIM_PERCENT = 30.0
"""Half of what an Asterisk 22 took on such a machine with the same load."""
SCENARIO = Path(__file__).parent.parent / "data" / "sipp" / "phone_answers.xml"
FLOW = """
flow_version = 1
start = "main"
[node.main]
do = "dial"
extension = "{called}"
otherwise = "end"
[node.end]
do = "hangup"
"""


class Seen(msgspec.Struct, frozen=True):
    """Result of a run. CPU in percent of one core; gaps are ticks of the tone that a track lacks: from E1, from RTP."""

    calls: int
    lost: int
    keys_wanted: int
    keys_found: int
    recordings: int
    recorded_s: float
    gaps_line: int
    gaps_rtp: int
    balanced: bool
    switch_cpu: float
    call_server_cpu: float
    late_ticks: int
    tick_us_p50: float
    tick_us_p99: float
    tick_us_max: float
    stolen_ms: int
    """Time of its processors that the host took from this machine meanwhile: a stall of all makes gaps on all rows."""
    failures: tuple[str, ...] = ()


@contextlib.contextmanager
def phones(folder: Path, port: int) -> Iterator[None]:
    """Answer with sipp at `port` and send back all RTP."""
    command = ["sipp", "-sf", str(SCENARIO), "-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1"]
    command += ["-mp", str(free_port() & ~1), "-rtp_echo", "-nostdin"]
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, stdin=silent, stdout=silent, stderr=silent)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def run(folder: Path, talk_s: float) -> Seen:
    """Make the calls and count."""
    port = free_port()
    numbers = [str(1001 + n) for n in range(PAIRS)]
    config = BoxConfig(
        profile="mx90",
        language="en",
        sip=SipConfig(port=free_port(), calls=PAIRS, rtp_first=24000, rtp_last=25000),
        extension=tuple(ExtensionConfig(number=each, line=f"sip:{each}@127.0.0.1:{port}") for each in numbers),
        route=(RouteConfig(called="1*", flow="phone"),),
    )
    with phones(folder, port), Stage(folder, config, {"phone": FLOW}, spans=SPANS) as stage:
        stage.start()
        press = "; ".join(f"key {key}; wait 0.5" for key in KEYS)
        script = f"wait answer 20; wait 2; speak tone 1004 -12 {talk_s + LEAD_S}; {press}; wait 1; hangup"
        pids = {name: stage.children.pid(name) or 0 for name in (SWITCH, CALL_SERVER)}
        plans = [
            CallPlan(number, read_script(script), f"138{n:08d}", keep_audio=False) for n, number in enumerate(numbers)
        ]
        records, stolen_ms = [stage.exchange.call(plan) for plan in plans], -_stolen_ms()
        cpu, report = measured(stage, records, pids, LEAD_S, talk_s)
        return _count(stage, records, cpu, report, stolen_ms + _stolen_ms())


def _stolen_ms() -> int:
    """Since the machine started: the eighth number of /proc/stat's first line, in ticks of its clock (proc(5))."""
    ticks = int(Path("/proc/stat").read_text().split()[8])
    return 1000 * ticks // os.sysconf("SC_CLK_TCK")


def _count(
    stage: Stage, records: list[CallRecord], cpu: dict[str, float], report: StatusReport, stolen_ms: int
) -> Seen:
    cdrs = stage.client.ask(Cdr(limit=1000), CdrReply).calls
    sounds = [read_wav(stage.paths.recordings / cdr.recording) for cdr in cdrs if cdr.recording]
    return Seen(
        calls=len(records),
        lost=sum(not r.passed for r in records),
        keys_wanted=PAIRS * len(KEYS),
        keys_found=sum(len(keys(said)) for said, _heard in sounds),
        recordings=len(sounds),
        recorded_s=round(min((len(said) for said, _heard in sounds), default=0) / 8000, 1),
        gaps_line=sum(gaps(said) for said, _heard in sounds),
        gaps_rtp=sum(gaps(heard) for _said, heard in sounds),
        balanced=stage.client.ask(Ledger(), LedgerReply).balanced,
        switch_cpu=round(cpu[SWITCH], 1),
        call_server_cpu=round(cpu[CALL_SERVER], 1),
        late_ticks=report.late_ticks,
        tick_us_p50=report.tick_us_p50,
        tick_us_p99=report.tick_us_p99,
        tick_us_max=report.tick_us_max,
        stolen_ms=stolen_ms,
        failures=tuple([text for record in records for text in record.failures][:5]),
    )


def main(argv: list[str] | None = None) -> int:
    """Run it and print; 0 only if no call and no key was lost, and the switch stayed below its aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        seen = run(Path(folder), args.seconds)
    for name, value in msgspec.structs.asdict(seen).items():
        print(f"{name:>18}  {value}")
    whole = seen.lost == 0 and seen.keys_found == seen.keys_wanted and seen.balanced
    return 0 if whole and seen.switch_cpu < AIM_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
