# SPDX-License-Identifier: GPL-2.0-or-later
"""Handlers of events: for those of the switch, the leg's machine checks an event first, then the activity gets it.

An impossible event (of an unknown leg, or in a state in which no line sends it) is a fault of the switch: it is noted
as a trouble and changes nothing.
"""

from collections.abc import Callable
from typing import Any, Final

from appliance.contract.asks import AskAnswered, AskFailed
from appliance.contract.records import ChannelSeized, RecordingClosed, TroubleNoted
from appliance.contract.switch import (
    Alerting,
    Answered,
    Attached,
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
    Measured,
    Played,
    Proceeding,
    Recorded,
    Redirected,
    Resumed,
    Seized,
    SoundsRead,
    SpanDone,
    SpanState,
    StatusReport,
    Traced,
    TransferWanted,
    Trouble,
)
from appliance.engine import arriving, clearing, restart, spans
from appliance.engine.parts import asking, called_back, ending, lines, messages, parties
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Leg, Said, step
from appliance.engine.parts.inputs import In
from appliance.engine.parts.legs import IGNORE, ODD, SEIZE, TELL, LegInput, LegState, Use
from appliance.engine.routes.site_numbers import from_outside
from appliance.i18n import N_

Handler = Callable[[Board, Any], None]
_PLAYED: Final[In] = In.PLAYED
_CLEARED: Final[LegInput] = LegInput.CLEARED
NOT_THERE: Final = N_("{event} for leg {leg}, which is not there")


def _stepped(board: Board, event: Any, given: LegInput) -> tuple[Leg | None, Use]:
    """Move the leg of an event to its next state; return it, and the use of the event."""
    leg = board.legs.get(event.leg)
    if leg is None:
        board.trouble("switch", NOT_THERE, event=type(event).__name__, leg=event.leg)
        return None, IGNORE
    use = step(leg, given)
    if use is ODD:
        text = N_("{event} for leg {leg} in state {state}")
        board.trouble("switch", text, event=type(event).__name__, leg=leg.number, state=leg.state.name)
    return leg, use


def _tell(leg: Leg, given: In, what: Any) -> None:
    """Pass an input to the activity, if this leg still has a part in it."""
    if leg.at is not None:
        leg.at.take(given, Said(leg, what))


def _line(leg_input: LegInput, given: In, what: str = "") -> Handler:
    """Return the handler of an event that is passed on. `what`: the field that goes with it; '': the event."""

    def handle(board: Board, event: Any) -> None:
        leg, use = _stepped(board, event, leg_input)
        if leg is not None and use is TELL and leg.at is not None:
            leg.at.take(given, Said(leg, getattr(event, what) if what else event))

    return handle


def _hold(leg_input: LegInput, given: In, *, held: bool) -> Handler:
    """Return the handler of an event with which a phone begins or ends to hold; the leg keeps it."""
    then = _line(leg_input, given)

    def handle(board: Board, event: Any) -> None:
        leg = board.legs.get(event.leg)
        if leg is not None and leg.state is LegState.ACTIVE:
            leg.held = held
        then(board, event)

    return handle


def _seized(board: Board, event: Seized) -> None:
    leg = board.legs.get(event.leg)
    if leg is not None and step(leg, LegInput.SEIZED) is SEIZE:
        leg.channel = (event.span, event.timeslot)
        board.records.append(ChannelSeized(event.leg, leg.call.number, event.span, event.timeslot))


def _answered(board: Board, event: Answered) -> None:
    leg, use = _stepped(board, event, LegInput.ANSWERED)
    if leg is not None and use is TELL:
        lines.note_answer(board, leg)
        _tell(leg, In.ANSWERED, None)


def _played(board: Board, event: Played) -> None:
    leg = board.legs.get(event.leg)
    if leg is None or leg.playing != event.play:
        return  # replaced or stopped while it ended
    leg.playing = 0
    if leg.at is not None:
        leg.at.take(_PLAYED, Said(leg, event))


def _cleared(board: Board, event: Cleared) -> None:
    leg, _use = _stepped(board, event, _CLEARED)
    if leg is None:
        return
    if leg.answered and not event.connected:
        lines.unanswer(board, leg)
    ending.close_leg(board, leg, event.cause, connected=event.connected, rtp=event.rtp)


def _key(board: Board, event: Key) -> None:
    """Pass on a key; before the answer only if there may be sound already."""
    leg, use = _stepped(board, event, LegInput.KEY)
    if leg is None or use is not TELL:
        return
    if leg.state is LegState.ACTIVE:
        _tell(leg, In.KEY, event)
    elif leg.at is not None and leg.at.can(In.EARLY_KEY):
        _tell(leg, In.EARLY_KEY, event)


def _connected_party(board: Board, event: ConnectedParty) -> None:
    """Keep the connected party; in a talk the other party's line gets it. A phone is always its extension."""
    leg, use = _stepped(board, event, LegInput.CONNECTED_PARTY)
    if leg is None or use is not TELL:
        return
    if leg.phone is not None:
        leg.presentation = event.party.presentation
    else:
        leg.connected = from_outside(board.site.caller(event.party))
    if leg.call.activity.partner(leg) is not None:
        a, b = leg.call.activity.parties()[:2]
        parties.show(board, leg.call, a, b)


def _recorded(board: Board, event: Recorded) -> None:
    number = board.recordings.pop(event.recording, None)
    if number is None:
        board.trouble("switch", N_("recording {recording} closed, which is not open"), recording=event.recording)
        return
    if event.recording in board.boxes.open:
        messages.close(board, event.recording, event.samples, event.error, board.legs.get(number))
        return
    board.records.append(RecordingClosed(event.recording, event.samples, event.error))
    if event.error:
        board.trouble("recording", N_("recording {recording}: {why}"), recording=event.recording, why=event.error)
    leg = board.legs.get(number)
    if leg is not None and leg.at is not None and leg.at.can(In.RECORDED):
        leg.at.take(In.RECORDED, Said(leg, event))


def _attached(board: Board, event: Attached) -> None:
    spans.attached(board)
    restart.attach(board, event)


def _trouble(board: Board, event: Trouble) -> None:
    board.records.append(TroubleNoted(event.kind, event.text, event.count, event.values))


def _sounds_read(board: Board, event: SoundsRead) -> None:
    for trouble in event.troubles:
        _trouble(board, trouble)


def _heard(board: Board, event: Heard) -> None:
    leg = board.legs.get(event.leg)
    if leg is not None and event.kind == "answer":
        called_back.heard(leg, event.what)


def _nothing(_: Board, __: Any) -> None:
    pass


HANDLERS: Final[dict[type[Any], Handler]] = {
    Attached: _attached,
    Incoming: arriving.arrive,
    Digits: _line(LegInput.DIGITS, In.DIGITS),
    Seized: _seized,
    Proceeding: _line(LegInput.PROCEEDING, In.ALERTING),
    Alerting: _line(LegInput.ALERTING, In.ALERTING, "inband"),
    EarlySound: _line(LegInput.EARLY_SOUND, In.EARLY_SOUND, "heard"),
    Answered: _answered,
    ConnectedParty: _connected_party,
    Disconnected: clearing.disconnected,
    Cleared: _cleared,
    Held: _hold(LegInput.HELD, In.HELD, held=True),
    Resumed: _hold(LegInput.RESUMED, In.RESUMED, held=False),
    Redirected: _line(LegInput.REDIRECTED, In.REDIRECTED, "targets"),
    TransferWanted: _line(LegInput.TRANSFER, In.TRANSFER),
    Key: _key,
    Played: _played,
    Recorded: _recorded,
    SpanState: spans.state,
    Trouble: _trouble,
    Heard: _heard,
    Heartbeat: _nothing,
    StatusReport: _nothing,
    Traced: _nothing,
    Measured: _nothing,
    SpanDone: _nothing,
    SoundsRead: _sounds_read,
    AskAnswered: asking.over,
    AskFailed: asking.over,
}
