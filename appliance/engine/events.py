# SPDX-License-Identifier: GPL-2.0-or-later
"""What each event of the switch does: the leg's machine looks at it first, then the call hears of it.

An event that cannot be (a leg that is not there, a state in which no line says such a thing) is a fault of the
switch: it is noted for the technician and changes nothing.
"""

from collections.abc import Callable
from typing import Any, Final

from appliance.contract.records import ChannelSeized, RecordingClosed, TroubleNoted
from appliance.contract.switch import (
    Alerting,
    Answered,
    Attached,
    Cause,
    Cleared,
    ConnectedParty,
    Digits,
    Disconnected,
    EarlySound,
    Heard,
    Heartbeat,
    Held,
    Incoming,
    Key,
    Played,
    Proceeding,
    Recorded,
    Redirected,
    Resumed,
    Seized,
    SoundsRead,
    SpanState,
    StatusReport,
    Traced,
    TransferWanted,
    Trouble,
)
from appliance.engine import restart, spans, table
from appliance.engine.activities import arriving, clearing, talking
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import CallInput, CallState, Leg, Rung, step
from appliance.engine.parts.legs import LegInput, LegState, Use
from appliance.engine.routes.site_numbers import from_outside
from appliance.i18n import N_


def _line(given: LegInput, to_a: CallInput, to_b: CallInput, *, what: str = "") -> Callable[[Board, Any], None]:
    """Make the handler of an event that a leg's machine looks at first. `what`: the field that goes on; '': all."""

    def handle(board: Board, event: Any) -> None:
        leg = board.legs.get(event.leg)
        if leg is None:
            board.trouble("switch", NOT_THERE, event=type(event).__name__, leg=event.leg)
            return
        use = step(leg, given)
        if use is Use.TELL:
            _tell(board, leg, to_a, to_b, getattr(event, what) if what else event)
        elif use is Use.ODD:
            _odd(board, event, leg)

    return handle


NOT_THERE: Final = N_("{event} for leg {leg}, which is not there")


def _odd(board: Board, event: Any, leg: Leg) -> None:
    text = N_("{event} for leg {leg} in state {state}")
    board.trouble("switch", text, event=type(event).__name__, leg=leg.number, state=leg.state.name)


def _hold(then: Callable[[Board, Any], None], *, held: bool) -> Callable[[Board, Any], None]:
    """Make the handler of an event with which a phone begins or ends to hold: the leg keeps it in mind."""

    def handle(board: Board, event: Any) -> None:
        leg = board.legs.get(event.leg)
        if leg is not None and leg.state is LegState.ACTIVE:
            leg.held = held
        then(board, event)

    return handle


def _tell(board: Board, leg: Leg, to_a: CallInput, to_b: CallInput, what: Any) -> None:
    call = leg.call
    if leg is call.a:
        table.give(board, call, to_a, what)
    elif leg is call.b:
        table.give(board, call, to_b, what)
    elif leg.number in call.ringing and to_a in _RUNG:
        table.give(board, call, _RUNG[to_a], Rung(leg, what))


def _seized(board: Board, event: Seized) -> None:
    leg = board.legs.get(event.leg)
    if leg is not None and step(leg, LegInput.SEIZED) is Use.SEIZE:
        leg.channel = (event.span, event.timeslot)
        board.records.append(ChannelSeized(event.leg, leg.call.number, event.span, event.timeslot))


def _early_sound(board: Board, event: EarlySound) -> None:
    leg = board.legs.get(event.leg)
    if leg is None:
        board.trouble("switch", f"EarlySound for leg {event.leg}, which is not there")
        return
    leg.sounds = event.heard
    use = step(leg, LegInput.EARLY_SOUND)
    if use is Use.ODD:
        board.trouble("switch", f"EarlySound for leg {event.leg} in state {leg.state.name}")
    elif use is Use.TELL and leg.number in leg.call.ringing:
        table.give(board, leg.call, CallInput.R_EARLY_SOUND, Rung(leg, event.heard))


def _answered(board: Board, event: Answered) -> None:
    leg = board.legs.get(event.leg)
    if leg is None:
        board.trouble("switch", NOT_THERE, event="Answered", leg=event.leg)
        return
    use = step(leg, LegInput.ANSWERED)
    if use is Use.TELL:
        lines.note_answer(board, leg)
        _tell(board, leg, CallInput.A_ANSWERED, CallInput.B_ANSWERED, None)
    elif use is Use.ODD:
        _odd(board, event, leg)


def _connected_party(board: Board, event: ConnectedParty) -> None:
    """Keep in mind who is there; in a talk the other party is told. A phone is its extension, whatever it says."""
    leg = board.legs.get(event.leg)
    if leg is None:
        board.trouble("switch", NOT_THERE, event="ConnectedParty", leg=event.leg)
        return
    if step(leg, LegInput.CONNECTED_PARTY) is not Use.TELL:
        return
    if leg.phone is not None:
        leg.presentation = event.party.presentation
    else:
        leg.connected = from_outside(board.site.caller(event.party))
    call = leg.call
    if call.state is CallState.TALKING and leg in (call.a, call.b):
        talking.show(board, call)


def _played(board: Board, event: Played) -> None:
    leg = board.legs.get(event.leg)
    if leg is None or leg.playing != event.play:
        return  # replaced or stopped while it ended
    leg.playing = 0
    if leg.leaving:
        lines.clear(board, leg, Cause.NORMAL_CLEARING)
        return
    _tell(board, leg, CallInput.A_PLAYED, CallInput.B_PLAYED, event)


def _cleared(board: Board, event: Cleared) -> None:
    leg = board.legs.get(event.leg)
    if leg is None:
        board.trouble("switch", NOT_THERE, event="Cleared", leg=event.leg)
        return
    step(leg, LegInput.CLEARED)
    if leg.answered and not event.connected:
        lines.unanswer(board, leg)
    ending.close_leg(board, leg, event.cause, connected=event.connected)


def _key(board: Board, event: Key) -> None:
    """Give a key to the call; one before the answer matters only where there may be sound already."""
    leg = board.legs.get(event.leg)
    if leg is None:
        board.trouble("switch", NOT_THERE, event="Key", leg=event.leg)
    elif step(leg, LegInput.KEY) is Use.TELL and (leg.state is LegState.ACTIVE or leg.call.state is CallState.CALLING):
        _tell(board, leg, CallInput.A_KEY, CallInput.B_KEY, event)


def _recorded(board: Board, event: Recorded) -> None:
    if board.recordings.pop(event.recording, None) is None:
        board.trouble("switch", N_("recording {recording} closed, which is not open"), recording=event.recording)
        return
    board.records.append(RecordingClosed(event.recording, event.samples, event.error))
    if event.error:
        board.trouble("recording", N_("recording {recording}: {why}"), recording=event.recording, why=event.error)


def _attached(board: Board, event: Attached) -> None:
    spans.attached(board)
    restart.attach(board, event)


def _trouble(board: Board, event: Trouble) -> None:
    board.records.append(TroubleNoted(event.kind, event.text, event.count, event.values))


def _sounds_read(board: Board, event: SoundsRead) -> None:
    for trouble in event.troubles:
        _trouble(board, trouble)


def _nothing(_: Board, __: Any) -> None:
    pass


_C: Final = CallInput
_RUNG: Final = {
    _C.A_ALERTING: _C.R_ALERTING, _C.A_ANSWERED: _C.R_ANSWERED, _C.A_REDIRECTED: _C.R_REDIRECTED, _C.A_KEY: _C.R_KEY,
}  # fmt: skip
"""What a leg that is one of several says, by what it would be of a."""

HANDLERS: Final[dict[type[Any], Callable[[Board, Any], None]]] = {
    Attached: _attached,
    Incoming: arriving.arrive,
    Digits: _line(LegInput.DIGITS, _C.DIGITS, _C.DIGITS),
    Seized: _seized,
    Proceeding: _line(LegInput.PROCEEDING, _C.A_ALERTING, _C.B_ALERTING),
    Alerting: _line(LegInput.ALERTING, _C.A_ALERTING, _C.B_ALERTING, what="inband"),
    EarlySound: _early_sound,
    Answered: _answered,
    ConnectedParty: _connected_party,
    Disconnected: clearing.disconnected,
    Cleared: _cleared,
    Held: _hold(_line(LegInput.HELD, _C.A_HELD, _C.B_HELD), held=True),
    Resumed: _hold(_line(LegInput.RESUMED, _C.A_RESUMED, _C.B_RESUMED), held=False),
    Redirected: _line(LegInput.REDIRECTED, _C.A_REDIRECTED, _C.B_REDIRECTED, what="targets"),
    TransferWanted: _line(LegInput.TRANSFER, _C.A_TRANSFER, _C.B_TRANSFER),
    Key: _key,
    Played: _played,
    Recorded: _recorded,
    SpanState: spans.state,
    Trouble: _trouble,
    Heard: _nothing,
    Heartbeat: _nothing,
    StatusReport: _nothing,
    Traced: _nothing,
    SoundsRead: _sounds_read,
}
