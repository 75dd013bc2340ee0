# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of expressions: the whole list of what a flow may call."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from appliance.ivr.evaluate import Kind, UnusableError, Value, boolean, day, moment, number, text

_ANY, _TEXT, _NUMBER, _BOOLEAN, _TIME = Kind.ANY, Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.TIME

CONVERT: Final[dict[Kind, Callable[[Value], Any]]] = {
    _ANY: lambda value: value,
    _TEXT: text,
    _NUMBER: number,
    _BOOLEAN: boolean,
    _TIME: moment,
}


class Function(NamedTuple):
    """A function: kinds of what it takes, of what it gives, and what it does. `now`: it also takes the local time."""

    takes: tuple[Kind, ...]
    gives: Kind
    does: Callable[..., Value]
    now: bool = False


def _places(n: Decimal, most: int) -> int:
    if not 0 <= n <= most:
        raise UnusableError(str(n))
    return int(n)


def _left(whole: str, n: Decimal) -> str:
    return whole[: _places(n, 512)]


def _right(whole: str, n: Decimal) -> str:
    return whole[max(len(whole) - _places(n, 512), 0) :]


def _round(n: Decimal, places: Decimal) -> Decimal:
    return n.quantize(Decimal(1).scaleb(-_places(places, 9)), ROUND_HALF_UP)


def _days(a: date | time, b: date | time) -> Decimal:
    return Decimal((day(b) - day(a)).days)


def _minutes(a: date | time, b: date | time) -> Decimal:
    """Return the whole minutes from one moment to another; of two times of day, on one day."""
    if isinstance(a, time) and isinstance(b, time):
        a, b = datetime.combine(date.min, a), datetime.combine(date.min, b)
    if not isinstance(a, datetime) or not isinstance(b, datetime):
        raise UnusableError(text(a))
    return Decimal((b - a).total_seconds() // 60)


def _hour(when: date | time) -> Decimal:
    if not isinstance(when, datetime | time):
        raise UnusableError(text(when))
    return Decimal(when.hour)


def _contains(whole: str, piece: str) -> bool:
    return piece in whole


def _choose(yes: Value, one: Value, other: Value) -> Value:
    return one if yes else other


FUNCTIONS: Final[dict[str, Function]] = {
    "length": Function((_TEXT,), _NUMBER, lambda whole: Decimal(len(whole))),
    "left": Function((_TEXT, _NUMBER), _TEXT, _left),
    "right": Function((_TEXT, _NUMBER), _TEXT, _right),
    "starts": Function((_TEXT, _TEXT), _BOOLEAN, str.startswith),
    "ends": Function((_TEXT, _TEXT), _BOOLEAN, str.endswith),
    "contains": Function((_TEXT, _TEXT), _BOOLEAN, _contains),
    "number": Function((_NUMBER,), _NUMBER, lambda n: n),
    "round": Function((_NUMBER, _NUMBER), _NUMBER, _round),
    "min": Function((_NUMBER, _NUMBER), _NUMBER, min),
    "max": Function((_NUMBER, _NUMBER), _NUMBER, max),
    "choose": Function((_BOOLEAN, _ANY, _ANY), _ANY, _choose),
    "now": Function((), _TIME, lambda now: now, now=True),
    "today": Function((), _TIME, lambda now: now.date(), now=True),
    "days": Function((_TIME, _TIME), _NUMBER, _days),
    "minutes": Function((_TIME, _TIME), _NUMBER, _minutes),
    "hour": Function((_TIME,), _NUMBER, _hour),
    "weekday": Function((_TIME,), _NUMBER, lambda when: Decimal(day(when).isoweekday())),
}
