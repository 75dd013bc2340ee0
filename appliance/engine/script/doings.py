# SPDX-License-Identifier: GPL-2.0-or-later
"""What a flow asks the call to do. One at a time; the call tells the flow what came of it (`run.Run`)."""

import msgspec

from appliance.contract.asks import AnyQuestion


class Utter(msgspec.Struct, frozen=True, gc=False):
    """Play these sounds and say when they are over. Replaces what is being played."""

    sounds: tuple[str, ...]


class Listen(msgspec.Struct, frozen=True, gc=False):
    """Be silent and wait for a key, `seconds` at most."""

    seconds: float


class Join(msgspec.Struct, frozen=True, gc=False):
    """Wait in a queue."""

    queue: str


class Reach(msgspec.Struct, frozen=True, gc=False):
    """Ring an extension or, if `outside` is set, a number outside."""

    extension: str
    outside: str
    ring_s: float


class Inquire(msgspec.Struct, frozen=True, gc=False):
    """Ask a question outside. The caller hears `sounds` in a loop until the answer, or silence."""

    what: AnyQuestion
    within_s: float
    sounds: tuple[str, ...] = ()


class Finish(msgspec.Struct, frozen=True, gc=False):
    """End the call with a Q.850 cause; `trouble` says what is wrong with the flow, if it is that."""

    cause: int
    trouble: str = ""


Doing = Utter | Listen | Join | Reach | Inquire | Finish
