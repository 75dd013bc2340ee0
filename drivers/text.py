# SPDX-License-Identifier: GPL-2.0-or-later
"""Octets from a line as text: UTF-8, else the coding of the site, else U+FFFD in place of octets that are neither.

Every text of a person that a line brings (names on displays) passes here. So no undecoded octet goes on: the surrogates
that Python puts in place of octets cannot be written into any message or file.
"""

import codecs
from typing import Final

CODING: Final = "gb18030"
"""Coding of lines in China that send no UTF-8; it contains GBK and GB 2312."""


def decode(octets: bytes, coding: str = CODING) -> str:
    """Return the text that octets mean. A letter that is cut off at the end is left out."""
    for name in ("utf-8", coding):
        decoder = codecs.getincrementaldecoder(name)()
        try:
            text = decoder.decode(octets)
        except UnicodeDecodeError:
            continue
        if not decoder.getstate()[0] or not text.isascii():
            return text
    return octets.decode("utf-8", "replace")


def plain(text: str) -> str:
    """Return a text without controls, overrides of direction and lone surrogates: they are no letters on a display."""
    return "".join(letter if letter.isprintable() else " " * letter.isspace() for letter in text)


def decode_lines(octets: bytes, coding: str = CODING) -> str:
    """Return a message of lines as text, each line for itself: one may be in another coding than the others."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return "\n".join(decode(line, coding) for line in octets.split(b"\n"))
