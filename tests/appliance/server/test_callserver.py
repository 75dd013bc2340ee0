# SPDX-License-Identifier: GPL-2.0-or-later
"""Engine and books joined: calls by chance, and whichever process dies, the books balance."""

import random
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from appliance.api.messages import Done, HangUp, Originate, SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from appliance.contract.rows import LedgerResult
from appliance.contract.upkeep import JobRow
from appliance.engine.engine import Engine
from appliance.engine.parts.board import Tries
from appliance.server.server import CONFIRM_TICKS, CallServer
from appliance.store.ledger import Ledger
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import config, flow
from tests.appliance.server.switchboard import Switchboard
from tests.bench.callsource import Habits

EPOCH_MS = 1_790_000_000_000
BUSY = Habits(calls_per_s=0.3, called=("96900", "8001"), keys="1125", talk_s=30, patience_s=60, glare=0.1, overlap=0.1)


def open_server(path: Path | None = None) -> CallServer:
    store = Store.open(path, lockstep_wall(EPOCH_MS)) if path else Store.in_memory(lockstep_wall(EPOCH_MS))
    return CallServer(Engine(config(), {"hotline": flow()}, store.open_books()), store)


def audit(server: CallServer) -> LedgerResult:
    return Ledger(server.store.reader(), idle=True).check()


def calls_in_books(server: CallServer) -> int:
    count = server.store.reader().execute("SELECT count(*) FROM calls WHERE closed IS NOT NULL").fetchone()[0]
    assert isinstance(count, int)
    return count


def test_calls_by_chance_balance() -> None:
    server, board = open_server(), Switchboard(config(), BUSY, seed=3)
    board.attach(server)
    while board.source.begun < 200:
        board.turn(server)
    board.drain(server)
    result = audit(server)
    assert result.balanced, result.findings
    assert calls_in_books(server) == board.source.begun
    assert server.engine.calls() == []


def test_two_runs_with_one_seed_write_the_same_books(tmp_path: Path) -> None:
    dumps = []
    for name in ("a.db", "b.db"):
        server, board = open_server(tmp_path / name), Switchboard(config(), BUSY, seed=5)
        board.attach(server)
        while board.source.begun < 30:
            board.turn(server)
        board.drain(server)
        dumps.append([line for line in server.store.reader().iterdump() if "_sqlite_migrations" not in line])
        server.store.close()
    assert dumps[0] == dumps[1]
    assert len(dumps[0]) > 200


@pytest.mark.parametrize("seed", range(4))
def test_the_call_server_dies_again_and_again(tmp_path: Path, seed: int) -> None:
    """Killed at any event: the store is as the last commit left it, the switch clears its legs and replays."""
    chance, board = random.Random(seed), Switchboard(config(), BUSY, seed)
    for _life in range(8):
        server = open_server(tmp_path / "store.db")
        board.attach(server)
        for _turn in range(chance.randrange(1, 200)):
            board.turn(server)
        kill(server)
        board.detach()
    server = open_server(tmp_path / "store.db")
    board.attach(server)
    board.drain(server)
    result = audit(server)
    assert result.balanced, result.findings
    assert not server.engine.calls()
    server.store.close()


def kill(server: CallServer) -> None:
    """Leave the books as kill -9 does: nothing more is written, the lock goes with the process."""
    server.store._connection.close()
    assert server.store._lock is not None
    server.store._lock.close()


@pytest.mark.parametrize("seed", range(4))
def test_the_switch_dies_again_and_again(seed: int) -> None:
    chance, board = random.Random(seed), Switchboard(config(), BUSY, seed)
    server = open_server()
    for _life in range(8):
        board.attach(server)
        for _turn in range(chance.randrange(1, 200)):
            board.turn(server)
        server.on_detached()
        board.detach()
    board.attach(server)
    board.drain(server)
    result = audit(server)
    assert result.balanced, result.findings


def test_an_event_that_comes_twice_counts_once() -> None:
    server = open_server()
    server.on_envelope(m.Envelope(1, 1, m.Attached("test", 30)))
    incoming = m.Envelope(2, 10, m.Incoming(2, "pri:carrier", "96900", m.Party("138"), 1, 1))
    assert server.on_envelope(incoming)
    assert server.on_envelope(incoming) == []
    assert len(server.engine.calls()) == 1


def test_what_the_switch_tells_at_once_is_in_the_books_before_anything_follows_from_it(tmp_path: Path) -> None:
    server = open_server(tmp_path / "store.db")
    calls = "SELECT count(*) FROM calls"
    with closing(server.store.reader()) as beside:
        booked: list[object] = []
        server.watchers.append(lambda _now, _what: booked.append(beside.execute(calls).fetchone()[0]))
        coming = [m.Incoming(leg, "pri:carrier", "96900", m.Party("138"), 1, leg) for leg in (2, 4, 6)]
        events: list[m.AnyEvent] = [m.Attached("test", 30), *coming, m.Heartbeat()]
        commands = server.on_envelopes([m.Envelope(min(seq, 4), 10, each) for seq, each in enumerate(events, 1)])
        assert {command.leg for command in commands if isinstance(command, m.Answer)} == {2, 4, 6}
        assert set(booked) == {3}
        assert server.last_seq == 4
        assert server.on_envelopes([m.Envelope(4, 10, coming[-1])]) == []
    server.store.close()


def test_confirm_comes_once_a_second_and_covers_what_is_in_the_books() -> None:
    server = open_server()
    confirms = []
    for seq in range(1, 400):
        envelope = m.Envelope(seq, seq, m.Trouble("test", "x") if seq % 3 else m.Played(98, 1))
        confirms += [command for command in server.on_envelope(envelope) if isinstance(command, m.Confirm)]
    assert len(confirms) == 400 // CONFIRM_TICKS
    assert confirms[-1].seq == 351
    assert server.greeting() == m.Confirm(399, 399)


def test_what_is_not_in_the_books_is_not_confirmed(tmp_path: Path) -> None:
    server = open_server(tmp_path / "store.db")
    server.on_envelope(m.Envelope(1, 1, m.Attached("test", 30)))
    pages = server.store._connection.execute("PRAGMA page_count").fetchone()[0]
    server.store._connection.execute(f"PRAGMA max_page_count = {pages}")
    commands: list[m.AnyCommand] = []
    for seq in range(2, 600):
        commands += server.on_envelope(m.Envelope(seq, 10 * seq, m.Trouble("test", "x" * 100)))
    assert server.store.status().waiting > 0
    confirmed = max(command.seq for command in commands if isinstance(command, m.Confirm))
    assert confirmed < server.store.status().last_seq + 1 < 600
    server.store._connection.execute("PRAGMA max_page_count = 100000")
    assert m.Confirm(600) in server.on_envelope(m.Envelope(600, 6100, m.Trouble("test", "y")))
    server.store.close()


def test_requests_change_agents_and_calls() -> None:
    server, board = open_server(), Switchboard(config(), Habits(calls_per_s=0.001))
    with pytest.raises(RequestError) as caught:
        server.change(Originate("8009", "8001"))
    assert caught.value.hint
    board.attach(server)
    assert server.change(SetAgent("101", "paused", "lunch"))[0] == Done()
    assert next(view.reason for view in server.engine.agents() if view.agent == "101") == "lunch"
    reply, commands = server.change(Originate("8009", "8001"))
    assert reply == Done(1)
    assert [command.line for command in commands if isinstance(command, m.Dial)] == ["sip:8009@127.0.0.1:5009"]
    assert server.change(HangUp(1))[0] == Done(1)
    with pytest.raises(RequestError):
        server.change(HangUp(77))
    with pytest.raises(RequestError):
        server.change(SetAgent("999", "ready"))


def test_watchers_are_told_after_the_books() -> None:
    server = open_server()
    told: list[tuple[int, int]] = []

    def watch(now: int, what: Sequence[r.AnyRecord] | m.SpanState | m.StatusReport | JobRow) -> None:
        assert isinstance(what, list)
        there = server.store.reader().execute("SELECT count(*) FROM calls").fetchone()[0]
        told.append((now, there))

    server.on_envelope(m.Envelope(1, 1, m.Attached("test", 30)))
    server.watchers.append(watch)
    server.on_envelope(m.Envelope(2, 10, m.Incoming(2, "pri:carrier", "96900", m.Party("138"), 1, 1)))
    assert told == [(10, 1)]


def test_spans_and_reports_are_kept_for_status() -> None:
    server = open_server()
    report = m.StatusReport(1, 200.0, 300.0, 400.0)
    server.on_envelope(m.Envelope(1, 1, m.SpanState(1, "tdmoe:x", ("RED",), in_service=False, cause="d_channel")))
    server.on_envelope(m.Envelope(2, 2, m.SpanState(1, "tdmoe:x", (), in_service=True)))
    server.on_envelope(m.Envelope(2, 3, report))
    assert server.spans[1].in_service
    assert server.report == report
    server.on_detached()
    assert server.report is None


def test_a_bug_in_who_watches_costs_no_call() -> None:
    told: list[Exception] = []
    store = Store.in_memory(lockstep_wall(EPOCH_MS))
    server = CallServer(Engine(config(), {"hotline": flow()}, store.open_books()), store, told.append)
    seen: list[object] = []

    def fails(_now: int, _what: object) -> None:
        raise UnicodeError("no text")

    server.watchers += [fails, lambda _now, what: seen.append(what)]
    server.on_envelope(m.Envelope(1, 1, m.Attached("test", 30)))
    told.clear()
    seen.clear()
    server.on_envelope(m.Envelope(2, 10, m.Incoming(2, "pri:carrier", "96900", m.Party("138"), 1, 1)))
    assert [type(error) for error in told] == [UnicodeError]
    assert len(seen) == 1, "the others are told all the same"
    assert len(server.engine.calls()) == 1


def test_a_reload_reads_the_rules_for_agents_as_well() -> None:
    server = open_server()
    with closing(server.store):
        rules = {"wrap_up_codes": [{"key": "1", "name": "sold"}], "pause_reasons": []}
        server.reload(config(agents=rules))
        in_force = server.engine._board.config.agents
        assert [code.name for code in in_force.wrap_up_codes] == ["sold"]
        assert in_force.pause_reasons == ()


def test_wrong_pins_and_locked_pauses_are_known_to_the_next_call_server(tmp_path: Path) -> None:
    server = open_server(tmp_path / "books.db")
    records: list[r.AnyRecord] = [
        *(r.PinsCounted("agent", "101", 2), r.PinsCounted("extension", "8009", 0, 900.0)),
        *(r.PinsCounted("agent", "101", 3), r.PinsCounted("agent", "102", 0)),
        r.AgentChanged("102", "paused", "paused", "meal", locked=True),
    ]
    server.store.apply(None, 500, records)
    server.store.close()
    board = open_server(tmp_path / "books.db").engine._board
    assert board.tries == {("agent", "101"): Tries(3, 500, 0), ("extension", "8009"): Tries(0, 500, 45_500)}
    assert [agent.number for agent in board.agents.values() if agent.locked] == ["102"]
