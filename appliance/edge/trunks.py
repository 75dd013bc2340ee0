# SPDX-License-Identifier: GPL-2.0-or-later
"""The trunks as lines for kamailio's tables, read when it starts: see trunks.cfg."""

import re
from collections.abc import Iterator, Sequence

from appliance.config.checks_trunks import addresses, host_key, is_ip, own_words
from appliance.config.model import TrunkConfig


def trunk_lines(trunks: Sequence[TrunkConfig]) -> Iterator[str]:
    """Return the lines for all trunks.

    Trunks without a user or numbers come first: they get the calls that match no other.
    """
    for place, trunk in enumerate(sorted(trunks, key=own_words)):
        yield _set("trunk_name", str(place), trunk.name)
        yield from _trunk(trunk)
    for row, trunk in enumerate(each for each in trunks if not is_ip(each.host)):
        by = "dns" if trunk.asks_naptr else trunk.named_transport
        yield _set("trunk_row", str(row), f"{trunk.name} {host_key(trunk.host)} {trunk.port} {by}")


def _trunk(trunk: TrunkConfig) -> Iterator[str]:
    yield _set("trunk_words", trunk.name, _words(trunk))
    yield _set("trunk_by", trunk.name, trunk.named_transport)
    yield _set("trunk_host", trunk.domain or trunk.host, trunk.name)
    at = [each for text in trunk.addresses for each in addresses(text)]
    to = ""
    if is_ip(trunk.host):
        at.append(address := host_key(trunk.host))
        to = f"{address} {trunk.named_port},"
    yield _set("trunk_to", trunk.name, to)
    for address in at:
        yield _set("trunk_at", address, "1")
        yield _set("trunk_at", f"{address}|{trunk.name}", "1")


def _words(trunk: TrunkConfig) -> str:
    """Return the pattern for the called users of its calls: the contact it registered, its user, its numbers."""
    user = trunk.user.partition("@")[0]
    words = [_plain(each) for each in (trunk.name, trunk.user, user) if each]
    numbers = [_plain(each.removesuffix("*")) + ".*" * each.endswith("*") for each in trunk.numbers]
    return f"^({'|'.join(dict.fromkeys([*words, *numbers]))})$"


def _plain(word: str) -> str:
    """Return a word as a POSIX pattern, without backslashes, which mean something in kamailio's texts."""
    return re.sub(r"[^A-Za-z0-9_@-]", lambda found: "." if found[0] == "^" else f"[{found[0]}]", word)


def _set(table: str, key: str, value: str) -> str:
    return f'\t$sht({table}=>{key}) = "{value}";'
