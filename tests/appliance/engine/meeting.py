# SPDX-License-Identifier: GPL-2.0-or-later
"""Further calls of phones in random walks, and conferences: phones that dial in, keys there, requests of people."""

import random
from contextlib import suppress
from typing import Protocol, get_args

from appliance.api.messages import CallIntoConference, ChangeConference, ConferenceChange
from appliance.config.model import BoxConfig
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from appliance.engine.activities.dialogue import Dialogue
from appliance.engine.activities.room import Room
from appliance.engine.engine import Engine, Step
from appliance.engine.parts.legs import LegState
from tests.bench.callsource import CallSource

CONFERENCES = [
    {"number": "8500", "members": 5},
    {"number": "8501", "host_pin": True, "members": 4, "guests_speak": False, "speakers": 1, "record": "always"},
]
KEYS = ("*1", "*6", "*9", "*2#", "*21#", "*32#", "*4#", "*42#", "*5#", "*7", "*88001#", "*80138#", "*0#", "1#", "#")


class Walk(Protocol):
    """A walk: see `test_walk`."""

    rng: random.Random
    config: BoxConfig
    engine: Engine
    source: CallSource

    def do(self, step: Step) -> None:
        """Audit and carry out a step."""


def meet(walk: Walk) -> None:
    """Dial into a conference, or press a key there."""
    board = walk.engine._board
    active = [leg for leg in board.legs.values() if leg.state is LegState.ACTIVE]
    there = [leg for leg in active if isinstance(leg.call.activity, Room | Dialogue)]
    if len(there) < 6 and walk.rng.random() < 0.3:
        number, _line = walk.source._new("sip")
        walk.source._may_hang_up(number)
        caller, called = walk.rng.choice(walk.config.extension).number, walk.rng.choice(("8500", "8501", "*5577"))
        walk.do(walk.engine.handle(m.Incoming(number, "sip", called, m.Party(caller)), walk.source.now))
    elif there:
        number = walk.rng.choice(there).number
        for key in walk.rng.choice(KEYS):
            if number in board.legs:
                walk.do(walk.engine.handle(m.Key(number, key, 80), walk.source.now))


def conduct(walk: Walk) -> None:
    """Ask for a change of a conference, which may not be there, or not be possible."""
    where = walk.rng.choice(("8500", "8501"))
    change = ChangeConference(where, walk.rng.choice(get_args(ConferenceChange)), walk.rng.randrange(4))
    call = CallIntoConference(where, walk.rng.choice(("8001", "8002", "8100", "0138", "96900")))
    with suppress(RequestError):
        walk.do(walk.engine.request(walk.rng.choice((change, call)), walk.source.now))


def second_call(walk: Walk) -> None:
    """Begin another call from a phone that talks."""
    board = walk.engine._board
    talking = [leg.phone for leg in board.legs.values() if leg.phone is not None and leg.state is LegState.ACTIVE]
    if talking:
        leg, _line = walk.source._new("sip")
        walk.source._may_hang_up(leg)
        dialled = walk.rng.choice(("8001", "8002", "96900", "96900", "0138", "701", "4444"))
        walk.do(
            walk.engine.handle(
                m.Incoming(leg, "sip", dialled, m.Party(walk.rng.choice(talking).number)), walk.source.now
            )
        )
