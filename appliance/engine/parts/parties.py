# SPDX-License-Identifier: GPL-2.0-or-later
"""The party at a leg, and what each line is told of it: caller, connected and redirecting parties (Q.951, RFC 3325)."""

from typing import Final

from appliance.config.model import ExtensionConfig
from appliance.contract.address import TRUNK, LineAddress
from appliance.contract.switch import Party, Presentation, Redirecting, Show
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import ALLOWED, Call, Leg
from appliance.engine.routes.outbound import presented
from appliance.engine.routes.site_numbers import OutsideParty, from_outside

CHANGES: Final = TRUNK
"""Lines outside that can be told of another party in a talk (RFC 3311); ISDN can with the answer only (Q.951.5)."""


def on_phone(board: Board, party: Party) -> Party:
    """Return a party as a phone may see it; a restricted number is in the books and on no phone."""
    if party.presentation is ALLOWED:
        return board.site.on_phone(party)
    return Party(presentation=party.presentation)


def on_line(board: Board, party: Party) -> Party:
    """Return a party as a line outside is told it: a restricted number, marked so, without the name (Q.951.4)."""
    if party.presentation is Presentation.UNAVAILABLE:
        return Party(presentation=party.presentation)
    told = board.site.on_line(party)
    return told if told.presentation is Presentation.ALLOWED else Party(told.number, "", told.presentation)


def connected(board: Board, leg: Leg, party: Party, phone: ExtensionConfig | None) -> Party:
    """Return a connected party as a leg's line is told it; `phone`: the phone of the house that it is."""
    if leg.phone is not None:
        return on_phone(board, party)
    number = board.outbound.shown(leg.line, phone) if phone is not None else ""
    return on_line(board, presented(party, number))


def redirecting(board: Board, leg: Leg) -> Redirecting | None:
    """Return the redirecting party as a leg's line is told it: as much as of a caller."""
    said = leg.redirecting
    if said is None:
        return None
    inside = None if isinstance(said.party, OutsideParty) else board.routes.phones.get(said.party.number)
    party = connected(board, leg, said.party, inside)
    return Redirecting(party, said.reason) if party.number else None


def party(call: Call, leg: Leg) -> Party:
    """Return the party at a leg."""
    if leg.phone is not None:
        return Party(leg.phone.number, leg.phone.name, leg.presentation)
    if leg.connected is not None:
        return leg.connected
    return call.shown if leg.role == "caller" else from_outside(Party(leg.who))


def stays(call: Call, leg: Leg) -> None:
    """Set the party that stays alone in a call as the one shown to phones that ring."""
    call.shown, call.redirecting = party(call, leg), None


def show(board: Board, call: Call, a: Leg, b: Leg) -> None:
    """Send both lines of a talk their connected party."""
    tell(board, call, a, b)
    tell(board, call, b, a)


def tell(board: Board, call: Call, leg: Leg, partner: Leg) -> None:
    """Send a leg's line its connected party, unless it knows.

    The number to which a phone of the house redirects a call from outside is not sent: only the far end there may say
    it.
    """
    if leg.phone is None and (_is_elsewhere(partner) or (leg.answered and LineAddress.of(leg.line).scheme != CHANGES)):
        return
    told = connected(board, leg, party(call, partner), partner.phone)
    if told != leg.told:
        leg.told = told
        board.commands.append(Show(leg.number, told))


def _is_elsewhere(leg: Leg) -> bool:
    """Return whether only the called number is known of a leg outside."""
    return leg.phone is None and leg.connected is None and leg.role != "caller"


def reached(board: Board, call: Call, caller: Leg, leg: Leg) -> None:
    """Send the caller's line the party that rings or has answered, before that is signalled: both go in one message.

    A phone is not told the number that it has dialled, nor, in its place, that a number is withheld.
    """
    if caller.phone is not None and caller.told is None:
        shown = connected(board, caller, party(call, leg), leg.phone)
        if not shown.name and shown.number in ("", call.called):
            return
    tell(board, call, caller, leg)
