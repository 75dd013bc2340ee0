# SPDX-License-Identifier: GPL-2.0-or-later
"""Subscribers of updates. None is waited for: one that reads too slowly is disconnected."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import msgspec

from appliance.api.messages import Topic, Update
from appliance.contract import records as r
from appliance.contract.switch import SpanState, StatusReport
from appliance.contract.upkeep import JobRow
from appliance.server.discretion import Discretion

MAX_BEHIND = 1 << 20
"""Bytes that may wait for a subscriber: some seconds of the busiest box."""
MAX_KEPT: Final = 50_000
"""Updates that are kept for programs that connect again: ten minutes of the busiest box, some 10 MB."""
_TOLD_AT_ONCE: Final = 500
_START_BITS: Final = 32
"""More updates than a box makes between two starts; the numbers stay whole in programs that count in doubles."""

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
    r.DataAsked: "calls",
    r.RoomChanged: "calls",
    r.QueueEntered: "queues",
    r.QueueLeft: "queues",
    r.QueueChose: "queues",
    r.OfferMade: "queues",
    r.OfferEnded: "queues",
    r.CallBackAsked: "queues",
    r.CallBackTried: "queues",
    r.CallBackMissed: "queues",
    r.CallBackMoved: "queues",
    r.CallBackEnded: "queues",
    r.DataKeyed: "keyed",
    r.SurveyOpened: "surveys",
    r.SurveyRated: "surveys",
    r.SurveyCommented: "surveys",
    r.SurveyClosed: "surveys",
    r.AgentChanged: "agents",
    r.WrapUpCoded: "agents",
    r.PinsCounted: "agents",
    r.SupervisorActed: "supervision",
    r.SettingChanged: "calls",
    r.PlanSwitched: "calls",
    r.DutySet: "calls",
    r.RecordingOpened: "recordings",
    r.RecordingDecided: "recordings",
    r.RecordingPaused: "recordings",
    r.RecordingResumed: "recordings",
    r.RecordingClosed: "recordings",
    r.MessageOpened: "messages",
    r.MessageClosed: "messages",
    r.MessageMarked: "messages",
    r.MessageTasked: "messages",
    r.TroubleNoted: "troubles",
    SpanState: "spans",
    StatusReport: "status",
    JobRow: "jobs",
}

Sees = Callable[[Update], bool]
"""Choice of the updates that a subscriber sees, among those of its topics."""

_encoder = msgspec.json.Encoder()


class Subscribers:
    """All subscribers, and the last updates, for programs that connect again. `tell` fits `CallServer.watchers`.

    Args:
        label: returns the wall clock's label (Unix milliseconds) of a tick.
        start: how often the call server was started: the numbers of updates go on above those of the start before.
        kept: how many updates are kept.
        discretion: tells which of the calls' updates belong to the topic `supervision`.

    Attributes:
        noted: kinds of records that `note` is told, with the time.
    """

    noted: frozenset[type] = frozenset()
    note: Callable[[int, object], None]

    def __init__(
        self,
        label: Callable[[int], int],
        start: int = 0,
        kept: int = MAX_KEPT,
        discretion: Discretion | None = None,
    ) -> None:
        self._label = label
        self._hides = (discretion or Discretion()).hides
        self._topics: dict[asyncio.StreamWriter, frozenset[Topic]] = {}
        self._sees: dict[asyncio.StreamWriter, Sees] = {}
        self._kept: deque[Update] = deque(maxlen=kept)
        self.seq = start << _START_BITS

    def knows(self, since: int) -> bool:
        """Return whether every update after number `since` is kept."""
        return self.seq - len(self._kept) <= since <= self.seq

    async def serve(
        self, writer: asyncio.StreamWriter, topics: Sequence[Topic], since: int, sees: Sees | None = None
    ) -> None:
        """Send the updates after `since`, as fast as they are read, and from then on new ones; with `sees` some only.

        A connection that reads more slowly than updates are made is ended.
        """
        wanted = frozenset(topics)
        if sees is not None:
            self._sees[writer] = sees
        while since < self.seq:
            if not self.knows(since):
                writer.transport.abort()
                return
            later = self._after(since)
            seen = [each for each in later if each.topic in wanted and (sees is None or sees(each))]
            writer.write(b"".join(map(_line, seen)))
            since = later[-1].seq
            await writer.drain()
        self._topics[writer] = wanted

    def remove(self, writer: asyncio.StreamWriter) -> None:
        """Remove a subscriber."""
        self._topics.pop(writer, None)
        self._sees.pop(writer, None)

    def tell(self, now: int, what: Sequence[r.AnyRecord] | SpanState | StatusReport | JobRow) -> None:
        """Send all subscribers the records or state of tick `now`."""
        at = self._label(now)
        for each in [what] if isinstance(what, SpanState | StatusReport | JobRow) else what:
            self.seq += 1
            topic = _TOPICS[type(each)]
            if topic == "calls" and self._hides(each):
                topic = "supervision"
            update = Update(topic, at, each, self.seq)
            self._kept.append(update)
            if type(each) in self.noted:
                self.note(at, each)
            if self._topics:
                self._tell(update)

    def _after(self, since: int) -> list[Update]:
        first = len(self._kept) - (self.seq - since)
        return list(islice(self._kept, first, first + _TOLD_AT_ONCE))

    def _tell(self, update: Update) -> None:
        line = _line(update)
        for writer in [writer for writer, topics in self._topics.items() if update.topic in topics]:
            sees = self._sees.get(writer)
            if sees is None or sees(update):
                self._write(writer, line)

    def _write(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        if writer.transport.get_write_buffer_size() > MAX_BEHIND:
            self.remove(writer)
            writer.transport.abort()
        else:
            writer.write(line)


def _line(update: Update) -> bytes:
    return _encoder.encode(update) + b"\n"
