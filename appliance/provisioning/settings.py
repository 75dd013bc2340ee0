# SPDX-License-Identifier: GPL-2.0-or-later
"""The settings with which a telephone registers, and the parts that all makers' files share."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Transport = Literal["udp", "tcp", "tls"]

_MAC: Final = re.compile(r"[0-9a-f]{12}")
_GROUP_BIT: Final = 1
"""Of the first octet (IEEE 802 clause 8.2.2): such an address is no telephone's own."""


@dataclass(frozen=True)
class Settings:
    """One telephone's account.

    Attributes:
        mac: 12 hexadecimal digits, lower case.
        extension: user name, authentication name and number.
        name: of the person, for the display; '' shows the number.
        password: in clear: the file is made when it is fetched, and is not kept.
        domain: SIP domain, the realm of the password.
        server: host name or address of the box.
        port: of the box, for this transport.
        version: grows with every file, for makers whose phones compare.
    """

    mac: str
    extension: str
    name: str
    password: str
    domain: str
    server: str
    port: int
    transport: Transport
    version: int

    @property
    def shown(self) -> str:
        """The account's name in the display."""
        return one_line(self.name) or self.extension


@dataclass(frozen=True)
class Maker:
    """The form of one maker's settings.

    Attributes:
        file: the name of the file that a telephone asks for, with {mac}.
        content_type: of the file.
        write: returns its text.
    """

    file: str
    content_type: str
    write: Callable[[Settings], str]

    def file_name(self, mac: str) -> str:
        """Return the name of one telephone's file."""
        return self.file.format(mac=mac)


def plain_mac(text: str) -> str:
    """Return a MAC address as 12 lower-case digits, without separators; '' if it is none."""
    mac = re.sub(r"[:.\-\s]", "", text).lower()
    good = _MAC.fullmatch(mac) and int(mac, 16) and not int(mac[:2], 16) & _GROUP_BIT
    return mac if good else ""


def one_line(text: str) -> str:
    """Return a text without outer spaces and control characters and the like, which would end a line or hide in it."""
    return "".join(each for each in text if unicodedata.category(each)[0] != "C" and each not in "\u2028\u2029").strip()
