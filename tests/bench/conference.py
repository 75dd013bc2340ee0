# SPDX-License-Identifier: GPL-2.0-or-later
"""60 SIP parties in one conference, all talking, in real time: CPU of the switch, what each hears, at which level.

The parties are a PJSIP endpoint in this process: each says a tone of its own, all at the same level, and what it hears
is kept. So all have to hear the same eight, each without itself, at the level at which they are said, in every tick.

Where a gap comes from is seen by who has it: all at once, from what the switch took of the speakers; one stretch of
rows in one tick, from a machine that held up a process for more than the tick in hand. The ticks of both ends may
nearly meet: then a packet is late by a tick every few seconds, which has to leave no gap.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import tomli_w
from numpy.typing import NDArray

from appliance.api.client import Client
from appliance.api.messages import Conferences, ConferencesReply, Ledger, LedgerReply, Status, StatusReply
from appliance.children.keeper import Children
from appliance.config.conferences import ConferenceConfig
from appliance.config.model import BoxConfig, ExtensionConfig, SipConfig
from appliance.config.paths import resolve
from appliance.contract.errors import ApiError
from appliance.demo.stage import CALL_SERVER, SWITCH
from appliance.switch.sound.rooms import LOUDEST
from drivers.pjsip import open_endpoint
from drivers.sip import SipAddress, SipAnswered, SipEnded, SipEvent, SipOptions, SipParty
from drivers.span import TICK_S, TICK_SAMPLES
from hw_sim.baresip import free_port
from tests.bench.ninety import Meter
from tests.drivers.sip_peers import Ticker

PARTIES: Final = 60
ROOM: Final = "8500"
LEVEL_DBM0: Final = -26.0
AIM_PERCENT: Final = 11.0
"""Two thirds of what an Asterisk's ConfBridge takes for as many."""
SETTLE_S: Final = 8.0
"""The first member hears a prompt meanwhile."""
READY_S: Final = 30.0
_PEAK: Final = 32768 * 10 ** ((LEVEL_DBM0 - 3.14) / 20)


class Seen(msgspec.Struct, frozen=True):
    """Result of a run. CPU in percent of one core.

    `heard`: tones that are heard at all. `off_db`: the level that differs most; `wrong`: pairs of a listener and a tone
    that it should hear and does not, or hears and should not. `gaps`: ticks in which a tone lacks, of all parties.
    """

    parties: int
    heard: int
    wrong: int
    off_db: float
    gaps: int
    ended: int
    balanced: bool
    switch_cpu: float
    call_server_cpu: float
    late_ticks: int
    tick_us_p50: float
    tick_us_p99: float


class Parties(Ticker):
    """The parties: each row says its own tone, of a whole number of periods in a tick."""

    tones: NDArray[np.int16]

    def begin(self) -> None:
        """Make the tones, the same in each tick."""
        hz = 300 + 50 * np.arange(PARTIES)
        self.tones = (_PEAK * np.sin(2 * np.pi * hz[:, None] * np.arange(TICK_SAMPLES) / 8000)).astype(np.int16)

    def tick(self) -> list[SipEvent]:
        """One tick of all parties; then wait for the next."""
        fresh = self.endpoint.poll()
        self.events += fresh
        self.endpoint.media.get(self._in)
        self.heard.append(self._in.copy())
        self.endpoint.media.put(self.tones)
        self._next += TICK_S
        time.sleep(max(0.0, self._next - time.monotonic()))
        return fresh


@contextlib.contextmanager
def running(folder: Path, config: BoxConfig) -> Iterator[tuple[Children, Client]]:
    """Run a box without lines but SIP."""
    file = folder / "box.toml"
    paths = resolve(config, file)
    for path in (paths.state, paths.run, paths.recordings, paths.flows):
        path.mkdir(parents=True, exist_ok=True)
    file.write_text(tomli_w.dumps(msgspec.to_builtins(config)), encoding="utf-8")
    children = Children((SWITCH, CALL_SERVER), file, lambda module, status, _words: print(f"{module}: {status}"))
    client = Client(paths.control_socket)
    try:
        _until(children, lambda: _connected(client), "the box does not come up")
        yield children, client
    finally:
        client.close()
        children.stop()


def _connected(client: Client) -> bool:
    with contextlib.suppress(ApiError):
        return client.ask(Status(), StatusReply).connected
    return False


def _until(children: Children, what: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + READY_S
    while not what():
        children.keep()
        assert time.monotonic() < end, why
        time.sleep(0.1)


def run(folder: Path, talk_s: float) -> Seen:
    """Let all talk, and look at what they hear."""
    numbers = [str(1001 + n) for n in range(PARTIES)]
    box = SipConfig(port=free_port(), calls=PARTIES, rtp_first=24000, rtp_last=25000, codecs=("alaw",))
    side = SipOptions(port=free_port(), rtp_first=26000, rtp_last=27000, calls=PARTIES, codecs=("PCMA",))
    config = BoxConfig(
        language="en",
        sip=box,
        extension=tuple(ExtensionConfig(number=each, line=f"sip:{each}@127.0.0.1:{side.port}") for each in numbers),
        conference=(ConferenceConfig(number=ROOM, announce=False, tones=False),),
    )
    with running(folder, config) as (children, client):
        with open_endpoint(side, lambda _host, _port: True) as endpoint:
            parties = Parties(endpoint)
            parties.begin()
            _dial(parties, numbers, box.port)
            meter = Meter({name: children.pid(name) or 0 for name in (SWITCH, CALL_SERVER)})
            parties.heard.clear()
            parties.run(talk_s)
            cpu = {name: meter.percent(name) for name in meter.pids}
            [there] = client.ask(Conferences(), ConferencesReply).conferences
            report = client.ask(Status(), StatusReply).switch
            result = _judge(np.stack(parties.heard, axis=1))
            ended = sum(isinstance(each, SipEnded) for each in parties.events)
        _until(children, lambda: client.ask(Status(), StatusReply).calls_up == 0, "the conference does not end")
        balanced = client.ask(Ledger(), LedgerReply).balanced
    assert report is not None
    return Seen(
        parties=len(there.members),
        heard=int(result["heard"]),
        wrong=int(result["wrong"]),
        off_db=result["off_db"],
        gaps=int(result["gaps"]),
        ended=ended,
        balanced=balanced,
        switch_cpu=round(cpu[SWITCH], 1),
        call_server_cpu=round(cpu[CALL_SERVER], 1),
        late_ticks=report.late_ticks,
        tick_us_p50=report.tick_us_p50,
        tick_us_p99=report.tick_us_p99,
    )


def _dial(parties: Parties, numbers: list[str], port: int) -> None:
    """Dial into the conference one after the other, and wait until all are there and the mix is settled."""
    for number in numbers:
        parties.endpoint.dial(SipAddress.parse(f"sip:{ROOM}@127.0.0.1:{port}"), SipParty(number))
        parties.run(0.1)
    parties.until(lambda: sum(isinstance(each, SipAnswered) for each in parties.events) == PARTIES, 20)
    parties.run(SETTLE_S)


def _judge(heard: NDArray[np.int16]) -> dict[str, float]:
    """Measure the tones [parties, ticks, samples] in what each party heard."""
    hz = 300 + 50 * np.arange(PARTIES)
    probe = np.exp(-2j * np.pi * hz * np.arange(TICK_SAMPLES)[:, None] / 8000)
    level = np.abs(heard.astype(np.float32) / 32768 @ probe) / (TICK_SAMPLES / 2)
    dbm0 = 20 * np.log10(np.maximum(level, 1e-9)) + 3.14  # [parties, ticks, tones]
    usual = np.median(dbm0, axis=1)
    chosen = (usual > LEVEL_DBM0 - 6).any(axis=0)
    should = chosen & ~np.eye(PARTIES, dtype=bool)
    off = np.abs(usual - LEVEL_DBM0)[should]
    lacking = (dbm0 < LEVEL_DBM0 - 3) & should[:, None, :]
    return {
        "heard": int(chosen.sum()),
        "wrong": int(((usual > LEVEL_DBM0 - 6) != should).sum()),
        "off_db": round(float(off.max()) if len(off) else 99.0, 2),
        "gaps": int(lacking.any(axis=2).sum()),
    }


def main(argv: list[str] | None = None) -> int:
    """Run it and print; 0 only if all heard the right mix at its level, and the switch stayed below its aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        seen = run(Path(folder), args.seconds)
    for name, value in msgspec.structs.asdict(seen).items():
        print(f"{name:>18}  {value}")
    right = seen.heard == LOUDEST and not seen.wrong and seen.off_db < 1 and not seen.gaps
    whole = right and seen.parties == PARTIES and not seen.ended and seen.balanced
    return 0 if whole and seen.switch_cpu <= AIM_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
