# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands to legs: each function is one command, with the records that go with it."""

from typing import Final

from appliance.config.model import ExtensionConfig
from appliance.contract.records import (
    CallAnswered,
    CallNotAnswered,
    ChannelSeized,
    LegAnswered,
    LegClosed,
)
from appliance.contract.switch import (
    Alert,
    Answer,
    Clear,
    Dial,
    Hush,
    Play,
    Proceed,
    SendKey,
)
from appliance.engine.parts import parties, recording, staffing
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, step
from appliance.engine.parts.goals import Ring
from appliance.engine.parts.legs import ALERT, ANSWER, CLEAR, PROCEED, SEND, LegState


def enter(board: Board, call: Call, leg: Leg, phone: ExtensionConfig | None = None, *, coded: bool = False) -> None:
    """Add a new leg to its call; `phone`: the phone of the house that it is; `coded`: it dialled a code."""
    call.legs[leg.number] = leg
    board.legs[leg.number] = leg
    if phone is None:
        board.records.append(leg.opened(call.number))
        board.outbound.entered(leg.line, 1)
        return
    if not leg.agent:  # beside the queue
        leg.phone_of = board.phone_users[phone.number]
        if leg.phone_of and not coded:
            leg.seated = next((each.number for each in leg.phone_of if each.status != "signed_out"), "")
    board.records.append(leg.opened(call.number))
    leg.phone = phone
    board.in_use.setdefault(phone.number, []).append(leg)
    board.touched.add(phone.number)
    if leg.phone_of:
        staffing.phone_taken(board, leg.phone_of)


def leave(board: Board, leg: Leg) -> None:
    """Undo what `enter` counted."""
    phone = leg.phone
    if phone is None:
        board.outbound.entered(leg.line, -1)
    else:
        legs = board.in_use[phone.number]
        legs.remove(leg)
        if not legs:
            del board.in_use[phone.number]
        board.touched.add(phone.number)
    if leg.phone_of:
        staffing.phone_free(board, leg.phone_of)


def dial(board: Board, call: Call, ring: Ring) -> Leg:
    """Start an outgoing leg; return it."""
    leg = Leg(board.next_leg, call, ring.line, ring.role, ring.called, LegState.INITIATED)
    board.next_leg += 2
    leg.agent, leg.phone, leg.redirecting = ring.agent, ring.phone, ring.redirecting
    leg.told = ring.caller if ring.phone is None else None
    board.commands.append(Dial(leg.number, ring.line, ring.called, ring.caller, parties.redirecting(board, leg)))
    enter(board, call, leg, ring.phone)
    return leg


def proceed(board: Board, leg: Leg) -> None:
    """Signal that the number is complete."""
    if step(leg, PROCEED) is SEND:
        board.commands.append(Proceed(leg.number))


def alert(board: Board, leg: Leg) -> None:
    """Signal that the called party is rung; the tone is on the voice path, ours or the far end's."""
    if step(leg, ALERT) is SEND:
        board.commands.append(Alert(leg.number, inband=True))


def answer(board: Board, leg: Leg) -> None:
    """Answer a leg, if it is not answered."""
    if step(leg, ANSWER) is SEND:
        board.commands.append(Answer(leg.number))
        note_answer(board, leg)


def note_answer(board: Board, leg: Leg) -> None:
    """Record that the leg is answered: its voice path counts from now on."""
    leg.answered = True
    if leg.phone is not None:
        board.touched.add(leg.phone.number)
    board.records.append(LegAnswered(leg.number, leg.call.number))


def unanswer(board: Board, leg: Leg) -> None:
    """Undo an answer that was never sent: its leg was gone before."""
    leg.answered = False
    call = leg.call
    if leg is call.charged and call.answered:
        call.answered = False
        board.records.append(CallNotAnswered(call.number))
        if call.disposition == "answered":
            call.disposition = "abandoned"


def charge(board: Board, call: Call, caller: Leg) -> None:
    """Record that the call is answered: once. From then on its caller may be recorded."""
    call.charged = caller
    if not call.answered:
        call.answered = True
        board.records.append(CallAnswered(call.number))
    recording.judge(board, call)


def clear(board: Board, leg: Leg, cause: int) -> None:
    """Clear a leg, unless it is being cleared."""
    recording.stop(board, leg)  # before the leg counts as being cleared: after a bug in it the command is sent as well
    if step(leg, CLEAR) is SEND:
        board.commands.append(Clear(leg.number, cause))
        leg.playing = 0


def play(board: Board, leg: Leg, sounds: tuple[str, ...], *, loop: bool = False) -> None:
    """Play to a leg in place of what it was being played."""
    leg.playing, leg.plays = board.next_play, (sounds, loop)
    board.next_play += 1
    board.commands.append(Play(leg.number, leg.playing, sounds, loop))


def hush(board: Board, leg: Leg) -> None:
    """Stop what is played to a leg, if anything."""
    if leg.playing:
        leg.playing = 0
        board.commands.append(Hush(leg.number))


def send_key(board: Board, leg: Leg, key: str, duration_ms: int) -> None:
    """Send a key to a leg's party."""
    board.commands.append(SendKey(leg.number, key, duration_ms))


def take_over(board: Board, leg: Leg, former: Leg) -> None:
    """Play to a leg the sounds of the one before it in its place; they begin anew."""
    if former.playing:
        play(board, leg, former.plays[0], loop=former.plays[1])


MOVED: Final = 0
"""No Q.850 cause: the leg moved to another call."""


def move(board: Board, leg: Leg, call: Call) -> None:
    """Move a leg to another call. In the books its stay in the old one ends, and one in the new one begins."""
    old = leg.call
    recording.stop(board, leg)
    hush(board, leg)
    recording.hand_on(old, call)
    del old.legs[leg.number]  # from here to the records nothing may fail: a leg is in one call, in the books as well
    call.legs[leg.number] = leg
    leg.call, leg.at = call, None
    board.stirred[old.number] = old
    board.records.append(LegClosed(leg.number, old.number, MOVED))
    board.records.append(leg.opened(call.number))
    if leg.channel is not None:
        board.records.append(ChannelSeized(leg.number, call.number, *leg.channel))
    if leg.answered:
        board.records.append(LegAnswered(leg.number, call.number))
    if leg.offer is not None:
        leg.offer.agent.call = call.number
    recording.hand_on(old, call)
