# SPDX-License-Identifier: GPL-2.0-or-later
"""Troubles about spans."""

from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box

RED = m.SpanState(1, "sim:e1", ("RED",), in_service=False, cause="d_channel")
LINK_DOWN = m.SpanState(1, "sim:e1", (), in_service=False, cause="d_channel")
WELL = m.SpanState(1, "sim:e1", (), in_service=True)
OTHER = m.SpanState(2, "sim:e2", ("YELLOW",), in_service=False, cause="alarms")


def noted(box: Box) -> list[str]:
    """Return the texts of the last step."""
    return [record.english for record in box.records if isinstance(record, r.TroubleNoted)]


def test_what_every_start_brings_is_not_noted() -> None:
    box = Box()
    box.tell(RED, LINK_DOWN, WELL)
    assert not noted(box)
    box.wait(60)
    assert not noted(box)


def test_a_line_that_does_not_come_up_is_noted_once() -> None:
    box = Box()
    box.tell(RED, OTHER)
    box.wait(9.9)
    assert not noted(box)
    box.wait(0.2)
    assert noted(box) == ["span 1 sim:e1: RED, D channel down", "span 2 sim:e2: YELLOW"]
    box.wait(60)
    assert not noted(box)


def test_an_outage_is_noted_at_once_and_its_end_when_it_stands() -> None:
    box = Box()
    box.tell(WELL)
    box.wait(60)
    box.tell(RED)
    assert noted(box) == ["span 1 sim:e1: RED, D channel down"]
    box.tell(RED, LINK_DOWN)
    assert not noted(box), "the alarm is over, and the data link on its way"
    box.wait(1)
    box.tell(WELL)
    assert not noted(box)
    box.wait(3.1)
    assert noted(box) == ["span 1 sim:e1: in service again"]


def test_a_change_that_stands_is_noted_also_while_the_line_is_out_of_service() -> None:
    box = Box()
    box.wait(60)
    box.tell(RED)
    box.tell(LINK_DOWN)
    box.wait(3.1)
    assert noted(box) == ["span 1 sim:e1: D channel down"]


def test_the_switchs_repetition_at_a_new_connection_is_not_noted_and_routing_knows_at_once() -> None:
    box = Box()
    box.wait(60)
    box.tell(RED)
    box.did(box.engine.detach(box.now))
    box.tell(m.Attached("again", 1), RED)
    assert box.engine._board.outbound.down == {1}
    box.wait(60)
    assert not noted(box)
    box.tell(WELL)
    assert box.engine._board.outbound.down == set()
