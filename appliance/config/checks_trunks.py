# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of SIP trunks, and of whether their calls can be told apart."""

import ipaddress
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.model import BoxConfig, TrunkConfig
from appliance.i18n import _

WORD: Final = re.compile(r"[^\s\"\\!$,;<>]*")
"""Allowed between quotation marks in the edge's own configuration."""
_NAME: Final = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?\.?", re.IGNORECASE
)
"""A host's name (RFC 1123 2.1; RFC 3261 25.1, whose last label begins with a letter)."""
ADDRESSES_MAX: Final = 256
"""Addresses of one network: the edge knows each address by itself."""


def trunks(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each trunk is at addresses or a name, and that every call belongs to one trunk."""
    for place, trunk in enumerate(config.trunk):
        key = f"trunk[{place}]"
        yield from _places(key, trunk)
        yield from _words(key, trunk)
        if trunk.register and not (trunk.user and trunk.password):
            message, hint = _("needs a user and a password"), _("set trunk.user and trunk.password")
            yield Mistake(f"{key}.register", trunk.register, message, hint)
    for one, place in combinations(range(len(config.trunk)), 2):
        yield from _alike(f"trunk[{place}]", config.trunk[one], config.trunk[place])


def _places(key: str, trunk: TrunkConfig) -> Iterator[Mistake]:
    if not (is_ip(trunk.host) or _NAME.fullmatch(trunk.host)):
        hint = _("e.g. 203.0.113.5 or sip.provider.example; a port goes to trunk.port")
        yield Mistake(f"{key}.host", trunk.host, _("is neither an IP address nor a name"), hint)
    for at, address in enumerate(trunk.addresses):
        hint = _("e.g. 203.0.113.7, or a network of at most {n} addresses: 203.0.113.0/28").format(n=ADDRESSES_MAX)
        if not addresses(address):
            yield Mistake(f"{key}.addresses[{at}]", address, _("is no address to be known by"), hint)


def _words(key: str, trunk: TrunkConfig) -> Iterator[Mistake]:
    for name in ("domain", "user", "password"):
        if not WORD.fullmatch(value := getattr(trunk, name)):
            shown = "" if name == "password" else value
            hint = _("allowed: no spaces and none of {refused}").format(refused='" \\ ! $ , ; < >')
            yield Mistake(f"{key}.{name}", shown, _("holds a character that cannot be there"), hint)


def _alike(key: str, one: TrunkConfig, other: TrunkConfig) -> Iterator[Mistake]:
    """Check that calls of two trunks can be told apart. Only one trunk at an address may lack a user or numbers."""
    if not _sources(one) & _sources(other):
        return
    hint = _("give each a user of its own, or the numbers that are called by way of it in trunk.numbers")
    both_numbers, both_register = one.numbers and other.numbers, one.register and other.register
    if one.user and one.user == other.user and not both_numbers and not (both_register and one.domain != other.domain):
        message = _("is the user of trunk {name} as well, at the same address").format(name=one.name)
        yield Mistake(f"{key}.user", other.user, message, hint)
    elif same := [each for each in other.numbers if any(_overlap(each, its) for its in one.numbers)]:
        message = _("is a number of trunk {name} as well, at the same address").format(name=one.name)
        yield Mistake(f"{key}.numbers", same[0], message, hint)
    elif not (own_words(one) or own_words(other)):
        message = _("is the address of trunk {name} as well").format(name=one.name)
        yield Mistake(f"{key}.host", other.host, message, hint)


def _overlap(one: str, other: str) -> bool:
    """Return whether a number can match both of two patterns."""
    begins, beginning = one.removesuffix("*"), other.removesuffix("*")
    if one.endswith("*") and beginning.startswith(begins):
        return True
    return begins.startswith(beginning) if other.endswith("*") else begins == beginning and not one.endswith("*")


def _sources(trunk: TrunkConfig) -> set[str]:
    return {host_key(trunk.host), *(each for text in trunk.addresses for each in addresses(text))}


def own_words(trunk: TrunkConfig) -> bool:
    """Return whether a trunk's calls are told from others at its address by more than its name."""
    return bool(trunk.user or trunk.numbers)


def host_key(host: str) -> str:
    """Return a host in one form, however it is written."""
    return str(ipaddress.ip_address(host)) if is_ip(host) else host.lower().removesuffix(".")


def addresses(text: str) -> tuple[str, ...]:
    """Return all addresses of an address or a small network; none if it is neither."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return ()
    return tuple(map(str, network)) if network.num_addresses <= ADDRESSES_MAX else ()


def is_ip(text: str) -> bool:
    """Return whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
