# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine of a flow under way: one caller at one node. It returns what to do next and takes the result."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from appliance.contract.switch import Cause
from appliance.engine.machine import MissingTransition
from appliance.engine.script.doings import Doing, Enter, Finish, Listen, Rating, TakeComment, Utter
from appliance.engine.script.nodes import (
    ASKING,
    AWAY,
    COMMENTING,
    ENTER,
    LISTENING,
    OVER,
    PROMPTING,
    RATED,
    SPEAKING,
    WAITING,
    Caller,
    Chance,
    Clock,
    IsOpen,
    RunState,
    always,
    choices,
    timeless,
    unmoved,
)
from appliance.ivr import say
from appliance.ivr.flow import (
    ChooseLanguage,
    Collect,
    Comment,
    Dial,
    Flow,
    Hangup,
    LastAgent,
    Lookup,
    Menu,
    Node,
    Play,
    Queue,
    Rate,
    Say,
    Voicemail,
)

NODES_PER_TICK: Final = 100
"""More nodes without a tick of time are a loop that would never end."""

MOST_DEEP: Final = 8
"""Flows inside each other, entered by `sub`."""

MAX_AHEAD: Final = 32
"""Keys that are kept for questions to come."""
END: Final = "#"
"""The key that callers press after an answer, also if it needs no end."""


_ASKED: Final = frozenset({ASKING, LISTENING})
_DEAF: Final = frozenset({AWAY, PROMPTING, OVER})
"""States in which keys that come too early are dropped."""


class RunInput(IntEnum):
    """Results of the last doing. BACK: a reason, or the key with which a caller left a queue."""

    PLAYED = 0
    KEY = 1
    TIME_OUT = 2
    BACK = 3
    ANSWERED = 4
    DONE = 5


PLAYED: Final[RunInput] = RunInput.PLAYED


class Answer(NamedTuple):
    """The answer of an ask: a word, and values by their names outside."""

    result: str
    values: Mapping[str, str] = {}


class Back(NamedTuple):
    """The node at which a flow goes on after a sub-flow."""

    name: str
    flow: Flow
    node: str


class Run:
    """A caller in a flow. The methods return the next doing, or None if there is nothing new to do."""

    __slots__ = (
        "ahead",
        "caller",
        "digits",
        "flow",
        "flows",
        "name",
        "node",
        "node_name",
        "place",
        "spent",
        "stack",
        "state",
        "stray",
        "tick",
        "tries",
    )

    def __init__(
        self,
        name: str,
        flow: Flow,
        variables: Mapping[str, str],
        language: str,
        is_open: IsOpen = always,
        clock: Clock = timeless,
        chance: Chance = unmoved,
        flows: Mapping[str, Flow] = MappingProxyType({}),
    ) -> None:
        """Stand before the first node; `is_open` returns whether a time plan is open now, `clock` the local time.

        `flows` are those to which it may lead: the same while the call goes on.
        """
        self.name = name
        self.flow = flow
        self.caller = Caller(variables, flow.language or language, is_open, clock, chance)
        self.flows = flows
        self.stack: tuple[Back, ...] = ()
        self.node_name = ""
        self.place = ""
        """Place of the caller, as in `records.SegmentOpened`."""
        self.node: Node = Hangup()
        self.state = OVER
        self.tries = 0
        self.digits = ""
        self.ahead = ""
        """Keys pressed before the question that they answer."""
        self.stray = ""
        """A key that ends an answer and came, or may come, when the answer was complete already."""
        self.tick = -1
        self.spent = 0

    def begin(self, now: int) -> Doing:
        """Enter the first node."""
        return self.go(self.flow.start, now)

    def take(self, given: RunInput, what: Any, now: int) -> tuple[Doing | None, bool]:
        """Handle a result: `what` is the key of KEY, the result of BACK, the Answer of ANSWERED.

        Results are kept as the variable `result`. Returns also whether a key had an effect here.

        Raises:
            MissingTransition: the input cannot come in this state (a bug).
        """
        action = TABLE.get((self.state, given))
        if action is None:
            raise MissingTransition("flow", self.state.name, given.name)
        return action(self, what, now)

    def go(self, name: str, now: int) -> Doing:
        """Enter nodes, from `name` on, until one takes time."""
        if now != self.tick:
            self.tick, self.spent = now, 0
        while True:
            self.spent += 1
            self.node_name, self.place = name, f"{self.name}/{name}"
            node = self.flow.node.get(name)
            if self.spent > NODES_PER_TICK:
                return self._broken(f"flow {self.name}, node {name}: it goes round without waiting; caller cleared")
            if node is None:
                return self._broken(f"flow {self.name}: there is no node {name}; caller cleared")
            self.node, self.tries, self.digits = node, 0, ""
            entry = ENTER[type(node)](self.caller, node)
            if not isinstance(entry, str):
                self.state, doing = entry
                return self._answered_ahead(doing, now)
            name = entry

    def enter(self, into: Enter, now: int) -> Doing:
        """Enter another flow."""
        flow = self.flows.get(into.flow)
        if flow is None:
            return self._broken(
                f"flow {self.name}, node {self.node_name}: there is no flow {into.flow}; caller cleared"
            )
        if into.back:
            if len(self.stack) >= MOST_DEEP:
                return self._broken(f"flow {self.name}, node {self.node_name}: too many sub-flows; caller cleared")
            self.stack += (Back(self.name, self.flow, into.back),)
        self.name, self.flow = into.flow, flow
        return self.go(flow.start, now)

    def back(self, now: int) -> Doing | None:
        """Go on in the flow that entered this one; None: there is none."""
        if not self.stack:
            return None
        self.name, self.flow, node = self.stack[-1]
        self.stack = self.stack[:-1]
        return self.go(node, now)

    def _answered_ahead(self, doing: Doing, now: int) -> Doing:
        """Answer a question with keys that were pressed before it is asked; at other nodes drop them."""
        if self.state in _DEAF:
            self.ahead = self.stray = ""
        while self.ahead and self.state in _ASKED:
            key, self.ahead = self.ahead[0], self.ahead[1:]
            doing = _pressed(self, key, now)[0] or doing
        return doing

    def ask_again(self, first: tuple[str, ...], now: int) -> Doing:
        """Return prompts for the mistake and the question again, or go on without an answer after the last try."""
        node = self.node
        assert isinstance(node, Menu | Collect | Rate | ChooseLanguage)
        self.tries += 1
        if self.tries >= node.tries:
            return self.go(node.otherwise, now)
        self.digits = self.ahead = self.stray = ""
        self.state = ASKING
        if isinstance(node, ChooseLanguage):
            return Utter(say.prompts(self.caller.language, first) + choices(node))
        return Utter(say.prompts(self.caller.language, first + node.prompts))

    def _broken(self, trouble: str) -> Finish:
        self.state = OVER
        return Finish(Cause.TEMPORARY_FAILURE, trouble)


Taken = tuple[Doing | None, bool]


def _spoken(run: Run, _: str, now: int) -> Taken:
    node = run.node
    assert isinstance(node, Play | Say)
    return run.go(node.next, now), True


def _unasked(run: Run, key: str, _: int) -> Taken:
    node = run.node
    assert isinstance(node, Play | Say | Lookup | LastAgent)
    if not node.keep_keys or len(run.ahead) >= MAX_AHEAD:
        return None, False
    run.ahead += key
    return None, True


def _asked(run: Run, _: str, __: int) -> Taken:
    node = run.node
    assert isinstance(node, Menu | Collect | Rate | ChooseLanguage)
    run.state = LISTENING
    return Listen(node.timeout_s), True


def _pressed(run: Run, key: str, now: int) -> Taken:
    node = run.node
    stray, run.stray = run.stray, ""
    if isinstance(node, Collect):
        if key == stray and not run.digits:
            return None, False
        return _digit(run, node, key, now)
    assert isinstance(node, Menu | Rate | ChooseLanguage)
    if isinstance(node, Menu) and key in node.keys:
        run.stray = END
        return run.go(node.keys[key], now), True
    if isinstance(node, ChooseLanguage) and key in node.keys:
        run.stray, run.caller.language = END, node.keys[key]
        return run.go(node.next, now), True
    if isinstance(node, Rate) and key in "123456789"[: node.highest]:
        run.stray, run.state = END, RATED
        run.caller.variables[node.into] = key
        return Rating(node.question, int(key)), True
    return (None, False) if key == stray else (run.ask_again(node.nonsense, now), False)


def _digit(run: Run, node: Collect, key: str, now: int) -> Taken:
    if key == node.end:
        return _collected(run, node, now), True
    if not key.isdecimal():
        return None, False
    run.digits += key
    if len(run.digits) >= node.most:
        run.stray = node.end or END
        return _collected(run, node, now), True
    run.state = LISTENING
    return Listen(node.timeout_s), True


def _collected(run: Run, node: Collect, now: int) -> Doing:
    if len(run.digits) < node.least:
        return run.ask_again(node.nonsense, now)
    run.caller.variables[node.into] = run.digits
    return run.go(node.next, now)


def _waited(run: Run, _: str, now: int) -> Taken:
    node = run.node
    assert isinstance(node, Menu | Collect | Rate | ChooseLanguage)
    if isinstance(node, Collect) and run.digits:
        return _collected(run, node, now), True
    return run.ask_again(node.nothing, now), True


def _returned(run: Run, result: str, now: int) -> Taken:
    node = run.node
    assert isinstance(node, Queue | Dial | Voicemail)
    pressed = node.keys.get(result) if isinstance(node, Queue) else None
    run.caller.variables["result"] = result if pressed is None else "key"
    left = node.next if isinstance(node, Voicemail) and result == "left" else None
    return run.go(pressed or left or node.otherwise, now), True


def _answered(run: Run, answer: Answer, now: int) -> Taken:
    node = run.node
    variables, values = run.caller.variables, answer.values
    variables["result"] = answer.result
    if isinstance(node, LastAgent):
        variables[node.into] = values.get("agent", "")
        return run.go(node.found if answer.result == "found" else node.missing, now), True
    assert isinstance(node, Lookup)
    variables |= {name: values[column] for name, column in node.into.items() if column in values}
    return run.go({"found": node.found, "missing": node.missing}.get(answer.result, node.failed), now), True


def _went_on(run: Run, _: str, now: int) -> Taken:
    node = run.node
    assert isinstance(node, Rate | Comment)
    return run.go(node.next, now), True


def _prompted(run: Run, _: str, __: int) -> Taken:
    node = run.node
    assert isinstance(node, Comment)
    run.state = COMMENTING
    return TakeComment(node.most_s, node.silence_s), True


def _deaf(_run: Run, key: str, _: int) -> Taken:
    """Take no key; the hash key ends a comment in the switch."""
    return None, key == END


TABLE: Final[dict[tuple[RunState, RunInput], Callable[[Run, Any, int], Taken]]] = {
    (SPEAKING, RunInput.PLAYED): _spoken,
    (SPEAKING, RunInput.KEY): _unasked,
    (ASKING, RunInput.PLAYED): _asked,
    (ASKING, RunInput.KEY): _pressed,
    (LISTENING, RunInput.KEY): _pressed,
    (LISTENING, RunInput.TIME_OUT): _waited,
    (AWAY, RunInput.BACK): _returned,
    (WAITING, RunInput.KEY): _unasked,
    (WAITING, RunInput.ANSWERED): _answered,
    (RATED, RunInput.DONE): _went_on,
    (PROMPTING, RunInput.PLAYED): _prompted,
    (PROMPTING, RunInput.KEY): _deaf,
    (COMMENTING, RunInput.KEY): _deaf,
    (COMMENTING, RunInput.DONE): _went_on,
}
"""Missing on purpose: the end of sounds or timers that do not run, a return without a way out; all of OVER."""
