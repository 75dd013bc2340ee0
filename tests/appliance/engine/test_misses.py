# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents whose phones ring unanswered several times in a row."""

from appliance.api.messages import SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from tests.appliance.engine.box import Box, config


def _misses(box: Box) -> None:
    """Let a phone ring unanswered to the end."""
    leg = box.all(r.OfferMade)[-1].leg
    box.wait(15.1)
    box.tell(m.Cleared(leg, Cause.NO_ANSWER))


def test_an_agent_is_paused_after_so_many_misses_in_a_row_and_a_trouble_says_so() -> None:
    box = Box(config(queue=[{"name": "sales", "agents": ["101"], "pause_after_misses": 3, "wrap_up_s": 0}]))
    box.to_queue()
    for _ in range(2):
        _misses(box)
        assert box.agent("101") == ("ready", "unreachable", "no_answer")
        box.wait(10.1)
    _misses(box)
    assert box.agent("101") == ("paused", "paused", "no_answer")
    (trouble,) = box.all(r.TroubleNoted)
    assert trouble.english == "agent 101 is paused: 3 calls in a row rang unanswered, the last of queue sales"
    box.did(box.engine.request(SetAgent("101", "ready"), box.now))
    _misses(box)
    assert box.agent("101")[0] == "ready", "the count begins anew with the agent's choice"


def test_an_answer_ends_a_row_of_misses() -> None:
    box = Box(config(queue=[{"name": "sales", "agents": ["101"], "pause_after_misses": 2, "wrap_up_s": 0}]))
    a = box.to_queue()
    _misses(box)
    box.wait(10.1)
    leg = box.all(r.OfferMade)[-1].leg
    box.tell(m.Answered(leg))
    box.tell(m.Cleared(a, 16), m.Cleared(leg, 16))
    box.to_queue()
    _misses(box)
    assert box.agent("101")[0] == "ready"
    assert not box.all(r.TroubleNoted)
