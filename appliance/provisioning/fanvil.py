# SPDX-License-Identifier: GPL-2.0-or-later
"""Fanvil: `<mac>.cfg`, the text form in which the phones write out their own configuration.

After "Fanvil VoIP Auto Provision Standard" 1.1 and files that phones exported: a first line of 64 bytes with CR LF that
holds the version, modules `<... CONFIG MODULE>` of lines `key:value` with the key padded to 19 characters, and a last
line that marks the end. A phone applies a file only if its version is above that of the file before. SRTP is not set
here: the values of its key differ between the firmwares; it is switched on at the phone.
"""

from typing import Final

from appliance.provisioning.settings import Maker, Settings, one_line

HEADER_BYTES: Final = 64
_KEY_WIDTH: Final = 19
_TRANSPORT: Final = {"udp": 0, "tcp": 1, "tls": 3}
_DTMF_RFC2833: Final = 1
_END: Final = "<<END OF FILE>>"


def write(settings: Settings) -> str:
    """Return the file's text."""
    behind = settings.server != settings.domain
    values: dict[str, str | int] = {
        "Phone Number": settings.extension,
        "Display Name": settings.shown,
        "Register Addr": settings.domain,
        "Register Port": settings.port,
        "Register User": settings.extension,
        "Register Pswd": settings.password,
        "Enable Reg": 1,
        "Proxy Addr": settings.server if behind else "",
        "Proxy Port": settings.port,
        "Transport": _TRANSPORT[settings.transport],
        "DTMF Mode": _DTMF_RFC2833,
        "Subscribe": 1,
    }
    lines = [f"{'SIP1 ' + key:<{_KEY_WIDTH}}:{one_line(str(value))}" for key, value in values.items()]
    return "\r\n".join((_header(settings.version), "", "<SIP CONFIG MODULE>", *lines, "", _END, ""))


def _header(version: int) -> str:
    return f"<<VOIP CONFIG FILE>>Version:2.{version:010}".ljust(HEADER_BYTES - len("\r\n"))


FANVIL: Final = Maker("{mac}.cfg", "text/plain; charset=utf-8", write)
