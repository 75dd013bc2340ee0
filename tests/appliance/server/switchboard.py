# SPDX-License-Identifier: GPL-2.0-or-later
"""`tests.bench.callsource` with the switch's journal: events are numbered, kept until confirmed, and replayed.

Its limits are those of `callsource`; and the two processes do not run at the same time."""

import random

from appliance.config.model import BoxConfig
from appliance.contract import switch as m
from appliance.server.server import CallServer
from tests.bench.callsource import CallSource, Habits


class Switchboard:
    """Calls by chance for one call server at a time. `seq` and `pending` are its journal, which outlives everything."""

    def __init__(self, config: BoxConfig, habits: Habits, seed: int = 0, channels: int = 30) -> None:
        self.source = CallSource(random.Random(seed), config, habits, channels)
        self.pending: list[m.Envelope] = []
        self.seq = 0

    def attach(self, server: CallServer) -> None:
        """Connect a call server: it sends its greeting, and gets the missed events, then `Attached`."""
        self.confirm(server.greeting().seq)
        missed = list(self.pending)
        self.deliver(server, [*missed, self.number(m.Attached("test", 64, tuple(self.source.lines)))])

    def detach(self) -> None:
        """Disconnect the call server: every leg is cleared, and the journal keeps the events."""
        closing = [event for _tick, _order, event in self.source._heap if isinstance(event, m.Recorded)]
        for event in [*closing, *self.source.drop_all()]:
            self.number(event)

    def turn(self, server: CallServer) -> None:
        """Run one event or one deadline."""
        due, tick = server.engine.next_deadline(), self.source.next_tick()
        assert tick is not None
        if due is not None and due <= tick:
            self.source.now = due
            self.deliver(server, [m.Envelope(self.seq, due, m.Heartbeat())])
        elif (event := self.source.take()) is not None:
            self.deliver(server, [self.number(event)])

    def drain(self, server: CallServer) -> None:
        """Begin no more calls, and run until those that are up have ended."""
        self.source.stop()
        while self.source.lines or server.engine.next_deadline() is not None:
            if self.source.next_tick() is None:
                self.source.now = server.engine.next_deadline() or 0
                self.deliver(server, [m.Envelope(self.seq, self.source.now, m.Heartbeat())])
            else:
                self.turn(server)
        self.idle(server, 2)

    def idle(self, server: CallServer, seconds: int) -> None:
        """Advance time without new calls."""
        end = self.source.now + 50 * seconds
        while (tick := self.source.next_tick()) is not None and tick <= end:
            self.turn(server)
        self.source.now = end
        self.deliver(server, [m.Envelope(self.seq, end, m.Heartbeat())])

    def number(self, event: m.AnyEvent) -> m.Envelope:
        """Put an event into the journal; return it numbered."""
        self.seq += 1
        self.pending.append(m.Envelope(self.seq, self.source.now, event))
        return self.pending[-1]

    def confirm(self, seq: int) -> None:
        """Remove events up to `seq`."""
        self.pending = [envelope for envelope in self.pending if envelope.seq > seq]

    def deliver(self, server: CallServer, envelopes: list[m.Envelope]) -> None:
        """Send events, carry out the commands."""
        for envelope in envelopes:
            for command in server.on_envelope(envelope):
                if isinstance(command, m.Confirm):
                    self.confirm(command.seq)
                else:
                    self.source.execute(command)
