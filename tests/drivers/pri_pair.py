# SPDX-License-Identifier: GPL-2.0-or-later
"""Two D channels wired to each other, on a time of their own."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from drivers.pri import PriLink
from drivers.pri_events import Gone, PriEvent, Setup

E = TypeVar("E")


class Pair:
    """`net` and `usr`, and all events of each so far in `told[link]`; `cut` loses every frame."""

    def __init__(self, timers_s: Mapping[str, float] | None = None) -> None:
        self.net, self.usr = PriLink("network", timers_s), PriLink("user", timers_s)
        self.now_s = 0.0
        self.cut = False
        self.told: dict[PriLink, list[PriEvent]] = {self.net: [], self.usr: []}

    def exchange(self) -> None:
        """Carry frames until both ends are quiet."""
        while frames := [(a, b, a.take_frames()) for a, b in ((self.net, self.usr), (self.usr, self.net))]:
            if not any(sent for _a, _b, sent in frames):
                break
            for _a, b, sent in frames:
                for frame in () if self.cut else sent:
                    b.receive(frame)
        for link, told in self.told.items():
            told.extend(link.events())

    def run(self, time_s: float, step_s: float = 0.1) -> None:
        """Pass time."""
        end = self.now_s + time_s
        while self.now_s < end:
            self.now_s = min(self.now_s + step_s, end)
            self.net.run(self.now_s)
            self.usr.run(self.now_s)
            self.exchange()

    def up(self) -> "Pair":
        self.run(0.2)
        assert self.net.up
        assert self.usr.up
        self.clear_log()
        return self

    def clear_log(self) -> None:
        for told in self.told.values():
            told.clear()

    def of(self, link: PriLink, kind: type[E]) -> list[E]:
        return [event for event in self.told[link] if isinstance(event, kind)]

    def far(self, link: PriLink) -> PriLink:
        return self.net if link is self.usr else self.usr

    def offer(self, caller: PriLink, channel: int = 1, called: str = "12345", **details: object) -> tuple[int, int]:
        """Set a call up; its numbers at the caller's and at the far end."""
        seen = len(self.of(self.far(caller), Setup))
        call = caller.setup(channel, called, "67890", **details)  # type: ignore[arg-type]
        self.exchange()
        return call, self.of(self.far(caller), Setup)[seen].call

    def talk(self, caller: PriLink, channel: int = 1) -> tuple[int, int]:
        """Set up a call and answer it."""
        call, far_call = self.offer(caller, channel)
        self.far(caller).connect(far_call)
        self.exchange()
        return call, far_call

    def gone(self, link: PriLink, call: int) -> list[int]:
        """Return the causes of the ends of a call; there should be one."""
        return [event.cause for event in self.of(link, Gone) if event.call == call]


def until(pair: Pair, what: Callable[[], bool], most_s: float = 300.0) -> float:
    """Pass time until a condition holds; return the time it took."""
    begun = pair.now_s
    while not what():
        assert pair.now_s - begun < most_s, "it never came"
        pair.run(0.1)
    return pair.now_s - begun
