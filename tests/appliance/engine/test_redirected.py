# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone that answers 302 when rung for a queue, or first for a request: Redirected, then Cleared (23)."""

from appliance.api.messages import Originate, SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import closes, rung


def test_an_agents_phone_that_redirects_refuses_the_offer_and_the_next_agent_is_rung() -> None:
    box = Box()
    box.to_queue()
    first = box.asked(m.Dial)
    box.tell(m.Redirected(first.leg, "0099123"))
    assert not box.commands, "a queue rings its agents and nobody else"
    box.tell(m.Cleared(first.leg, 23))
    assert box.all(r.OfferEnded)[0].result == "rejected"
    assert box.asked(m.Dial).called != first.called
    assert box.agent("101")[1] == "unreachable"
    closes(box)


def test_a_redirection_of_the_only_agent_keeps_the_place_in_the_queue() -> None:
    box = Box()
    box.did(box.engine.request(SetAgent("102", "signed_out"), box.now))
    box.to_queue()
    leg = box.asked(m.Dial).leg
    box.tell(m.Alerting(leg), m.Redirected(leg, "8002"), m.Cleared(leg, 23))
    assert [call.state for call in box.engine.calls()] == ["waiting"]
    box.wait(11)
    assert rung(box) == ["8001"], "after a while it is tried again"
    closes(box)


def test_a_phone_that_redirects_the_click_ends_the_call_with_its_cause() -> None:
    box = Box()
    box.did(box.engine.request(Originate("8001", "8002"), box.now))
    leg = box.asked(m.Dial).leg
    box.tell(m.Redirected(leg, "0099123"), m.Cleared(leg, 23))
    closed = box.wrote(r.CallClosed)
    assert (closed.disposition, closed.cause) == ("rejected", 23)
    closes(box)
