# SPDX-License-Identifier: GPL-2.0-or-later
"""Lamps of agents' codes: a key on a code of a phone shows whether an agent is signed in there, and paused why."""

import pytest

from appliance.api.messages import SetAgent
from appliance.contract import switch as m
from appliance.contract.books import LastAgent, OpenBooks
from appliance.contract.edge import CodeLamp
from appliance.contract.records import AgentStatus
from appliance.engine.engine import Step
from tests.appliance.engine.box import Box, reloaded
from tests.appliance.engine.test_desk import box, hung_up, signed_in
from tests.appliance.engine.test_walk import Walk

SIGNED_IN = {"*60", "*61"}
PAUSED = {"*62", "*63"}


class Lamps:
    """What the keys of each phone show, by what was told."""

    def __init__(self, house: Box) -> None:
        self.shown: dict[tuple[str, str], bool] = {}
        did = house.did

        def watch(step: Step) -> Step:
            self.take(step)
            return did(step)

        house.did = watch  # type: ignore[method-assign]

    def take(self, step: Step) -> None:
        for each in step.edge:
            if isinstance(each, CodeLamp):
                self.shown[each.extension, each.code] = each.lit

    def lit(self, phone: str) -> set[str]:
        return {code for (extension, code), on in self.shown.items() if extension == phone and on}


def test_the_lamps_follow_the_agent_of_the_phone() -> None:
    house = box()
    lamps = Lamps(house)
    signed_in(house, "8009", "104")
    assert lamps.lit("8009") == SIGNED_IN
    hung_up(house, house.phone_dials("*622", "8009"))
    assert lamps.lit("8009") == SIGNED_IN | PAUSED | {"*622"}
    hung_up(house, house.phone_dials("*621", "8009"))
    assert lamps.lit("8009") == SIGNED_IN | PAUSED | {"*621"}
    hung_up(house, house.phone_dials("*63", "8009"))
    assert lamps.lit("8009") == SIGNED_IN
    hung_up(house, house.phone_dials("*61", "8009"))
    assert not lamps.lit("8009")


def test_an_agent_who_moves_takes_the_lamp_along() -> None:
    house = box()
    lamps = Lamps(house)
    signed_in(house, "8009", "104")
    signed_in(house, "8002", "104")
    assert (lamps.lit("8009"), lamps.lit("8002")) == (set(), SIGNED_IN)
    signed_in(house, "8002", "101")
    assert lamps.lit("8002") == SIGNED_IN
    house.did(reloaded(house.engine, (), house.now))
    assert not lamps.lit("8002"), "the phone was taken out"


def test_a_pause_for_calls_that_were_not_answered_lights_the_lamp() -> None:
    house = box()
    lamps = Lamps(house)
    signed_in(house, "8009", "104")
    caller = house.to_queue()
    agent = house.asked(m.Dial).leg
    house.wait(16)
    house.tell(m.Cleared(agent, 19))
    assert lamps.lit("8009") == SIGNED_IN | PAUSED
    house.tell(m.Cleared(caller, 16))


@pytest.mark.parametrize(
    ("status", "lit"), [("paused", SIGNED_IN | PAUSED), ("ready", SIGNED_IN), ("signed_out", set())]
)
def test_all_lamps_are_told_to_an_edge_that_begins_anew(status: AgentStatus, lit: set[str]) -> None:
    house = box(books=OpenBooks(agents=(LastAgent("104", status, "idle", "", "8009", 1),)))
    found = {each.code for each in house.engine.lamps() if isinstance(each, CodeLamp) and each.lit}
    assert found == lit


def test_a_code_that_is_switched_off_has_no_lamp() -> None:
    house = box(codes={"agent_pause": "", "agent_sign_out": ""})
    house.did(house.engine.request(SetAgent("104", "paused", extension="8009"), house.now))
    found = {each.code for each in house.engine.lamps() if isinstance(each, CodeLamp)}
    assert found == {"*60", "*63"}


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_told_adds_up_on_every_walk(seed: int) -> None:
    walk = Walk(seed)
    shown = {(each.extension, each.code): each.lit for each in walk.engine.lamps() if isinstance(each, CodeLamp)}

    def watch(step: Step) -> None:
        shown.update({(each.extension, each.code): each.lit for each in step.edge if isinstance(each, CodeLamp)})
        Walk.do(walk, step)

    walk.do = watch  # type: ignore[method-assign]
    seen: set[str] = set()
    for turn in range(4000):
        walk.turn()
        if walk.rng.random() < 0.02:
            walk.people_ask()
        if turn % 50 == 0:
            now = {(each.extension, each.code): each.lit for each in walk.engine.lamps() if isinstance(each, CodeLamp)}
            assert all(shown.get(key, False) == lit for key, lit in now.items())
        seen |= {code for (_phone, code), lit in shown.items() if lit}
    assert seen >= SIGNED_IN | PAUSED
