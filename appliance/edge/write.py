# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio's configuration file from `Values`: values, sockets and trunks first, then the routing all boxes share."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.config.model import TrunkConfig
from appliance.edge.certificate import OLD_CIPHERS
from appliance.edge.values import EdgePaths, Listen, Values

ROUTING: Final = Path(__file__).with_name("routing.cfg")
IN_TEXTS: Final = {
    "BLOCK_SECONDS": "BLOCK_SECONDS",
    "UNIT_SECONDS": "UNIT_SECONDS",
    "REGISTERED_SECONDS": "EXPIRES_MAX_S",
    "LEAST_SECONDS": "EXPIRES_MIN_S",
    "BOX_DOMAIN": "DOMAIN",
}
"""Names that stand inside texts of routing.cfg, and the values they stand for."""
METHODS: Final = {"1.0": "TLSv1+", "1.1": "TLSv1.1+", "1.2": "TLSv1.2+"}
"""Kamailio's words for the lowest version of TLS."""


def kamailio_config(values: Values) -> str:
    """Give the text of kamailio's file."""
    return "\n".join(
        ["#!KAMAILIO", "# Written by the box at every start of the edge; changes are lost.", *_lines(values)]
    )


def _lines(values: Values) -> Iterator[str]:
    known: dict[str, str] = {name: str(number) for name, number in values.numbers.items()} | values.texts
    for inside, name in IN_TEXTS.items():
        yield f'#!substdef "!{inside}!{known[name]}!g"'
    for name, number in values.numbers.items():
        if name not in IN_TEXTS:
            yield f"#!define {name} {number}"
    for name, text in values.texts.items():
        yield f'#!define {name} "{text}"'
    if values.tls:
        yield "#!define WITH_TLS"
    if values.registrations:
        yield "#!define TRUNKS_REGISTER"
    yield f"enable_tls={'yes' if values.tls else 'no'}"
    yield from map(_listen, values.listens)
    yield f'include_file "{ROUTING}"'
    yield "event_route[htable:mod-init] {"
    yield '\t$sht(trunk_at=>none) = "none";'
    for trunk in values.trunks:
        yield from _trunk(trunk)
    yield "}\n"


def _listen(listen: Listen) -> str:
    advertised = f" advertise {listen.advertised}" if listen.advertised else ""
    return f"listen={listen.protocol}:{_address(listen.address)}:{listen.port}{advertised}"


def _trunk(trunk: TrunkConfig) -> Iterator[str]:
    yield f'\t$sht(trunk_at=>{trunk.host}) = "{trunk.name}";'
    yield f'\t$sht(trunk_host=>{trunk.host}) = "{trunk.name}";'
    if trunk.domain:
        yield f'\t$sht(trunk_host=>{trunk.domain}) = "{trunk.name}";'
    address = f"sip:{_address(trunk.host)}:{trunk.port};transport={trunk.transport}"
    yield f'\t$sht(trunk_to=>{trunk.name}) = "{address}";'


def _address(address: str) -> str:
    try:
        return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
    except ValueError:
        return address  # an interface's name


def tls_config(files: EdgePaths, lowest: str) -> str:
    """Give the text of its TLS module's file: `lowest` the lowest version, phones need no certificate of their own."""
    both = f"method = {METHODS[lowest]}\nverify_certificate = no\nrequire_certificate = no\n"
    if lowest != "1.2":
        both += f"cipher_list = {OLD_CIPHERS}\n"
    server = f"{both}private_key = {files.key}\ncertificate = {files.certificate}\n"
    return f"[server:default]\n{server}\n[client:default]\n{both}"
