# SPDX-License-Identifier: GPL-2.0-or-later
"""Callers on an E1 who are in a table of the site, or not, or whose table is spoilt: each reaches the right agent."""

import asyncio
from contextlib import closing
from pathlib import Path

import msgspec

from appliance.config.model import RouteConfig
from appliance.config.queues import QueueConfig
from appliance.contract.asks import AnyAnswer
from appliance.ivr.tables import Tables
from appliance.server.asks import Asks, handlers
from appliance.store.ledger import Ledger as Audit
from appliance.store.reads import Reads
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.script import read_script
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_troubles import lockbox

FLOW = """
flow_version = 1
start = "who"
[node.who]
do = "lookup"
table = "customers"
key = "{caller}"
into = { where = "queue" }
music = "default"
found = "theirs"
missing = "anybody"
failed = "anybody"
[node.theirs]
do = "queue"
queue = "{where}"
otherwise = "end"
[node.anybody]
do = "queue"
queue = "service"
otherwise = "end"
[node.end]
do = "hangup"
"""


def asks(box: LockBox, folder: Path) -> Asks:
    """Return the asks that the process of a call server would run, with the files of `folder`."""

    def answered(answer: AnyAnswer) -> None:
        for command in box.server.on_answer(answer):
            box.switch.execute(command)

    def raises(error: Exception) -> None:
        raise error

    def last_agent(caller: str, _days: int) -> str:
        with closing(box.store.reader()) as books:
            return Reads(books).last_agent(caller, 0)

    known = handlers(Tables(folder), folder / "pins.db", lambda _agent: {}, last_agent=last_agent, wall=lambda: 0)
    made = Asks(known, answered, box.server.note, raises)
    box.server.asks = made.take
    return made


async def call(box: LockBox, asked: Asks, caller: str) -> CallRecord:
    """Call until the caller has hung up; an answer comes in the tick of its ask. Return the call's record."""
    record = box.exchange.call(CallPlan("96900", read_script("wait answer 5; wait 8; hangup"), caller))
    while record.ended is None:
        box.tick()
        await asked.settled()
    box.run_s(4)
    return record


def test_callers_go_where_their_row_says_and_on_when_there_is_none(tmp_path: Path) -> None:
    config = msgspec.structs.replace(
        house.call_centre(2),
        queue=(QueueConfig(name="service", agents=("2001",)), QueueConfig(name="vip", agents=("2002",))),
        route=(RouteConfig(called="96900", flow="who"),),
    )
    table = tmp_path / "customers.csv"

    async def test(box: LockBox) -> None:
        asked = asks(box, tmp_path)
        for text, caller in (
            ("phone,queue\n138 0013 8000,vip\n", "13800138000"),
            ("phone,queue\n138 0013 8000,vip\n", "13900139000"),
            ("phone,queue\n139 0013 9000,vip\n", "13900139000"),
            ("phone,queue\n139 0013 9000\n", "13900139000"),
        ):
            table.write_text(text)
            record = await call(box, asked, caller)
            assert record.passed, record.failures

    with lockbox(tmp_path, config, {"1001": "answers 1", "1002": "answers 1"}, {"who": FLOW}) as box:
        asyncio.run(test(box))
        box.store.flush()
        books = box.store.reader()
        served = books.execute("SELECT queue, agent FROM offers ORDER BY offer").fetchall()
        assert [tuple(row) for row in served] == [
            ("vip", "2002"),
            ("service", "2001"),
            ("vip", "2002"),
            ("vip", "2002"),
        ]
        told = [text for (text,) in books.execute("SELECT text FROM troubles")]
        assert len([text for text in told if "not as many cells" in text]) == 1
        assert Audit(books, tmp_path / "recordings", idle=True).check().balanced


AGAIN = """
flow_version = 1
start = "who"
[node.who]
do = "last_agent"
found = "same"
missing = "anybody"
[node.same]
do = "queue"
queue = "service"
agent = "{agent}"
otherwise = "end"
[node.anybody]
do = "queue"
queue = "service"
otherwise = "end"
[node.end]
do = "hangup"
"""


def test_a_caller_who_comes_again_gets_the_agent_of_the_last_talk(tmp_path: Path) -> None:
    config = msgspec.structs.replace(
        house.call_centre(2),
        queue=(QueueConfig(name="service", agents=("2001", "2002"), wrap_up_s=0),),
        route=(RouteConfig(called="96900", flow="again"),),
    )
    callers = ("13800138000", "13900139000", "13700137000", "13800138000", "13900139000")

    async def test(box: LockBox) -> None:
        asked = asks(box, tmp_path)
        for caller in callers:
            record = await call(box, asked, caller)
            assert record.passed, record.failures

    with lockbox(tmp_path, config, {"1001": "answers 1", "1002": "answers 1"}, {"again": AGAIN}) as box:
        asyncio.run(test(box))
        box.store.flush()
        served = box.store.reader().execute("SELECT agent FROM offers ORDER BY offer").fetchall()
        assert [agent for (agent,) in served] == ["2001", "2002", "2001", "2001", "2002"], "2002 was idle longest"
        assert Audit(box.store.reader(), tmp_path / "recordings", idle=True).check().balanced
