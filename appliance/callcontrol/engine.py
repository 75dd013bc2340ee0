# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine: events in, commands and records out. (Signatures first; the rooms are being furnished.)"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.callcontrol.books import OpenBooks
from appliance.callcontrol.views import AgentView, CallView, QueueView
from appliance.config.model import BoxConfig
from appliance.ivr.flow import Flow
from appliance.messages import AnyCommand, AnyEvent
from appliance.records import AgentStatus, AnyRecord


@dataclass(slots=True)
class Step:
    """What came of one event, one deadline or one request."""

    commands: list[AnyCommand] = field(default_factory=list)
    records: list[AnyRecord] = field(default_factory=list)


class Engine:
    """All calls of a box."""

    def __init__(self, config: BoxConfig, flows: Mapping[str, Flow], books: OpenBooks) -> None:
        """Go on from `books`; flows by name."""

    def handle(self, event: AnyEvent, now: int) -> Step:
        """Take an event that happened at tick `now`. Timers due by then fire first."""
        raise NotImplementedError

    def advance(self, now: int) -> Step:
        """Fire the timers due at `now`."""
        raise NotImplementedError

    def next_deadline(self) -> int | None:
        """Tick at which `advance` has something to do next; None: nothing runs."""
        raise NotImplementedError

    def detach(self, now: int) -> Step:
        """The connection to the switch is gone: the switch clears every leg, so every call ends as 'interrupted'.

        Gives no commands. Until `Attached` comes, events only close what is open (the replay).
        """
        raise NotImplementedError

    def set_agent(self, number: str, status: AgentStatus, now: int, reason: str = "") -> Step:
        """Sign an agent in or out, or pause him. Raises RequestError for an unknown number."""
        raise NotImplementedError

    def originate(self, extension: str, number: str, now: int) -> Step:
        """Ring `extension`'s phone, and when it answers dial `number` as if it had dialled. Raises RequestError."""
        raise NotImplementedError

    def hang_up(self, call: int, now: int) -> Step:
        """End a call. Raises RequestError for an unknown one."""
        raise NotImplementedError

    def reload_flows(self, flows: Mapping[str, Flow]) -> None:
        """Use these flows for calls from now on; calls under way keep theirs."""
        raise NotImplementedError

    def calls(self) -> list[CallView]:
        """Show the calls."""
        raise NotImplementedError

    def queues(self) -> list[QueueView]:
        """Show the queues."""
        raise NotImplementedError

    def agents(self) -> list[AgentView]:
        """Show the agents."""
        raise NotImplementedError
