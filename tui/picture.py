# SPDX-License-Identifier: GPL-2.0-or-later
"""Picture: the state of the box, folded from replies and updates. Pure: no screen, no socket, no waiting.

Screens read it; only the link's hearing and the poller's replies change it. `version` counts changes.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from appliance.api.messages import (
    AgentsReply,
    CallsReply,
    DeskReply,
    Hello,
    QueuesReply,
    Reply,
    SpansReply,
    StatusReply,
    Subscribed,
    TroublesReply,
    Update,
)
from appliance.contract.rights import Right
from appliance.contract.switch import CardReport, SpanState, StatusReport
from tui.folding import fold
from tui.link import Gone, Heard
from tui.things import AgentNow, CallNow, Part, QueueNow

R = TypeVar("R", bound=Reply)

MAX_RECENT: Final = 5000
"""Updates that are kept for a reply that does not include them yet."""
_JUMP_MS: Final = 250
"""Delay of updates that does not move the clock."""


class Picture(Part):
    """The state of the box.

    Args:
        clock: seconds that never jump.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self.version = 0
        self.hello: Hello | None = None
        self.status: StatusReply | None = None
        self.switch: StatusReport | None = None
        self.spans: dict[int, SpanState] = {}
        self.stale = True
        """Updates were lost, or none have come yet: the present state must be asked for."""
        self.known = False
        """The box has answered once."""
        self.why_gone = ""
        self._gone_at: float | None = clock()
        self._offset_ms: float | None = None
        self._recent: deque[Update] = deque(maxlen=MAX_RECENT)
        self._replies: dict[type[Reply], Reply] = {}

    # --- what arrives

    def hear(self, heard: Sequence[Heard]) -> None:
        """Change the picture by what the link heard."""
        for each in heard:
            if isinstance(each, Update):
                self._update(each)
            elif isinstance(each, Subscribed):
                self.stale = self.stale or not each.complete
                self._gone_at, self.known = None, True
            elif isinstance(each, Gone):
                self._gone(each.why)
            else:
                self.hello = each
        self.version += 1

    def take(self, reply: Reply) -> None:
        """Change the picture by a reply. Updates that it does not include yet are folded into it."""
        self.version += 1
        self._gone_at = None  # it answers: a stream that is lost as well is told by the link again
        self._replies[type(reply)] = reply
        match reply:
            case CallsReply(calls=rows, seq=seq):
                calls = {row.call: CallNow.of(row, self.now_ms) for row in rows}
                for number, call in calls.items():
                    call.name = call.name or (old.name if (old := self.calls.get(number)) is not None else "")
                self.calls = self._renewed(Part(calls=calls), seq).calls
            case QueuesReply(queues=waiting, seq=seq):
                queues = {row.queue: QueueNow.of(row, self.now_ms) for row in waiting}
                self.queues = self._renewed(Part(calls=dict(self.calls), queues=queues), seq).queues
            case AgentsReply(agents=people, seq=seq):
                agents = {row.agent: AgentNow.of(row, self.now_ms) for row in people}
                self.agents = self._renewed(Part(agents=agents), seq).agents
            case StatusReply():
                self._set_clock(reply.at)
                self.status, self.switch = reply, reply.switch or self.switch
                self.spans |= {state.span: state for state in reply.spans}
            case SpansReply(spans=states):
                self.spans = {state.span: state for state in states}
                self.switch = reply.switch or self.switch
            case DeskReply():
                self._set_clock(reply.at)
            case TroublesReply(troubles=troubles):
                self.troubles = list(troubles)
            case _:
                pass

    def touch(self) -> None:
        """Count a change that a screen made in what it shows."""
        self.version += 1

    def last(self, kind: type[R]) -> R | None:
        """Return the last reply of a kind."""
        reply = self._replies.get(kind)
        return reply if isinstance(reply, kind) else None

    def _update(self, update: Update) -> None:
        self._set_clock(update.at)
        what = update.what
        if isinstance(what, StatusReport):
            self.switch = what
        elif isinstance(what, SpanState):
            self.spans[what.span] = what
        else:
            self._recent.append(update)
            fold(self, update.at, what)

    def _renewed(self, part: Part, seq: int) -> Part:
        """Return a part that a reply made, with the updates after `seq` folded into it."""
        for update in self._recent:
            if update.seq > seq > 0:
                fold(part, update.at, update.what)
        return part

    def _gone(self, why: str) -> None:
        self.why_gone = why
        if self._gone_at is None:
            self._gone_at = self._clock()

    # --- what is read

    @property
    def now_ms(self) -> int:
        """The box's time; it stands still while the box does not answer."""
        clock = self._clock() if self._gone_at is None else self._gone_at
        return round(clock * 1000 + self._offset_ms) if self._offset_ms is not None else 0

    @property
    def silent_s(self) -> float | None:
        """Seconds since which the box does not answer; None: it does."""
        return None if self._gone_at is None else self._clock() - self._gone_at

    @property
    def cards(self) -> Mapping[int, CardReport]:
        """Reports of the spans, by number."""
        return {card.span.span: card for card in (self.switch.cards if self.switch else ()) if card.span is not None}

    @property
    def waiting(self) -> int:
        """Callers in all queues."""
        return sum(len(queue.waiting) for queue in self.queues.values())

    def may(self, right: Right) -> bool:
        """Return whether the user has a right; of users who sign in, the box alone tells by each request."""
        return self.hello is None or bool(self.hello.access) or right in self.hello.rights

    def since(self, at_ms: int) -> float:
        """Return the seconds from a time of the box until now."""
        return max(0.0, (self.now_ms - at_ms) / 1000)

    def _set_clock(self, at_ms: int) -> None:
        offset = at_ms - self._clock() * 1000
        if self._offset_ms is None or abs(offset - self._offset_ms) > _JUMP_MS:
            self._offset_ms = offset
