# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions in the browser: memory and processor time of each, of the gate and of the fork server, and of all together.

The terminal is the real one. Its box is a socket that tells what a busy box tells, with changes each second, so that
what is measured is the terminal's.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from appliance.api.messages import AnyRequest, Done, Hello, Reply, Subscribe, Subscribed, Update
from appliance.contract.records import AgentChanged
from appliance.version import VERSION
from tests.bench.ninety import cpu_s
from tests.tui.busy import AT, BUSY, SEQ
from tests.tui.web.rig import Box, Browser, Screen, box

SETTLE_S: Final = 3.0
MEMORY_AIM_MB: Final = 30.0
"""Private memory of a session; a program of its own takes more."""
SHARE_AIM: Final = 100.0
"""Processor time of all sessions together, in percent of one core of two: what is left for calls."""
_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_MB: Final = 1024.0
AGENT: Final = "8001"
"""The agent who sits at each desk."""


@dataclass(frozen=True)
class Seen:
    """A run. Memory in MB; `start_s`: processor seconds until a screen stands; `share`: percent of a core, running."""

    sessions: int
    private: float
    proportional: float
    server: float
    gate: float
    start_s: float
    share: float
    wall_s: float

    @property
    def fits(self) -> bool:
        """Sessions are as small and as quiet as promised."""
        return self.private <= MEMORY_AIM_MB and self.share <= SHARE_AIM


class BusyBox:
    """A control socket that answers from a table, and changes `changes` agents a second."""

    def __init__(self, path: Path, changes: float) -> None:
        self._path, self._changes = path, changes

    async def serve(self) -> None:
        server = await asyncio.start_unix_server(self._converse, self._path, limit=1 << 20)
        async with server:
            await server.serve_forever()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        say(writer, Hello(version=VERSION, user="li", rights=("read",), seq=SEQ, agent=AGENT))
        while line := await reader.readline():
            request = _decoder.decode(line)
            if isinstance(request, Subscribe):
                say(writer, Subscribed(SEQ, complete=False))
                await self._stream(writer)
                return
            reply = BUSY.get(type(request), Done())
            say(writer, reply if isinstance(reply, Reply) else Done())

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        seq = SEQ
        while not writer.is_closing():
            await asyncio.sleep(1 / self._changes)
            seq += 1
            say(writer, Update("agents", AT + seq, changed(seq), seq))


def changed(number: int) -> AgentChanged:
    """Return the next change."""
    return AgentChanged(agent=f"80{number % 90:02}", status="ready", state="idle" if number % 2 else "talking")


def say(writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(msgspec.json.encode(reply) + b"\n")


def memory(process: int) -> tuple[float, float]:
    """Return the private and the proportional memory of a process, in MB (proc_pid_smaps(5))."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / _MB for line in lines[1:]}
    return sizes["Private_Clean"] + sizes["Private_Dirty"], sizes["Pss"]


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


async def measure(
    folder: Path, sessions: int, seconds: float, changes: float, run: str, *, desks: bool = False
) -> Seen:
    settings = {"sessions": 100, "sessions_each": 100}
    async with box(folder, settings, run) as gate, gate.browser() as browser:
        served = asyncio.ensure_future(BusyBox(Path(gate.served.gate.control), changes).serve())
        gate.door.agent = AGENT if desks else ""
        await browser.sign_in()
        try:
            return await _measure(gate, browser, sessions, seconds, AGENT if desks else "6 calls")
        finally:
            served.cancel()


async def _measure(gate: Box, browser: Browser, sessions: int, seconds: float, sign: str) -> Seen:
    first = await browser.open()
    await first.until(sign)  # the fork server has loaded all
    begun = asyncio.get_running_loop().time()
    screens = await asyncio.gather(*(browser.open() for _session in range(sessions - 1)))
    await asyncio.gather(*(screen.until(sign) for screen in screens))
    wall_s = asyncio.get_running_loop().time() - begun
    readers = [asyncio.ensure_future(swallow(screen)) for screen in (first, *screens)]
    server = gate.served.forks.pid
    processes = children(server)
    started = [cpu_s(each) for each in processes]
    await asyncio.sleep(SETTLE_S)
    before = sum(map(cpu_s, processes))
    await asyncio.sleep(seconds)
    share = 100 * (sum(map(cpu_s, processes)) - before) / seconds
    for reader in readers:
        reader.cancel()
    private, proportional = (mean(each) for each in zip(*map(memory, processes), strict=True))
    return Seen(
        len(processes), private, proportional, memory(server)[1], memory(os.getpid())[0], mean(started), share, wall_s
    )


async def swallow(screen: Screen) -> None:
    """Take what the gate sends, as a browser does."""
    while not screen.socket.closed:
        await screen.socket.receive()


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def main(argv: list[str]) -> int:
    """Measure and print; 0 if sessions are as promised."""
    parser = argparse.ArgumentParser(prog="tests.bench web", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long they run")
    parser.add_argument("--changes", type=float, default=20.0, help="of agents, a second")
    parser.add_argument("--desks", action="store_true", help="desks of agents in place of technicians' terminals")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        run = measure(Path(folder), args.sessions, args.seconds, args.changes, "tui.web.show:show", desks=args.desks)
        seen = asyncio.run(run)
    print(f"sessions         {seen.sessions}, all on screen after {seen.wall_s:.1f} s")
    print(f"memory           {seen.private:.1f} MB private each ({seen.proportional:.1f} MB proportional),")
    print(f"                 {seen.private * seen.sessions:.0f} MB all, fork server {seen.server:.0f} MB")
    each = seen.share / seen.sessions
    print(f"processor        {seen.start_s:.2f} s to start one, {each:.2f} % of a core each running,")
    print(f"                 {seen.share:.0f} % all, at {args.changes:.0f} changes a second")
    return 0 if seen.fits else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
