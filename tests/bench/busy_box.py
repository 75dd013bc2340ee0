# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket of a busy box: 240 calls, 90 agents, changes without end. It is a process beside the terminal."""

import asyncio
import contextlib
import itertools
import multiprocessing
import random
import time
from collections.abc import Iterator
from ctypes import c_int64
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from appliance.api import messages as api
from appliance.contract import records as r
from appliance.contract.rows import AgentRow, LegRow, LiveCall, QueueRow, WaitingRow
from appliance.contract.switch import Party
from appliance.version import VERSION
from tests.tui.busy import STATUS, SWITCH, TROUBLES

CALLS, AGENTS, QUEUES = 240, 90, 4
STEP_S: Final = 0.02
START_S: Final = 30.0
Told: TypeAlias = "Synchronized[int]"

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
    """The control socket. `rate` is its changes a second, `told` counts them."""

    def __init__(self, path: Path, rate: int, told: Told, ready: Event) -> None:
        self._path, self._rate, self._told, self._ready = path, rate, told, ready
        self._random = random.Random(1)
        self._seq = itertools.count(1)
        self._numbers = itertools.count(CALLS + 1)
        self._up = list(range(1, CALLS + 1))

    async def serve(self) -> None:
        """Serve without end."""
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
                    self._told.value += 1
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


def _serve(path: Path, rate: int, told: Told, ready: Event) -> None:
    asyncio.run(Box(path, rate, told, ready).serve())


@contextlib.contextmanager
def busy_box(path: Path, rate: int) -> Iterator[Told]:
    """Run the box in a process; return the count of what it told: a thread would take time from what reads the keys."""
    of = multiprocessing.get_context("spawn")
    told, ready = of.Value(c_int64, 0), of.Event()
    process = of.Process(target=_serve, args=(path, rate, told, ready), daemon=True)
    process.start()
    try:
        if not ready.wait(START_S):
            raise TimeoutError("the box did not start")
        yield told
    finally:
        process.terminate()
        process.join()
