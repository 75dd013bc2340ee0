# SPDX-License-Identifier: GPL-2.0-or-later
"""Feature codes pressed during a talk, for phones that can do no more than press keys: transfer, consult, park.

While a number is being pressed the other party hears music, and whoever presses it the dial tone until the first key.
"""

from typing import Any, Final

from appliance.callcontrol import consulting, ending, holding, lines, parking, transfer
from appliance.callcontrol.board import Board
from appliance.callcontrol.call import Call
from appliance.callcontrol.legs import Leg
from appliance.messages import Key
from appliance.ticks import ticks

CODE_TICKS: Final = ticks(2.0)
"""Keys of one code follow each other within this time."""
DIGITS_S: Final = 4.0
"""A pause that ends the number; '#' ends it at once."""
FIRST_DIGIT_S: Final = 10.0


def pressed(board: Board, call: Call, event: Key) -> None:
    """A_KEY, B_KEY in a talk."""
    leg = board.legs[event.leg]
    if leg.phone is None:
        return
    if call.collecting is leg:
        _digit(board, call, leg, event.key)
        return
    leg.keys = event.key if board.now - leg.key_at > CODE_TICKS else leg.keys[-7:] + event.key
    leg.key_at = board.now
    codes = board.config.codes
    for name in ("transfer", "consult", "park_talk"):
        code = getattr(codes, name)
        if code and leg.keys.endswith(code):
            leg.keys = ""
            _begin(board, call, leg, name)
            return


def _begin(board: Board, call: Call, leg: Leg, name: str) -> None:
    if call.collecting is not None:
        return
    if name == "park_talk":
        parking.park(board, call, leg, "", say_it=True)
    elif name == "consult" and call.consults is not None and leg is call.a:  # not the one who is consulted
        consulting.back(board, call, leg)
    elif call.consults is None:
        call.collecting, leg.wants = leg, name
        leg.held = True
        holding.join(board, call)
        lines.deafen(board, leg)
        lines.play(board, leg, ("tone:dial",), loop=True)
        call.timer = board.start_timer(FIRST_DIGIT_S, call, consulting.TIMER)


def _digit(board: Board, call: Call, leg: Leg, key: str) -> None:
    ending.cancel_timer(board, call)
    lines.hush(board, leg)
    if key == "#":
        number_ends(board, call, None)
        return
    leg.keys += key
    call.timer = board.start_timer(DIGITS_S, call, consulting.TIMER)


def number_ends(board: Board, call: Call, _: Any) -> None:
    """TIMER, or '#': do it, or go on with the talk if it cannot be."""
    leg = call.collecting
    assert leg is not None
    number = leg.keys
    holding.stop_collecting(board, call)
    do = transfer.blind if leg.wants == "transfer" else consulting.begin
    if not number or not do(board, call, leg, number):
        holding.join(board, call)
