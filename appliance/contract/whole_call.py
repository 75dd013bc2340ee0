# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of one call, present or past, as rows. Moments are seconds from its begin; None: not yet, or never."""

from appliance.contract.records import LeaveReason, OfferResult, Role, SegmentKind
from appliance.contract.rows import Row
from appliance.contract.rtp import RtpRow


class HeldChannel(Row, frozen=True, kw_only=True):
    """A channel that a leg held; more than one after glare."""

    span: int
    timeslot: int
    from_s: float
    to_s: float | None


class StayRow(Row, frozen=True, kw_only=True):
    """A stay of a leg in the call. `cause` Q.850, 0: it was moved to another call; `redirecting` sent the call to it.

    `rtp` is the quality of a SIP leg's sound: of one that is up as the switch counts it now, of others as it was at the
    end. `level` of the voice of a leg that is up, in dBm0.
    """

    leg: int
    line: str
    role: Role
    number: str
    agent: str
    redirecting: str
    from_s: float
    answered_s: float | None
    to_s: float | None
    cause: int | None
    channels: tuple[HeldChannel, ...]
    rtp: RtpRow | None = None
    level: int | None = None
    speaking: bool = False


class SegmentRow(Row, frozen=True, kw_only=True):
    """A stretch of time in which `legs` heard each other, or a flow or a queue, which `what` names."""

    segment: int
    kind: SegmentKind
    what: str
    legs: tuple[int, ...]
    from_s: float
    to_s: float | None


class KeyRow(Row, frozen=True, kw_only=True):
    """A key that a flow took at a node, or the field keyed/NAME; `accepted`: it had a meaning there."""

    leg: int
    key: str
    node: str
    accepted: bool
    at_s: float


class WaitRow(Row, frozen=True, kw_only=True):
    """A stay of the caller in a queue. `predicted_s`: the wait by the forecast, None: nothing told it."""

    queue: str
    position: int
    predicted_s: float | None
    from_s: float
    to_s: float | None
    reason: LeaveReason | None


class OfferRow(Row, frozen=True, kw_only=True):
    """An agent who was rung for the caller."""

    offer: int
    queue: str
    agent: str
    leg: int
    from_s: float
    to_s: float | None
    result: OfferResult | None
