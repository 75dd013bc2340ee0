# SPDX-License-Identifier: GPL-2.0-or-later
"""A short day of an agent at a strange desk phone, in lockstep: keys on the line, words heard, PIN and books real."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pytest

from appliance.config.agents import AgentsConfig, WrapUpCodeConfig
from appliance.config.keyed import KeyedConfig
from appliance.phones import pins
from appliance.server.asks import Asks
from hw_sim.calls import CallRecord
from hw_sim.desk import PROMPTS, DeskAgent, Person, StationDesk
from hw_sim.errors import SimError
from hw_sim.shift import Shift, read_shift
from hw_sim.station import StationBank
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_first_call import AGENT_SAYS, CALLER_SAYS, PLAIN, balanced, dial, rows
from tests.scenarios.test_lookup import asks

AGENT: Final = house.agent(1)
PHONE: Final = house.extension(2)
"""The phone of the second agent, who is not there."""


async def over(box: LockBox, asked: Asks, record: CallRecord) -> None:
    """Run until a call is over; answers come in the tick of their asks."""
    while record.ended is None:
        box.tick()
        await asked.settled()
    box.run_s(4)
    assert record.passed, record.failures


def test_an_agent_signs_in_at_another_phone_serves_a_caller_pauses_and_signs_out(tmp_path: Path) -> None:
    pin = pins.renew(tmp_path / pins.FILE, AGENT, 0)

    async def test(box: LockBox) -> None:
        asked = asks(box, tmp_path)
        agent = DeskAgent(box.bank, PHONE, AGENT, pin)
        await over(box, asked, agent.sign_in())
        await over(box, asked, dial(box, "wait answer 5; wait 12; key 1; wait 14; hangup"))
        await over(box, asked, agent.code("1"))
        await over(box, asked, agent.pause("2", lock="55"))
        await over(box, asked, agent.resume("55"))
        await over(box, asked, agent.sign_out())

    stations = {house.extension(1): "alert; wait 60", PHONE: "alert; wait 1; answer; wait remote 60"}
    library = house.library("en", PROMPTS, caller=CALLER_SAYS, agent=AGENT_SAYS)
    rules = AgentsConfig(lock_pause=True, wrap_up_codes=(WrapUpCodeConfig(key="1", name="sold"),))
    config = msgspec.structs.replace(house.call_centre(2, start="signed_out"), agents=rules)
    with LockBox(tmp_path, config, house.HOTLINE, stations, library=library, line=PLAIN).start() as box:
        asyncio.run(test(box))
        log = f"SELECT status, reason, extension FROM agent_log WHERE agent = '{AGENT}' ORDER BY change"
        assert list(dict.fromkeys(tuple(row.values()) for row in rows(box, log))) == [
            ("signed_out", "", house.extension(1)),
            ("ready", "", PHONE),
            ("paused", "meal", PHONE),
            ("signed_out", "", PHONE),
        ]
        assert [row["result"] for row in rows(box, "SELECT result FROM offers")] == ["answered"]
        assert rows(box, "SELECT wrap_up_code FROM cdr WHERE agent <> ''") == [{"wrap_up_code": "sold"}]
        assert rows(box, "SELECT count(*) AS n FROM keys WHERE node <> 'hotline/main'") == [{"n": 0}]
        balanced(box)


def test_a_shift_in_words_is_done_with_a_caller_in_between_and_the_books_tell_the_same(tmp_path: Path) -> None:
    pin = pins.renew(tmp_path / pins.FILE, AGENT, 0)
    text = "sign_in; wait 1; pause 2 lock=55; wait 2; resume lock=55; wait 34; code 1; keyed *41 4711; sign_out"
    doings = read_shift(text, Person(AGENT, pin))

    async def test(box: LockBox) -> None:
        asked, called = asks(box, tmp_path), False
        shift = Shift(doings, StationDesk(box.bank, PHONE), np.random.default_rng(1))
        while not shift.over:
            if not called and [record.called for record in shift.records if record.ended is not None][-1:] == ["*63"]:
                called = True
                dial(box, "wait answer 5; wait 12; key 1; wait 8; hangup")
            box.tick()
            shift.tick(box.ticks / 50)
            await asked.settled()
        assert shift.passed, [record.failures for record in shift.records]

    stations = {house.extension(1): "alert; wait 60", PHONE: "alert; wait 1; answer; wait remote 60"}
    library = house.library("en", (*PROMPTS, "enter-number"), caller=CALLER_SAYS, agent=AGENT_SAYS)
    rules = AgentsConfig(lock_pause=True, wrap_up_codes=(WrapUpCodeConfig(key="1", name="sold"),))
    config = msgspec.structs.replace(
        house.call_centre(2, start="signed_out"),
        agents=rules,
        keyed=(KeyedConfig(name="pickup", code="*41", after_hang_up=False),),
    )
    with LockBox(tmp_path, config, house.HOTLINE, stations, library=library, line=PLAIN).start() as box:
        asyncio.run(test(box))
        box.run_s(2)
        log = f"SELECT status, reason FROM agent_log WHERE agent = '{AGENT}' ORDER BY change"
        states = [("signed_out", ""), ("ready", ""), ("paused", "meal"), ("ready", ""), ("signed_out", "")]
        told = [tuple(row.values()) for row in rows(box, log)]
        assert [each for n, each in enumerate(told) if n == 0 or told[n - 1] != each] == states
        assert [row["value"] for row in rows(box, "SELECT value FROM keyed WHERE whole")] == ["4711"]
        assert rows(box, "SELECT wrap_up_code FROM cdr WHERE queue <> ''") == [{"wrap_up_code": "sold"}]
        balanced(box)


def test_an_agent_of_the_simulator_presses_no_code_while_the_station_has_a_call() -> None:
    agent = DeskAgent(StationBank(["1001"]), "1001", "2001")
    record = agent.sign_in()
    assert (record.called, record.caller) == ("*602001", "1001")
    with pytest.raises(SimError, match="station 1001 has a call"):
        agent.pause("1")
