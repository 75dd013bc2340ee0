# SPDX-License-Identifier: GPL-2.0-or-later
"""Random walks: wild callers, phones and lines, restarts at any moment; the audit checks the rules all the way."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, get_args

import pytest

from appliance.api.messages import HangUp, Originate, RecordCall, SetAgent, SetWrapUpCode
from appliance.config.model import BoxConfig
from appliance.contract import switch as m
from appliance.contract.books import OpenBooks
from appliance.contract.errors import RequestError
from appliance.contract.records import AgentStatus
from appliance.engine.engine import Engine, Step
from appliance.engine.parts import legs
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.legs import LegInput, LegState
from appliance.engine.table import ACTIVITIES
from tests.appliance.engine import supervising
from tests.appliance.engine.answers import ASKING, SURVEY, Answers
from tests.appliance.engine.audit import Audit
from tests.appliance.engine.box import CONFIG, config, flow, reloaded
from tests.appliance.engine.meeting import CONFERENCES, conduct, meet, second_call
from tests.appliance.engine.parties_kept import no_party_is_lost
from tests.appliance.engine.walked_boxes import BOXES, change_message
from tests.appliance.engine.walked_callbacks import ASIDE, arrange, go_aside, with_asides
from tests.appliance.engine.walked_plans import by_time, planned, switched
from tests.appliance.engine.walked_queues import agents, queues, wishing
from tests.appliance.engine.walked_settings import changed
from tests.bench.callsource import CallSource, Habits, _place

WILD = Habits(
    calls_per_s=0.4,
    called=("96900", "96901", "9690", "8001", "8009", "8500", "8501", "77", "123", "969"),
    overlap=0.3,
    from_phones=0.3,
    phone_dials=(
        *("8001", "8002", "8003", "8009", "96900", "01234", "0", "55", "77", "8100", "8101", "8102"),
        *("*8", "**8001", "**8009", "701", "702", "*68", "*728002", "*728100", "*73", "*9096900", "*91", "*78"),
        *("*79", "*34101", "*34102", "*60101", "*60102", "*60103", "*61", "*621", "*63", "*64", "*651", "*65"),
        *("*66", "*67", "*41", "*3617", "*281", "8800", "*728800"),
        *("*5577", "8500", "8501", "*97", "*978001", "*998001", "*77", "*7712", "8600", "8601"),
        *("*34101", "*34102", "*34103", "*35", "*371", "*383"),
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


RULES = {"wrap_up_codes": [{"key": "1", "name": "sold"}], "wrong_pins": 2, "lock_s": 20, "pin_digits": 4}
FLOWS = {"hotline": flow(), "aside": flow(ASIDE), "asking": flow(ASKING), "survey": flow(SURVEY)}
GROUP = {"extensions": ["8001", "8002", "8003"], "ring_s": 5}


def features(seed: int) -> BoxConfig:
    """Return the bench's box with all features of phones, and queues of any strategy."""
    phones = [{**each, "pickup_group": "all", "ring_s": 6, "supervisor": True} for each in CONFIG["extension"]]
    phones[0] |= {"follow_me": ["8002", "0138"], "follow_me_ring_s": 4}
    return config(
        extension=phones,
        agent=agents(),
        queue=with_asides(seed, planned(seed, queues(seed))),
        keyed=[{"name": "pickup", "code": "*41", "wait_s": 6}, {"name": "result", "queues": ["sales"], "most": 1}],
        hunt=[
            {"number": "8100", **GROUP},
            {"number": "8101", "order": "rotating", **GROUP},
            {"number": "8102", "order": "in_turn", "otherwise": "8009", **GROUP},
        ],
        voicemail=BOXES,
        **by_time(phones),
        route=[{"called": "96901", "flow": "asking"}, *CONFIG["route"]],
        agents={**RULES, "lock_pause": seed % 2 == 0},
        conference=CONFERENCES,
    )


def _transfer(walk: "Walk", leg: Leg) -> m.AnyEvent:
    board, rng = walk.engine._board, walk.rng
    own = [each.number for each in board.in_use.get(leg.phone.number, ())] if leg.phone is not None else []
    to = rng.choice(("8001", "8002", "8100", "96900", "0138", "*68", "701", "702", "4444", "*78"))
    return m.TransferWanted(leg.number, to, rng.choice((0, *own, *own, rng.choice(list(board.legs)))))


def _channel(walk: "Walk", leg: Leg) -> m.AnyEvent:
    line = walk.source.lines.get(leg.number)
    if line is None or not line.channel:  # a phone's leg: the line is there, a channel is not
        return m.Proceeding(leg.number) if leg.number % 2 else m.Key(leg.number, "1", 80)
    return m.Seized(leg.number, *_place(line.channel))


SAYS: dict[LegInput, Callable[["Walk", Leg], m.AnyEvent]] = {
    LegInput.DIGITS: lambda walk, leg: m.Digits(leg.number, walk.rng.choice("0123456789*#")),
    LegInput.SEIZED: _channel,
    LegInput.PROCEEDING: lambda _, leg: m.Proceeding(leg.number),
    LegInput.ALERTING: lambda walk, leg: m.Alerting(leg.number, walk.rng.random() < 0.5),
    LegInput.EARLY_SOUND: lambda walk, leg: m.EarlySound(leg.number, walk.rng.random() < 0.5),
    LegInput.ANSWERED: lambda _, leg: m.Answered(leg.number),
    LegInput.KEY: lambda walk, leg: m.Key(leg.number, walk.rng.choice("0123456789*#"), 80),
    LegInput.CLEARED: lambda walk, leg: m.Cleared(leg.number, walk.rng.choice((16, 17, 21, 27, 41, 127))),
    LegInput.HELD: lambda _, leg: m.Held(leg.number),
    LegInput.RESUMED: lambda _, leg: m.Resumed(leg.number),
    LegInput.REDIRECTED: lambda walk, leg: m.Redirected(leg.number, walk.rng.choice(("8001", "0138", "96900", "4444"))),
    LegInput.TRANSFER: _transfer,
    LegInput.DISCONNECTED: lambda walk, leg: m.Disconnected(
        leg.number, walk.rng.choice((1, 16, 17, 44)), walk.rng.random() < 0.3
    ),
    LegInput.CONNECTED_PARTY: lambda walk, leg: m.ConnectedParty(
        leg.number, m.Party(walk.rng.choice(("", "8002", "+8613800138000")), "", walk.rng.choice(list(m.Presentation)))
    ),
}
"""An event of each kind that a line may send."""


def _consults(call: Call) -> bool:
    return call.consults is not None and call.activity.view == "talking"


class Walk:
    def __init__(
        self, seed: int, guard: Callable[[Exception], None] | None = None, settings: BoxConfig | None = None
    ) -> None:
        self.rng: random.Random = random.Random(seed)
        self.config = settings or features(seed)
        flows = {**FLOWS, "hotline": flow(wishing(seed))}
        self.engine = Engine(self.config, flows, OpenBooks(), guard=guard)
        self.audit = Audit()
        self.source = CallSource(self.rng, self.config, WILD, channels=6)
        self.answers = Answers(self.rng)
        self.said: Counter[tuple[str, LegState, LegInput]] = Counter()
        self.heard: Counter[tuple[LegState, LegInput]] = Counter()
        """The same without the call's state: inputs that have not come yet are sent first."""
        self.do(self.engine.handle(m.Attached("walk", 6), 0))

    def do(self, step: Step) -> None:
        self.audit.step(step.commands, step.records, step.asks)
        self.answers.expect(step.asks, self.source.now)
        no_party_is_lost(self.engine._board)
        for command in step.commands:
            self.source.execute(command)

    def answer(self) -> None:
        """Send the next answer; that of an ask that has ended changes nothing."""
        tick, answer = self.answers.take()
        self.source.now = max(tick, self.source.now)
        self.do(self.engine.advance(self.source.now))
        wanted = self.audit.answer(answer)
        step = self.engine.handle(answer, self.source.now)
        assert wanted or not (step.commands or step.records or step.asks)
        self.audit.counts["answered" if wanted else "unwanted"] += 1
        self.do(step)

    def turn(self) -> bool:
        """Run one event, one answer or one deadline; return False if nothing is left."""
        due, tick = self.engine.next_deadline(), self.source.next_tick()
        if self.answers.before(due, tick):
            self.answer()
            return True
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

    def legs_say(self) -> None:
        """Send any event of any leg that its state allows, and sometimes an impossible one."""
        board = self.engine._board
        if not board.legs:
            return
        every = [*board.legs.values()]
        leg = self.rng.choice([leg for leg in every if leg.state is LegState.OUTGOING_PROCEEDING] or every)  # soon over
        allowed = [each for each in SAYS if (leg.state, each) in legs.TABLE]
        given = self.rng.choice([each for each in allowed if not self.heard[leg.state, each]] or allowed)
        lie = legs.TABLE[leg.state, given][1] is legs.Use.ODD
        said_less = (
            0.8 if lie else 0.5 if given is LegInput.DISCONNECTED else 0.0
        )  # else no leg would live to send the rest
        if self.rng.random() < said_less:
            return
        self.audit.lies = int(lie)
        self.said[leg.call.activity.view, leg.state, given] += 1
        self.heard[leg.state, given] += 1
        self.happens(SAYS[given](self, leg))
        assert not self.audit.lies, f"{given.name} in {leg.state.name} was believed"

    def happens(self, event: m.AnyEvent) -> None:
        """Send an event; those that change the line go by way of the source, which keeps the lines' state."""
        line = self.source.lines.get(event.leg)  # type: ignore[union-attr]
        if isinstance(event, m.Cleared | m.Seized | m.Answered) and not self.audit.lies:
            if line is None or not self.source._still_true(event):
                return
        elif isinstance(event, m.Redirected):
            self.source._put(self.rng.randrange(20), m.Cleared(event.leg, m.Cause.REDIRECTED))
        elif isinstance(event, m.Disconnected) and line is not None and not line.clearing:
            line.clearing = not event.inband  # an announcement may be cut short, and the line clears after it
            self.source._put(self.rng.randrange(400 if event.inband else 20), m.Cleared(event.leg, event.cause))
        self.do(self.engine.handle(event, self.source.now))

    def codes(self) -> None:
        """Press feature codes of talks."""
        board = self.engine._board
        active = [leg for leg in board.legs.values() if leg.state is LegState.ACTIVE]
        if not active:
            return
        consulting = self.consulting()
        phones = [leg for leg in active if leg.phone is not None and self.rng.random() < 0.7]
        leg = self.rng.choice(consulting or phones or active)
        codes = ["##8001#", "##8002", "##8500#", "*28003#", "*2", "*3", "*28100#", "*20138#", "#", "*296900#1"]
        codes += ["*1", "*7", "*7*7"]
        self.press(leg, "*5" if consulting and self.rng.random() < 0.5 else self.rng.choice(codes))

    def press(self, leg: Leg, keys: str) -> None:
        """Press keys as long as the leg is there."""
        for key in keys:
            if leg.number in self.engine._board.legs:
                self.do(self.engine.handle(m.Key(leg.number, key, 80), self.source.now))

    def consulting(self) -> list[Leg]:
        """Return the legs of phones that consult."""
        return [call.activity.parties()[0] for call in self.engine._board.calls.values() if _consults(call)]

    def after_talks(self) -> None:
        """Press keys where an agent ends a talk, keys in data, or where a caller is asked to rate."""
        legs = [leg for leg in self.engine._board.legs.values() if leg.state is LegState.ACTIVE]
        legs = [leg for leg in legs if leg.offer or leg.call.survey or leg.call.activity.view == "keying"]
        if legs:
            self.press(self.rng.choice(legs), self.rng.choice(("*4112#", "*41", "*9", "*9", "12", "12", "12", "1#")))

    def any_phone(self) -> None:
        """Run one action of phones, now and then; those that consult are few and end soon."""
        if self.rng.random() < 0.15:
            self.after_talks()
        elif self.consulting() and self.rng.random() < 0.5:
            self.codes()
        elif self.rng.random() < 0.3:
            go_aside(self)
        elif self.rng.random() < 0.15 and supervising.happens(self):
            pass
        else:
            others = (partial(second_call, self), self.codes, self.codes, partial(meet, self))
            self.rng.choice((self.legs_say, self.legs_say, self.legs_say, *others))()

    def people_ask(self) -> None:
        """Send requests of people to a running box, at odd moments."""
        now, what = self.source.now, self.rng.randrange(10)
        if what == 9:
            arrange(self)
        elif what == 8:
            supervising.ask(self)
        elif what == 0:
            choices: list[AgentStatus] = ["ready", "ready", "paused", "signed_out"]
            status = self.rng.choice(choices)
            self.do(self.engine.request(SetAgent(self.rng.choice(["101", "102", "103"]), status, "asked"), now))
        elif what == 1 and self.engine.calls():
            self.do(self.engine.request(HangUp(self.rng.choice(self.engine.calls()).call), now))
        elif what == 4 and self.engine.calls():
            do = self.rng.choice(get_args(RecordCall.__annotations__["do"]))
            self.do(self.engine.request(RecordCall(self.rng.choice(self.engine.calls()).call, do), now))
        elif what == 2:  # extensions come and go
            self.do(reloaded(self.engine, now=now, **changed(self.config, self.rng)))
        elif what == 3:
            with suppress(RequestError):  # the agent has answered no call yet
                self.do(self.engine.request(SetWrapUpCode(self.rng.choice(["101", "102", "103"]), "1"), now))
        elif what == 5:
            with suppress(RequestError):  # the conference or box may be taken out
                (conduct if self.rng.random() < 0.5 else change_message)(self)
        elif what == 6:
            with suppress(RequestError):
                self.do(self.engine.request(switched(self.rng), now))
        else:
            with suppress(RequestError):  # the extension is not there now
                self.do(self.engine.request(Originate("8001", self.rng.choice(["8002", "96900", "0555", "77"])), now))

    def lose_switch(self) -> None:
        now = self.source.now
        announced = self.rng.random() < 0.5
        if announced:
            step = self.engine.detach(now)
            assert not step.commands
            self.audit.step([], step.records, step.asks)
        events = self.source.drop_all()
        told = self.rng.randint(0, len(events))
        for event in events[:told]:
            step = self.engine.handle(event, now)
            self.audit.step([], step.records, step.asks)
        self.do(self.engine.handle(m.Attached("walk", 6), now))
        assert {call.call for call in self.engine.calls()} <= self.audit.tries.keys(), "only call-backs are tried anew"

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
            walk.any_phone()
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
            walk.any_phone()
    walk.finish()
    walk.audit.idle()
    assert walk.audit.dispositions["interrupted"]


@pytest.mark.parametrize("seeds", [range(100, 105), range(105, 110)])
def test_any_leg_may_say_anything_that_its_state_allows(seeds: range) -> None:
    assert set(SAYS) == {given for _state, given in legs.TABLE if given < LegInput.PROCEED}, "what lines tell"
    said: Counter[tuple[str, LegState, LegInput]] = Counter()
    for seed in seeds:
        walk = Walk(seed)
        for _ in range(4000):
            assert walk.turn()
            if walk.rng.random() < 0.02:
                walk.people_ask()
            if walk.rng.random() < 0.3:
                walk.legs_say()
            if walk.rng.random() < 0.05:
                walk.any_phone()
        walk.finish()
        walk.audit.idle()
        said += walk.said
    passed = {LegState.PRESENT, LegState.INCOMING_PROCEEDING, LegState.GONE}  # left within a step, or soon
    told = {
        pair
        for pair, (_, use) in legs.TABLE.items()
        if pair[1] in SAYS and pair[0] not in passed and use is not legs.Use.ODD
    }
    assert told <= {(state, given) for _call, state, given in said}
    redirected = {call for call, state, given in said if given is LegInput.REDIRECTED and state in legs.GOING}
    assert redirected - {"conference"} == {"originating", "offering", "calling"}


AT_LEAST: Final = {
    **dict.fromkeys(("RecordingPaused", "RecordingResumed", "RecordingDecided"), 4),
    **dict.fromkeys(("OfferMade", "QueueLeft", "KeyPressed", "ChannelSeized", "RecordingClosed", "MessageClosed"), 11),
    **dict.fromkeys(("answered", "unwanted", "late", "withdrawn"), 11),
    **dict.fromkeys(("whole", "incomplete", "SurveyCommented"), 1),
    **dict.fromkeys(("call-back reached", "call-back given_up", "missed agent"), 1),
    **dict.fromkeys(("survey answered", "survey nothing", "survey hung_up"), 1),
}
EVERYWHERE: Final = {
    "left": {"call_back", "no_agents", "long_wait", "service_level", "key", "abandoned", "answered"},
    "passed": {"step 0", "step 1", "step 2", "skill"},
    "dispositions": {"answered", "abandoned", "busy", "no_answer", "rejected", "failed"},
}
VIEWS: Final = {view for each in ACTIVITIES.values() for view in each.VIEWS.values()} - {"address", "originating"}


def _not_reached(walk: Walk, states: set[str]) -> set[str]:
    missing = {name for name, least in AT_LEAST.items() if walk.audit.counts[name] < least} | VIEWS - states
    return missing.union(*[wanted - {*getattr(walk.audit, where)} for where, wanted in EVERYWHERE.items()])


def test_the_walk_goes_everywhere() -> None:
    """A walk that reaches few states would prove nothing. How soon it reaches the rare ones is chance."""
    walk = Walk(2)
    states = set[str]()
    for step in range(200_000):
        walk.turn()
        if walk.rng.random() < 0.1:
            walk.any_phone()
        states |= {call.state for call in walk.engine.calls()}
        if step % 5000 == 0 and not _not_reached(walk, states):
            break
    assert not _not_reached(walk, states)
