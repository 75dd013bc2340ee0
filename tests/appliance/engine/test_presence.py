# SPDX-License-Identifier: GPL-2.0-or-later
"""States for watching phones: idle, ringing, busy; one message for each change."""

import random

from appliance.contract import switch as m
from appliance.contract.edge import Presence
from appliance.engine.engine import Step
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with, closes
from tests.appliance.engine.test_walk import Walk


def told(step: Step) -> list[tuple[str, str]]:
    return [(each.extension, each.state) for each in step.edge if isinstance(each, Presence)]


def give(box: Box, event: m.AnyEvent) -> list[tuple[str, str]]:
    return told(box.did(box.engine.handle(event, box.now)))


def test_a_call_between_phones() -> None:
    box = box_with()
    assert give(box, m.Incoming(2, "sip", "8001", m.Party("8009"))) == [("8001", "ringing"), ("8009", "busy")]
    assert give(box, m.Alerting(1)) == []
    assert give(box, m.Answered(1)) == [("8001", "busy")]
    assert {(each.extension, each.state) for each in box.engine.presence()} >= {("8001", "busy"), ("8002", "idle")}
    assert give(box, m.Cleared(2, 16)) == [("8009", "idle")]
    assert give(box, m.Cleared(1, 16)) == [("8001", "idle")]
    closes(box)


def test_a_second_call_of_a_busy_phone_changes_nothing() -> None:
    box = box_with()
    give(box, m.Incoming(2, "sip", "96900", m.Party("8001")))
    assert give(box, m.Incoming(4, "pri:carrier", "8001", m.Party("139"), 1, 4)) == []
    assert give(box, m.Cleared(4, 16)) == []
    closes(box)


def test_an_agents_phone_is_watched_as_well() -> None:
    box = Box()
    box.to_queue()
    assert [each.state for each in box.engine.presence() if each.extension == "8001"] == ["ringing"]
    closes(box)


def test_what_was_told_adds_up_on_every_walk() -> None:
    walk = Walk(3)
    shown: dict[str, str] = {}

    def watch(step: Step) -> None:
        for each in step.edge:
            if not isinstance(each, Presence):
                continue
            assert shown.get(each.extension, "idle") != each.state, "told what was known"
            shown[each.extension] = each.state
        Walk.do(walk, step)

    walk.do = watch  # type: ignore[method-assign]
    rng = random.Random(3)
    for _ in range(3000):
        walk.turn()
        if rng.random() < 0.1:
            walk.any_phone()
        assert {each.extension: each.state for each in walk.engine.presence() if each.state != "idle"} == {
            number: state for number, state in shown.items() if state != "idle"
        }
    walk.finish()
    assert set(shown.values()) == {"idle"}
