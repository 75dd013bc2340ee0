# SPDX-License-Identifier: GPL-2.0-or-later
"""Values of kamailio's file, computed from the box's configuration and checked."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.config.checks_trunks import is_ip
from appliance.config.codes import CodesConfig
from appliance.config.model import BoxConfig, TrunkConfig
from appliance.config.paths import ResolvedPaths
from appliance.edge import databases
from appliance.edge.errors import EdgeError
from appliance.i18n import _
from appliance.phones import schema

LOOPBACK: Final = "127.0.0.1"
UNIT_S: Final = 2
"""Length of the intervals in which requests are counted."""
UNQUOTABLE: Final = frozenset('"\\\n\r!$')
"""Characters that would end a text of kamailio's file, or mean something in it."""
_CODE_KEYS: Final = re.compile(r"[*+]")


@dataclass(frozen=True)
class Listen:
    """One socket. `advertised`: address and port that the other side uses, '' for the socket's own."""

    protocol: str
    address: str
    port: int
    advertised: str = ""


@dataclass(frozen=True)
class Values:
    """All values that differ from box to box.

    Attributes:
        texts, numbers: values of names in capitals in routing.cfg.
        listens: its sockets.
        trunks: known by address, reached by name.
        registrations: those of trunks at which the box registers.
    """

    texts: dict[str, str]
    numbers: dict[str, int]
    listens: tuple[Listen, ...]
    trunks: tuple[TrunkConfig, ...]
    registrations: tuple[databases.Registration, ...]
    tls: bool


@dataclass(frozen=True)
class EdgePaths:
    """Files of the edge."""

    phones: Path
    location: Path
    mask_key: Path
    certificate: Path
    key: Path
    certificate_ec: Path
    key_ec: Path
    config: Path
    tls: Path
    rpc: Path


def edge_paths(config: BoxConfig, paths: ResolvedPaths) -> EdgePaths:
    """Return the paths of the edge's files; relative names in [edge] are relative to the configuration file."""
    home, edge = paths.config.parent, config.edge
    return EdgePaths(
        phones=paths.state / schema.FILE,
        location=paths.state / databases.FILE,
        mask_key=paths.state / "edge.key",
        certificate=home / edge.certificate if edge.certificate else paths.state / "certificate.pem",
        key=home / edge.key if edge.key else paths.state / "certificate.key",
        certificate_ec=paths.state / "certificate-ec.pem",
        key_ec=paths.state / "certificate-ec.key",
        config=paths.run / "edge.cfg",
        tls=paths.run / "edge_tls.cfg",
        rpc=paths.run / "edge.sock",
    )


def edge_values(config: BoxConfig, files: EdgePaths, mask_key: str) -> Values:
    """Return every value of kamailio's file. Raises EdgeError if one cannot be written there."""
    edge = config.edge
    texts = {
        "DOMAIN": edge.domain,
        "SWITCH_URI": f"sip:{LOOPBACK}:{config.sip.port};transport=udp",
        "LINK_URI": f"sip:{LOOPBACK}:{edge.link_port};transport=udp",
        "PRESENCE_ADDRESS": f"sip:{edge.domain}",
        "PING_FROM": f"sip:ping@{edge.domain}",
        "REGISTER_CONTACT": f"{edge.public or edge.bind[0]}:{edge.port}",
        "PHONES_URL": f"sqlite:///{files.phones}",
        "LOCATION_URL": f"sqlite:///{files.location}",
        "LOCATION_CONNECTION": f"location=>sqlite:///{files.location}",
        "RPC_SOCKET": str(files.rpc),
        "TLS_FILE": str(files.tls),
        "MASK_KEY": mask_key,
        "AGENT_CODES": _agent_codes(config.codes),
    }
    numbers = {
        "SWITCH_PORT": config.sip.port,
        "LINK_PORT": edge.link_port,
        "WORKERS": edge.workers,
        "UNIT_SECONDS": UNIT_S,
        "REQUESTS_PER_UNIT": edge.requests_per_s * UNIT_S,
        "STRANGE_PER_UNIT": max(edge.requests_per_s, edge.strange_requests_per_s) * UNIT_S,
        "WRONG_MAX": edge.wrong_passwords,
        "WRONG_ACCOUNTS": max(2, edge.wrong_passwords),  # one phone is one account however often it is wrong
        "BLOCK_SECONDS": edge.block_s,
        "PHONES_EACH": edge.phones_each,
        "EXPIRES_MIN_S": edge.register_min_s,
        "EXPIRES_MAX_S": edge.register_max_s,
        "EXPIRES_DEFAULT_S": min(600, edge.register_max_s),
        "TCP_LIFETIME_S": edge.register_max_s + 10,  # a phone behind a NAT is reached by its own connection only
        "PING_S": edge.ping_s,
    }
    for name, text in texts.items():
        _quotable(name, text)
    return Values(
        texts=texts,
        numbers=numbers,
        listens=tuple(_listens(config)),
        trunks=config.trunk,
        registrations=tuple(_registration(trunk) for trunk in config.trunk if trunk.register),
        tls=edge.tls,
    )


def _agent_codes(codes: CodesConfig) -> str:
    """Return a regular expression of the URIs of agents' codes with a lamp: that of a pause with its key as well."""
    lamps = {codes.agent_sign_in: "", codes.agent_sign_out: "", codes.agent_resume: "", codes.agent_pause: "[0-9]?"}
    users = [_CODE_KEYS.sub(r"[\g<0>]", code).replace("#", "(#|%23)") + key for code, key in lamps.items() if code]
    return f"^sip:({'|'.join(users)})@"


def _quotable(name: str, text: str) -> None:
    if UNQUOTABLE & set(text):
        message = _("the edge cannot have {name} = {text}: it holds a character of {refused}").format(
            name=name, text=text, refused='" \\ ! $'
        )
        raise EdgeError(message, _("choose another path for paths.state and paths.run"))


def _listens(config: BoxConfig) -> Iterator[Listen]:
    edge = config.edge
    addresses = [*edge.bind] if LOOPBACK in edge.bind else [*edge.bind, LOOPBACK]
    for address in addresses:
        outside = edge.public if address == edge.bind[0] else ""
        for protocol in ("udp", "tcp"):
            yield Listen(protocol, address, edge.port, f"{outside}:{edge.port}" if outside else "")
        if edge.tls:
            yield Listen("tls", address, edge.tls_port, f"{outside}:{edge.tls_port}" if outside else "")


def _registration(trunk: TrunkConfig) -> databases.Registration:
    user, _at, domain = trunk.user.partition("@")
    by_ip = is_ip(trunk.host)
    port = f":{trunk.named_port}" if trunk.port or by_ip else ""  # for a name: as in DNS
    transport = "" if trunk.asks_naptr and not by_ip else f";transport={trunk.named_transport}"
    return databases.Registration(
        name=trunk.name,
        user=user,
        account=trunk.user,
        domain=trunk.domain or domain or in_uri(trunk.host),
        password=trunk.password,
        address=f"{in_uri(trunk.host)}{port}{transport}",
        expires_s=trunk.register_s,
    )


def in_uri(host: str) -> str:
    """Return a host in the form of a URI: an IPv6 address in brackets (RFC 3261 25.1)."""
    return f"[{host}]" if is_ip(host) and ipaddress.ip_address(host).version == 6 else host
