# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes killed at random in 200 calls with all that a call centre does going on: `--calls 200 --seed 1`.

The box's processes in real time, callers on E1, agents and supervisors at SIP phones: queue calls, data keyed in,
surveys, messages, conferences, call-backs, detours, supervisors in talks, pauses, sign-ins; everything is recorded. The
switch, the call server, or both are killed (SIGKILL) again and again. Afterwards all must be accounted for: the ledger
balances, files included; each message is in its box, as long as it was spoken; all that agents keyed in is in the
books, half values too; the call-backs without an end in the books are those that wait; agents are what they made
themselves. What happened within `MARGIN_S` of a kill may be either way.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from appliance.api.client import Client
from appliance.api.messages import Agents, AgentsReply, Ledger, LedgerReply, Queues, QueuesReply
from appliance.contract.records import AgentStatus
from appliance.contract.ticks import ticks
from appliance.demo.stage import CALL_SERVER, SWITCH, Stage
from appliance.store.database import open_reader
from drivers.pjsip import open_endpoint
from drivers.sip import SipOptions
from drivers.span import TICK_S
from hw_sim.baresip import free_port
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from tests.bench.kill_box import (
    BOX,
    CALL_BACK,
    FLOWS,
    GUEST,
    QUEUE,
    ROOM,
    SPANS,
    SUPERVISOR,
    WAITS,
    extension,
    settings,
)
from tests.bench.kill_phones import Doing, PhoneCall, Phones
from tests.scenarios.house import prompts

AGAIN: Final = 0.8
"""Share of kills after which the box gets time to come up."""
RATE: Final = 5.0
"""Calls a second from outside."""
MARGIN_S: Final = 1.0
MARGIN: Final = ticks(MARGIN_S)
SPOKEN_S: Final = 12.0
LEAVES: Final = f"wait answer 10; speak tone 1004 -12 {SPOKEN_S}; key #; wait remote 10"
"""A message, spoken into the greeting already."""
ORDERS: Final = "wait 1; key 2; wait 3; key 1; wait 8; hangup"
"""A call-back, to the number called from."""
CALLED_BACK: Final = "alert; wait 1; answer; wait 3..6; hangup"
ASKS: Final = "wait 1; key 9; wait 4; hangup"
"""A detour."""


@dataclass
class Value:
    """A value that an agent keyed in, in a call that came at the tick `since`; the keys with their ticks."""

    agent: str
    since: int
    keys: list[tuple[str, int]] = field(default_factory=list)

    def kept(self, kills: Sequence[int]) -> tuple[str, bool]:
        """Return what must be kept of it, and whether it is whole: what was keyed well before a kill."""
        end = min((kill - MARGIN for kill in kills if kill > self.since), default=sys.maxsize)
        keys = "".join(key for key, tick in self.keys if tick < end)
        return keys.rstrip("#"), keys.endswith("#")


@dataclass
class Agent:
    """An agent: what it made itself last, `since` a tick; None: a kill came between."""

    number: str
    status: AgentStatus | None = "ready"
    since: int = 0


@dataclass
class Result:
    """What came out of it. `wrong` is empty if all is accounted for."""

    calls: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class People:
    """Callers outside, agents, a supervisor and a guest at the phones, all acting by chance."""

    def __init__(self, stage: Stage, phones: int, rng: random.Random) -> None:
        self.stage, self.rng = stage, rng
        self.kills: list[int] = []
        self.values: list[Value] = []
        self.messages: list[tuple[str, CallRecord]] = []
        self.calls = 0
        self.acting = True
        self.agents = {extension(each.number): Agent(each.number) for each in stage.config.agent}
        side = SipOptions(port=phones, rtp_first=26000, rtp_last=26400, calls=24, codecs=("PCMA",))
        stage.exchange.subscribe("138*", read_script(CALLED_BACK))
        self._opened = contextlib.ExitStack()
        endpoint = self._opened.enter_context(open_endpoint(side, lambda _host, _port: True))
        self.phones = Phones(endpoint, stage.config.sip.port, self._rung)
        self._tick()

    def close(self) -> None:
        """Take the phones away."""
        self._opened.close()

    @property
    def now(self) -> int:
        """Tick of the exchange."""
        return self.stage.exchange.now

    def stop(self) -> None:
        """Begin nothing more."""
        self.acting = False

    def near_kill(self, begin: int, end: int) -> bool:
        """Return whether a process was killed in a time, or so soon after it that it may count either way."""
        return any(begin <= kill <= end + MARGIN for kill in self.kills)

    def _tick(self) -> None:
        self.phones.tick()
        if self.acting:
            if self.rng.random() < RATE * TICK_S:
                self._caller()
            if self.rng.random() < 1.2 * TICK_S:
                self._somebody_dials()
        self.stage.exchange.agenda.enter(self.now + 1, self._tick)

    # --- outside

    def leaves_message(self, number: str) -> CallRecord:
        """Call the box, and keep in mind what is spoken."""
        record = self.stage.exchange.call(CallPlan(BOX, read_script(LEAVES), number, keep_audio=False))
        self.messages.append((number, record))
        return record

    def _caller(self) -> None:
        self.calls += 1
        rng, number = self.rng, f"138{self.calls:08d}"
        to = rng.choices((QUEUE, WAITS, BOX, ROOM), (5, 2, 2, 2))[0]
        stays = rng.expovariate(1 / 6.0) + 1
        script = {
            QUEUE: f"wait answer 10; speak tone 1004 -12 {stays:.2f}; wait 2..6; key 5; hangup",
            WAITS: f"wait answer 10; {rng.choices((ORDERS, ASKS), (3, 1))[0]}",
            ROOM: f"wait answer 10; speak tone 852 -12 {stays:.2f}; hangup",
        }
        if to == BOX:
            self.leaves_message(number)
        else:
            self.stage.exchange.call(CallPlan(to, read_script(script[to]), number, keep_audio=False))

    # --- at the phones

    def _rung(self, call: PhoneCall) -> Doing:
        rng, phones, since = self.rng, self.phones, self.now
        yield rng.uniform(0.1, 1.0)
        phones.endpoint.answer(call.number)
        yield rng.uniform(2.0, 7.0)
        if self.agents[call.extension].number in CALL_BACK:  # the caller may be called only now: no code is taken
            yield 6.0
            return
        act = rng.randrange(5)
        if act < 2:
            yield from self._keys_in(call, since, whole=act == 0)
        elif act == 2:
            yield from phones.press(call, "*9")
            yield 3.0
        elif act == 3:
            yield from phones.press(call, "*7")
            yield 2.0

    def _keys_in(self, call: PhoneCall, since: int, *, whole: bool) -> Doing:
        """Drop the caller and key in a value, or leave it half."""
        value = Value(self.agents[call.extension].number, since)
        yield from self.phones.press(call, "*41")
        yield 1.5
        self.values.append(value)
        for key in f"{len(self.values) + 100_000}{'#' if whole else ''}":
            yield from self.phones.press(call, key)
            value.keys.append((key, self.now))
        yield self.rng.uniform(1.0, 4.0)

    def _somebody_dials(self) -> None:
        dials = self.rng.choice((self._agent_dials, self._agent_dials, self._supervisor_dials, self._guest_dials))
        dials()

    def _agent_dials(self) -> None:
        agent = self.agents[self.rng.choice([*self.agents])]
        codes: dict[AgentStatus | None, tuple[tuple[str, AgentStatus], ...]] = {
            "ready": (("*621", "paused"), ("*61", "signed_out")),
            "paused": (("*63", "ready"),),
        }
        code, becomes = self.rng.choice(codes.get(agent.status, ((f"*60{agent.number}", "ready"),)))
        self.phones.dial(extension(agent.number), code, lambda call: self._becomes(call, agent, becomes))

    def _becomes(self, call: PhoneCall, agent: Agent, status: AgentStatus) -> Doing:
        """Listen to the words that confirm a code, until the box hangs up."""
        begun, agent.status = self.now, None
        try:
            yield 30.0
        finally:
            if call.ended is not None and not self.near_kill(begun - 50, self.now):
                agent.status, agent.since = status, self.now

    def _supervisor_dials(self) -> None:
        talking = [self.agents[each].number for each in self.phones.busy if each in self.agents]
        if talking:
            self.phones.dial(SUPERVISOR, f"*34{self.rng.choice(talking)}", self._supervises)

    def _supervises(self, call: PhoneCall) -> Doing:
        yield 1.0
        for _ in range(3):
            yield from self.phones.press(call, self.rng.choice("456678"))
            yield 1.0

    def _guest_dials(self) -> None:
        self.phones.dial(GUEST, ROOM, self._meets)

    def _meets(self, call: PhoneCall) -> Doing:
        yield self.rng.uniform(3.0, 10.0)
        yield from self.phones.press(call, "*6")
        yield 1.0


def run(folder: Path, calls: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Let so many calls come while processes are killed; look at what is left."""
    rng, result = random.Random(seed), Result()
    phones = free_port()
    with Stage(folder, settings(phones, free_port()), FLOWS, spans=SPANS, seed=seed) as stage:
        stage.start()
        people = People(stage, phones, rng)
        try:
            while people.calls < calls:
                stage.run_s(rng.uniform(2.0, 7.0))
                _kill(stage, people, result)
                tell(f"{people.calls} calls, {len(people.kills)} kills")
            people.stop()
            stage.client.close()
            stage.until(lambda: not people.phones.busy, 120, "a phone is in a call", every_s=0.2)
            stage.start()
            stage.until(stage.quiet, 120, "a call is left", every_s=0.5)
            last = people.leaves_message("13900000000")
            stage.until(lambda: last.ended is not None, 60, "the call after all kills does not end")
            stage.until(stage.quiet, 20, "a call is left", every_s=0.5)
            stage.run_s(3)
            result.wrong += last.failures
            _judge(stage, people, result)
        finally:
            people.close()
    return result


def _kill(stage: Stage, people: People, result: Result) -> None:
    """Kill one or both; mostly wait until the box is there again, so that the next time strikes calls."""
    victims = people.rng.choice(((SWITCH,), (CALL_SERVER,), (CALL_SERVER,), (SWITCH, CALL_SERVER)))
    for victim in victims:
        if pid := stage.children.pid(victim):
            os.kill(pid, signal.SIGKILL)
            people.kills.append(people.now)
            result.kills[victim] += 1
    stage.client.close()
    if people.rng.random() < AGAIN:
        stage.start()


# --- what is left


def _judge(stage: Stage, people: People, result: Result) -> None:
    result.calls = people.calls
    result.wrong += (
        [f"{len(stage.told)} ends are told of {len(people.kills)}"] if len(stage.told) != len(people.kills) else []
    )
    ledger = stage.client.ask(Ledger(), LedgerReply)
    result.wrong += [f"ledger: {each.rule} {each.where}" for each in ledger.result.findings]
    with contextlib.closing(open_reader(stage.paths.store)) as books:
        inside = books.execute("SELECT count(*) FROM calls WHERE direction = 'in'").fetchone()[0]
        reached = sum(each.answered is not None and each.direction == "out" for each in stage.exchange.records)
        result.counts["calls answered"] = reached
        result.wrong += [f"{inside} calls for {reached} that were answered"] if inside < reached else []
        kinds = books.execute("SELECT kind, count(*) FROM segments GROUP BY kind").fetchall()
        result.counts.update(dict(kinds))
        for table in ("offers", "surveys", "recordings", "room_changes", "supervisor_acts"):
            result.counts[table.replace("_", " ")] = books.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        result.wrong += _values_lost(books, people, result.counts)
        result.wrong += _call_backs_lost(books, stage.client, result.counts)
        result.wrong += _messages_lost(books, people, stage.paths.recordings, result.counts)
    states = {row.agent: row.status for row in stage.client.ask(Agents(), AgentsReply).agents}
    known = [each for each in people.agents.values() if each.status is not None]
    result.counts["agents known"] = len(known)
    result.wrong += [
        f"agent {each.number} is {states[each.number]}, not {each.status}"
        for each in known
        if states[each.number] != each.status
    ]


def _values_lost(books: Any, people: People, counts: Counter[str]) -> Iterator[str]:
    kept = books.execute("SELECT agent, value, whole FROM keyed").fetchall()
    counts["values kept"] = len(kept)
    for each in people.values:
        keys, whole = each.kept(people.kills)
        if not keys:
            continue
        counts["values judged"] += 1
        counts["values cut by a kill"] += len(keys) + whole < len(each.keys)
        found = [(value, bool(complete)) for agent, value, complete in kept if agent == each.agent and keys in value]
        if not any(complete >= whole for _, complete in found):
            yield f"{'whole' if whole else 'half'} value {keys} of {each.agent}: {found}"


def _call_backs_lost(books: Any, client: Client, counts: Counter[str]) -> Iterator[str]:
    ends = books.execute("SELECT coalesce(result, 'waiting'), count(*) FROM callbacks GROUP BY 1").fetchall()
    counts.update({f"call-backs {end}": count for end, count in ends})
    counts["tries of call-backs"] = books.execute("SELECT count(*) FROM callback_tries").fetchone()[0]
    waiting = [number for (number,) in books.execute("SELECT callback FROM callbacks WHERE ended IS NULL ORDER BY 1")]
    kept = sorted(each.callback for queue in client.ask(Queues(), QueuesReply).queues for each in queue.callbacks)
    if kept != waiting:
        yield f"call-backs {kept} wait, in the books {waiting}"


def _messages_lost(books: Any, people: People, folder: Path, counts: Counter[str]) -> Iterator[str]:
    greeting_s = len(prompts("en", ("voicemail-leave",))["voicemail-leave"]) / 8000 + 1.0
    kept = dict(books.execute("SELECT number, samples FROM messages WHERE kept AND deleted IS NULL").fetchall())
    counts["messages kept"] = len(kept)
    for number, record in people.messages:
        if record.answered is None:
            continue
        ends = [record.ended or people.now, *(kill for kill in people.kills if kill > record.answered)]
        spoken_s = min((min(ends) - record.answered) * TICK_S, SPOKEN_S) - greeting_s - MARGIN_S
        if spoken_s < 2.0:
            continue
        counts["messages judged"] += 1
        if kept.get(number, 0) / 8000 < spoken_s:
            yield f"message of {number}: {kept.get(number, 0) / 8000} s of {spoken_s:.1f} s"


def main(argv: list[str] | None = None) -> int:
    """Run and print; 0 if all is accounted for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        result = run(Path(folder), args.calls, args.seed, lambda text: print(f"...       {text}", flush=True))
    print(f"calls     {result.calls} from outside")
    print(f"killed    {', '.join(f'{name} {n} times' for name, n in result.kills.items())}")
    print(f"books     {', '.join(f'{name} {n}' for name, n in sorted(result.counts.items()))}")
    print("\n".join(f"wrong     {each}" for each in result.wrong) or "accounts  for everything")
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
