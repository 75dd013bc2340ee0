# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of a flow with expressions in braces: `{queue}`, `{price * count}`."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from appliance.ivr import expression
from appliance.ivr.evaluate import MOST_CHARACTERS, Evaluate, Scope, UnusableError, text
from appliance.ivr.expression import Expression
from appliance.ivr.tokens import ExpressionError

BRACES: Final = re.compile(r"\{([^{}]*)\}")


def fill(template: str, scope: Scope) -> str:
    """Return a text with the values of its expressions; one that has none, as an unset variable, is empty."""
    if "{" not in template:
        return template
    parts = _parts(template)
    return "".join([part if isinstance(part, str) else _value(part, scope) for part in parts])[:MOST_CHARACTERS]


def _value(value: Evaluate, scope: Scope) -> str:
    try:
        return text(value(scope))
    except UnusableError:
        return ""


@lru_cache(maxsize=1024)
def _parts(template: str) -> tuple[str | Evaluate, ...]:
    parts: list[str | Evaluate] = []
    end = 0
    for found in BRACES.finditer(template):
        parts += [template[end : found.start()], expression.read(found[1]).value]
        end = found.end()
    return tuple(part for part in (*parts, template[end:]) if part != "")


def read_text(template: str) -> Iterator[tuple[int, Expression | ExpressionError]]:
    """Return the expressions of a text, or their mistakes, each with the place where it begins."""
    for found in BRACES.finditer(template):
        try:
            yield found.start(1), expression.read(found[1])
        except ExpressionError as error:
            yield found.start(1), error
