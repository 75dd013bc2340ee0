# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole call told again: its rows as the updates that were sent while it was up, for a ladder of it."""

from collections.abc import Iterator

from appliance.api.messages import Topic, Update, WholeCallReply
from appliance.contract import records as r
from appliance.contract.switch import Party
from appliance.contract.whole_call import StayRow

_SAMPLES_PER_S = 8000


def updates_of(whole: WholeCallReply) -> list[Update]:
    """Return the updates of a call in the order of time; those of one moment as they follow from each other."""
    begun = whole.call.started_at
    told = sorted(_told(whole), key=lambda each: each[0])
    return [Update(topic, begun + round(1000 * at_s), what) for at_s, topic, what in told]


def _told(whole: WholeCallReply) -> Iterator[tuple[float, Topic, r.AnyRecord]]:
    call = whole.call
    caller = Party(call.caller)
    yield 0.0, "calls", r.CallOpened(call.call, call.direction, caller, call.called, call.flow)
    for stay in whole.stays:
        yield from _of_stay(call.call, stay)
    for wait in whole.waits:
        yield wait.from_s, "queues", r.QueueEntered(call.call, wait.queue, wait.position)
    for segment in whole.segments:
        opened = r.SegmentOpened(segment.segment, call.call, segment.kind, segment.legs, segment.what)
        yield segment.from_s, "calls", opened
    for key in whole.keys:
        yield key.at_s, "calls", r.KeyPressed(call.call, key.leg, key.key, key.node, key.accepted)
    for offer in whole.offers:
        yield offer.from_s, "queues", r.OfferMade(offer.offer, call.call, offer.queue, offer.agent, offer.leg)
        if offer.to_s is not None and offer.result is not None:
            yield offer.to_s, "queues", r.OfferEnded(offer.offer, call.call, offer.result)
    for wait in whole.waits:
        if wait.to_s is not None and wait.reason is not None:
            yield wait.to_s, "queues", r.QueueLeft(call.call, wait.queue, wait.reason)
    yield from _recorded(whole)
    ends = [stay.to_s for stay in whole.stays]
    for stay in whole.stays:
        if stay.to_s is not None:
            yield stay.to_s, "calls", r.LegClosed(stay.leg, call.call, stay.cause or 0)
    if call.disposition and None not in ends:
        end = max((each for each in ends if each is not None), default=0.0)
        yield end, "calls", _closed(whole)


def _of_stay(call: int, stay: StayRow) -> Iterator[tuple[float, Topic, r.AnyRecord]]:
    yield stay.from_s, "calls", r.LegOpened(stay.leg, call, stay.line, stay.role, stay.number, stay.agent)
    for channel in stay.channels:
        yield channel.from_s, "calls", r.ChannelSeized(stay.leg, call, channel.span, channel.timeslot)
    if stay.answered_s is not None:
        caller = stay.role == "caller"
        yield stay.answered_s, "calls", r.CallAnswered(call) if caller else r.LegAnswered(stay.leg, call)


def _recorded(whole: WholeCallReply) -> Iterator[tuple[float, Topic, r.AnyRecord]]:
    for each in reversed(whole.recordings):
        from_s = (each.started_at - whole.call.started_at) / 1000
        yield from_s, "recordings", r.RecordingOpened(each.recording, each.call, each.leg, each.path, each.rule)
        if not each.running:
            samples = round(each.length_s * _SAMPLES_PER_S)
            closed = r.RecordingClosed(each.recording, samples, each.error)
            yield from_s + each.length_s, "recordings", closed


def _closed(whole: WholeCallReply) -> r.CallClosed:
    call = whole.call
    disposition = next(each for each in _DISPOSITIONS if each == call.disposition)
    return r.CallClosed(call.call, disposition, call.cause)


_DISPOSITIONS: tuple[r.Disposition, ...] = (
    "answered", "no_answer", "busy", "abandoned", "rejected", "failed", "interrupted"
)  # fmt: skip
