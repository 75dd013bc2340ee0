# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP's text where we read or write it ourselves (RFC 3261 20 and 25): names, numbers, the Reason header.

Everything here comes from or goes to a network: text that does not fit the grammar is left out, never passed on.
"""

import re
from urllib.parse import unquote

from drivers.sip import SipParty
from drivers.sip_headers import address, bodies, number, parts
from drivers.text import decode_lines

_NUMBER = re.compile(r"[0-9A-Za-z*#+_.-]{1,64}")
_KEYS = frozenset("0123456789ABCD*#")
_SECRET = re.compile(
    rb"^((?:Proxy-)?Authorization|(?:WWW|Proxy)-Authenticate|Authentication-Info)([ \t]*:)"
    rb"[^\r\n]*(?:\r\n[ \t][^\r\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)
_KEYING = re.compile(rb"^(a=crypto:\d+ \S+ inline:)[^\r\n|]*", re.MULTILINE)


def name_addr(party: SipParty, host: str) -> str:
    """Return a From header's value: ``"name" <sip:number@host>``; anonymous if not to be shown (RFC 3323 4.1.1.3)."""
    if party.private or not _NUMBER.fullmatch(party.number):
        return '"Anonymous" <sip:anonymous@anonymous.invalid>'
    uri = f"<sip:{party.number.replace('#', '%23')}@{host}>"
    name = "".join(letter for letter in party.name if letter.isprintable())
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" {uri}' if name else uri


def request_uri(message: str) -> str:
    """Return the Request-URI of a request; '' if the text is none."""
    match = re.match(r"[A-Z]+ (\S+) SIP/2\.0\r?\n", message)
    return match[1] if match else ""


def status(message: str) -> int:
    """Return the status code of a response; 0 if the text is none."""
    match = re.match(r"SIP/2\.0 (\d{3}) ", message)
    return int(match[1]) if match else 0


def header(message: str, name: str) -> str:
    """Return the first value of a header in a message's head, unfolded; '' if it is absent."""
    return next(iter(bodies(message, name)), "")


def q850_cause(message: str) -> int | None:
    """Return the Q.850 cause of a message's Reason header (RFC 3326), if it has one."""
    match = re.search(r"Q\.850\s*(?:;[^,]*?)?;\s*cause\s*=\s*(\d{1,3})", header(message, "Reason"), re.IGNORECASE)
    return int(match[1]) if match and 1 <= int(match[1]) <= 127 else None


def body(message: str) -> str:
    """Return the text after the head."""
    return message.partition("\r\n\r\n")[2]


def transfer_target(refer: str) -> tuple[str, tuple[str, str, str] | None]:
    """Return the number in a REFER's Refer-To, and the dialog of its Replaces.

    The dialog: Call-ID, our tag, their tag (RFC 3891 3).
    """
    found = address(header(refer, "Refer-To"))
    if found is None:
        return "", None
    to = number(found.uri)
    for name, _, raw in (field.partition("=") for field in found.uri.headers.split("&")):
        if name.lower() == "replaces":
            call_id, *parameters = unquote(raw).split(";")
            tags = dict(parameter.strip().split("=", 1) for parameter in parameters if "=" in parameter)
            return to, (call_id.strip(), tags.get("to-tag", ""), tags.get("from-tag", ""))
    return to, None


def replaced_dialog(replaces: str) -> tuple[str, str, str, bool]:
    """Return the dialog of a Replaces header (RFC 3891 6.1), and whether it must not be answered.

    The dialog: Call-ID, our tag, their tag.
    """
    call_id, *parameters = (part.strip() for part in replaces.split(";"))
    named = [parameter.split("=", 1) for parameter in parameters if "=" in parameter]
    tags = {name.strip().lower(): value.strip() for name, value in named}
    if len(tags) < len(named):
        return "", "", "", False
    return call_id, tags.get("to-tag", ""), tags.get("from-tag", ""), "early-only" in map(str.lower, parameters)


def tells_key(info: str) -> bool:
    """Return whether an INFO is about a key."""
    return _kind(info) in {"application/dtmf-relay", "application/dtmf"}


def info_key(info: str) -> tuple[str, int] | None:
    """Return key and duration in ms of an INFO: application/dtmf-relay (Signal=, Duration=) or application/dtmf.

    None if it is none of 0-9, A-D, * and # (a flash, for instance); some phones write 10 and 11 for the last two.
    """
    text, duration = body(info).strip(), ""
    signal = text
    if _kind(info) == "application/dtmf-relay":
        fields = dict(line.lower().split("=", 1) for line in text.replace(" ", "").splitlines() if "=" in line)
        signal, duration = fields.get("signal", ""), fields.get("duration", "")
    key = {"10": "*", "11": "#"}.get(signal, signal.upper())
    return (key, int(duration) if re.fullmatch(r"\d{1,5}", duration) else 0) if key in _KEYS else None


def _kind(message: str) -> str:
    return header(message, "Content-Type").split(";")[0].strip().lower()


def without_secrets(message: bytes) -> str:
    """Return a message for people, without credentials (RFC 3261 22), media keys (RFC 4568) and pressed keys."""
    if re.search(rb"^(?:Content-Type|c)[ \t]*:[ \t]*application/dtmf", message, re.IGNORECASE | re.MULTILINE):
        message = message.partition(b"\r\n\r\n")[0] + b"\r\n\r\n..."
    plain = _KEYING.sub(rb"\1...", _SECRET.sub(rb"\1\2 ...", message))
    return decode_lines(plain)


def has_sdp(message: str) -> bool:
    """Return whether a message carries a session description, in any part of its body."""
    return any(_kind(part) == "application/sdp" for part in parts(message))
