# SPDX-License-Identifier: GPL-2.0-or-later
"""The parties of a call in a SIP message: From, P-Asserted-Identity, Privacy, P-Called-Party-ID, Contact of a 3xx."""

import re
from dataclasses import replace
from typing import Final

from drivers.sip import SipParty
from drivers.sip_headers import Address, address, addresses, bodies, is_number, number, uri, values

PHONE, TRUNK, CALLED, CONTACT = "X-MXBox-From", "X-MXBox-Trunk", "X-MXBox-Called", "X-MXBox-Contact"
"""Headers of the edge's own: the calling phone, the trunk, the URI that was called, the targets of a 3xx."""
HIDING: Final = frozenset({"id", "user", "header", "full"})
"""Privacy values that hide the caller (RFC 3323 4.2, RFC 3325 9.3; 'full' is that of its drafts)."""
_HIDDEN: Final = frozenset({"full", "uri", "full-network", "uri-network"})
"""Values of Remote-Party-ID's privacy that hide the number."""
NO_PRIVACY: Final = "none"
MAX_TARGETS: Final = 10
"""Most targets of a redirection that are tried."""
_WORDS: Final = re.compile(r"[;,\s]+")
_Q: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)


def caller(message: str) -> SipParty:
    """Return the caller by From; private if Privacy asks for it."""
    said = party(next(iter(bodies(message, "From")), ""))
    return SipParty(said.number, said.name, said.private or _asks_for_privacy(message))


def asserted(message: str) -> SipParty | None:
    """Return the caller by P-Asserted-Identity or Remote-Party-ID, None without one.

    It is private if Privacy asks for it, and if From is anonymous, unless Privacy says 'none': carriers leave out one
    or the other.
    """
    said = _asserted(message) or _remote_party(message, "called")
    if said is None:
        return None
    hidden = said.private or _asks_for_privacy(message) or (caller(message).private and not _declines(message))
    return replace(said, private=hidden)


def connected(message: str, other: str) -> SipParty | None:
    """Return the identity that the sender of a message within a call asserts; None if it asserts none.

    `other`: Remote-Party-ID's name for the other party than the sender. Without an identity, but with the wish that it
    be hidden: an empty party, private.
    """
    said, private = _asserted(message) or _remote_party(message, other), _asks_for_privacy(message)
    if said is None:
        return SipParty(private=True) if private else None
    return replace(said, private=said.private or private)


def _asserted(message: str) -> SipParty | None:
    """Return the party that P-Asserted-Identity names (RFC 3325 9.1: at most one sip: and one tel:).

    The number is that of the first value that has one, the name the first there is.
    """
    said = [read(each) for each in addresses(message, "P-Asserted-Identity")]
    if not said:
        return None
    best = next((each for each in said if is_number(each.number)), said[0])
    name = best.name or next((each.name for each in said if each.name), "")
    return SipParty(best.number, name, best.private)


def _remote_party(message: str, other: str) -> SipParty | None:
    """Return the party that Remote-Party-ID names (draft-ietf-sip-privacy-04).

    Exchanges older than RFC 3325 send it.
    """
    for said in addresses(message, "Remote-Party-ID"):
        if said.parameters.get("party", "").lower() != other:
            party = read(said)
            return replace(party, private=party.private or said.parameters.get("privacy", "").lower() in _HIDDEN)
    return None


def called(message: str, request_uri: str) -> str:
    """Return the called number: of a trunk's P-Called-Party-ID (RFC 7315 4.2), of the edge's header, of the request."""
    if bodies(message, TRUNK):
        for each in addresses(message, "P-Called-Party-ID"):
            if found := number(each.uri):
                return found
    edge = next(iter(bodies(message, CALLED)), "")
    return number(uri(edge)) or number(uri(request_uri))


def targets(response: str) -> tuple[str, ...]:
    """Return the numbers to which a 3xx leads, the most wanted first (q, RFC 3261 20.10), each once."""
    contacts = [*addresses(response, CONTACT)] or [*addresses(response, "Contact")]
    ordered = sorted(contacts, key=_q, reverse=True)
    return tuple(dict.fromkeys(found for each in ordered if (found := number(each.uri))))[:MAX_TARGETS]


def party(value: str) -> SipParty:
    """Return the party that a From or P-Asserted-Identity value names."""
    found = address(value)
    return SipParty() if found is None else read(found)


def read(said: Address) -> SipParty:
    """Return the party that an address names; an empty one, private, if it is the anonymous one (RFC 3323 4.1.1.3)."""
    named = number(said.uri)
    if named.lower() == "anonymous" or said.uri.host.lower() == "anonymous.invalid":
        return SipParty("", "", private=True)
    return SipParty(named, said.name)


def _asks_for_privacy(message: str) -> bool:
    asked = _privacy(message)
    return NO_PRIVACY not in asked and bool(HIDING & asked)


def _declines(message: str) -> bool:
    return NO_PRIVACY in _privacy(message)


def _privacy(message: str) -> frozenset[str]:
    return frozenset(word for value in values(message, "Privacy") for word in _WORDS.split(value.lower()))


def _q(said: Address) -> float:
    q = said.parameters.get("q", "")
    return float(q) if _Q.fullmatch(q) else 1.0
