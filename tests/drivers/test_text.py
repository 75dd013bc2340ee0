# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of people from any line: UTF-8, else the site's coding, else replaced; never undecoded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.text import decode, decode_lines, plain

CODINGS = ("utf-8", "gb18030", "big5", "euc-kr", "shift_jis", "iso8859-1", "cp1251")


@pytest.mark.parametrize(
    ("octets", "coding", "text"),
    [
        (b"\xc0\xee\xc4\xc8", "gb18030", "李娜"),
        (b"\xd5\xc5\xce\xb0\xb9\xab\xcb\xbe", "gb18030", "张伟公司"),
        ("张伟公司".encode(), "gb18030", "张伟公司"),
        (b"M\xfcller", "iso8859-1", "Müller"),
        (b"M\xfcller", "big5", "M\ufffdller"),
        ("Müller".encode(), "gb18030", "Müller"),
        ("张伟".encode()[:5], "gb18030", "张"),
        (b"\xd5\xc5\xce", "gb18030", "张"),
        (b"Ann\xff\xff", "gb18030", "Ann\ufffd\ufffd"),
        (b"", "gb18030", ""),
    ],
)
def test_a_text_is_utf_8_else_of_the_site_else_replaced(octets: bytes, coding: str, text: str) -> None:
    assert decode(octets, coding) == text


@given(st.binary(max_size=60), st.sampled_from(CODINGS))
def test_whatever_octets_come_the_text_can_be_written(octets: bytes, coding: str) -> None:
    decode(octets, coding).encode()
    decode_lines(octets, coding).encode()


@given(st.text(st.characters(codec="gb18030"), max_size=20))
def test_what_is_utf_8_stays_as_it_is(text: str) -> None:
    assert decode(text.encode()) == text


def test_each_line_of_a_message_may_have_its_own_coding() -> None:
    octets = b'From: "\xc0\xee"\r\nSubject: ' + "张".encode() + b"\r\n\r\n\xff"
    assert decode_lines(octets) == 'From: "李"\r\nSubject: 张\r\n\r\n\ufffd'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202egnp.exe", "agnp.exe"),
        ("bell\x07 esc\x1b[31m", "bell esc[31m"),
        ("two\r\nlines", "two  lines"),
        ("\u2066x\u2069\u200f\u061c", "x"),
        ("lone \udcc0\udcee", "lone "),
        ("李\u3000娜", "李 娜"),
        ("José €", "José €"),
    ],
)
def test_a_display_shows_letters_only(text: str, shown: str) -> None:
    assert plain(text) == shown
