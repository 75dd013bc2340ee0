# SPDX-License-Identifier: GPL-2.0-or-later
"""Those who want to be told what happens. None is waited for: who reads too slowly is disconnected."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from appliance.api.messages import Topic, Update
from appliance.contract import records as r
from appliance.contract.switch import SpanState, StatusReport

MAX_BEHIND = 1 << 20
"""Bytes that may wait for a subscriber: some seconds of the busiest box."""

_TOPICS: dict[type, Topic] = {
    r.CallOpened: "calls",
    r.CallAnswered: "calls",
    r.CallReleased: "calls",
    r.CallNotAnswered: "calls",
    r.CallClosed: "calls",
    r.LegOpened: "calls",
    r.LegAnswered: "calls",
    r.LegClosed: "calls",
    r.ChannelSeized: "calls",
    r.SegmentOpened: "calls",
    r.SegmentClosed: "calls",
    r.KeyPressed: "calls",
    r.QueueEntered: "queues",
    r.QueueLeft: "queues",
    r.OfferMade: "queues",
    r.OfferEnded: "queues",
    r.AgentChanged: "agents",
    r.SettingChanged: "calls",
    r.RecordingOpened: "recordings",
    r.RecordingClosed: "recordings",
    r.TroubleNoted: "troubles",
    SpanState: "spans",
    StatusReport: "status",
}

_encoder = msgspec.json.Encoder()


class Subscribers:
    """Everybody who subscribed. `tell` fits `CallServer.watchers`.

    Args:
        label: gives the wall clock's label (Unix milliseconds) of a tick.
    """

    def __init__(self, label: Callable[[int], int]) -> None:
        self._label = label
        self._topics: dict[asyncio.StreamWriter, frozenset[Topic]] = {}

    def add(self, writer: asyncio.StreamWriter, topics: Sequence[Topic]) -> None:
        """Tell `writer` from now on what happens about `topics`."""
        self._topics[writer] = frozenset(topics)

    def remove(self, writer: asyncio.StreamWriter) -> None:
        """Tell it no more."""
        self._topics.pop(writer, None)

    def tell(self, now: int, what: Sequence[r.AnyRecord] | SpanState | StatusReport) -> None:
        """Tell everybody what happened at tick `now`."""
        if not self._topics:
            return
        at = self._label(now)
        happened = [what] if isinstance(what, SpanState | StatusReport) else what
        for each in happened:
            topic = _TOPICS[type(each)]
            line = _encoder.encode(Update(topic, at, each)) + b"\n"
            for writer in [writer for writer, topics in self._topics.items() if topic in topics]:
                self._write(writer, line)

    def _write(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        if writer.transport.get_write_buffer_size() > MAX_BEHIND:
            self.remove(writer)
            writer.transport.abort()
        else:
            writer.write(line)
