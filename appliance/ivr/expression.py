# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions in flows, such as `balance >= 10 and not blocked`: read by precedence, checked, made into functions.

From the weakest: `or`; `and`; `not`; one of == != < <= > >= in; + -; * / %; a minus before a number. Values are texts,
numbers, true and false, and times. There are no attributes, no loops and no other names than variables and `FUNCTIONS`;
length and depth are bounded, so each takes a bounded time.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from appliance.config.known import among
from appliance.i18n import N_, _
from appliance.ivr.evaluate import Evaluate, Kind, Scope, Value, boolean, calculate, compare, equal, number
from appliance.ivr.functions import CONVERT, FUNCTIONS, Function
from appliance.ivr.tokens import ExpressionError, Sort, Token, tokens
from appliance.ivr.values import moment_of, number_of

MOST_DEEP: Final = 16
"""Brackets, calls, `not` and minus signs inside each other."""

_KINDS: Final = {
    Kind.TEXT: N_("a text"),
    Kind.NUMBER: N_("a number"),
    Kind.BOOLEAN: N_("true or false"),
    Kind.TIME: N_("a time"),
}
_COMPARED: Final = ("==", "!=", "<", "<=", ">", ">=")
_WORDS: Final = ("and", "or", "not", "in", "true", "false")


class Used(NamedTuple):
    """A variable that an expression reads, and its place."""

    name: str
    at: int


class Expression(NamedTuple):
    """An expression that was read: the kind of its value, the variables that it reads, and the function."""

    kind: Kind
    uses: tuple[Used, ...]
    value: Evaluate


class _Part(NamedTuple):
    """A part of an expression; `at` is the place where it begins."""

    kind: Kind
    at: int
    value: Evaluate


@lru_cache(maxsize=1024)
def read(text: str, wanted: Kind = Kind.ANY) -> Expression:
    """Read an expression; with `wanted`, its value has to be of that kind. Raises ExpressionError."""
    return _Reader(text).whole(wanted)


class _Reader:
    """Reading of one expression, from the left."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0
        self._deep = 0
        self._uses: list[Used] = []

    def whole(self, wanted: Kind) -> Expression:
        """Return the expression, which has to be the whole text."""
        part = self._or()
        if self._next.sort is not Sort.END:
            hint = _("put and, or, + - * / or a comparison before it, or take it out")
            raise ExpressionError(_("{piece} does not belong here").format(piece=self._next.text), hint, self._next.at)
        _need(part, wanted)
        return Expression(part.kind, tuple(self._uses), part.value)

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> Token | None:
        """Take the next token if it is one of these signs or words."""
        token = self._next
        if token.sort not in (Sort.SIGN, Sort.NAME) or token.text not in texts:
            return None
        self._at += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._take(sign) is None:
            message = _("{sign} is missing here").format(sign=sign)
            raise ExpressionError(message, _("every ( needs its )"), self._next.at)

    def _deeper(self, inner: Callable[[], _Part], at: int) -> _Part:
        """Read a part inside another, unless it is too deep."""
        self._deep += 1
        if self._deep > MOST_DEEP:
            hint = _("up to {n} levels: set a variable first").format(n=MOST_DEEP)
            raise ExpressionError(_("there are too many levels in it"), hint, at)
        part = inner()
        self._deep -= 1
        return part

    def _or(self) -> _Part:
        left = self._and()
        while self._take("or"):
            left = _logical(left, self._and(), whole=True)
        return left

    def _and(self) -> _Part:
        left = self._not()
        while self._take("and"):
            left = _logical(left, self._not(), whole=False)
        return left

    def _not(self) -> _Part:
        token = self._take("not")
        if token is None:
            return self._comparison()
        inner = self._deeper(self._not, token.at)
        _need(inner, Kind.BOOLEAN)
        return _Part(Kind.BOOLEAN, token.at, lambda scope: not boolean(inner.value(scope)))

    def _comparison(self) -> _Part:
        left = self._sum()
        if self._take("in"):
            return _within(left, self._list())
        token = self._take(*_COMPARED)
        if token is None:
            return left
        right, sign = self._sum(), token.text
        _comparable(left, right, sign)
        if self._next.text in _COMPARED and self._next.sort is Sort.SIGN:
            message = _("only two values can be compared at once")
            raise ExpressionError(message, _("write: a < b and b < c"), self._next.at)
        return _Part(Kind.BOOLEAN, left.at, lambda scope: compare(sign, left.value(scope), right.value(scope)))

    def _list(self) -> list[_Part]:
        self._expect("(")
        items = [self._sum()]
        while self._take(","):
            items.append(self._sum())
        self._expect(")")
        return items

    def _sum(self) -> _Part:
        left = self._product()
        while token := self._take("+", "-"):
            left = _calculated(token.text, left, self._product())
        return left

    def _product(self) -> _Part:
        left = self._signed()
        while token := self._take("*", "/", "%"):
            left = _calculated(token.text, left, self._signed())
        return left

    def _signed(self) -> _Part:
        token = self._take("-")
        if token is None:
            return self._value()
        inner = self._deeper(self._signed, token.at)
        _need(inner, Kind.NUMBER)
        return _Part(Kind.NUMBER, token.at, lambda scope: -number(inner.value(scope)))

    def _value(self) -> _Part:
        token = self._next
        if self._take("("):
            part = self._deeper(self._or, token.at)
            self._expect(")")
            return part
        if token.sort in (Sort.SIGN, Sort.END) or token.text in ("and", "or", "in"):
            message = _("a value is missing before {piece}") if token.text else _("a value is missing at the end")
            hint = _("a value is a variable, a number, a 'text', a time, true or false, or a call of a function")
            raise ExpressionError(message.format(piece=token.text), hint, token.at)
        self._at += 1
        if token.sort is Sort.NAME:
            return self._named(token)
        return _constant(token)

    def _named(self, token: Token) -> _Part:
        if token.text in ("true", "false"):
            return _Part(Kind.BOOLEAN, token.at, lambda _scope: token.text == "true")
        if self._take("("):
            return self._deeper(lambda: self._call(token), token.at)
        self._uses.append(Used(token.text, token.at))
        return _Part(Kind.ANY, token.at, lambda scope: scope.variables.get(token.text, ""))

    def _call(self, token: Token) -> _Part:
        function = FUNCTIONS.get(token.text)
        if function is None:
            message = _("there is no function {name}").format(name=token.text)
            raise ExpressionError(message, among(sorted(FUNCTIONS), token.text), token.at)
        given: list[_Part] = []
        while not self._take(")"):
            if given and not self._take(","):
                self._expect(")")
            given.append(self._or())
        return _called(token, function, given)


def _need(part: _Part, wanted: Kind) -> None:
    """Raise ExpressionError if a part cannot be of this kind."""
    if Kind.ANY not in (part.kind, wanted) and part.kind is not wanted:
        message = _("this is {given}; {wanted} is needed here")
        told = message.format(given=_(_KINDS[part.kind]), wanted=_(_KINDS[wanted]))
        raise ExpressionError(told, _("compare it, or use another value"), part.at)


def _comparable(left: _Part, right: _Part, sign: str) -> None:
    if sign not in ("==", "!=") and Kind.BOOLEAN in (left.kind, right.kind):
        message = _("true and false have no order")
        raise ExpressionError(message, _("compare them by == or !="), left.at)
    if left.kind is not Kind.ANY:
        _need(right, left.kind)


def _logical(left: _Part, right: _Part, *, whole: bool) -> _Part:
    """Return `or` of two parts (`whole` is the value that decides alone), or `and`."""
    _need(left, Kind.BOOLEAN)
    _need(right, Kind.BOOLEAN)

    def value(scope: Scope) -> bool:
        return whole if boolean(left.value(scope)) is whole else boolean(right.value(scope))

    return _Part(Kind.BOOLEAN, left.at, value)


def _within(left: _Part, items: list[_Part]) -> _Part:
    for item in items:
        _comparable(left, item, "==")

    def value(scope: Scope) -> bool:
        wanted = left.value(scope)
        return any(equal(wanted, item.value(scope)) for item in items)

    return _Part(Kind.BOOLEAN, left.at, value)


def _calculated(sign: str, left: _Part, right: _Part) -> _Part:
    _need(left, Kind.NUMBER)
    _need(right, Kind.NUMBER)
    return _Part(Kind.NUMBER, left.at, lambda scope: calculate(sign, left.value(scope), right.value(scope)))


def _constant(token: Token) -> _Part:
    value: Value | None
    if token.sort is Sort.TEXT:
        return _Part(Kind.TEXT, token.at, lambda _scope: token.text)
    if token.sort is Sort.NUMBER:
        kind, value, hint = Kind.NUMBER, number_of(token.text), _("numbers have up to 18 digits, and 9 after the point")
    else:
        kind, value, hint = Kind.TIME, moment_of(token.text), _("times are written as 08:30, days as 2026-12-01")
    if value is None:
        message = _("{piece} is no time") if kind is Kind.TIME else _("{piece} has too many digits")
        raise ExpressionError(message.format(piece=token.text), hint, token.at)
    known = value
    return _Part(kind, token.at, lambda _scope: known)


def _called(token: Token, function: Function, given: list[_Part]) -> _Part:
    if len(given) != len(function.takes):
        message = _("{name} takes {n} values").format(name=token.text, n=len(function.takes))
        hint = _("so it is written: {example}").format(
            example=f"{token.text}({', '.join('abc'[: len(function.takes)])})"
        )
        raise ExpressionError(message, hint, token.at)
    for part, wanted in zip(given, function.takes, strict=True):
        if wanted is not Kind.TEXT:  # every value can be a text
            _need(part, wanted)
    made = [(part.value, CONVERT[wanted]) for part, wanted in zip(given, function.takes, strict=True)]

    def value(scope: Scope) -> Value:
        values = [convert(inner(scope)) for inner, convert in made]
        return function.does(scope.clock()) if function.now else function.does(*values)

    return _Part(function.gives, token.at, value)
