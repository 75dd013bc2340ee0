# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of a SIP call's sound (RTP and RTCP, RFC 3550)."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class SipRtp:
    """Packets of a call. `lost` never came, `late` ones came too late to be heard; `held_ms` by the jitter buffer.

    `far_lost`, `far_jitter_ms`, `round_trip_ms` are by the far end's reports, -1 without one.
    """

    codec: str
    received: int
    lost: int
    late: int
    jitter_ms: float
    jitter_max_ms: float
    held_ms: float
    sent: int
    far_lost: int = -1
    far_jitter_ms: float = -1.0
    round_trip_ms: float = -1.0

    def and_then(self, later: "SipRtp") -> "SipRtp":
        """Return the packets of two streams of a call, one after the other: a change of codec begins a new one."""
        if not later.received:
            codec, jitter_ms, held_ms = self.codec, self.jitter_ms, self.held_ms
        else:
            share = later.received / (self.received + later.received)
            codec, held_ms = later.codec, later.held_ms
            jitter_ms = self.jitter_ms * (1 - share) + later.jitter_ms * share
        reported = [each.far_lost for each in (self, later) if each.far_lost >= 0]
        return replace(
            later,
            codec=codec,
            received=self.received + later.received,
            lost=self.lost + later.lost,
            late=self.late + later.late,
            jitter_ms=jitter_ms,
            jitter_max_ms=max(self.jitter_max_ms, later.jitter_max_ms),
            held_ms=held_ms,
            sent=self.sent + later.sent,
            far_lost=sum(reported) if reported else -1,
            far_jitter_ms=later.far_jitter_ms if later.far_jitter_ms >= 0 else self.far_jitter_ms,
            round_trip_ms=later.round_trip_ms if later.round_trip_ms >= 0 else self.round_trip_ms,
        )
