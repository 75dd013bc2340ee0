# SPDX-License-Identifier: GPL-2.0-or-later
"""Callers of a walk who go aside from a queue: into a flow, or to be called back; and people who change that."""

import random
from contextlib import suppress
from typing import Any, Final, Protocol, get_args

from appliance.api.messages import CancelCallBack, MoveWaiting, SetPriority, TakeOut
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from appliance.contract.supervision import Priority
from appliance.engine.activities.dialogue import Dialogue
from appliance.engine.activities.flow import Flow
from appliance.engine.activities.wait import Wait
from appliance.engine.engine import AnyEngineRequest, Engine, Step
from appliance.engine.parts.call import Leg
from tests.bench.callsource import CallSource

PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)
ASIDE: Final = {
    "start": "hours",
    "node": {
        "hours": {"do": "play", "prompts": ["welcome"], "next": "menu"},
        "menu": {
            "do": "menu",
            "prompts": ["menu-hotline"],
            "keys": {"1": "back", "2": "other", "3": "desk", "4": "bye"},
            "timeout_s": 3,
            "tries": 2,
            "otherwise": "back",
        },
        "other": {"do": "queue", "queue": "service", "otherwise": "back"},
        "desk": {"do": "dial", "extension": "8009", "ring_s": 3, "otherwise": "back"},
        "back": {"do": "return"},
        "bye": {"do": "hangup"},
    },
}
"""A flow from which callers come back, or do not."""


class Walk(Protocol):
    """A random walk, as far as callers who go aside need it."""

    engine: Engine
    rng: random.Random
    source: CallSource

    def do(self, step: Step) -> None: ...

    def press(self, leg: Leg, keys: str) -> None: ...

    def happens(self, event: m.AnyEvent) -> None: ...


def with_asides(seed: int, queues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return queues from which callers may go aside."""
    callback = {
        "key": "8", "tries": 1 + seed % 3, "every_s": 5, "ring_s": 6, "expire_s": 30 + seed % 2 * 60,
        "again": ("take", "keep")[seed % 2], "machines": seed % 3 > 0,
    }  # fmt: skip
    more = {"callback": callback, "detours": {"9": "aside"}, "detours_interrupted": seed % 2 == 0}
    return [{**each, **more} if (seed + n) % 3 else each for n, each in enumerate(queues)]


def go_aside(walk: Walk) -> None:
    """Press a key of a queue, or one in what follows it; or tell who answered a call-back."""
    board, rng = walk.engine._board, walk.rng
    for call in sorted(board.calls.values(), key=lambda _: rng.random()):
        activity = call.activity
        if isinstance(activity, Wait):
            walk.press(activity.parties()[0], rng.choice("8899"))
        elif isinstance(activity, Dialogue) and call.kept is not None:
            walk.press(activity.parties()[0], rng.choice(("1", "1", "2", "#", "13800138001#", "110#", "8002#")))
        elif isinstance(activity, Flow) and call.kept is not None:
            walk.press(activity.parties()[0], rng.choice("1234"))
        elif call.kept is not None and activity.view == "talking":
            line = activity.parties()[0]
            walk.happens(m.Heard(line.number, "answer", rng.choice(("human", "machine", "unsure"))))
        else:
            continue
        return


def arrange(walk: Walk) -> None:
    """Move, prefer, send away or cancel one who waits."""
    rng, now = walk.rng, walk.source.now
    waiting = [each for queue in walk.engine.queues() for each in (*queue.waiting, *[c.call for c in queue.callbacks])]
    callbacks = [each.callback for queue in walk.engine.queues() for each in queue.callbacks]
    if not waiting:
        return
    call = rng.choice(waiting)
    asked: list[AnyEngineRequest] = [MoveWaiting(call, rng.randint(1, 3)), SetPriority(call, rng.choice(PRIORITIES))]
    asked += [TakeOut(call, rng.choice(("8003", "0138"))), *map(CancelCallBack, callbacks[:1])]
    with suppress(RequestError):  # a call-back is in the caller's place, or is being tried
        walk.do(walk.engine.request(rng.choice(asked), now))
