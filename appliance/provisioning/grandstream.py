# SPDX-License-Identifier: GPL-2.0-or-later
"""Grandstream: `cfg<mac>.xml`, P values of account 1.

After the "SIP Device Provisioning Guide" (XML schema: gs_provision version 1, config version 1; a phone whose address
is not that in <mac> refuses the file) and the "Configuration Template for GXP1782/1780/1760", which lists the values of
each P value.
"""

from typing import Final
from xml.etree import ElementTree as ET

from appliance.provisioning.settings import Maker, Settings, one_line

_TRANSPORT: Final = {"udp": 0, "tcp": 1, "tls": 2}
_STANDARD_PORT: Final = {"udp": 5060, "tcp": 5060, "tls": 5061}


def write(settings: Settings) -> str:
    """Return the file's text."""
    behind = settings.server != settings.domain
    values: dict[str, str | int] = {
        "P271": 1,  # account active
        "P270": settings.shown,  # account name
        "P47": settings.domain if behind else _place(settings.domain, settings),  # SIP server
        "P48": _place(settings.server, settings) if behind else "",  # outbound proxy
        "P35": settings.extension,  # SIP user ID
        "P36": settings.extension,  # authenticate ID
        "P34": settings.password,  # authenticate password
        "P3": settings.shown,  # name
        "P31": 1,  # SIP registration
        "P130": _TRANSPORT[settings.transport],
        "P2329": 0,  # scheme with TLS: sip, not sips
        "P183": int(settings.transport == "tls"),  # SRTP: 1 enabled but not forced
        "P99": 1,  # SUBSCRIBE for MWI
        "P2301": 0,  # keys in the sound: no
        "P2302": 1,  # keys by RFC 4733 (2833 in the template): yes
        "P2303": 0,  # keys by SIP INFO: no
    }
    root = ET.Element("gs_provision", version="1")
    ET.SubElement(root, "mac").text = settings.mac
    config = ET.SubElement(root, "config", version="1")
    for name, value in values.items():
        ET.SubElement(config, name).text = one_line(str(value))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _place(host: str, settings: Settings) -> str:
    return host if settings.port == _STANDARD_PORT[settings.transport] else f"{host}:{settings.port}"


GRANDSTREAM: Final = Maker("cfg{mac}.xml", "application/xml; charset=utf-8", write)
