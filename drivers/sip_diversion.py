# SPDX-License-Identifier: GPL-2.0-or-later
"""Redirections in SIP messages: Diversion (RFC 5806) and History-Info (RFC 7044), with the reasons of Q.952."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from drivers import sip_text
from drivers.sip import SipRedirecting
from drivers.sip_headers import Address, addresses, values
from drivers.sip_parties import read

_UNKNOWN, _BUSY, _NO_ANSWER, _DEFLECTION, _OUT_OF_ORDER, _UNCONDITIONAL = 0, 1, 2, 4, 9, 15
_WORDS: Final[Mapping[str, int]] = {
    "user-busy": _BUSY,
    "do-not-disturb": _BUSY,
    "no-answer": _NO_ANSWER,
    "deflection": _DEFLECTION,
    "unavailable": _OUT_OF_ORDER,
    "out-of-service": _OUT_OF_ORDER,
    "unconditional": _UNCONDITIONAL,
    "time-of-day": _UNCONDITIONAL,
    "follow-me": _UNCONDITIONAL,
    "away": _UNCONDITIONAL,
}
"""RFC 5806 4; any other word: unknown."""
_SAID: Final[Mapping[int, str]] = {
    _BUSY: "user-busy", _NO_ANSWER: "no-answer", _DEFLECTION: "deflection", _OUT_OF_ORDER: "out-of-service",
    _UNCONDITIONAL: "unconditional",
}  # fmt: skip
_CAUSES: Final[Mapping[int, int]] = {
    302: _UNCONDITIONAL, 486: _BUSY, 408: _NO_ANSWER, 480: _DEFLECTION, 487: _DEFLECTION, 503: _OUT_OF_ORDER,
}  # fmt: skip
"""RFC 4458 2, RFC 7544 4."""
_CAUSE: Final = re.compile(r"\bcause\s*=\s*(\d{3})\b", re.IGNORECASE | re.ASCII)
_HIDES: Final = frozenset({"full", "uri"})


def redirecting(message: str) -> SipRedirecting | None:
    """Return the last party that sent the call on.

    By the first value of Diversion (RFC 5806 5), else by History-Info.
    """
    for said in addresses(message, "Diversion"):
        party = read(said)
        private = party.private or said.parameters.get("privacy", "").lower() in _HIDES
        reason = _WORDS.get(said.parameters.get("reason", "").lower(), _UNKNOWN)
        return SipRedirecting(replace(party, private=private), reason)
    return _last_of_history([*addresses(message, "History-Info")], hidden=_hides_history(message))


def header(by: SipRedirecting, host: str) -> str:
    """Return the value of a Diversion header."""
    who = sip_text.name_addr(replace(by.party, private=False), host)
    reason, privacy = _SAID.get(by.reason, "unknown"), "full" if by.party.private else "off"
    return f"{who};reason={reason};privacy={privacy};counter=1"


def _last_of_history(entries: list[Address], *, hidden: bool) -> SipRedirecting | None:
    """Return the party before the last entry that a redirection added.

    The reason is in that entry (cause, RFC 4458), or in the one before (Reason, RFC 7044 10.2).
    """
    for before, entry in reversed([*itertools.pairwise(entries)]):
        headers = unquote(before.uri.headers)
        found = _CAUSE.search(f"cause={entry.uri.parameters.get('cause', '')}") or _CAUSE.search(headers)
        if found:
            party = read(before)
            private = hidden or party.private or "privacy=history" in headers.lower()
            return SipRedirecting(replace(party, private=private), _CAUSES.get(int(found[1]), _UNKNOWN))
    return None


def _hides_history(message: str) -> bool:
    return any("history" in value.lower() for value in values(message, "Privacy"))
