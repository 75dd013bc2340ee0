# SPDX-License-Identifier: GPL-2.0-or-later
"""Snom: `<mac>.xml`, settings of identity 1.

After Snom's service hub, "Desk Phone Configuration Files" (UTF-8 XML, <settings> around <phone-settings>, `idx` is the
identity, perm="RW" lets the person change it) and the pages of the settings named here.
"""

from typing import Final
from xml.etree import ElementTree as ET

from appliance.provisioning.settings import Maker, Settings, one_line


def write(settings: Settings) -> str:
    """Return the file's text."""
    values = {
        "user_active": "on",
        "user_realname": settings.shown,
        "user_name": settings.extension,
        "user_pname": settings.extension,  # authentication name
        "user_pass": settings.password,
        "user_host": settings.domain,
        "user_outbound": f"sip:{settings.server}:{settings.port};transport={settings.transport}",
        "user_srtp": "on" if settings.transport == "tls" else "off",
        "user_dtmf_info": "off",  # keys by RFC 4733 only, never doubled
    }
    root = ET.Element("settings")
    phone = ET.SubElement(root, "phone-settings")
    for name, value in values.items():
        ET.SubElement(phone, name, idx="1", perm="RW").text = one_line(value)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


SNOM: Final = Maker("{mac}.xml", "application/xml; charset=utf-8", write)
