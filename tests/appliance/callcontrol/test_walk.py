# SPDX-License-Identifier: GPL-2.0-or-later
"""Random walks: wild callers, phones and lines, restarts at any moment; the audit watches the rules all the way."""

import random

import pytest

from appliance import messages as m
from appliance.callcontrol.books import OpenBooks
from appliance.callcontrol.call import CallState
from appliance.callcontrol.engine import Engine, Step
from appliance.callcontrol.legs import LegState
from appliance.config.model import BoxConfig
from appliance.records import AgentStatus
from tests.appliance.callcontrol.audit import Audit
from tests.appliance.callcontrol.box import CONFIG, config, flow
from tests.bench.callsource import CallSource, Habits

WILD = Habits(
    calls_per_s=0.4,
    called=("96900", "96901", "9690", "8001", "8009", "77", "123", "969"),
    overlap=0.3,
    from_phones=0.3,
    phone_dials=(
        *("8001", "8002", "8003", "8009", "96900", "01234", "0", "55", "77", "8100", "8101", "8102"),
        *("*8", "**8001", "**8009", "701", "702", "*68", "*728002", "*728100", "*73", "*9096900", "*91", "*78", "*79"),
    ),
    keys="12345#",
    key_s=4.0,
    patience_s=40.0,
    talk_s=15.0,
    ring_s=8.0,
    answers=0.6,
    glare=0.3,
    key_noise=0.5,
)


GROUP = {"extensions": ["8001", "8002", "8003"], "ring_s": 5}


def features() -> BoxConfig:
    """The bench's box with all that phones can do."""
    phones = [{**each, "pickup_group": "all", "ring_s": 6} for each in CONFIG["extension"]]
    phones[0] |= {"follow_me": ["8002", "0138"], "follow_me_ring_s": 4}
    return config(
        extension=phones,
        hunt=[
            {"number": "8100", **GROUP},
            {"number": "8101", "order": "rotating", **GROUP},
            {"number": "8102", "order": "in_turn", "otherwise": "8009", **GROUP},
        ],
        outgoing=[{"name": "all", "via": ["pri:carrier", "trunk:voip", "pri:carrier"]}],
        trunk_rule=[{"line": "trunk:voip", "calls": 1}],
        parking={"places": 2, "back_after_s": 20},
    )


class Walk:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.config = features()
        self.engine = Engine(self.config, {"hotline": flow()}, OpenBooks())
        self.audit = Audit()
        self.source = CallSource(self.rng, self.config, WILD, channels=6)
        self.do(self.engine.handle(m.Attached("walk", 6), 0))

    def do(self, step: Step) -> None:
        self.audit.step(step.commands, step.records)
        for command in step.commands:
            self.source.execute(command)

    def turn(self) -> bool:
        """One event or one deadline; False when nothing is left."""
        due, tick = self.engine.next_deadline(), self.source.next_tick()
        if due is not None and (tick is None or due <= tick):
            self.source.now = due
            self.do(self.engine.advance(due))
        elif tick is not None:
            event = self.source.take()
            if event is not None:
                self.do(self.engine.handle(event, tick))
        else:
            return False
        return True

    def phones_do(self) -> None:
        """What phones do in a talk, at moments at which they may."""
        board = self.engine._board
        legs = [leg for leg in board.legs.values() if leg.state is LegState.ACTIVE]
        if not legs:
            return
        leg, other = self.rng.choice(legs), self.rng.choice(legs)
        to = self.rng.choice(("8001", "8002", "8100", "96900", "0138", "*68", "701", "702", "4444", "*78"))
        wants = m.TransferWanted(leg.number, to, self.rng.choice((0, other.number)))
        events: tuple[m.AnyEvent, ...] = (m.Held(leg.number), m.Resumed(leg.number), wants, wants)
        self.do(self.engine.handle(self.rng.choice(events), self.source.now))
        if self.rng.random() < 0.5 and leg.number in board.legs:
            for key in self.rng.choice(
                ("##8001#", "##8002", "*28003#", "*2", "*3", "*28100#", "*20138#", "#", "*296900#1")
            ):
                self.do(self.engine.handle(m.Key(leg.number, key, 80), self.source.now))

    def people_ask(self) -> None:
        """What people ask of a running box, at odd moments."""
        now, what = self.source.now, self.rng.randrange(3)
        if what == 0:
            choices: list[AgentStatus] = ["ready", "ready", "paused", "signed_out"]
            status = self.rng.choice(choices)
            self.do(self.engine.set_agent(self.rng.choice(["101", "102", "103"]), status, now, "asked"))
        elif what == 1 and self.engine.calls():
            self.do(self.engine.hang_up(self.rng.choice(self.engine.calls()).call, now))
        else:
            self.do(self.engine.originate("8001", self.rng.choice(["8002", "96900", "0555", "77"]), now))

    def lose_switch(self) -> None:
        now = self.source.now
        announced = self.rng.random() < 0.5
        if announced:
            step = self.engine.detach(now)
            assert not step.commands
            self.audit.step([], step.records)
        events = self.source.drop_all()
        told = self.rng.randint(0, len(events))
        for event in events[:told]:
            step = self.engine.handle(event, now)
            self.audit.step([], step.records)
        self.do(self.engine.handle(m.Attached("walk", 6), now))
        assert not self.engine.calls()

    def finish(self) -> None:
        self.source.stop()
        while self.turn():
            pass


@pytest.mark.parametrize("seed", range(8))
def test_wild_calls_leave_balanced_books(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(4000):
        assert walk.turn()
        if walk.rng.random() < 0.01:
            walk.people_ask()
        if walk.rng.random() < 0.1:
            walk.phones_do()
    walk.finish()
    walk.audit.idle()
    assert not walk.engine.calls()
    assert walk.audit.counts["CallClosed"] > 100
    assert walk.engine.next_deadline() is None


@pytest.mark.parametrize("seed", range(8))
def test_books_close_when_the_switch_goes_away(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(3000):
        assert walk.turn()
        if walk.rng.random() < 0.01:
            walk.lose_switch()
        if walk.rng.random() < 0.1:
            walk.phones_do()
    walk.finish()
    walk.audit.idle()
    assert walk.audit.dispositions["interrupted"]


def test_the_walk_goes_everywhere() -> None:
    """A walk that never left the doorstep would prove nothing."""
    walk = Walk(1)
    states = set()
    for _ in range(20000):
        walk.turn()
        if walk.rng.random() < 0.1:
            walk.phones_do()
        states |= {call.state for call in walk.engine.calls()}
    seen = walk.audit.counts
    assert all(seen[name] > 10 for name in ("OfferMade", "QueueLeft", "KeyPressed", "ChannelSeized", "RecordingClosed"))
    assert states >= {state.name.lower() for state in CallState if state is not CallState.ADDRESS} - {"originating"}
    assert set(walk.audit.dispositions) >= {"answered", "abandoned", "busy", "no_answer", "rejected", "failed"}
