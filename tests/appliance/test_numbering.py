# SPDX-License-Identifier: GPL-2.0-or-later
"""The one grammar for numbers."""

import pytest

from appliance.numbering import NumberError, number, pattern, plain, plain_pattern


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1001", "1001"),
        ("0138-0013 8000", "013800138000"),
        ("+86 (10) 6552-9988", "+861065529988"),
        ("+49 30/123.45", "+493012345"),
        ("010\N{NO-BREAK SPACE}6552\N{EN DASH}9988", "01065529988"),
        (" *72 1002", "*721002"),
        ("##1003", "##1003"),
        ("１３８　００１３－８０００", "13800138000"),  # as a Chinese keyboard writes it
        ("＋８６（１０）６５５２", "+86106552"),
        ("9" * 32, "9" * 32),
    ],
)
def test_separators_are_taken_out(text: str, meant: str) -> None:
    assert plain(text) == number(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "hello world",
        "0abc",
        "0abc\r\nX-Evil: 1",
        "1001\n",
        "\r1001",
        "10\t01",
        "10\x0001",
        "0<x>;y=1@evil.example",
        "1001;phone-context=x",
        "1001@box",
        "9" * 33,
        "٣٤٥",  # digits, but of another script
        "１００１ａ",
        "10\N{ZERO WIDTH SPACE}01",
    ],
)
def test_all_else_is_refused_in_one_line_with_what_is_allowed(text: str) -> None:
    assert plain(text) is None
    with pytest.raises(NumberError) as caught:
        number(text)
    assert "\n" not in caught.value.message
    assert "\r" not in caught.value.message
    assert len(caught.value.message) < 80
    assert "0-9 * # +" in caught.value.hint


@pytest.mark.parametrize(("text", "meant"), [("", ""), ("138*", "138*"), ("*8000", "*8000"), ("138 0013*", "1380013*")])
def test_a_pattern_may_be_empty(text: str, meant: str) -> None:
    assert plain_pattern(text) == pattern(text) == meant


@pytest.mark.parametrize("text", ["1" * 65400, "?", "[0-9]", "abc", "\n", "1\n"])
def test_a_pattern_is_as_short_and_plain_as_a_number(text: str) -> None:
    assert plain_pattern(text) is None
    with pytest.raises(NumberError, match="is no number to look for"):
        pattern(text)
