# SPDX-License-Identifier: GPL-2.0-or-later
"""Yealink: `<mac>.cfg`, lines `key = value` below the header that must stand first.

After the "Administrator's Guide for SIP-T2/T3/T4/T5/CP92X IP Phones V86.5": "Configuration Files" (header, syntax) and
the tables of `account.X.*`. From firmware 80 on; older ones name the server otherwise.
"""

from typing import Final

from appliance.provisioning.settings import Maker, Settings, one_line

HEADER: Final = "#!version:1.0.0.1"
"""Version of the format, not of the file: a phone silently ignores a file without it."""
_TRANSPORT: Final = {"udp": 0, "tcp": 1, "tls": 2}
_SRTP_OFF, _SRTP_OPTIONAL = 0, 1
_MEANS_NOTHING: Final = {"%NULL%", "%EMPTY%"}  # the guide's words for "remove the value"


def write(settings: Settings) -> str:
    """Return the file's text."""
    behind = settings.server != settings.domain
    values: dict[str, str | int] = {
        "enable": 1,
        "label": settings.shown,
        "display_name": settings.shown,
        "user_name": settings.extension,
        "auth_name": settings.extension,
        "password": settings.password,
        "sip_server.1.address": settings.domain,
        "sip_server.1.port": settings.port,
        "sip_server.1.transport_type": _TRANSPORT[settings.transport],
        "outbound_proxy_enable": int(behind),
        "srtp_encryption": _SRTP_OPTIONAL if settings.transport == "tls" else _SRTP_OFF,
        "subscribe_mwi": 1,
    }
    if behind:
        values |= {"outbound_proxy.1.address": settings.server, "outbound_proxy.1.port": settings.port}
    lines = [f"account.1.{key} = {_value(str(value))}" for key, value in values.items()]
    return "\n".join((HEADER, *lines, ""))


def _value(text: str) -> str:
    text = one_line(text)
    return text.strip("%") if text in _MEANS_NOTHING else text


YEALINK: Final = Maker("{mac}.cfg", "text/plain; charset=utf-8", write)
