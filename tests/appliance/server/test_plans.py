# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans that were switched by hand survive a restart, and the books keep who did it."""

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.api import messages as api
from appliance.contract import switch as m
from appliance.contract.duties import DutyRow
from appliance.contract.ticks import TICKS_PER_S
from appliance.engine.engine import Engine
from appliance.server.desk import Desk
from appliance.server.server import CallServer
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import config, flow

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGIN = int(datetime(2026, 11, 30, 16, tzinfo=SHANGHAI).timestamp() * 1000)
DUTY = {"name": "service", "slot": [{"when": "mon-sun", "call": ["8001"]}]}
SETTINGS = config(
    plan=[{"name": "work", "hours": "mon-fri 08:00-18:00", "key": "1"}, {"name": "night", "key": "2"}], duty=[DUTY]
)


def server(path: Path) -> CallServer:
    """Return a call server on the books at `path`, attached, whose clock goes with box time."""
    store = Store.open(path, lockstep_wall(BEGIN))

    def local(tick: int) -> datetime:
        return datetime.fromtimestamp(store.label(tick) / 1000, SHANGHAI)

    found = CallServer(Engine(SETTINGS, {"hotline": flow()}, store.open_books(), local), store)
    found.on_envelope(m.Envelope(found.last_seq + 1, found.now, m.Attached("test", 64)))
    return found


async def _nothing() -> tuple[str, ...]:
    return ()


def asked(box: CallServer, request: api.AnyRequest, by: str = "") -> api.AnyReply:
    desk = Desk(box, SETTINGS, Path(), lambda _: None, _nothing, _nothing, lambda: 1.0)
    return asyncio.run(desk.answer(request, by))


def plans(box: CallServer, plan: str = "", at: str = "") -> list[tuple[str, bool, str]]:
    reply = asked(box, api.Plans(plan, at))
    assert isinstance(reply, api.PlansReply)
    return [(each.plan, each.open, each.state) for each in reply.plans]


def test_a_switched_plan_survives_restarts_until_its_time_is_over(tmp_path: Path) -> None:
    first = server(tmp_path / "books.db")
    assert asked(first, api.SetPlan("work", "closed", "2026-11-30T17:00"), "anna") == api.Done()
    first.on_envelope(m.Envelope(first.last_seq + 1, 9, m.Incoming(2, "sip", "*282", m.Party("8001"))))
    first.store.close()
    second = server(tmp_path / "books.db")
    assert plans(second) == [("work", False, "closed"), ("night", False, "closed")]
    second.on_envelope(m.Envelope(second.last_seq + 1, 3601 * TICKS_PER_S, m.Heartbeat()))
    assert plans(second) == [("work", True, "by_plan"), ("night", False, "closed")]
    second.store.close()
    third = server(tmp_path / "books.db")
    assert plans(third) == [("work", True, "by_plan"), ("night", False, "closed")]
    reply = asked(third, api.Plans("work"))
    assert isinstance(reply, api.PlansReply)
    switches = [(each.state, each.extension, each.asked_by) for each in reply.plans[0].switches]
    assert switches == [("by_plan", "", ""), ("closed", "", "anna")]
    (night,) = asked(third, api.Plans("night")).plans  # type: ignore[union-attr]
    assert [(each.state, each.extension) for each in night.switches] == [("closed", "8001")]
    third.store.close()


@pytest.mark.parametrize(("at", "is_open"), [("2026-12-01T10:00", True), ("2026-12-01T18:00", False)])
def test_a_plan_is_asked_for_another_time(at: str, is_open: bool, tmp_path: Path) -> None:
    box = server(tmp_path / "books.db")
    assert plans(box, "work", at) == [("work", is_open, "by_plan")]
    box.store.close()


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (api.Plans("wrok"), "there is no time plan wrok"),
        (api.Plans("work", "noon"), "noon is no time of day"),
        (api.SetPlan("wrok", "open"), "there is no time plan wrok"),
        (api.SetPlan("work", "open", "2026-11-30T15:00"), "2026-11-30T15:00 is over"),
    ],
)
def test_a_wrong_request_gets_an_error_with_a_remedy(request_: api.AnyRequest, message: str, tmp_path: Path) -> None:
    box = server(tmp_path / "books.db")
    reply = asked(box, request_)
    assert isinstance(reply, api.Error)
    assert (reply.message, bool(reply.hint)) == (message, True)
    box.store.close()


def test_slots_of_a_duty_list_that_were_set_survive_restarts_with_who_did_it(tmp_path: Path) -> None:
    def row(box: CallServer) -> DutyRow:
        reply = asked(box, api.Duties("service", "2026-12-05T10:00"))
        assert isinstance(reply, api.DutiesReply)
        return reply.duties[0]

    first = server(tmp_path / "books.db")
    assert asked(first, api.SetDuty("service", "sat", ("8003",)), "anna") == api.Done()
    assert asked(first, api.SetDuty("service", "sat", ("8002", "0138")), "bert") == api.Done()
    assert asked(first, api.SetDuty("service", "sun", ("8001",))) == api.Done()
    assert asked(first, api.SetDuty("service", "sun")) == api.Done()
    first.store.close()
    second = server(tmp_path / "books.db")
    assert row(second).call == ("8002", "0138")
    assert [(each.when, each.at > 0, each.asked_by) for each in row(second).slots] == [
        ("sat", True, "bert"),
        ("mon-sun", False, ""),
    ]
    second.store.close()
