# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the edge's settings."""

import re
from collections.abc import Iterator
from typing import Final

from appliance.config.checks_trunks import is_ip, trunks
from appliance.config.errors import Mistake
from appliance.config.model import BoxConfig
from appliance.contract.address import LineAddress
from appliance.i18n import _

_INTERFACE: Final = re.compile(r"[a-z][a-z0-9]{0,14}(\.[0-9]{1,4})?")
LOOPBACK: Final = "127.0.0.1"


def edge(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the edge can be reached, each of its ports used once, with the switch behind it on loopback."""
    if not config.edge.enabled:
        return
    yield from _addresses(config)
    yield from _ports(config)
    if config.sip.bind != LOOPBACK:
        message, hint = _("is not loopback, but the edge stands in front"), _('set sip.bind = "127.0.0.1"')
        yield Mistake("sip.bind", config.sip.bind, message, hint)
    if bool(config.edge.certificate) != bool(config.edge.key):
        message, hint = _("is one of two files"), _("edge.certificate and edge.key name PEM files, both or neither")
        yield Mistake("edge.certificate", config.edge.certificate, message, hint)
    if config.edge.register_min_s > config.edge.register_max_s:
        hint = _("allowed: at most edge.register_max_s = {n}").format(n=config.edge.register_max_s)
        yield Mistake("edge.register_min_s", config.edge.register_min_s, _("is more than the longest"), hint)


def _addresses(config: BoxConfig) -> Iterator[Mistake]:
    hint = _("allowed: IP addresses of this machine, or interfaces, e.g. 192.168.1.10 or eth0")
    if not config.edge.bind:
        yield Mistake("edge.bind", None, _("names no address"), hint)
    for place, address in enumerate(config.edge.bind):
        if not (is_ip(address) or _INTERFACE.fullmatch(address)) or address in ("0.0.0.0", "::"):  # noqa: S104 - refused
            yield Mistake(f"edge.bind[{place}]", address, _("is no address to listen on"), hint)
    if config.edge.public and not is_ip(config.edge.public):
        yield Mistake("edge.public", config.edge.public, _("is no IP address"), _("e.g. 203.0.113.5"))


def _ports(config: BoxConfig) -> Iterator[Mistake]:
    side = config.edge
    taken = {"sip.port": config.sip.port}
    ports = {"edge.port": side.port, "edge.tls_port": side.tls_port, "edge.link_port": side.link_port}
    if not side.tls:
        del ports["edge.tls_port"]
    for key, port in ports.items():
        for other in (name for name, number in taken.items() if number == port):
            hint = _("every port only once, e.g. sip.port = 5070 behind edge.port = 5060")
            yield Mistake(key, port, _("is the port of {key} as well").format(key=other), hint)
        taken[key] = port


def registered(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the edge is enabled if phones register or there are trunks."""
    if config.edge.enabled:
        return
    hint = _("set edge.enabled = true")
    for place, extension in enumerate(config.extension):
        if LineAddress.of(extension.line).registers:
            yield Mistake(f"extension[{place}].line", extension.line, _("needs the edge, which is switched off"), hint)
    for place, trunk in enumerate(config.trunk):
        yield Mistake(f"trunk[{place}].name", trunk.name, _("needs the edge, which is switched off"), hint)


EDGE_CHECKS: Final = (edge, registered, trunks)
