# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows that the tables of several activities share, and their actions."""

from enum import IntEnum
from typing import Any, Final

from appliance.contract.switch import Cause
from appliance.engine.parts import consulting, ending, lines, transfer
from appliance.engine.parts.activity import Machine, Row
from appliance.engine.parts.call import Leg, Said
from appliance.engine.parts.inputs import In


class Past(IntEnum):
    """State of a machine that has handed over, or whose call ends."""

    OVER = 0


OVER: Final = Past.OVER


def nothing(_machine: Machine, _what: Any) -> None:
    """Do nothing: the input is late, or has no effect here."""


def hang_up(machine: Machine, _: Any) -> None:
    """End the call at the request of a user."""
    ending.hang_up(machine.board, machine.call)


def lost(machine: Machine, _: Any) -> None:
    """End the call: the switch is gone."""
    ending.lose(machine.board, machine.call)


def gone(machine: Machine, said: Said) -> None:
    """End the call: the caller left."""
    ending.caller_gone(machine.board, machine.call, said.what)


def left_waiting(machine: Machine, said: Said) -> None:
    """Put a party that the caller left waiting in its place, else end the call: the caller left."""
    consulting.caller_left_waiting(machine.board, machine.call, said)


def refuse(machine: Machine, said: Said) -> None:
    """Refuse a transfer: there is no other party."""
    transfer.refuse(machine.board, said)


def named_first(machine: Machine, said: Said) -> None:
    """Transfer the party of a phone's talk to the queue, flow or ringing in which the phone is."""
    transfer.named_first(machine.board, said)


def replace(machine: Machine, former: Leg, new: Leg) -> Leg:
    """Put a leg in the caller's place, hearing the same sounds; clear the one before. Return the new one."""
    board, call = machine.board, machine.call
    lines.take_over(board, new, former)
    if former.at is machine:
        former.at = None
        ending.part(call)
        lines.clear(board, former, Cause.NORMAL_CLEARING)
    new.at = machine
    if call.answered:
        lines.charge(board, call, new)
    return new


def asked() -> dict[In, Row]:
    """Return the rows for requests of people and the box, which any call takes."""
    return {In.HANG_UP: (OVER, hang_up), In.LOST: (OVER, lost)}


def caller(state: IntEnum) -> dict[In, Row]:
    """Return the rows for a caller who only listens: keys and hold have no effect, a transfer is refused."""
    quiet: dict[In, Row] = dict.fromkeys((In.KEY, In.HELD, In.RESUMED), (state, nothing))
    return {**asked(), **quiet, In.TRANSFER: (state, refuse), In.CLEARED: (OVER, gone)}


def on_the_way(state: IntEnum) -> dict[In, Row]:
    """Return the rows for a caller who is on the way somewhere: another party may take the same place."""
    return {**caller(state), In.TRANSFER: (state, named_first), In.CLEARED: (state, left_waiting)}
