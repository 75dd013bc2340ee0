# SPDX-License-Identifier: GPL-2.0-or-later
"""A message from the E1 to a desk phone in lockstep: greeting, tone, message, lamp; then heard there, and deleted."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec

from appliance.config.voicemail import VoicemailConfig
from appliance.contract.edge import Lamp
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_desk_codes import over
from tests.scenarios.test_first_call import CALLER_SAYS, PLAIN, balanced, dial, rows
from tests.scenarios.test_lookup import asks

WORDS: Final = ("voicemail-busy", "voicemail-leave", "voicemail-saved", "voicemail-new", "voicemail-deleted")
PHONE: Final = house.extension(1)


def lamp(box: LockBox) -> tuple[int, int]:
    lamps = [each for each in box.engine.lamps() if isinstance(each, Lamp)]
    return next((each.waiting, each.old) for each in lamps if each.extension == PHONE)


def test_a_caller_whom_a_busy_phone_refuses_leaves_a_message_that_is_heard_there(tmp_path: Path) -> None:
    async def test(box: LockBox) -> None:
        asked = asks(box, tmp_path)
        hears = "wait answer 20; hear voicemail-busy 10; hear voicemail-leave 10"
        leaves = f"{hears}; wait 5; speak caller; wait 4; key #"
        await over(box, asked, dial(box, f"{leaves}; hear voicemail-saved 10; wait remote 10", to=PHONE))
        assert lamp(box) == (1, 0)
        hears = "hear voicemail-new 10; hear caller 40"
        listens = f"wait answer 5; {hears}; wait 4; key 3; hear voicemail-deleted 10; hangup"
        assert box.bank.dial(PHONE, "*97", listens)
        await over(box, asked, box.bank.records[-1])
        assert lamp(box) == (0, 0)

    library = house.library("en", WORDS, caller=CALLER_SAYS)
    boxes = (VoicemailConfig(name="ann", extension=PHONE),)
    config = msgspec.structs.replace(house.call_centre(1, start="signed_out"), voicemail=boxes)
    with LockBox(tmp_path, config, house.HOTLINE, {PHONE: "busy"}, library=library, line=PLAIN).start() as box:
        asyncio.run(test(box))
        (message,) = rows(box, "SELECT box, why, number, kept, heard, deleted, samples, path FROM messages")
        assert (message["box"], message["why"], message["number"]) == ("ann", "busy", "13800138000")
        assert message["deleted"]
        assert 3.5 < message["samples"] / 8000 < 8
        assert [row["kind"] for row in rows(box, "SELECT kind FROM segments WHERE call = 1")] == ["ring", "message"]
        balanced(box)
