# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables in which activities meet: the activity of each start, and the action for each kind of dialled target."""

from collections.abc import Callable
from typing import Any, Final

from appliance.contract.switch import Cause
from appliance.engine.activities.address import Address
from appliance.engine.activities.callback import CallBackTry
from appliance.engine.activities.dialogue import Dialogue
from appliance.engine.activities.flow import Flow
from appliance.engine.activities.keying import Keying
from appliance.engine.activities.message import Message
from appliance.engine.activities.originate import Originate
from appliance.engine.activities.over import Over
from appliance.engine.activities.park import Park
from appliance.engine.activities.ring import Ring
from appliance.engine.activities.room import Room
from appliance.engine.activities.talk import Talk
from appliance.engine.activities.tone import Speech, Tone
from appliance.engine.activities.wait import Wait
from appliance.engine.parts import (
    arranging,
    booth,
    conferring,
    desk,
    ending,
    features,
    keyed,
    listening,
    opening,
    parking,
    plans,
    supervising,
)
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg
from appliance.engine.parts.goals import Reaching
from appliance.engine.parts.replaying import replay
from appliance.engine.parts.starts import (
    StartAddress,
    StartCallBack,
    StartDialogue,
    StartFlow,
    StartKeying,
    StartMessage,
    StartOriginate,
    StartOver,
    StartPark,
    StartRing,
    StartRoom,
    StartSpeech,
    StartTalk,
    StartTone,
    StartWait,
)
from appliance.engine.routes.routing import (
    CAUSES,
    Target,
    ToBox,
    ToConference,
    ToDuty,
    ToFeature,
    ToFlow,
    ToGroup,
    ToOutside,
    ToPhone,
    ToPlace,
    Undecided,
)
from appliance.i18n import N_

ACTIVITIES: Final[dict[type[Any], type[Any]]] = {
    StartAddress: Address,
    StartFlow: Flow,
    StartWait: Wait,
    StartRing: Ring,
    StartCallBack: CallBackTry,
    StartOriginate: Originate,
    StartTalk: Talk,
    StartPark: Park,
    StartRoom: Room,
    StartTone: Tone,
    StartSpeech: Speech,
    StartDialogue: Dialogue,
    StartKeying: Keying,
    StartMessage: Message,
    StartOver: Over,
}
"""Activity of each start."""


def _flow(board: Board, call: Call, caller: Leg, target: ToFlow) -> None:
    if target.flow in board.flows:
        board.begin(call, StartFlow(caller, target.flow))
    else:
        text = N_("number {number} leads to flow {flow}, which is not loaded")
        board.trouble("flow_missing", text, number=call.called, flow=target.flow)
        ending.fail(board, call, caller, Ending(Cause.DESTINATION_OUT_OF_ORDER, "box", "failed"))


def _ring(board: Board, call: Call, caller: Leg, target: Target) -> None:
    board.begin(call, StartRing(caller, Reaching(target, behalf=caller.phone)))


FEATURES: Final[dict[str, Callable[[Board, Call, Leg, ToFeature], None]]] = {
    **dict.fromkeys(features.CHANGES, features.dialled),
    **dict.fromkeys(("pick_up", "pick_up_group"), parking.pick_up),
    **dict.fromkeys(("move_caller", "prefer_caller"), arranging.arranged),
    "meet": conferring.named,
    "voicemail": listening.dialled,
    "record_prompt": booth.dialled,
    "listen": supervising.dialled,
    "plan": plans.dialled,
}
"""Beginnings of the codes that phones dial, but for those of agents and of the site."""


def _feature(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    if code.feature in FEATURES:
        FEATURES[code.feature](board, call, caller, code)
    elif code.feature in desk.TURNS:
        desk.dialled(board, call, caller, code, desk.TURNS[code.feature])
    elif code.feature == "play_recording":
        desk.dialled(board, call, caller, code, replay)
    elif code.feature.startswith(keyed.FEATURE):
        keyed.dialled(board, call, caller, code)
    elif code.feature == "take_caller":
        arranging.dialled(board, call, caller)
    else:  # a call is parked from a talk
        ending.fail(board, call, caller, Ending(Cause.CALL_REJECTED, "box", "rejected"))


def _leave(board: Board, call: Call, caller: Leg, target: ToBox) -> None:
    board.begin(call, StartMessage(caller, target.box, target.why))


def _nowhere(board: Board, call: Call, caller: Leg, target: Undecided) -> None:
    ending.fail(board, call, caller, Ending(CAUSES[target], "box", "failed"))


LEADS: Final[dict[type[Any], Callable[[Board, Call, Leg, Any], None]]] = {
    ToFlow: _flow,
    ToPhone: _ring,
    ToGroup: _ring,
    ToDuty: _ring,
    ToOutside: _ring,
    ToFeature: _feature,
    ToPlace: parking.take,
    ToConference: conferring.dialled,
    ToBox: _leave,
    Undecided: _nowhere,
}
"""Action for a caller who dialled a number of each kind."""


def lead(board: Board, call: Call, caller: Leg, target: Target) -> None:
    """Begin what the number leads to."""
    opening.write(board, call, target.flow if isinstance(target, ToFlow) else "")
    LEADS[type(target)](board, call, caller, target)
