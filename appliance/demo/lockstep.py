# SPDX-License-Identifier: GPL-2.0-or-later
"""Switch and call server in one process, tick by tick, with no clock and no socket: as fast as the machine allows.

Messages and their orders are those of the two processes; only bytes and waiting are left out. It does not show: late
ticks, a socket's delay of some ticks between event and command, and the death of one process without the other.
"""

from appliance.contract.switch import Envelope, Heartbeat
from appliance.server.server import CallServer
from appliance.switch.core import Switch


class Lockstep:
    """A box whose ticks are made by calls of `tick`: the far end runs its own in between."""

    def __init__(self, switch: Switch, server: CallServer) -> None:
        self.switch = switch
        self.server = server
        self._deliver(switch.attach(server.greeting()))

    def tick(self) -> None:
        """Run one tick of the whole box."""
        envelopes = self.switch.tick()
        deadline = self.server.engine.next_deadline()
        if not envelopes and deadline is not None and deadline <= self.switch.now:
            envelopes = [self.switch.peek(Heartbeat())]
        self._deliver(envelopes)

    def _deliver(self, envelopes: list[Envelope]) -> None:
        for envelope in envelopes:
            for command in self.server.on_envelope(envelope):
                self.switch.execute(command)
