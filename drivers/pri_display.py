# SPDX-License-Identifier: GPL-2.0-or-later
"""Names in Display elements (Q.931 4.5.16), which are of IA5 letters by the standard and of any by practice."""

from typing import Final

from drivers.text import decode, plain

MAX_OCTETS: Final = 50
"""Octets of Display that libpri sends."""
_LATIN_1: Final = b"\xb1"


def read(octets: bytes, coding: str) -> str:
    """Return the text of a Display element: UTF-8, else in the site's coding.

    Some exchanges, and libpri, put an octet before it that names a set of letters (0xB1: Latin-1). Names from lines in
    China begin with a letter of two octets, which looks alike.
    """
    if octets[:1] > b"\x7f" and (octets[1:].isascii() or (octets[:1] == _LATIN_1 and coding.startswith("iso8859"))):
        octets = octets[1:]
    return plain(decode(octets, coding)).strip()


def write(name: str, coding: str) -> bytes:
    """Return the octets of a name in the site's coding, no letter cut; none if it has letters that the coding lacks."""
    try:
        while len(octets := name.encode(coding)) > MAX_OCTETS:
            name = name[:-1]
    except UnicodeEncodeError:
        return b""
    return octets
