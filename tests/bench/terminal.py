# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal at a busy box: 240 calls, 90 agents, 1,000 changes a second. CPU, memory, keys, bytes of a slow line.

The box is a control socket of this process that says what a box would say; the terminal is the real program in a
pseudo-terminal. It does not show what the box's own processes take.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from appliance.api import messages as api
from appliance.contract import records as r
from appliance.contract.rows import AgentRow, LegRow, LiveCall, QueueRow, WaitingRow
from appliance.contract.switch import Party
from appliance.version import VERSION
from tests.tui.busy import STATUS, SWITCH, TROUBLES
from tests.tui.pty_rig import Terminal

CALLS, AGENTS, QUEUES, CHANGES = 240, 90, 4, 1000
STEP_S: Final = 0.02
CPU_AIM, MEMORY_AIM_MB, KEY_AIM_S, LINE_BPS = 25.0, 100.0, 0.1, 11_520

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[api.AnyRequest] = msgspec.json.Decoder(api.AnyRequest)


def _call(number: int, at: int) -> LiveCall:
    span, slot = number % 8 + 1, number % 30 + 1
    caller = f"138{number:08}"
    leg = LegRow(
        leg=2 * number, line="pri:x", role="caller", number=caller, agent="", state="active", span=span, timeslot=slot
    )
    return LiveCall(
        call=number, started_at=at - number * 100, direction="in", caller=caller, called="12345", state="talking",
        state_s=3, age_s=number / 10, flow="hotline", node="", queue="", legs=(leg,),
    )  # fmt: skip


class Box:
    """The control socket of a busy box, on a thread of its own. `rate` is its changes a second."""

    def __init__(self, path: Path, rate: int) -> None:
        self._path, self._rate = path, rate
        self._random = random.Random(1)
        self._seq = itertools.count(1)
        self._numbers = itertools.count(CALLS + 1)
        self._up = list(range(1, CALLS + 1))
        self.told = 0
        self._ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait(10)

    async def _serve(self) -> None:
        server = await asyncio.start_unix_server(self._connected, self._path, limit=1 << 20)
        self._ready.set()
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._say(writer, api.Hello(version=VERSION, user="root", rights=("read", "control")))
        while line := await reader.readline():
            request = _decoder.decode(line)
            if isinstance(request, api.Subscribe):
                self._say(writer, api.Subscribed(0, complete=False))
                with contextlib.suppress(ConnectionError):  # the terminal has left
                    await self._stream(writer)
                return
            self._say(writer, self._answer(request))
        writer.close()

    def _answer(self, request: api.AnyRequest) -> api.Reply:
        now = _now_ms()
        match request:
            case api.Status():
                return msgspec.structs.replace(STATUS, at=now)
            case api.Calls():
                return api.CallsReply(tuple(_call(n, now) for n in self._up))
            case api.Agents():
                return api.AgentsReply(tuple(_agent(n) for n in range(AGENTS)))
            case api.Queues():
                return api.QueuesReply(tuple(_queue(n) for n in range(QUEUES)))
            case api.Troubles():
                return api.TroublesReply(TROUBLES)
            case _:
                return api.Error("not here")

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        begun, told = time.monotonic(), 0
        while not writer.is_closing():  # the terminal leaves
            await asyncio.sleep(STEP_S)
            while told < (time.monotonic() - begun) * self._rate:
                for what in self._happens():
                    self._say(writer, api.Update("calls", _now_ms(), what, next(self._seq)))
                    told += 1
                    self.told += 1
            if told % self._rate < self._rate * STEP_S:
                levels = {2 * n: -self._random.randrange(10, 50) for n in self._up}
                report = msgspec.structs.replace(SWITCH, levels=levels)
                self._say(writer, api.Update("status", _now_ms(), report, next(self._seq)))
            await writer.drain()

    def _happens(self) -> Iterator[r.AnyRecord]:
        """Return what happens next: a call ends and another begins, or a call or an agent changes."""
        kind = self._random.randrange(10)
        call = self._random.choice(self._up)
        if kind == 0:
            new = next(self._numbers)
            self._up.remove(call)
            self._up.append(new)
            yield r.CallClosed(call, "answered", 16)
            yield r.CallOpened(new, "in", Party(f"138{new:08}", "张三"), "12345", "hotline")
            yield r.LegOpened(2 * new, new, "pri:x", "caller", f"138{new:08}")
            yield r.ChannelSeized(2 * new, new, new % 8 + 1, new % 30 + 1)
        elif kind < 7:
            yield r.SegmentOpened(
                next(self._seq), call, self._random.choice(("talk", "flow", "queue", "hold")), (1,), "x"
            )
        else:
            agent = str(8000 + self._random.randrange(AGENTS))
            yield r.AgentChanged(agent, "ready", self._random.choice(("idle", "offered", "talking", "wrap_up")))

    def _say(self, writer: asyncio.StreamWriter, reply: api.Reply) -> None:
        if writer.is_closing():
            raise ConnectionResetError
        writer.write(_encoder.encode(reply) + b"\n")


def _agent(n: int) -> AgentRow:
    return AgentRow(
        agent=str(8000 + n), name="李娜", extension=str(1000 + n), status="ready", state="idle", reason="", state_s=n,
        call=0, queues=(f"queue-{n % QUEUES}",), offered=9, answered=8,
    )  # fmt: skip


def _queue(n: int) -> QueueRow:
    waiting = tuple(WaitingRow(call=i, caller=f"138{i:08}", wait_s=i) for i in range(1, 9))
    return QueueRow(
        queue=f"queue-{n}", waiting=waiting, idle=3, busy=4, signed_in=9, entered=9, answered=8, abandoned=1
    )


def _now_ms() -> int:
    return round(time.time() * 1000)


class Process:
    """Processor time and memory of a process, from /proc."""

    def __init__(self, pid: int) -> None:
        self._folder = Path("/proc") / str(pid)

    def cpu_s(self) -> float:
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        for line in (self._folder / "status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0


def _watch(terminal: Terminal, seconds: float, take: Callable[[float], None]) -> tuple[float, float]:
    """Let it run; return CPU in percent of a core, and bytes a second."""
    process = Process(terminal.process.pid)
    cpu, drawn, begun = process.cpu_s(), terminal.drawn, time.monotonic()
    take(seconds)
    took = time.monotonic() - begun
    return (process.cpu_s() - cpu) / took * 100, (terminal.drawn - drawn) / took


def _keys(terminal: Terminal, times: int) -> list[float]:
    """Press keys that change what is seen; return how long each took to be seen."""
    took = []
    for n in range(times):
        _drain(terminal, 0.5)
        key, sign = ((b"2", b"verdict"), (b"3", b"where"))[n % 2]
        begun = time.monotonic()
        terminal.send(key)
        if not terminal.seen(sign, 5):
            raise TimeoutError("a key was not answered")
        took.append(time.monotonic() - begun)
    return took


def _drain(terminal: Terminal, seconds: float) -> None:
    """Take what is drawn as fast as it comes, without an emulator's work."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.read(min(left, 0.5))


def main(argv: list[str] | None = None) -> int:
    """Run it; return 0 if it holds what it promises."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=int, default=CHANGES)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "control.sock"
        box = Box(path, args.rate)
        fine = _local(path, box, args.seconds)
        return 0 if _serial(path, args.seconds) and fine else 1


def _local(path: Path, box: Box, seconds: float) -> bool:
    with Terminal(path, size=(160, 50)) as terminal:
        terminal.until(lambda text: "needs attention" in text)
        terminal.send(b"3")
        _drain(terminal, 3)
        told, begun = box.told, time.monotonic()
        cpu, rate = _watch(terminal, seconds, lambda s: _drain(terminal, s))
        changes = (box.told - told) / (time.monotonic() - begun)
        took = _keys(terminal, 20)
        memory = Process(terminal.process.pid).memory_mb()
    print(
        f"160x50, calls, {changes:.0f} changes a second: {cpu:.1f} % of a core (aim {CPU_AIM:.0f}), {rate:.0f} bytes/s"
    )
    median, most = statistics.median(took) * 1000, max(took) * 1000
    print(f"keys: median {median:.0f} ms, most {most:.0f} ms (aim {KEY_AIM_S * 1000:.0f})")
    print(f"memory: {memory:.0f} MB (aim {MEMORY_AIM_MB:.0f})")
    return cpu < CPU_AIM and memory < MEMORY_AIM_MB and statistics.median(took) < KEY_AIM_S


def _serial(path: Path, seconds: float) -> bool:
    with Terminal(path, "--slow", "--skin", "plain", size=(80, 24), TERM="vt220") as terminal:
        terminal.until(lambda text: "needs attention" in text)
        first = terminal.drawn
        terminal.send(b"3")
        _drain(terminal, 3)
        cpu, rate = _watch(terminal, seconds, lambda s: _drain(terminal, s))
    print(f"80x24, slow: first picture {first} bytes, then {rate:.0f} bytes/s of {LINE_BPS}, {cpu:.1f} % of a core")
    return rate < LINE_BPS


if __name__ == "__main__":
    sys.exit(main())
