# SPDX-License-Identifier: GPL-2.0-or-later
"""What must be true of every call after every step: it waits for an event, and both parties of a talk hear."""

from appliance.engine.activities.talk import Talk, TalkState
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call
from appliance.engine.wholeness import whole


def no_party_is_lost(board: Board) -> None:
    """Check that every call waits for an event, every leg is at an activity, and both parties of a talk hear."""
    for call in board.calls.values():
        parties = [(leg.number, leg.state.name) for leg in call.activity.parties()]
        assert whole(call), f"call {call.number}, {call.activity.view}: {parties}, legs {list(call.legs)}"
        assert call.mixed == call.activity.mix(), f"call {call.number}: the switch was told another mix"
        assert call.stretch == call.activity.stretch(), f"call {call.number}: the books hold another stretch"
        if isinstance(call.activity, Talk) and call.activity.state is TalkState.TALKING:
            _hear_each_other(call)
    assert all(leg.call.legs[number] is leg for number, leg in board.legs.items())


def _hear_each_other(call: Call) -> None:
    a, b = call.activity.parties()[:2]
    for listener, speaker in ((a, b), (b, a)):
        hears = (listener.number, speaker.number, False) in call.mixed
        assert hears != speaker.held, f"call {call.number}: one-way"
        music = bool(listener.playing) and listener.plays[1]
        assert music == speaker.held, f"call {call.number}: no music, or music in a talk"
