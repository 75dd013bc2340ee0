# SPDX-License-Identifier: GPL-2.0-or-later
"""A flow that dials before it has spoken: nothing is answered or charged until a party answers, or it speaks."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from tests.appliance.engine.box import Box, flow
from tests.appliance.engine.test_talk import booked


def dialling(**nodes: Any) -> Box:
    """Return a box whose flow dials outside at once."""
    out = {"do": "dial", "outside": "5551234", "otherwise": "after"}
    document = {"start": "out", "node": {"out": out, "after": {"do": "hangup"}, **nodes}}
    return Box(flows={"hotline": flow(document)})


@pytest.mark.parametrize("cause", [Cause.USER_BUSY, Cause.UNALLOCATED_NUMBER, Cause.NO_CIRCUIT])
def test_what_became_of_it_reaches_the_caller_unanswered(cause: Cause) -> None:
    box = dialling()
    a = box.call_in()
    box.tell(m.Cleared(box.asked(m.Dial).leg, cause))
    assert box.asked(m.Clear) == m.Clear(a, cause)
    box.tell(m.Cleared(a, cause, connected=False))
    assert not [each for each in box.commands if isinstance(each, m.Answer)]
    assert not box.all(r.CallAnswered)
    assert box.wrote(r.CallClosed).disposition != "answered"
    booked(box)


def test_a_cause_that_the_flow_names_counts_more() -> None:
    box = dialling(after={"do": "hangup", "cause": int(Cause.CALL_REJECTED)})
    a = box.call_in()
    box.tell(m.Cleared(box.asked(m.Dial).leg, Cause.USER_BUSY))
    assert box.asked(m.Clear) == m.Clear(a, Cause.CALL_REJECTED)


def test_it_is_answered_when_the_other_side_answers() -> None:
    box = dialling(out={"do": "dial", "extension": "8002", "otherwise": "after"})
    a = box.call_in()
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b))
    assert box.asked(m.Alert).leg == a
    assert not box.all(r.CallAnswered)
    box.tell(m.Answered(b))
    assert box.asked(m.Answer).leg == a
    assert box.wrote(r.CallAnswered)
    box.tell(m.Cleared(b, 16), m.Cleared(a, 16), m.Recorded(1, 4000))
    assert box.wrote(r.CallClosed).disposition == "answered"
    booked(box)


def test_it_answers_when_it_speaks_after_dialling_in_vain() -> None:
    box = dialling(after={"do": "play", "prompts": ["welcome"], "next": "bye"}, bye={"do": "hangup"})
    a = box.call_in()
    box.tell(m.Cleared(box.asked(m.Dial).leg, Cause.USER_BUSY))
    assert box.asked(m.Answer).leg == a
    assert box.wrote(r.CallAnswered)
    box.played(a)
    assert box.asked(m.Clear) == m.Clear(a, Cause.NORMAL_CLEARING)
    box.tell(m.Cleared(a, 16), m.Recorded(1, 4000))
    booked(box)


def test_a_caller_who_gives_up_while_it_rings_was_not_answered() -> None:
    box = dialling()
    a = box.call_in()
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b), m.Cleared(a, 16, connected=False))
    assert box.asked(m.Clear).leg == b
    box.tell(m.Cleared(b, 16, connected=False))
    assert box.wrote(r.CallClosed).disposition == "abandoned"
    booked(box)


def test_a_flow_that_ends_at_once_refuses_the_call() -> None:
    box = dialling(out={"do": "hangup", "cause": int(Cause.USER_BUSY)})
    a = box.call_in()
    assert box.asked(m.Clear) == m.Clear(a, Cause.USER_BUSY)
    assert not [each for each in box.commands if isinstance(each, m.Answer)]
