# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluation of expressions: values, what can be done with them, and what cannot."""

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Context, Decimal, DecimalException
from enum import Enum
from typing import Any, Final, NamedTuple, Protocol

from appliance.ivr.values import Moment, moment_of, number_of

Value = str | Decimal | bool | Moment
"""A value of an expression. Variables hold texts: they become numbers and times where these are needed."""


class Kind(Enum):
    """Kinds of values. ANY: that of a variable, known when a call is there."""

    ANY = "any"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"


class Scope(Protocol):
    """The source of an expression's values: a caller's variables, and the local time of day."""

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables."""

    def clock(self) -> datetime:
        """Return the local time."""


Evaluate = Callable[[Scope], Value]


class UnusableError(Exception):
    """A value that an expression cannot use, as the text 'abc' where a number is needed."""


_NUMBERS: Final = Context(prec=28)
_LIMIT: Final = Decimal(10) ** 18
_PLACES: Final = Decimal("1e-9")
MOST_CHARACTERS: Final = 512
"""Longer texts are cut off."""


def number(value: Value) -> Decimal:
    """Return a value as a number. Raises UnusableError."""
    found = number_of(value) if isinstance(value, str) else value
    if isinstance(found, Decimal):
        return found
    raise UnusableError(text(value))


def boolean(value: Value) -> bool:
    """Return a value as yes or no. Raises UnusableError."""
    found = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
    if isinstance(found, bool):
        return found
    raise UnusableError(text(value))


def moment(value: Value) -> Moment:
    """Return a value as a moment. Raises UnusableError."""
    found = moment_of(value) if isinstance(value, str) else value
    if isinstance(found, date | time):
        return found
    raise UnusableError(text(value))


def text(value: Value) -> str:
    """Return a value as a text: what a variable holds, and what `say` reads."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize(_NUMBERS):f}" if value else "0"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else value[:MOST_CHARACTERS]


_CALCULATED: Final[dict[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": _NUMBERS.add,
    "-": _NUMBERS.subtract,
    "*": _NUMBERS.multiply,
    "/": _NUMBERS.divide,
    "%": _NUMBERS.remainder,
}


def calculate(sign: str, a: Value, b: Value) -> Decimal:
    """Return the result of + - * / %, to nine places. Raises UnusableError for none, or one of too many digits."""
    try:
        result = _CALCULATED[sign](number(a), number(b))
        if abs(result) >= _LIMIT:
            raise UnusableError(sign)
        return result.quantize(_PLACES, context=_NUMBERS)
    except DecimalException as error:
        raise UnusableError(sign) from error


_ORDERED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(sign: str, a: Value, b: Value) -> bool:
    """Return the result of == != < <= > >=. Raises UnusableError if one cannot be before the other."""
    if sign in ("==", "!="):
        return equal(a, b) == (sign == "==")
    return _ORDERED[sign](*_ordered(a, b))


def equal(a: Value, b: Value) -> bool:
    """Return whether two values are the same: as texts, if both are; a text that is no number equals none."""
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    try:
        if isinstance(a, bool) or isinstance(b, bool):
            return boolean(a) == boolean(b)
        first, second = _ordered(a, b)
    except UnusableError:
        return False
    return first == second


class Pair(NamedTuple):
    """Two values of one type."""

    first: Decimal | Moment
    second: Decimal | Moment


def _ordered(a: Value, b: Value) -> Pair:
    """Return two values in the type in which they can be compared. Raises UnusableError."""
    both = isinstance(a, str) and isinstance(b, str)
    if isinstance(a, Decimal) or isinstance(b, Decimal) or (both and number_of(str(a)) is not None):
        return Pair(number(a), number(b))
    return _shared(moment(a), moment(b))


def _shared(a: Moment, b: Moment) -> Pair:
    """Return two moments by what both say: the time of day, or the day. Raises UnusableError if they share none."""
    if isinstance(a, time) or isinstance(b, time):
        return Pair(_clock(a), _clock(b))
    if isinstance(a, datetime) and isinstance(b, datetime):
        return Pair(a, b)
    return Pair(day(a), day(b))


def _clock(when: Moment) -> time:
    if isinstance(when, datetime):
        return when.time()
    if isinstance(when, time):
        return when
    raise UnusableError(when.isoformat())


def day(when: Moment) -> date:
    """Return the day of a moment. Raises UnusableError for a time of day."""
    if isinstance(when, datetime):
        return when.date()
    if isinstance(when, date):
        return when
    raise UnusableError(when.isoformat())
