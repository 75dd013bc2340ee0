# SPDX-License-Identifier: GPL-2.0-or-later
"""A flow that counts, compares and says values: right callers, silent ones, nonsense, hang-up at each moment."""

from datetime import datetime

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box, flow
from tests.appliance.engine.test_talk import booked

NODES = {
    "start": "ask",
    "node": {
        "ask": {
            "do": "collect", "prompts": ["enter-number"], "into": "n", "most": 4, "tries": 2,
            "next": "count", "otherwise": "end",
        },
        "count": {"do": "add", "to": "sum", "amount": "n", "next": "say"},
        "say": {"do": "say", "text": "{sum * 1.5}", "style": "money", "next": "enough", "otherwise": "end"},
        "enough": {"do": "compare", "when": "sum >= 100 or now() < 12:00", "yes": "day", "no": "ask"},
        "day": {"do": "say", "text": "{now()}", "style": "datetime", "next": "end"},
        "end": {"do": "hangup"},
    },
}  # fmt: skip


def _sounds(box: Box) -> list[str]:
    return [name.removeprefix("prompt:en/") for name in box.asked(m.Play).sounds]


def test_a_caller_hears_sums_until_they_are_enough_and_then_the_time() -> None:
    box = Box(flows={"hotline": flow(NODES)})
    a = box.call_in()
    box.key(a, "30#")
    assert _sounds(box) == ["number-40", "number-5", "money-yuan"]
    box.played(a)
    assert _sounds(box) == ["enter-number"]
    box.key(a, "70#")
    assert _sounds(box) == ["number-1", "number-hundred", "number-50", "money-yuan"]
    box.played(a)
    assert _sounds(box)[:2] == [f"month-{_clock(box).month}", f"day-{_clock(box).day}"]
    box.played(a)
    assert box.asked(m.Clear).leg == a
    booked(box)


def _clock(box: Box) -> datetime:
    return box.engine._board.clock()


def test_keys_ahead_pass_through_counting_and_comparing() -> None:
    box = Box(flows={"hotline": flow(NODES)})
    a = box.call_in()
    box.key(a, "30#")
    box.key(a, "80#")
    assert [key.accepted for key in box.all(r.KeyPressed)] == [True] * 6
    box.played(a)
    assert "number-60" in _sounds(box), "the second sum, 165 yuan, at once"


def test_silence_and_nonsense_lead_out() -> None:
    box = Box(flows={"hotline": flow(NODES)})
    a = box.call_in()
    box.played(a)
    box.wait(5)
    assert _sounds(box) == ["press-again", "enter-number"]
    box.key(a, "*")
    box.played(a)
    box.wait(5)
    assert box.asked(m.Clear).leg == a
    booked(box)


@pytest.mark.parametrize("moment", range(7))
def test_a_caller_may_hang_up_at_each_moment(moment: int) -> None:
    box = Box(flows={"hotline": flow(NODES)})
    a = box.call_in()
    steps = ["30", "#", "", "80", "#", ""]
    for step in steps[:moment]:
        box.key(a, step) if step else box.played(a)
    box.tell(m.Disconnected(a, m.Cause.NORMAL_CLEARING))
    box.tell(m.Cleared(a, m.Cause.NORMAL_CLEARING))
    booked(box)
