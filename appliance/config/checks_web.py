# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the terminal in the browser."""

import ipaddress
from collections.abc import Iterator
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.model import BoxConfig
from appliance.i18n import _


def web(config: BoxConfig) -> Iterator[Mistake]:
    """Check that browsers can reach it, at a port of its own, and that its limits fit each other."""
    side = config.web
    if not side.enabled:
        return
    try:
        ipaddress.ip_address(side.bind)
    except ValueError:
        hint = _("allowed: an IP address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all")
        yield Mistake("web.bind", side.bind, _("is no IP address"), hint)
    for key, port in _taken(config).items():
        if port == side.port:
            message = _("is the port of {key} as well").format(key=key)
            yield Mistake("web.port", port, message, _("choose another port, e.g. 8444"))
    if side.sessions_each > side.sessions:
        hint = _("allowed: at most web.sessions = {n}").format(n=side.sessions)
        yield Mistake("web.sessions_each", side.sessions_each, _("is more than all together"), hint)


def _taken(config: BoxConfig) -> dict[str, int]:
    """Return the ports at which others listen for TCP connections."""
    ports = {}
    if config.provisioning.enabled:
        ports["provisioning.port"] = config.provisioning.port
    if config.edge.enabled:
        ports |= {"edge.port": config.edge.port, "edge.tls_port": config.edge.tls_port}
    return ports


WEB_CHECKS: Final = (web,)
