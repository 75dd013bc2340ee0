# SPDX-License-Identifier: GPL-2.0-or-later
"""Parked calls, and calls that another phone picks up."""

from typing import Any

from appliance.config.model import ExtensionConfig
from appliance.contract.switch import Cause
from appliance.engine.activities import features, talking
from appliance.engine.activities.reaching import connect, reached, stop_ringing
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, CallState, Ending, Leg
from appliance.engine.parts.goals import Reaching
from appliance.engine.routes.routing import ToFeature, ToPhone, ToPlace
from appliance.ivr import say


def park(board: Board, call: Call, leg: Leg, place: str, *, say_it: bool = False) -> str:
    """Park the other party of `leg` at a place, '' the first free one; give the place, '' if none is free.

    With `say_it` the one who parks is told the place before the leg is cleared.
    """
    free = [each for each in board.routes.places if each not in board.parked]
    place = place or (free[0] if free else "")
    if place not in free or leg.phone is None:
        return ""
    a = talking.other(call, leg)
    talking.alone(board, call, a)
    call.parked, call.parked_by = place, leg.phone
    board.parked[place] = call
    if say_it:
        language = board.config.language
        lines.deafen(board, leg)
        lines.play(board, leg, (say.prompt(language, "parked-at"), *say.digits(place, language)))
        leg.leaving = True
    else:
        lines.clear(board, leg, Cause.NORMAL_CLEARING)
    board.give(board, call, CallInput.TO_PARK, None)
    return place


def wait(board: Board, call: Call, _: Any) -> None:
    """TO_PARK: music, until somebody takes the call back."""
    a = call.a
    assert a is not None
    lines.segment(board, call, "park", (a,), call.parked)
    lines.play(board, a, (f"music:{board.config.parking.music}",), loop=True)
    if call.consulted_by is None:
        call.timer = board.start_timer(board.config.parking.back_after_s, call, CallInput.TIMER)


def back(board: Board, call: Call, _: Any) -> None:
    """TIMER: nobody took it; the phone that parked it rings."""
    by = call.parked_by
    assert by is not None
    ending.unpark(board, call)
    board.give(board, call, CallInput.TO_CALLING, Reaching(ToPhone(by)))


def take(board: Board, call: Call, target: ToPlace) -> None:
    """A phone dialled a place: it takes the call that is parked there."""
    parked = board.parked.get(target.place)
    if parked is None:
        ending.fail(board, call, Ending(Cause.UNALLOCATED_NUMBER, "box", "failed"))
    else:
        join(board, call, parked)


def pick_up(board: Board, call: Call, code: ToFeature) -> None:
    """A phone dialled a code to pick up: a call that rings at a phone of its group, or at the phone it names."""
    assert call.a is not None
    found = _ringing(board, call.a.phone, code.number) if call.a.phone is not None else None
    if found is None:
        ending.fail(board, call, Ending(Cause.UNALLOCATED_NUMBER, "box", "failed"))
    else:
        join(board, call, found)


def _ringing(board: Board, by: ExtensionConfig, number: str) -> Call | None:
    """Find the oldest such call."""
    for call in board.calls.values():
        if call.state is CallState.CALLING:
            for leg in call.ringing.values():
                phone = leg.phone
                if phone is not None and (phone.number == number if number else _same_group(phone, by)):
                    return call
    return None


def _same_group(phone: ExtensionConfig, by: ExtensionConfig) -> bool:
    return bool(by.pickup_group) and phone.pickup_group == by.pickup_group


def join(board: Board, call: Call, wanted: Call) -> None:
    """Bring the phone that dialled over to the call that it wants; its own call ends."""
    leg = call.a
    assert leg is not None
    lines.proceed(board, leg)
    lines.answer(board, leg)
    leg.role, call.a = "extension", None
    leg.who = leg.phone.number if leg.phone is not None else leg.who
    talking.move(board, leg, wanted)
    talking.dissolve(board, call)
    board.give(board, wanted, CallInput.TAKEN, leg)


def taken(board: Board, call: Call, leg: Leg) -> None:
    """TAKEN: the phone is b now."""
    stop_ringing(board, call, Cause.NON_SELECTED_USER)
    ending.unpark(board, call)
    call.goals.clear()
    call.b = leg
    reached(board, call, leg)
    connect(board, call, None)
    talking.show(board, call)


def dialled(board: Board, call: Call, code: ToFeature) -> None:
    """A phone dialled a feature code."""
    if code.feature in features.CHANGES:
        features.dialled(board, call, code)
    elif code.feature in ("pick_up", "pick_up_group"):
        pick_up(board, call, code)
    else:  # to park is a thing to do with a talk
        ending.fail(board, call, Ending(Cause.CALL_REJECTED, "box", "rejected"))
