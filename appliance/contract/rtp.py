# SPDX-License-Identifier: GPL-2.0-or-later
"""The quality of a SIP leg's sound by its packets (RTP and RTCP, RFC 3550), and the opinion of a listener (G.107)."""

from typing import Final

import msgspec

_R0: Final = 93.2
"""R with all other parameters at their defaults (ITU-T G.107)."""
_LOSS_ROBUSTNESS: Final = {"PCMA": 25.1, "PCMU": 25.1}
"""Bpl of G.711 with concealment of losses (ITU-T G.113 appendix I); Ie is 0. Other codecs have no value of ours."""
_NO_ECHO_MS: Final = 177.3
_BUFFER_MS: Final = 20.0
"""Delay of our own besides the jitter buffer: a tick."""


class Rtp(msgspec.Struct, frozen=True, gc=False):
    """Packets of a leg so far. `lost` never came, `late` ones came too late to be heard; times in milliseconds.

    `far_lost`, `far_jitter_ms` and `round_trip_ms` are by the far end's reports: -1 if it sends none. `held_ms`: how
    long the jitter buffer holds a packet back.
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


class RtpRow(msgspec.Struct, frozen=True, kw_only=True):
    """The same with shares of packets, 0 to 1, and opinions (MOS, 1 to 4.4) by the E-model (G.107) from loss and delay.

    `mos` is of the sound that the box hears from the leg, `far_mos` of what the leg's party hears. None: no packets, no
    reports of the far end, or a codec for which the model has no values (all but G.711).
    """

    packets: Rtp
    loss: float
    far_loss: float | None
    mos: float | None
    far_mos: float | None


def rated(packets: Rtp) -> RtpRow:
    """Return packets with their shares and opinions."""
    due = packets.received + packets.lost
    loss = (packets.lost + packets.late) / due if due else 0.0
    reported = packets.far_lost >= 0 and packets.sent > 0
    far_loss = min(1.0, packets.far_lost / packets.sent) if reported else None
    way_ms = max(packets.round_trip_ms, 0.0) / 2 + packets.held_ms + _BUFFER_MS
    return RtpRow(
        packets=packets,
        loss=round(loss, 4),
        far_loss=None if far_loss is None else round(far_loss, 4),
        mos=mos(packets.codec, loss, way_ms) if due else None,
        far_mos=None if far_loss is None else mos(packets.codec, far_loss, way_ms),
    )


def mos(codec: str, loss: float, way_ms: float) -> float | None:
    """Return the mean opinion of a talk with this share of packets lost at random, and this delay one way.

    ITU-T G.107 with all else at its defaults: Ie,eff of clause 7.5 (BurstR 1), and Id by its usual straight lines.
    """
    robustness = _LOSS_ROBUSTNESS.get(codec.upper())
    if robustness is None:
        return None
    percent = 100 * loss
    equipment = 95 * percent / (percent + robustness)
    delay = 0.024 * way_ms + 0.11 * max(0.0, way_ms - _NO_ECHO_MS)
    r = min(max(_R0 - equipment - delay, 0.0), 100.0)
    return round(max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6), 2)
