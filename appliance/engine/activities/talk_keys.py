# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys pressed during a talk: they go on to the other party, or are feature codes of a phone: transfer, consult, park.

Before the answer they go on as well where sound does (a carrier's menu, RFC 3960); there are no codes then.

Keys with which a code may begin wait until it is none, or `WAIT_S`. Keys that were told in the sound have been heard by
the other party already. While a code's number is being pressed the other party hears music, and the one who presses it
the dial tone until the first key.
"""

from collections.abc import Iterable
from typing import Any, Final

from appliance.contract.switch import Key
from appliance.contract.ticks import ticks
from appliance.engine.activities import consulting, parking, talking, transfer
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, Rung

CODE_TICKS: Final = ticks(2.0)
"""Keys of one code follow each other within this time."""
CODES: Final = ("transfer", "consult", "park_talk")
WAIT_S: Final = 0.6
"""The other party gets the first key of a code so much later if no second one follows. A second one that follows later
than this still makes the code."""
DIGITS_S: Final = 4.0
"""A pause that ends the number; '#' ends it at once."""
FIRST_DIGIT_S: Final = 10.0


def pressed(board: Board, call: Call, event: Key) -> None:
    """A_KEY, B_KEY in a talk."""
    leg = board.legs[event.leg]
    if call.collecting is leg:
        _digit(board, call, leg, event.key)
        return
    board.timers.cancel(leg.key_timer)
    leg.unsent += (event,)
    if leg.phone is None:
        _pass_on(board, leg)
        return
    leg.keys = event.key if board.now - leg.key_at > CODE_TICKS else leg.keys[-7:] + event.key
    leg.key_at = board.now
    codes = {name: code for name in CODES if (code := getattr(board.config.codes, name))}
    for name, code in codes.items():
        if leg.keys.endswith(code):
            leg.keys = ""
            lines.drop_keys(board, leg)
            _begin(board, call, leg, name)
            return
    _pass_on(board, leg, keep=_beginning(leg.keys, codes.values()))
    if leg.unsent:
        leg.key_timer = board.timers.start(board.now + ticks(WAIT_S), lambda: _pass_on(board, leg))


def before_answer(board: Board, call: Call, event: Key) -> None:
    """A_KEY while others are rung: send it to the one whose sound is heard, say a carrier's menu. It hears no sound."""
    assert call.a is not None
    if (rung := call.ringing.get(call.a.hears)) is not None:
        lines.send_key(board, rung, event.key, event.duration_ms)


def by_rung(board: Board, call: Call, rung: Rung) -> None:
    """R_KEY: send it to the caller if he hears the one who pressed it, unless it was in that sound."""
    event: Key = rung.what
    if call.a is not None and call.a.hears == rung.leg.number and not event.inband:
        lines.send_key(board, call.a, event.key, event.duration_ms)


def _beginning(keys: str, codes: Iterable[str]) -> int:
    """How many of the last keys may be the beginning of a code."""
    lengths = [n for code in codes for n in range(1, len(code)) if keys.endswith(code[:n])]
    return max(lengths, default=0)


def _pass_on(board: Board, leg: Leg, keep: int = 0) -> None:
    """Send the other party what it has not got, but for the last `keep` keys; nothing while either one holds."""
    many = max(len(leg.unsent) - keep, 0)
    sent, leg.unsent = leg.unsent[:many], leg.unsent[many:]
    partner = board.legs.get(leg.hears)
    if partner is None or partner.hears != leg.number:
        return
    for event in sent:
        if not event.inband:
            lines.send_key(board, partner, event.key, event.duration_ms)


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
        talking.join(board, call)
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
    talking.stop_collecting(board, call)
    do = transfer.blind if leg.wants == "transfer" else consulting.begin
    if not number or not do(board, call, leg, number):
        talking.join(board, call)
