# SPDX-License-Identifier: GPL-2.0-or-later
"""A flow: a TOML document of named nodes, each of which does one thing and names the next.

`appliance/ivr/schema.json` is made from these types. Prompts are names (`prompts.toml`, or files of the owner). Texts
may hold `{name}` of a variable, `called`, `caller`, and those that `set`, `collect` and `lookup` fill, or another
expression in braces (`expression.py`).
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.config.base import Name, Seconds
from appliance.config.queues import Level
from appliance.ivr.spoken import Style

NodeName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="a node of this flow")]
Prompt = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_/-]{0,63}$", description="a prompt, without language and suffix")
]
Variable = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="the name of a variable")]
FlowName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="a flow, without .toml")]
Key = Annotated[str, Meta(pattern=r"^[0-9*#A-D]$", description="a key of the phone")]
Language = Literal["en", "zh"]
Expression = Annotated[str, Meta(min_length=1, max_length=200, description="an expression: balance >= 10")]

FLOW_VERSION: Final = 1


class _Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """Base: unknown keys are mistakes."""


class Play(_Node, frozen=True, kw_only=True, tag="play"):
    """Play prompts, then go on. Keys pressed here are kept for the next question, unless `keep_keys` is false."""

    prompts: Annotated[tuple[Prompt, ...], Meta(min_length=1)]
    keep_keys: bool = True
    next: NodeName


class Say(_Node, frozen=True, kw_only=True, tag="say"):
    """Play `text` as spoken words between prompts, in a `style`. Keys are kept as in `play`.

    `digits`: key by key; `phone`: in the rhythm of telephone numbers; `spell`: letters, figures and signs; `number`;
    `quantity`: a number of `unit`, such as ticket; `money`: yuan, jiao and fen; `date`, `time`, `datetime`, `weekday`.
    A text that is no value of the style: `otherwise`, or without it, it is read key by key.
    """

    keep_keys: bool = True
    text: str
    style: Style = "digits"
    unit: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="a prompt unit-<name>")] | None = None
    before: tuple[Prompt, ...] = ()
    after: tuple[Prompt, ...] = ()
    next: NodeName
    otherwise: NodeName | None = None


class Menu(_Node, frozen=True, kw_only=True, tag="menu"):
    """Ask for one key. Keys count while the prompts are played, too.

    Nothing pressed: `nothing` and the prompts again; a key not in `keys`: `nonsense` and the prompts again. After
    `tries` times in all the call goes on at `otherwise`.
    """

    prompts: Annotated[tuple[Prompt, ...], Meta(min_length=1)]
    keys: Annotated[dict[Key, NodeName], Meta(min_length=1)]
    timeout_s: Seconds = 5.0
    tries: Annotated[int, Meta(ge=1, le=10)] = 3
    nothing: tuple[Prompt, ...] = ("press-again",)
    nonsense: tuple[Prompt, ...] = ("invalid-choice",)
    otherwise: NodeName


class Collect(_Node, frozen=True, kw_only=True, tag="collect"):
    """Take digits into a variable until `end`, or `most` of them, or `timeout_s` after the last.

    Fewer than `least` are treated as a menu treats nonsense, none at all as nothing.
    """

    prompts: Annotated[tuple[Prompt, ...], Meta(min_length=1)]
    into: Variable
    least: Annotated[int, Meta(ge=1, le=32)] = 1
    most: Annotated[int, Meta(ge=1, le=32)] = 32
    end: Literal["#", "*", ""] = "#"
    timeout_s: Seconds = 5.0
    tries: Annotated[int, Meta(ge=1, le=10)] = 3
    nothing: tuple[Prompt, ...] = ("press-again",)
    nonsense: tuple[Prompt, ...] = ("invalid-choice",)
    next: NodeName
    otherwise: NodeName


class Branch(_Node, frozen=True, kw_only=True, tag="branch"):
    """Go on by the value of a variable or an expression: an exact case first, then the longest that ends in '*'.

    No case of it, or no value: `otherwise`.
    """

    on: Expression
    cases: Annotated[dict[str, NodeName], Meta(min_length=1)]
    otherwise: NodeName


class Compare(_Node, frozen=True, kw_only=True, tag="compare"):
    """Go on at `yes` or `no` by an expression, such as `balance >= 10 and not blocked`.

    A value that cannot be compared, such as a text with a number: `otherwise`, or without it `no`.
    """

    when: Expression
    yes: NodeName
    no: NodeName
    otherwise: NodeName | None = None


class Add(_Node, frozen=True, kw_only=True, tag="add"):
    """Add to a variable: a counter of this call. One that was never set, or holds no number, counts from 0."""

    to: Variable
    amount: Expression = "1"
    next: NodeName


class TimePlan(_Node, frozen=True, kw_only=True, tag="plan"):
    """Go on at `open` while a `[[plan]]` of the configuration is open, else at `closed`. `plan` may hold variables."""

    plan: str
    open: NodeName
    closed: NodeName


class Set(_Node, frozen=True, kw_only=True, tag="set"):
    """Set variables, or the language of the prompts from here on."""

    values: dict[Variable, str] = {}
    language: Language | None = None
    next: NodeName


class Queue(_Node, frozen=True, kw_only=True, tag="queue"):
    """Wait for an agent; the call ends with their talk.

    Queue full, no agent signed in, or waited too long: `otherwise`; `result` says which. `queue` may hold variables. A
    key of `keys` leaves the queue. Callers of higher `priority` are served first; `needs` are skills that the caller
    needs besides those of the queue. If `agent`, which may hold variables, is one of the queue who is signed in, the
    caller waits for that agent alone for `agent_s`, unless the agent does not take the call.
    """

    queue: str
    keys: dict[Key, NodeName] = {}
    priority: Annotated[int, Meta(ge=0, le=9)] = 0
    needs: dict[Name, Level] = {}
    agent: str = ""
    agent_s: Seconds = 30.0
    otherwise: NodeName


class Dial(_Node, frozen=True, kw_only=True, tag="dial"):
    """Ring an extension, a number outside (without the prefix), or those on duty by a `[[duty]]` list.

    Busy, no answer, failure: `otherwise`.
    """

    extension: str = ""
    outside: str = ""
    duty: str = ""
    ring_s: Seconds = 30.0
    otherwise: NodeName


class Voicemail(_Node, frozen=True, kw_only=True, tag="voicemail"):
    """Play the greeting of a box and take a message, then go on; box full, nothing said, failure: `otherwise`.

    `box` is the name of a box, or its extension or number; it may hold variables. `why` chooses the greeting.
    """

    box: str
    why: Literal["busy", "no_answer", "after_hours", "dialled"] = "dialled"
    next: NodeName
    otherwise: NodeName


class Lookup(_Node, frozen=True, kw_only=True, tag="lookup"):
    """Look up a row of a table, the file <paths.tables>/<table>.csv; its first line names the columns.

    The first row with `key` in `column` (without one, the table's first) goes to `found`; `into` says which variables
    take which of its columns. No row: `missing`; no table that can be used, or no answer within `within_s`: `failed`.
    Meanwhile the caller hears `music`, or nothing. Keys are kept as in `play`.
    """

    table: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="a file's name, without .csv")]
    column: str = ""
    key: str
    into: dict[Variable, Annotated[str, Meta(min_length=1, description="a column of the table")]] = {}
    within_s: Annotated[float, Meta(gt=0, le=60)] = 3.0
    music: str = ""
    keep_keys: bool = True
    found: NodeName
    missing: NodeName
    failed: NodeName


class LastAgent(_Node, frozen=True, kw_only=True, tag="last_agent"):
    """Look up in the books the agent who talked with the caller last, within so many `days`; `into` takes the number.

    None, or no answer within `within_s`: `missing`. Keys are kept as in `play`.
    """

    into: Variable = "agent"
    days: Annotated[int, Meta(ge=1, le=3650)] = 30
    within_s: Annotated[float, Meta(gt=0, le=60)] = 3.0
    keep_keys: bool = True
    found: NodeName
    missing: NodeName


class Rate(_Node, frozen=True, kw_only=True, tag="rate"):
    """Ask for a rating: one key from 1 to `highest`, which goes into the books as the answer to `question`.

    It is asked as a menu is; the key is in the variable `into`. Without an answer the call goes on at `otherwise`.
    """

    question: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="its name in the books")]
    prompts: Annotated[tuple[Prompt, ...], Meta(min_length=1)]
    highest: Annotated[int, Meta(ge=2, le=9)] = 5
    into: Variable = "rating"
    timeout_s: Seconds = 5.0
    tries: Annotated[int, Meta(ge=1, le=10)] = 2
    nothing: tuple[Prompt, ...] = ("press-again",)
    nonsense: tuple[Prompt, ...] = ("invalid-choice",)
    next: NodeName
    otherwise: NodeName


class Comment(_Node, frozen=True, kw_only=True, tag="comment"):
    """Record what the caller says to a survey, until the hash key, `silence_s` of silence, or `most_s` at most."""

    prompts: Annotated[tuple[Prompt, ...], Meta(min_length=1)]
    most_s: Annotated[float, Meta(ge=1, le=600)] = 60.0
    silence_s: Annotated[float, Meta(ge=1, le=60)] = 5.0
    next: NodeName


class Split(_Node, frozen=True, kw_only=True, tag="split"):
    """Go on by chance: `shares` are the nodes and their percentages, 100 in all.

    With `by`, which may hold variables, such as "{caller}", the same value always goes the same way.
    """

    shares: Annotated[dict[NodeName, Annotated[int, Meta(ge=1, le=100)]], Meta(min_length=1)]
    by: str = ""


class ChooseLanguage(_Node, frozen=True, kw_only=True, tag="language"):
    """Ask for the language of the prompts from here on; each choice is said in its own.

    It is asked as a menu is. Without an answer the language stays, and the call goes on at `otherwise`.
    """

    keys: Annotated[dict[Key, Language], Meta(min_length=1)]
    timeout_s: Seconds = 5.0
    tries: Annotated[int, Meta(ge=1, le=10)] = 2
    nothing: tuple[Prompt, ...] = ()
    nonsense: tuple[Prompt, ...] = ()
    next: NodeName
    otherwise: NodeName


class Goto(_Node, frozen=True, kw_only=True, tag="goto"):
    """Go on at the start of another flow, with variables and language as they are."""

    flow: FlowName


class Sub(_Node, frozen=True, kw_only=True, tag="sub"):
    """Go through another flow, with variables and language as they are, and on at `next` when it comes to `return`."""

    flow: FlowName
    next: NodeName


class Return(_Node, frozen=True, kw_only=True, tag="return"):
    """Go back: to the flow that entered this one by `sub`, with `result`, if it is set, in the variable of that name.

    Else to the queue from which the caller came by a key of `queue.detours`; the caller has kept the place. A flow that
    was entered otherwise ends the call here.
    """

    result: str | None = None


class Hangup(_Node, frozen=True, kw_only=True, tag="hangup"):
    """End the call with a Q.850 cause."""

    cause: Annotated[int, Meta(ge=1, le=127)] = 16


Node = (
    Play
    | Say
    | Menu
    | Collect
    | Branch
    | Compare
    | Add
    | TimePlan
    | Set
    | Queue
    | Dial
    | Voicemail
    | Lookup
    | LastAgent
    | Rate
    | Comment
    | Split
    | ChooseLanguage
    | Goto
    | Sub
    | Return
    | Hangup
)

PASSING: Final = (Play, Say, Branch, Compare, Add, TimePlan, Set, Split, Lookup, LastAgent)
"""Nodes at which a caller can do nothing: a loop of these alone is never left."""


class Flow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A flow. Its name is its file's; its language, if any, wins over the box's, but not over that of a caller's flow.

    `takes`: variables that the flows set which lead here by `sub` or `goto`.
    """

    flow_version: Literal[1] = FLOW_VERSION
    description: str = ""
    language: Language | None = None
    takes: tuple[Variable, ...] = ()
    start: NodeName
    node: Annotated[dict[NodeName, Node], Meta(min_length=1)]


def prompts_of(node: Node) -> tuple[str, ...]:
    """Return the prompts that a node names itself (not those of spoken digits)."""
    match node:
        case Play():
            return node.prompts
        case Say():
            return node.before + node.after
        case Menu() | Collect() | Rate():
            return node.prompts + node.nothing + node.nonsense
        case ChooseLanguage():
            return node.nothing + node.nonsense
        case Comment():
            return node.prompts
        case _:
            return ()


WAYS: Final = ("next", "open", "closed", "found", "missing", "failed", "yes", "no", "otherwise")
"""Keys of a node that name the nodes after it."""


def ways_of(node: Node) -> tuple[tuple[str, str], ...]:
    """Return the nodes to which a node may lead: pairs of (key in the document, node name)."""
    ways: list[tuple[str, str]] = []
    if isinstance(node, Menu | Queue):
        ways += [(f"keys.{key}", name) for key, name in node.keys.items()]
    if isinstance(node, Split):
        ways += [(f"shares.{name}", name) for name in node.shares]
    if isinstance(node, Branch):
        ways += [(f"cases.{value}", name) for value, name in node.cases.items()]
    ways += [(way, to) for way in WAYS if (to := getattr(node, way, None)) is not None]
    return tuple(ways)
