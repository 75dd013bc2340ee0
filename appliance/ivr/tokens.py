# SPDX-License-Identifier: GPL-2.0-or-later
"""Pieces of an expression in a flow, and the mistake that names one of them."""

import re
from enum import Enum
from typing import Final, NamedTuple

from appliance.i18n import _

MOST_CHARACTERS: Final = 200
"""A longer expression is refused: a flow is no program."""


class ExpressionError(Exception):
    """A mistake in an expression; `at` is its place, 0.., in the text."""

    def __init__(self, message: str, hint: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.at = at


class Sort(Enum):
    """Sorts of tokens."""

    NUMBER = "number"
    TEXT = "text"
    MOMENT = "moment"
    NAME = "name"
    SIGN = "sign"
    END = "end"


class Token(NamedTuple):
    """A token; of a text without its quotation marks."""

    sort: Sort
    text: str
    at: int


_TOKEN: Final = re.compile(
    r"(?P<moment>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{1,2}:[0-9]{2})?|[0-9]{1,2}:[0-9]{2})"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[a-z][a-z0-9_]*)"
    r"|(?P<sign>==|!=|<=|>=|[<>+*/%(),-])"
)


def tokens(text: str) -> list[Token]:
    """Return the tokens of an expression, with one of sort END after them. Raises ExpressionError."""
    if len(text) > MOST_CHARACTERS:
        message = _("the expression is too long")
        hint = _("up to {n} characters: set a variable first").format(n=MOST_CHARACTERS)
        raise ExpressionError(message, hint, MOST_CHARACTERS)
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unknown(text, at)
        sort = Sort(match.lastgroup)
        found.append(Token(sort, match[0][1:-1] if sort is Sort.TEXT else match[0], at))
        at = match.end()
    return [*found, Token(Sort.END, "", len(text))]


def _unknown(text: str, at: int) -> ExpressionError:
    sign = text[at]
    if sign in "'\"":
        return ExpressionError(_("this text does not end"), _("put {sign} after it").format(sign=sign), at)
    if sign == "=":
        return ExpressionError(_("{sign} compares nothing").format(sign=sign), _("write == for 'is equal to'"), at)
    if sign == "{":
        return ExpressionError(
            _("{sign} is no part of an expression").format(sign=sign), _("write it without braces"), at
        )
    hint = _(
        "allowed: names, numbers, 'texts', times as 08:30 and 2026-12-01, == != < <= > >= in and or not + - * / % ( ) ,"
    )
    return ExpressionError(_("{sign} is no part of an expression").format(sign=sign), hint, at)
