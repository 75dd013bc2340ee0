# SPDX-License-Identifier: GPL-2.0-or-later
"""A short day of an agent at a strange desk phone, in lockstep: keys on the line, words heard, PIN and books real."""

import asyncio
from pathlib import Path
from typing import Final

from appliance.phones import pins
from appliance.server.asks import Asks
from hw_sim.calls import CallRecord
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_first_call import AGENT_SAYS, CALLER_SAYS, PLAIN, balanced, dial, rows
from tests.scenarios.test_lookup import asks

WORDS: Final = ("agent-enter-number", "agent-enter-pin", "agent-signed-in", "pause-meal", "agent-signed-out")
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


async def presses(box: LockBox, asked: Asks, code: str, script: str) -> None:
    """Dial a code at the phone, and follow a script."""
    before = len(box.bank.records)
    assert box.bank.dial(PHONE, code, f"wait answer 5; {script}; wait remote 10")
    await over(box, asked, box.bank.records[before])


def test_an_agent_signs_in_at_another_phone_serves_a_caller_pauses_and_signs_out(tmp_path: Path) -> None:
    pin = pins.renew(tmp_path / pins.FILE, AGENT, 0)
    sign_in = f"hear agent-enter-number 10; key {AGENT}#; hear agent-enter-pin 10; key {pin}#; hear agent-signed-in 20"

    async def test(box: LockBox) -> None:
        asked = asks(box, tmp_path)
        await presses(box, asked, "*60", sign_in)
        await over(box, asked, dial(box, "wait answer 5; wait 12; key 1; wait 14; hangup"))
        await presses(box, asked, "*622", "hear pause-meal 10")
        await presses(box, asked, "*61", "hear agent-signed-out 10")

    stations = {house.extension(1): "alert; wait 60", PHONE: "alert; wait 1; answer; wait remote 60"}
    library = house.library("en", WORDS, caller=CALLER_SAYS, agent=AGENT_SAYS)
    config = house.call_centre(2, start="signed_out")
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
        assert rows(box, "SELECT count(*) AS n FROM keys WHERE node <> 'hotline/main'") == [{"n": 0}]
        balanced(box)
