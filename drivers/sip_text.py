# SPDX-License-Identifier: GPL-2.0-or-later
"""The few places where SIP's text is read or written by us (RFC 3261 20 and 25): names, numbers, the Reason header.

Everything here comes from or goes to a network: what does not fit the grammar is left out, never passed on.
"""

import re

from drivers.sip import SipParty

_NUMBER = re.compile(r"[0-9A-Za-z*#+_.-]{1,64}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


def name_addr(party: SipParty, host: str) -> str:
    """The From header's value: ``"name" <sip:number@host>``; anonymous if it must not be shown (RFC 3323 4.1.1.3)."""
    if party.private or not _NUMBER.fullmatch(party.number):
        return '"Anonymous" <sip:anonymous@anonymous.invalid>'
    uri = f"<sip:{party.number.replace('#', '%23')}@{host}>"
    name = "".join(letter for letter in party.name if letter.isprintable())
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" {uri}' if name else uri


def party(value: str) -> SipParty:
    """The caller out of a From or P-Asserted-Identity value."""
    match = re.match(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^"<]*))\s*<([^>]*)>', value)
    uri = match[3] if match else value
    name = re.sub(r"\\(.)", r"\1", match[1] if match[1] is not None else match[2].strip()) if match else ""
    number = user(uri)
    private = number.lower() == "anonymous" or "anonymous.invalid" in uri
    return SipParty("", "", private=True) if private else SipParty(number, name)


def user(uri: str) -> str:
    """The user part of a sip: or tel: URI, unescaped, without parameters; '' if there is none or it is no number."""
    match = re.match(r"\s*(?:sips?:([^@;>]*)[^@>]*@|tel:([^;>]*))", uri)
    if not match:
        return ""
    raw = match[1] if match[1] is not None else match[2]
    plain = _ESCAPE.sub(lambda code: chr(int(code[1], 16)), raw.split(":")[0])
    return plain if _NUMBER.fullmatch(plain) else ""


def request_uri(message: str) -> str:
    """The Request-URI of a request; '' if the text is none."""
    match = re.match(r"[A-Z]+ (\S+) SIP/2\.0\r?\n", message)
    return match[1] if match else ""


def status(message: str) -> int:
    """The status code of a response; 0 if the text is none."""
    match = re.match(r"SIP/2\.0 (\d{3}) ", message)
    return int(match[1]) if match else 0


def header(message: str, name: str) -> str:
    """The first value of a header in a message's head, unfolded; '' if it is absent."""
    head = message.partition("\r\n\r\n")[0]
    match = re.search(rf"^{name}[ \t]*:[ \t]*([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", head, re.IGNORECASE | re.MULTILINE)
    return " ".join(match[1].split()) if match else ""


def q850_cause(message: str) -> int | None:
    """The Q.850 cause of a message's Reason header (RFC 3326), if it has one."""
    match = re.search(r"Q\.850\s*(?:;[^,]*?)?;\s*cause\s*=\s*(\d{1,3})", header(message, "Reason"), re.IGNORECASE)
    return int(match[1]) if match and 1 <= int(match[1]) <= 127 else None


def has_sdp(message: str) -> bool:
    """Tell whether a message carries a session description."""
    return header(message, "Content-Type").lower().startswith("application/sdp") or header(
        message, "c"
    ).lower().startswith("application/sdp")
