# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks under way, each with the activity that waits for its answer."""

from typing import Any

from appliance.contract.asks import AnyQuestion, Ask, AskAnswered, Withdraw
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Takes
from appliance.engine.parts.inputs import In


def ask(board: Board, call: Call, asker: Takes, place: str, within_s: float, what: AnyQuestion) -> int:
    """Ask a question; return the number of the ask. `asker` gets its answer."""
    number = board.next_ask
    board.next_ask += 1
    board.asking[number] = (call, asker)
    board.asks.append(Ask(number, call.number, place, within_s, what))
    return number


def withdraw(board: Board, number: int, *, late: bool = False) -> None:
    """Withdraw an ask, unless it has ended."""
    if board.asking.pop(number, None) is not None:
        board.asks.append(Withdraw(number, late))


def forget(board: Board, call: Call) -> None:
    """Withdraw the asks of a call. It searches all asks: for rare cases only."""
    for number in [number for number, (asks, _asker) in board.asking.items() if asks is call]:
        withdraw(board, number)


def over(board: Board, event: Any) -> None:
    """Pass an answer to its asker. The answer of an ask that has ended changes nothing."""
    _call, asker = board.asking.pop(event.ask, (None, None))
    if asker is not None:
        asker.take(In.ASK_ANSWERED if isinstance(event, AskAnswered) else In.ASK_FAILED, event)
