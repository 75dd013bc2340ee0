# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks: work that the engine wants done outside, such as a lookup, and the events that answer it.

Asks are the third output of a step, beside commands and records. An ask ends with its answer, its failure or its
withdrawal; a later answer changes nothing.
"""

from typing import Final, Literal

import msgspec

Reason = Literal["failed", "timeout"]
"""Why an ask has no answer: it could not be done, or not in time."""


class Lookup(msgspec.Struct, frozen=True, gc=False, tag="lookup"):
    """Find in a table of the site the first row with `key` in `column` ('' its first one).

    The answer is `found`, with the values of `columns` by their names, or `missing`.
    """

    table: str
    column: str
    key: str
    columns: tuple[str, ...] = ()


BOX_PREFIX: Final = "box:"
"""Prefix of a box's name where PINs are kept; agents have numbers."""
HOST_PREFIX: Final = "conference:host:"
GUEST_PREFIX: Final = "conference:guest:"
"""Prefixes of a conference's number there, for the PINs of hosts and of guests."""

PROMPT_PREFIX: Final = "prompt:"
"""Prefix of a prompt's name where boxes have names; nothing behind it: the PIN for recording prompts."""


class CheckPin(msgspec.Struct, frozen=True, gc=False, tag="check_pin"):
    """Compare what an agent keyed in with the agent's PIN; or with that of a box or a conference, by its prefix.

    The answer is `right`, `wrong`, or `none` if the agent has no PIN. Nothing is compared with an empty `pin`.
    """

    agent: str
    pin: str = ""

    def __repr__(self) -> str:
        """Return the question without the PIN: it may be logged."""
        return f"CheckPin({self.agent!r})"


class KeepPin(msgspec.Struct, frozen=True, gc=False, tag="keep_pin"):
    """Keep the PIN that an agent chose from now on. The answer is `kept`."""

    agent: str
    pin: str

    def __repr__(self) -> str:
        """Return the question without the PIN: it may be logged."""
        return f"KeepPin({self.agent!r})"


class KeepLock(msgspec.Struct, frozen=True, gc=False, tag="keep_lock"):
    """Keep the code with which the pause of agents ends. The answer is `kept`."""

    agents: tuple[str, ...]
    code: str

    def __repr__(self) -> str:
        """Return the question without the code: it may be logged."""
        return f"KeepLock({self.agents!r})"


class CheckLock(msgspec.Struct, frozen=True, gc=False, tag="check_lock"):
    """Compare a code with that of the agent's pause. The answer is `right`, `wrong`, or `none` if it was not kept."""

    agent: str
    code: str

    def __repr__(self) -> str:
        """Return the question without the code: it may be logged."""
        return f"CheckLock({self.agent!r})"


class Figures(msgspec.Struct, frozen=True, gc=False, tag="figures"):
    """Read what an agent did today: the answer is `found`, with `calls` answered and `talk_s` of finished calls."""

    agent: str


MESSAGE: Final = "*"
"""Before the number of a message of a queue's box, where that of a recording may stand."""


class FindRecording(msgspec.Struct, frozen=True, gc=False, tag="find_recording"):
    """Find the file of a recording: the answer is `found`, with its `sound` as `Play` takes it, or `missing`.

    `recording` is its number as it was keyed in; with `MESSAGE` before it, that of a message of a queue's box.
    """

    recording: str


class FindPrompt(msgspec.Struct, frozen=True, gc=False, tag="find_prompt"):
    """Find the prompt with this number, as it was keyed in: the answer is `found`, with its `prompt`, or `missing`."""

    number: str


class KeepPrompt(msgspec.Struct, frozen=True, gc=False, tag="keep_prompt"):
    """Play what was recorded in a `call` at a phone (`extension`) into `path` in place of a prompt from now on.

    The answer is `kept`, or `refused` if the recording is not fit for a prompt.
    """

    prompt: str
    path: str
    extension: str
    call: int


class LastAgent(msgspec.Struct, frozen=True, gc=False, tag="last_agent"):
    """Find the agent who talked with a caller last, within so many days.

    The answer is `found`, with the `agent`, or `missing`.
    """

    caller: str
    days: int


AnyQuestion = (
    LastAgent | Lookup | CheckPin | KeepPin | KeepLock | CheckLock | Figures | FindRecording | FindPrompt | KeepPrompt
)
"""The kinds of questions; `server.asks` has a handler for each."""


class Ask(msgspec.Struct, frozen=True, gc=False, tag="ask"):
    """Answer a question for a call; the engine withdraws it after `within_s`.

    `ask` is a number that is used once while the call server runs; `place` names flow and node.
    """

    ask: int
    call: int
    place: str
    within_s: float
    what: AnyQuestion


class Withdraw(msgspec.Struct, frozen=True, gc=False, tag="withdraw"):
    """Stop an ask: its time is over (`late`), or its call ended."""

    ask: int
    late: bool = False


AnyAsk = Ask | Withdraw


class AskAnswered(msgspec.Struct, frozen=True, gc=False, tag="ask_answered"):
    """An ask was done: `result` is a word such as `found`, `values` are those of its row."""

    ask: int
    result: str
    values: dict[str, str] = {}


class AskFailed(msgspec.Struct, frozen=True, gc=False, tag="ask_failed"):
    """An ask could not be done."""

    ask: int
    reason: Reason = "failed"


AnyAnswer = AskAnswered | AskFailed
