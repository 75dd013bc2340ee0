# SPDX-License-Identifier: GPL-2.0-or-later
"""What the books note of a span."""

from appliance import messages as m
from appliance import records as r
from tests.appliance.callcontrol.box import Box


def test_a_spans_state_is_noted_when_it_changes_not_when_it_is_repeated() -> None:
    box = Box()
    cut, whole = (m.SpanState(1, "sim:e1", alarms, d_channel_up=not alarms) for alarms in (("RED",), ()))
    box.tell(
        cut, m.Attached("again", 1), cut, m.SpanState(2, "sim:e2", ("RED",), d_channel_up=False), whole, whole, cut
    )
    texts = [trouble.english for trouble in box.all(r.TroubleNoted)]
    assert texts == [
        "span 1 sim:e1: RED, D channel down",
        "span 2 sim:e2: RED, D channel down",
        "span 1 sim:e1: no alarm, D channel up",
        "span 1 sim:e1: RED, D channel down",
    ]
