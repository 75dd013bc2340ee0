# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold with music, and legs that change their partner or their call."""

from typing import Final

from appliance.contract.records import ChannelSeized, LegAnswered, LegClosed
from appliance.contract.switch import Held, Party, Resumed, Show
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, Leg
from appliance.engine.routes.site_numbers import from_outside

CHANGES: Final = "trunk:"
"""Lines outside that can be told of another party in a talk (RFC 3311); ISDN can with the answer only (Q.951.5)."""
MOVED: Final = 0
"""No Q.850 cause: the leg went over to another call."""


def other(call: Call, leg: Leg) -> Leg:
    """Give the one whom a leg talks to."""
    found = call.b if leg is call.a else call.a
    assert found is not None
    return found


def held(board: Board, call: Call, _: Held | Resumed) -> None:
    """A_HELD and the like in a talk: who is held hears music, who is not hears the other."""
    join(board, call)
    a, b = call.a, call.b
    assert a is not None
    assert b is not None
    lines.segment(board, call, "hold" if a.held or b.held else "talk", (a, b), b.agent or b.who)


def join(board: Board, call: Call) -> None:
    """Let both hear each other, or music where the other one holds."""
    a, b = call.a, call.b
    assert a is not None
    assert b is not None
    for listener, speaker in ((a, b), (b, a)):
        if speaker.held:
            lines.deafen(board, listener)
            if not listener.playing:
                lines.play(board, listener, (f"music:{board.config.parking.music}",), loop=True)
        else:
            lines.hush(board, listener)
            lines.hear(board, listener, speaker)


def stop_collecting(board: Board, call: Call) -> None:
    """Forget a number that is being pressed."""
    leg = call.collecting
    if leg is not None:
        ending.cancel_timer(board, call)
        call.collecting = None
        leg.held, leg.keys = False, ""
        lines.hush(board, leg)


def alone(board: Board, call: Call, who: Leg) -> None:
    """Let `who` be the only party of a talk: the other one leaves it, and whatever was under way in it is over."""
    if who is call.b:
        ending.part(board, call)  # the one who leaves consulted: who waits is rung back
    stop_collecting(board, call)
    lines.end_segments(board, call)
    lines.deafen(board, who)
    call.a, call.b, call.run, call.redirecting = who, None, None, None
    call.shown = party(call, who)


def party(call: Call, leg: Leg) -> Party:
    """Say who is at a leg."""
    if leg.phone is not None:
        return Party(leg.phone.number, leg.phone.name, leg.presentation)
    if leg.connected is not None:
        return leg.connected
    return call.shown if leg.role == "caller" else from_outside(Party(leg.who))


def show(board: Board, call: Call) -> None:
    """Tell both lines with whom they are connected now."""
    assert call.a is not None
    assert call.b is not None
    tell(board, call, call.a, call.b)
    tell(board, call, call.b, call.a)


def tell(board: Board, call: Call, leg: Leg, partner: Leg) -> None:
    """Tell a leg's line that it is connected with another leg, unless it knows.

    Where a phone of the house sends a call from outside on to is not told by us: only the far end there may say it.
    """
    if leg.phone is None and (_is_elsewhere(partner) or (leg.answered and not leg.line.startswith(CHANGES))):
        return
    told = lines.connected(board, leg, party(call, partner), partner.phone)
    if told != leg.told:
        leg.told = told
        board.commands.append(Show(leg.number, told))


def _is_elsewhere(leg: Leg) -> bool:
    """Tell whether of a leg outside no more is known than the number that was called."""
    return leg.phone is None and leg.connected is None and leg.role != "caller"


def move(board: Board, leg: Leg, call: Call) -> None:
    """Bring a leg over to another call. In the books its stay in the old one ends, and one in the new one begins."""
    old = leg.call
    lines.stop_recording(board, leg)
    lines.deafen(board, leg)
    lines.hush(board, leg)
    del old.legs[leg.number]
    call.legs[leg.number] = leg
    leg.call = call
    board.records.append(LegClosed(leg.number, old.number, MOVED))
    board.records.append(leg.opened(call.number))
    if leg.channel is not None:
        board.records.append(ChannelSeized(leg.number, call.number, *leg.channel))
    if leg.answered:
        board.records.append(LegAnswered(leg.number, call.number))
    if leg.offer is not None:
        leg.offer.agent.call = call.number


def dissolve(board: Board, call: Call) -> None:
    """End a call whose parties went over to another one."""
    board.give(board, call, CallInput.MERGED, None)
    if not call.legs:
        ending.close_call(board, call)
