# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions of flows: values, precedence, mistakes with their places, bounds."""

from contextlib import suppress
from datetime import datetime
from random import Random
from types import SimpleNamespace

import pytest

from appliance.ivr import evaluate, texts
from appliance.ivr.evaluate import Kind, UnusableError
from appliance.ivr.expression import MOST_DEEP, read
from appliance.ivr.functions import FUNCTIONS
from appliance.ivr.tokens import MOST_CHARACTERS, ExpressionError

SCOPE = SimpleNamespace(
    variables={
        "n": "12.50",
        "zero": "0",
        "card": "0123",
        "name": "王",
        "vip": "true",
        "at": "08:30",
        "day": "2026-12-24",
    },
    clock=lambda: datetime(2026, 12, 1, 14, 5),  # noqa: DTZ001
)


def _value(text: str) -> str:
    return evaluate.text(read(text).value(SCOPE))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 3 - 2", "5"),
        ("-2 * -3", "6"),
        ("7 % 4 + 10 / 4", "5.5"),
        ("1 / 3", "0.333333333"),
        ("0.1 + 0.2 == 0.3", "true"),
        ("n * 2", "25"),
        ("n >= 12.5 and n < 13", "true"),
        ("not vip or n > 100", "false"),
        ("not (vip and n > 100)", "true"),
        ("true or 1 / zero > 0", "true"),
        ("false and name > 3", "false"),
        ("card == '0123'", "true"),
        ("card == 123", "true"),
        ("card == '123'", "false"),
        ("name == 5", "false"),
        ("name != 5", "true"),
        ("unset == ''", "true"),
        ("n in (1, 12.5)", "true"),
        ("card in ('1', \"0123\")", "true"),
        ("left(card, 2)", "01"),
        ("right(card, 2)", "23"),
        ("right(card, 9)", "0123"),
        ("length(name) + length(12)", "3"),
        ("starts(card, '01') and ends(card, '23') and contains(card, '12')", "true"),
        ("round(2.345, 2)", "2.35"),
        ("round(-0.4, 0)", "0"),
        ("max(n, 3) - min(n, 3)", "9.5"),
        ("choose(n > 10, 'much', 'little')", "much"),
        ("number(card)", "123"),
        ("now()", "2026-12-01 14:05"),
        ("today()", "2026-12-01"),
        ("now() >= 08:30 and now() < 18:00", "true"),
        ("now() < 2026-12-24", "true"),
        ("at < 9:00", "true"),
        ("day == 2026-12-24", "true"),
        ("days(today(), day)", "23"),
        ("minutes(at, 10:00)", "90"),
        ("minutes(2026-12-01 08:00, now())", "365"),
        ("hour(now()) * 100 + weekday(now())", "1402"),
        ("2026-12-01 14:05 == now()", "true"),
        ("1000000 * 1000000", "1000000000000"),
    ],
)
def test_values(text: str, value: str) -> None:
    assert _value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "name + 1",
        "unset > 3",
        "name > 3",
        "n / zero",
        "n % zero",
        "1 / 0",
        "not n",
        "n and vip",
        "999999999999999999 + 1",
        "999999999999999999 * 999999999999999999",
        "at < day",
        "left(card, -1)",
        "left(card, 0.5 / 0)",
        "round(n, 10)",
        "hour(day)",
        "minutes(day, at)",
        "weekday(at)",
        "name > card",
    ],
)
def test_values_that_cannot_be_used_are_told_and_nothing_else_is_raised(text: str) -> None:
    with pytest.raises(UnusableError):
        read(text).value(SCOPE)


@pytest.mark.parametrize(
    ("text", "at", "told"),
    [
        ("", 0, "missing at the end"),
        ("n +", 3, "missing at the end"),
        ("n + * 2", 4, "missing before *"),
        ("(n", 2, ") is missing"),
        ("n)", 1, ") does not belong"),
        ("n 5", 2, "5 does not belong"),
        ("n = 5", 2, "= compares nothing"),
        ("n > 1 > 2", 6, "only two values"),
        ("'abc", 0, "does not end"),
        ("n.real", 1, ". is no part"),
        ("{n}", 0, "{ is no part"),
        ("__import__('os')", 0, "_ is no part"),
        ("n[0]", 1, "[ is no part"),
        ("lenght(n)", 0, "no function lenght"),
        ("left(n)", 0, "takes 2 values"),
        ("left(n, 2", 9, ") is missing"),
        ("left(n 2)", 7, ") is missing"),
        ("n in 5", 5, "( is missing"),
        ("'a' > 3", 6, "a text is needed"),
        ("3 + 'a'", 4, "a number is needed"),
        ("not 5", 4, "true or false is needed"),
        ("true < false", 0, "no order"),
        ("25:00 < now()", 0, "no time"),
        ("2026-02-30 < now()", 0, "no time"),
        ("1234567890123456789", 0, "too many digits"),
        ("n and or vip", 6, "missing before or"),
        ("n == 5 == vip", 7, "only two values"),
    ],
)
def test_mistakes_name_their_place_and_a_remedy(text: str, at: int, told: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert (caught.value.at, told in caught.value.message) == (at, True), caught.value.message
    assert caught.value.hint


def test_the_kind_that_a_node_needs_is_checked() -> None:
    assert read("n", Kind.BOOLEAN).kind is Kind.ANY, "a variable is known when a call is there"
    with pytest.raises(ExpressionError, match="this is a number; true or false is needed here"):
        read("n + 1", Kind.BOOLEAN)


def test_length_and_depth_are_bounded() -> None:
    assert read("(" * MOST_DEEP + "n" + ")" * MOST_DEEP).kind is Kind.ANY
    for text in ("(" * 99 + "n" + ")" * 99, "not " * 49 + "n", "-" * 199 + "n", "number(" * 20 + "n" + ")" * 20):
        with pytest.raises(ExpressionError, match="too many levels"):
            read(text)
    with pytest.raises(ExpressionError, match="too long"):
        read("n" * (MOST_CHARACTERS + 1))


def test_nonsense_is_a_mistake_or_a_value_and_never_another_error() -> None:
    chance = Random(15)
    pieces = [
        "n",
        "card",
        "name",
        "and",
        "or",
        "not",
        "in",
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "<",
        "'a'",
        "3",
    ]
    pieces += ["08:30", "2026-12-01", "true", "x.y", "=", "'", "王", *(f"{name}(" for name in FUNCTIONS)]
    values = 0
    for _ in range(4_000):
        text = " ".join(chance.choices(pieces, k=chance.randint(1, 7)))
        with suppress(ExpressionError):
            made = read.__wrapped__(text)
            values += 1
            with suppress(UnusableError):
                made.value(SCOPE)
    assert values > 100, "some of it is sense"


def test_texts_hold_expressions_in_braces() -> None:
    assert texts.fill("{card}-{n * 2}-{unset}", SCOPE) == "0123-25-"
    assert texts.fill("no braces", SCOPE) == "no braces"
    assert texts.fill("{name + 1}", SCOPE) == "", "what has no value is empty, as an unset variable"
    assert len(texts.fill("{name}" * 90, SCOPE)) == 90
    long = "{left('" + "a" * 150 + "', 150)}"
    assert texts.fill(long * 9, SCOPE) == "a" * evaluate.MOST_CHARACTERS
