# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio's configuration file from `Values`: values, sockets and trunks first, then the routing all boxes share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.edge.certificate import OLD_CIPHERS
from appliance.edge.trunks import trunk_lines
from appliance.edge.values import EdgePaths, Listen, Values, in_uri

ROUTING: Final = tuple(Path(__file__).with_name(f"{name}.cfg") for name in ("routing", "trunks", "refusals"))
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
    """Return the text of kamailio's file."""
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
    yield from (f'include_file "{file}"' for file in ROUTING)
    yield "event_route[htable:mod-init] {"
    yield '\t$sht(trunk_host=>none) = "none";'
    yield from trunk_lines(values.trunks)
    for each in values.registrations:
        yield f'\t$sht(trunk_of=>{each.record}) = "{each.name}";'
        yield f'\t$sht(trunk_aor=>{each.name}) = "{each.record}";'
        yield f'\t$sht(trunk_home=>{each.name}) = "{each.to}";'
    yield "}\n"


def _listen(listen: Listen) -> str:
    advertised = f" advertise {listen.advertised}" if listen.advertised else ""
    return f"listen={listen.protocol}:{in_uri(listen.address)}:{listen.port}{advertised}"


def tls_config(files: EdgePaths, lowest: str) -> str:
    """Return the text of its TLS module's file: `lowest` the lowest version; phones need no certificate."""
    both = f"method = {METHODS[lowest]}\nverify_certificate = no\nrequire_certificate = no\n"
    if lowest != "1.2":
        both += f"cipher_list = {OLD_CIPHERS}\n"
    server = f"{both}private_key = {files.key}\ncertificate = {files.certificate}\n"
    return f"[server:default]\n{server}\n[client:default]\n{both}"
