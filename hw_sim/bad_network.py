# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that loses, delays, overtakes and doubles packets, in its caller's time.

Not modelled: bursts of loss (losses are independent), a bandwidth that packets wait for, corruption (UDP's checksum
would turn it into loss), delay that changes slowly.
"""

import heapq
import itertools
import random
from dataclasses import dataclass
from typing import Generic, TypeVar

P = TypeVar("P")


@dataclass(frozen=True)
class NetworkPlan:
    """Faults of one direction. Shares are of all packets, 0 to 1."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0  # further delay, equally likely up to this; the order is kept
    loss: float = 0.0
    overtaken: float = 0.0  # delayed past its turn, by up to `overtaken_ms`
    overtaken_ms: float = 30.0
    doubled: float = 0.0  # comes once more, some time within `overtaken_ms`


class BadNetwork(Generic[P]):
    """Packets of one direction on their way; the same seed, packets and times give the same result."""

    def __init__(self, plan: NetworkPlan, seed: int) -> None:
        self._plan = plan
        self._random = random.Random(seed)
        self._on_the_way: list[tuple[float, int, P]] = []
        self._number = itertools.count()
        self._last_ms = 0.0
        self.lost = 0
        self.sent = 0

    def send(self, packet: P, now_ms: float) -> None:
        """Send a packet."""
        plan, chance = self._plan, self._random
        self.sent += 1
        if chance.random() < plan.loss:
            self.lost += 1
            return
        arrives = now_ms + plan.delay_ms + chance.uniform(0, plan.jitter_ms)
        if chance.random() < plan.overtaken:
            arrives = max(arrives, self._last_ms) + chance.uniform(0, plan.overtaken_ms)
        else:
            self._last_ms = arrives = max(arrives, self._last_ms)
        self._push(packet, arrives)
        if chance.random() < plan.doubled:
            self._push(packet, arrives + chance.uniform(0, plan.overtaken_ms))

    def arrived(self, now_ms: float) -> list[P]:
        """Return the packets that have arrived by now, in the order of arrival."""
        arrived = []
        while self._on_the_way and self._on_the_way[0][0] <= now_ms:
            arrived.append(heapq.heappop(self._on_the_way)[2])
        return arrived

    def hold(self, until_ms: float) -> None:
        """Hold all packets until a time: those sent before it arrive together."""
        self._last_ms = max(self._last_ms, until_ms)

    @property
    def next_ms(self) -> float | None:
        """Time at which the next packet arrives; None if none is on its way."""
        return self._on_the_way[0][0] if self._on_the_way else None

    def _push(self, packet: P, arrives_ms: float) -> None:
        heapq.heappush(self._on_the_way, (arrives_ms, next(self._number), packet))
