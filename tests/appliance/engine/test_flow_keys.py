# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys pressed ahead of a question, in a call: the books have the caller's node also if nothing was played."""

from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box, flow
from tests.appliance.engine.test_talk import booked

NODES = {
    "start": "welcome",
    "node": {
        "welcome": {"do": "play", "prompts": ["welcome"], "next": "number"},
        "number": {"do": "collect", "prompts": ["press-again"], "into": "n", "next": "bye", "otherwise": "bye"},
        "bye": {"do": "hangup"},
    },
}


def test_a_question_that_is_half_answered_is_a_place_without_a_prompt() -> None:
    box = Box(flows={"hotline": flow(NODES)})
    a = box.call_in()
    box.key(a, "12")
    assert [key.accepted for key in box.all(r.KeyPressed)] == [True, True]
    box.played(a)
    assert not [each for each in box.commands if isinstance(each, m.Play)]
    assert box.wrote(r.SegmentOpened).what == "hotline/number"
    box.key(a, "3#")
    assert box.asked(m.Clear).leg == a
    booked(box)
