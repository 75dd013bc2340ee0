# SPDX-License-Identifier: GPL-2.0-or-later
"""The answer to a request that cannot be read as SIP wants it: 400, made from its octets (RFC 3261 8.2.6).

Only the topmost Via, which leads the answer back, and the method in CSeq, by which the sender finds its request
(17.1.3), have to be understood. All other headers are copied unchanged, malformed or not.
"""

import re
import zlib
from typing import Final

from drivers.sip_headers import bodies, split

SIP_PORT: Final = 5060
_REQUEST: Final = re.compile(r"([A-Za-z0-9.!%*_+`'~-]{1,32}) [^\r\n]{1,2000} SIP/\d\.\d *\r?\n", re.ASCII)
_VIA: Final = re.compile(
    r"SIP ?/ ?\d\.\d ?/ ?[A-Za-z]{2,8} (\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,255})(?: ?: ?(\d{1,5}))?"
)
_METHOD: Final = re.compile(r".{1,64} ([A-Za-z0-9.!%*_+`'~-]{1,32})", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z-]{1,40}")
_NEEDED: Final = ("From", "To", "Call-ID")
_LARGEST_PORT: Final = 65535


def refusal(message: bytes, source: tuple[str, int], header: str = "") -> tuple[bytes, tuple[str, int]] | None:
    """Return the answer to a request and its destination; None where no answer is allowed or possible.

    `header`: name of the unreadable header, as far as it is known.
    """
    text = message.decode("ascii", "surrogateescape")  # octets that are no ASCII go through as they came
    request, vias, cseqs = _REQUEST.match(text), bodies(text, "Via"), bodies(text, "CSeq")
    top, *others = split(next(iter(vias), ""), ",") or [""]
    via, method = _VIA.match(top), _METHOD.fullmatch(cseqs[0]) if cseqs else None
    if request is None or via is None or method is None or method[1] != request[1] or request[1] == "ACK":
        return None
    parameters = [each for each in split(top[via.end() :], ";") if not re.match(r"(?i)rport|received", each)]
    asked = re.search(r"(?i); ?rport\b", top) is not None
    answered = [via[0], *parameters, f"received={source[0]}", *([f"rport={source[1]}"] if asked else [])]
    lines = [
        f"SIP/2.0 400 {_reason(text, header)}",
        f"Via: {';'.join(answered)}",
        *(f"Via: {each}" for each in (*others, *vias[1:])),
        *(f"{name}: {_tagged(name, given[0])}" for name in _NEEDED if (given := bodies(text, name))),
        f"CSeq: {cseqs[0]}",
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii", "surrogateescape"), (
        source[0],
        _port(via[2], source[1], asked=asked),
    )


def _reason(text: str, header: str) -> str:
    """Return a reason phrase that names the fault (RFC 3261 21.4.1)."""
    if _NAME.fullmatch(header):
        return f"Malformed {header} Header Field"
    missing = next((name for name in _NEEDED if not bodies(text, name)), "")
    return f"Missing {missing} Header Field" if missing else "Malformed Request"


def _tagged(name: str, value: str) -> str:
    """Return a header's value as an answer has it: To with a tag, the same each time (RFC 3261 8.2.7)."""
    if name != "To" or re.search(r"(?i); ?tag ?=", value):
        return value
    return f"{value};tag={zlib.crc32(value.encode('ascii', 'surrogateescape')):08x}"


def _port(sent_by: str | None, source: int, *, asked: bool) -> int:
    """Return the port an answer goes to (RFC 3261 18.2.2, RFC 3581 4)."""
    port = source if asked else int(sent_by or SIP_PORT)
    return port if 0 < port <= _LARGEST_PORT else source
