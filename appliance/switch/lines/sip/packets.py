# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of a SIP call's sound in the words of the contract."""

from appliance.contract.rtp import Rtp
from drivers.sip_rtp import SipRtp


def packets_of(said: SipRtp | None) -> Rtp | None:
    """Return the quality of a leg's sound, None without packets."""
    if said is None:
        return None
    return Rtp(
        codec=said.codec,
        received=said.received,
        lost=said.lost,
        late=said.late,
        jitter_ms=round(said.jitter_ms, 1),
        jitter_max_ms=round(said.jitter_max_ms, 1),
        held_ms=round(said.held_ms, 1),
        sent=said.sent,
        far_lost=said.far_lost,
        far_jitter_ms=round(said.far_jitter_ms, 1),
        round_trip_ms=round(said.round_trip_ms, 1),
    )
