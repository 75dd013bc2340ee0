# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings that users of phones change survive a restart; the control API sets and shows them."""

import asyncio
from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.contract import switch as m
from appliance.contract.edge import AnyEdgeCommand, Lamp, Presence
from appliance.contract.errors import RequestError
from appliance.engine.engine import Engine
from appliance.server.desk import Desk
from appliance.server.server import CallServer
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import config, flow


def server(path: Path) -> CallServer:
    """Return a call server on the books at `path`, attached."""
    store = Store.open(path, lockstep_wall(1_790_000_000_000))
    found = CallServer(Engine(config(), {"hotline": flow()}, store.open_books()), store)
    found.on_envelope(m.Envelope(found.last_seq + 1, found.now, m.Attached("test", 64)))
    return found


def test_a_forward_survives_a_restart_and_so_does_its_end(tmp_path: Path) -> None:
    first = server(tmp_path / "books.db")
    first.change(api.SetPhone("8001", "forward_always", "8002"))
    first.change(api.SetPhone("8002", "do_not_disturb", "1"))
    first.change(api.SetPhone("8002", "do_not_disturb", ""))
    first.store.close()
    second = server(tmp_path / "books.db")
    assert second.engine.phone_settings("8001")["forward_always"] == "8002"
    assert second.engine.phone_settings("8002")["do_not_disturb"] == ""
    commands = second.on_envelope(
        m.Envelope(second.last_seq + 1, 9, m.Incoming(2, "pri:carrier", "8001", m.Party("1")))
    )
    assert [command.called for command in commands if isinstance(command, m.Dial)] == ["8002"]
    second.change(api.SetPhone("8001", "forward_always"))
    second.store.close()
    third = server(tmp_path / "books.db")
    assert third.engine.phone_settings("8001")["forward_always"] == ""
    third.store.close()


def test_messages_are_counted_and_survive_a_restart(tmp_path: Path) -> None:
    first = server(tmp_path / "books.db")
    shown: list[AnyEdgeCommand] = []
    first.edge = shown.extend
    for value in ("2/1", "3", "0/0"):
        first.change(api.SetPhone("8001", "messages", value))
    first.change(api.SetPhone("8002", "messages", "0004/0"))
    assert shown == [Lamp("8001", 2, 1), Lamp("8001", 3), Lamp("8001", 0), Lamp("8002", 4)]
    for wrong in ("many", "-1", "2/", "12345", "2/1/0", "２"):
        with pytest.raises(RequestError):
            first.change(api.SetPhone("8001", "messages", wrong))
    first.store.close()
    second = server(tmp_path / "books.db")
    assert [lamp for lamp in second.engine.lamps() if isinstance(lamp, Lamp) and lamp.waiting] == [Lamp("8002", 4)]
    assert second.engine.phone_settings("8002")["messages"] == "4/0"
    second.store.close()


async def _nothing() -> tuple[str, ...]:
    return ()


def test_the_desk_answers_for_phones_and_routes(tmp_path: Path) -> None:
    box = server(tmp_path / "books.db")
    sent: list[m.AnyCommand] = []
    desk = Desk(box, config(), tmp_path, sent.extend, _nothing, _nothing, lambda: 1.0)

    def ask(request: api.AnyRequest) -> api.AnyReply:
        return asyncio.run(desk.answer(request))

    assert ask(api.SetPhone("8001", "forward_busy", "8003")) == api.Done()
    reply = ask(api.GetPhone("8001"))
    assert isinstance(reply, api.PhoneReply)
    assert reply.settings["forward_busy"] == "8003"
    assert isinstance(ask(api.SetPhone("8001", "forward_busy", "4444")), api.Error)
    assert isinstance(ask(api.GetPhone("7")), api.Error)
    route = ask(api.RouteTest("8001", "0555"))
    assert isinstance(route, api.RouteReply)
    assert [way.line for way in route.leads.lines] == ["pri:carrier"]
    assert isinstance(ask(api.RouteTest("8001", "0555", "noon")), api.Error)
    assert isinstance(ask(api.RouteTest("8001", "0555", "2026-01-31T14:30")), api.RouteReply)
    for wrong in (
        api.Cdr(number="1" * 65400),
        api.Cdr(number="[0-9]"),
        api.Recordings(number="1\n"),
        api.Cdr(number="x"),
    ):
        refused = ask(wrong)
        assert isinstance(refused, api.Error)
        assert "is no number to look for" in refused.message
        assert "e.g. 138*" in refused.hint
    assert ask(api.Cdr(number="138 0013*")) == api.CdrReply(())
    for called in ("hello world", "", "0abc\r\nX-Evil: 1", "9" * 60):
        refused = ask(api.Originate("8001", called))
        assert isinstance(refused, api.Error)
        assert "is no number" in refused.message
    assert isinstance(ask(api.SetPhone("8001", "do_not_disturb", "yes")), api.Error)
    box.store.close()
    assert not sent


def test_the_edge_hears_what_phones_do(tmp_path: Path) -> None:
    box = server(tmp_path / "books.db")
    seen: list[tuple[str, str]] = []
    box.edge = lambda told: seen.extend((each.extension, each.state) for each in told if isinstance(each, Presence))
    box.on_envelope(m.Envelope(box.last_seq + 1, 9, m.Incoming(2, "pri:carrier", "8001", m.Party("1"))))
    box.on_detached()
    assert seen[0] == ("8001", "ringing")
    box.store.close()
