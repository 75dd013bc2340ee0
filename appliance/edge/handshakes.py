# SPDX-License-Identifier: GPL-2.0-or-later
"""Failed TLS handshakes, in words for the technician, found in kamailio's log.

Kamailio has no event for it, only lines on its standard error: one with OpenSSL's reason, then one with the address.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from appliance.i18n import N_

_REASON: Final = re.compile(r"\((\d+)\) ERROR: .*tls_err_ret\(\): TLS accept:error:[^:]*:[^:]*:[^:]*:([^(\n]*)")
_SOURCE: Final = re.compile(r"\((\d+)\) ERROR: .*tls_h_read_f\(\): src addr: (.+):\d+\s*$")
_NO_TLS: Final = (
    "http request",
    "wrong version number",
    "unexpected eof",
    "https proxy request",
    "record layer failure",
)
"""Reasons given for peers that speak no TLS at all: a scan, a browser, a cable that was pulled."""
_OLD, _UNTRUSTED, _OTHER = range(3)
_REASONS: Final = {
    "unsupported protocol": _OLD, "version too low": _OLD, "no protocols available": _OLD,
    "unknown ca": _UNTRUSTED, "certificate unknown": _UNTRUSTED, "bad certificate": _UNTRUSTED,
}  # fmt: skip
SIP_SIDE: Final = (
    N_(
        "{source} and the SIP side did not agree on TLS: {reason}; it is too old for TLS 1.2:"
        ' edge.tls_from = "1.0" lets it in, at its risk'
    ),
    N_(
        "{source} and the SIP side did not agree on TLS: {reason}; it does not trust the box's certificate:"
        " let it check none, or name yours in edge.certificate"
    ),
    N_("{source} and the SIP side did not agree on TLS: {reason}"),
)
SETTINGS: Final = (
    N_(
        "{source} and the server of telephones' settings did not agree on TLS: {reason}; it is too old for TLS 1.2:"
        ' edge.tls_from = "1.0" lets it in, at its risk'
    ),
    N_(
        "{source} and the server of telephones' settings did not agree on TLS: {reason}; it does not trust the box's"
        " certificate: let it check none, or name yours in edge.certificate"
    ),
    N_("{source} and the server of telephones' settings did not agree on TLS: {reason}"),
)
"""Whole sentences, to be translated as such."""


def failed(source: str, where: Sequence[str], reason: str) -> tuple[str, dict[str, str]]:
    """Return a msgid of `where` with its values; '' if no TLS was spoken. `reason` is OpenSSL's."""
    plain = reason.strip().lower().replace("_", " ")
    if not plain or any(each in plain for each in _NO_TLS):
        return "", {}
    kind = next((kind for part, kind in _REASONS.items() if part in plain), _OTHER)
    return where[kind], {"source": source, "reason": plain}


class LogReader:
    """A reader of kamailio's lines that finds failed handshakes. Args: tell takes an address and OpenSSL's reason."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell
        self._reasons: dict[str, str] = {}

    def read(self, line: str) -> None:
        """Read the next line."""
        if found := _REASON.search(line):
            self._reasons[found[1]] = found[2]
        elif (found := _SOURCE.search(line)) and (reason := self._reasons.pop(found[1], "")):
            self._tell(found[2].strip("[]"), reason)
