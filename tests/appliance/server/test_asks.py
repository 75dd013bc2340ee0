# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks done beside the engine: each answered once, so many at once, withdrawn in time, whatever a handler does."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from appliance.contract import switch as m
from appliance.contract.asks import (
    AnyAnswer,
    Ask,
    AskAnswered,
    AskFailed,
    CheckLock,
    CheckPin,
    KeepLock,
    KeepPin,
    Lookup,
    Withdraw,
)
from appliance.contract.errors import ApplianceError
from appliance.contract.records import QueueEntered, TroubleNoted
from appliance.engine.engine import Engine
from appliance.i18n import N_
from appliance.ivr.tables import Tables
from appliance.server.asks import QUIET_S, Answer, Asks, Handler, handlers
from appliance.server.server import CallServer
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import HOTLINE, config, flow

WHO = Lookup("customers", "", "1", ("queue",))


def ask(number: int, what: Lookup = WHO) -> Ask:
    return Ask(number, number, "hotline/who", 3.0, what)


class Rig:
    """Asks with one handler, and their results."""

    def __init__(self, do: Callable[[Any], Any], at_once: int = 4) -> None:
        self.answers: list[AnyAnswer] = []
        self.troubles: list[TroubleNoted] = []
        self.bugs: list[Exception] = []
        self.now = 0.0
        kinds: dict[type[Any], Handler] = {Lookup: Handler(do, at_once)}
        self.asks = Asks(kinds, self.answers.append, self.troubles.append, self.bugs.append, lambda: self.now)


async def found(what: Lookup) -> Answer:
    return Answer("found", {"queue": what.key})


def test_an_ask_is_answered_once() -> None:
    async def test() -> None:
        rig = Rig(found)
        rig.asks.take([ask(1), ask(2, Lookup("customers", "", "7"))])
        assert rig.answers == [], "never within the step that asks"
        await rig.asks.settled()
        assert rig.answers == [AskAnswered(1, "found", {"queue": "1"}), AskAnswered(2, "found", {"queue": "7"})]
        rig.asks.take([Withdraw(1)])
        assert (rig.troubles, rig.bugs) == ([], [])

    asyncio.run(test())


def test_so_many_are_done_at_once_and_the_others_wait_their_turn() -> None:
    async def test() -> None:
        running, most, go = 0, 0, asyncio.Event()

        async def slow(what: Lookup) -> Answer:
            nonlocal running, most
            running += 1
            most = max(most, running)
            try:
                await go.wait()
            finally:
                running -= 1
            return Answer("missing")

        rig = Rig(slow, at_once=2)
        rig.asks.take([ask(n) for n in range(1, 8)])
        await asyncio.sleep(0)
        assert running == 2
        rig.asks.take([Withdraw(1), Withdraw(7)])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert most == 2
        go.set()
        await rig.asks.settled()
        assert [answer.ask for answer in rig.answers] == [2, 3, 4, 5, 6]

    asyncio.run(test())


def test_one_that_is_late_is_stopped_and_told_once_in_a_while() -> None:
    async def test() -> None:
        stopped = asyncio.Event()

        async def never(_: Lookup) -> Answer:
            try:
                await asyncio.sleep(3600)
            finally:
                stopped.set()
            return Answer("found")

        rig = Rig(never)
        rig.asks.take([ask(1), ask(2), ask(3)])
        await asyncio.sleep(0)
        rig.asks.take([Withdraw(1, late=True), Withdraw(2, late=True), Withdraw(3)])
        await rig.asks.settled()
        await asyncio.wait_for(stopped.wait(), 5)
        assert [trouble.english for trouble in rig.troubles] == ["hotline/who: no answer within 3 s"]
        rig.now = QUIET_S
        rig.asks.take([ask(4), Withdraw(4, late=True)])
        assert len(rig.troubles) == 2
        assert not rig.answers

    asyncio.run(test())


def test_what_a_handler_raises_is_a_failed_ask_with_a_trouble() -> None:
    async def test() -> None:
        async def fails(what: Lookup) -> Answer:
            if what.key == "1":
                raise ApplianceError.of(N_("there is no table {name}"), "", name="x")
            raise ZeroDivisionError("no reason")

        rig = Rig(fails)
        rig.asks.take([ask(1), ask(2, Lookup("customers", "", "2")), ask(3)])
        await rig.asks.settled()
        assert rig.answers == [AskFailed(1), AskFailed(2), AskFailed(3)]
        assert [trouble.kind for trouble in rig.troubles] == ["ask", "internal"]
        assert rig.troubles[0].english == "there is no table x"
        assert "ZeroDivisionError: no reason at server/test_asks.py" in rig.troubles[1].english
        assert [type(bug) for bug in rig.bugs] == [ZeroDivisionError]

    asyncio.run(test())


def test_an_answer_that_came_in_the_moment_of_its_withdrawal_is_not_told() -> None:
    async def test() -> None:
        rig = Rig(found)

        async def withdraws(what: Lookup) -> Answer:
            rig.asks.take([Withdraw(1)])
            return await found(what)

        rig.asks = Asks({Lookup: Handler(withdraws, 1)}, rig.answers.append, rig.troubles.append, rig.bugs.append)
        rig.asks.take([ask(1), ask(2)])
        await rig.asks.settled()
        assert [answer.ask for answer in rig.answers] == [2]

    asyncio.run(test())


def test_tables_are_looked_up_in_threads_and_one_that_is_spoilt_is_told_beside_the_answer(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"

    async def test() -> None:
        rig = Rig(handlers(Tables(tmp_path), tmp_path / "pins.db", lambda _agent: {}, wall=lambda: 0)[Lookup].do)

        async def result() -> AnyAnswer:
            rig.asks.take([ask(1)])
            await rig.asks.settled()
            return rig.answers[-1]

        assert await result() == AskFailed(1)
        assert "No such file" in rig.troubles.pop().english
        file.write_text("phone,queue\n1,sales\n")
        assert await result() == AskAnswered(1, "found", {"queue": "sales"})
        file.write_text("phone,queue\n1,service,sales\n")
        assert await result() == AskAnswered(1, "found", {"queue": "sales"})
        assert "customers.csv:2:" in rig.troubles.pop().english
        file.write_text("phone,queue\n2,service\n")
        assert await result() == AskAnswered(1, "missing")
        assert not rig.troubles

    asyncio.run(test())


# --- the call server: engine, books and asks


LOOK = {
    "start": "who",
    "node": {
        **HOTLINE["node"],  # type: ignore[dict-item]
        "who": {
            "do": "lookup",
            "table": "customers",
            "key": "{caller}",
            "into": {"where": "queue"},
            "found": "there",
            "missing": "sales",
            "failed": "nobody",
        },
        "there": {"do": "queue", "queue": "{where}", "otherwise": "nobody"},
    },
}


class Served:
    """A call server whose flow looks callers up in real files."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.in_memory(lockstep_wall(1_790_000_000_000))
        engine = Engine(config(), {"hotline": flow(LOOK)}, self.store.open_books())
        self.server = CallServer(engine, self.store)
        self.commands: list[m.AnyCommand] = []
        self.records: list[Any] = []
        self.server.watchers.append(self.watch)
        self.bugs: list[Exception] = []
        self.asks = Asks(
            handlers(Tables(folder), folder / "pins.db", lambda _agent: {}, wall=lambda: 0),
            self.answered,
            self.server.note,
            self.bugs.append,
        )
        self.server.asks = self.asks.take
        self.seq = 0
        self.tell(0, m.Attached("test", 4))

    def watch(self, _now: int, what: object) -> None:
        self.records += what if isinstance(what, list) else []

    def answered(self, answer: AnyAnswer) -> None:
        self.commands += self.server.on_answer(answer)

    def tell(self, tick: int, event: m.AnyEvent) -> None:
        self.seq += 1
        self.commands += self.server.on_envelope(m.Envelope(self.seq, tick, event))

    def queues(self) -> list[str]:
        return [record.queue for record in self.records if isinstance(record, QueueEntered)]


def test_pins_and_lock_codes_are_kept_and_compared_in_the_file(tmp_path: Path) -> None:
    made = handlers(Tables(tmp_path), tmp_path / "pins.db", lambda _agent: {}, wall=lambda: 7)

    async def test() -> None:
        told = [
            (await made[type(what)].do(what)).result
            for what in (
                *(CheckPin("101", "580217"), KeepPin("101", "580217"), CheckPin("101", "580217"), CheckPin("101", "1")),
                *(
                    CheckLock("101", "55"),
                    KeepLock(("101", "102"), "55"),
                    CheckLock("102", "55"),
                    CheckLock("101", "5"),
                ),
            )
        ]
        assert told == ["none", "kept", "right", "wrong", "none", "kept", "right", "wrong"]

    asyncio.run(test())


def test_a_caller_whose_number_is_in_the_table_comes_to_the_queue_of_its_row(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("phone,queue\n13800138000,service\n")

    async def test() -> None:
        box = Served(tmp_path)
        with closing(box.store):
            for leg, caller in ((2, "13800138000"), (4, "13900139000")):
                box.tell(leg, m.Incoming(leg, "pri:carrier", "96900", m.Party(caller), 1, leg))
                await box.asks.settled()
            assert box.queues() == ["service", "sales"]
            assert len([command for command in box.commands if isinstance(command, m.Dial)]) == 2
            assert not box.bugs

    asyncio.run(test())


def test_a_table_that_is_not_there_costs_the_answer_and_is_in_the_books(tmp_path: Path) -> None:
    async def test() -> None:
        box = Served(tmp_path)
        with closing(box.store):
            for leg in (2, 4):
                box.tell(leg, m.Incoming(leg, "pri:carrier", "96900", m.Party("138"), 1, leg))
                await box.asks.settled()
            played = [command.sounds for command in box.commands if isinstance(command, m.Play)]
            assert played == [("prompt:en/nobody-available",)] * 2
            troubles = [record for record in box.records if isinstance(record, TroubleNoted)]
            assert [trouble.kind for trouble in troubles] == ["ask"], "not with every call"
            assert "customers.csv cannot be read: No such file" in troubles[0].english

    asyncio.run(test())


def test_a_switch_that_goes_away_stops_what_is_being_looked_up(tmp_path: Path) -> None:
    async def test() -> None:
        box = Served(tmp_path)
        with closing(box.store):
            box.tell(2, m.Incoming(2, "pri:carrier", "96900", m.Party("138"), 1, 2))
            box.server.on_detached()
            before = len(box.records)
            await box.asks.settled()
            assert len(box.records) == before

    asyncio.run(test())
