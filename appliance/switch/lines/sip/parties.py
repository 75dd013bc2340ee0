# SPDX-License-Identifier: GPL-2.0-or-later
"""Parties between call control and SIP: identities that a far end may get, and those it is believed.

A number that is withheld goes, marked so, to trunks that are trusted with it (RFC 3325 7), and to nothing else.
"""

from appliance.config.model import ExtensionConfig
from appliance.contract.switch import Party, Presentation, Redirecting, RedirectReason
from drivers.sip import SipParty, SipRedirecting


def said(party: Party) -> SipParty:
    """Return a party in the form of SIP."""
    return SipParty(party.number, party.name, party.presentation is not Presentation.ALLOWED)


def heard(party: SipParty, phone: ExtensionConfig | None = None) -> Party:
    """Return the party as call control knows it: a phone is its extension, whatever it claims; a trunk is believed."""
    shown = Presentation.RESTRICTED if party.private else Presentation.ALLOWED
    return Party(phone.number, phone.name or party.name, shown) if phone else Party(party.number, party.name, shown)


def asserted(party: SipParty, trusted: bool | None) -> SipParty | None:  # noqa: FBT001 - None: it is a phone
    """Return the identity that goes beside From to a trunk, `trusted` or not; None: none does."""
    told = trusted is not None if not party.private else trusted
    return party if told and party.number else None


def connected(party: Party, trusted: bool | None, *, in_talk: bool) -> SipParty | None:  # noqa: FBT001
    """Return the connected party that the far end gets; None: it gets none.

    A phone gets an empty one for a party that withholds its number. In a talk only a trunk that is trusted gets one: to
    others we assert no identity by a request of its own (RFC 3325 5).
    """
    told = said(party)
    if trusted is None:
        return SipParty() if told.private else told
    return None if in_talk and not trusted else asserted(told, trusted)


def sent_on(by: Redirecting | None, trusted: bool | None) -> SipRedirecting | None:  # noqa: FBT001
    """Return the redirecting party that the far end gets; None: it gets none."""
    if by is None or not by.party.number:
        return None
    party = said(by.party)
    return None if party.private and not trusted else SipRedirecting(party, int(by.reason))


def sent_here(by: SipRedirecting | None) -> Redirecting | None:
    """Return the party that sent a call on to here, by a trunk's word."""
    return Redirecting(heard(by.party), RedirectReason(by.reason)) if by is not None else None
