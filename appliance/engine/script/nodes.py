# SPDX-License-Identifier: GPL-2.0-or-later
"""Entry of each kind of node: something that takes time, or the name of the next node."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final
from zlib import crc32

from appliance.contract import asks
from appliance.engine.script.doings import Doing, Enter, Finish, GoBack, Inquire, Join, Leave, Reach, Utter
from appliance.ivr import evaluate, expression, say, texts
from appliance.ivr.evaluate import Kind
from appliance.ivr.flow import (
    Add,
    Branch,
    ChooseLanguage,
    Collect,
    Comment,
    Compare,
    Dial,
    Goto,
    Hangup,
    LastAgent,
    Lookup,
    Menu,
    Play,
    Queue,
    Rate,
    Return,
    Say,
    Set,
    Split,
    Sub,
    TimePlan,
    Voicemail,
)
from appliance.ivr.spoken import speak
from appliance.ivr.values import number_of

IsOpen = Callable[[str], bool]
"""Whether a time plan is open now, by its name."""
Clock = Callable[[], datetime]
"""The local time."""
Chance = Callable[[], float]
"""A random number from 0 up to 1."""


def always(_plan: str) -> bool:
    """Take every time plan as open, for flows outside a box."""
    return True


def unmoved() -> float:
    """Return the chance of flows outside a box."""
    return 0.0


def timeless() -> datetime:
    """Return a time for flows outside a box."""
    return datetime(1970, 1, 1)  # noqa: DTZ001 (local times have no zone)


class RunState(IntEnum):
    """States of a caller at a node."""

    SPEAKING = 0  # sounds without a question
    ASKING = 1  # the question is being played
    LISTENING = 2  # the question is over
    AWAY = 3  # in a queue, or another party rings
    OVER = 4
    WAITING = 5  # for the answer of an ask
    RATED = 6  # the rating is being kept
    PROMPTING = 7  # sounds before a comment
    COMMENTING = 8  # the comment is being recorded
    PASSING = 9  # to another flow, or back


SPEAKING, ASKING, LISTENING, AWAY, OVER, WAITING, RATED, PROMPTING, COMMENTING, PASSING = RunState


class Caller:
    """A flow's data of its caller. `called`, `caller` and `result` are variables that the box sets.

    `clock` returns the local time, `chance` a random number.
    """

    __slots__ = ("chance", "clock", "is_open", "language", "variables")

    def __init__(
        self,
        variables: Mapping[str, str],
        language: str,
        is_open: IsOpen = always,
        clock: Clock = timeless,
        chance: Chance = unmoved,
    ) -> None:
        self.variables = dict(variables)
        self.language = language
        self.is_open = is_open
        self.clock = clock
        self.chance = chance

    def fill(self, text: str) -> str:
        """Return a text with its expressions filled in; a variable that was never set is empty."""
        return texts.fill(text, self) if "{" in text else text


Entry = str | tuple[RunState, Doing]


def _play(caller: Caller, node: Play) -> Entry:
    return SPEAKING, Utter(say.prompts(caller.language, node.prompts))


def _say(caller: Caller, node: Say) -> Entry:
    text, language = caller.fill(node.text), caller.language
    words = speak(node.style, text, language, node.unit or "")
    if words is None:
        if node.otherwise is not None:
            return node.otherwise
        words = say.digits(text, language)
    sounds = say.prompts(language, node.before) + words + say.prompts(language, node.after)
    return (SPEAKING, Utter(sounds)) if sounds else node.next


def _ask(caller: Caller, node: Menu | Collect | Rate) -> Entry:
    return ASKING, Utter(say.prompts(caller.language, node.prompts))


def _branch(caller: Caller, node: Branch) -> Entry:
    try:
        value = evaluate.text(expression.read(node.on).value(caller))
    except evaluate.UnusableError:
        return node.otherwise
    if value in node.cases:
        return node.cases[value]
    fits = [case for case in node.cases if case.endswith("*") and value.startswith(case[:-1])]
    return node.cases[max(fits, key=len)] if fits else node.otherwise


def _compare(caller: Caller, node: Compare) -> Entry:
    try:
        holds = evaluate.boolean(expression.read(node.when, Kind.BOOLEAN).value(caller))
    except evaluate.UnusableError:
        return node.otherwise or node.no
    return node.yes if holds else node.no


def _add(caller: Caller, node: Add) -> Entry:
    before = number_of(caller.variables.get(node.to, "")) or Decimal(0)
    try:
        total = evaluate.calculate("+", before, expression.read(node.amount, Kind.NUMBER).value(caller))
    except evaluate.UnusableError:
        return node.next
    caller.variables[node.to] = evaluate.text(total)
    return node.next


def _plan(caller: Caller, node: TimePlan) -> Entry:
    return node.open if caller.is_open(caller.fill(node.plan)) else node.closed


def _set(caller: Caller, node: Set) -> Entry:
    caller.variables |= {name: caller.fill(value) for name, value in node.values.items()}
    caller.language = node.language or caller.language
    return node.next


def _queue(caller: Caller, node: Queue) -> Entry:
    keys, agent = frozenset(node.keys), caller.fill(node.agent)
    return AWAY, Join(caller.fill(node.queue), keys, node.priority, node.needs, agent, node.agent_s)


def _dial(caller: Caller, node: Dial) -> Entry:
    return AWAY, Reach(caller.fill(node.extension), caller.fill(node.outside), node.ring_s, caller.fill(node.duty))


def _voicemail(caller: Caller, node: Voicemail) -> Entry:
    return AWAY, Leave(caller.fill(node.box), node.why)


def _lookup(caller: Caller, node: Lookup) -> Entry:
    what = asks.Lookup(node.table, node.column, caller.fill(node.key), tuple(dict.fromkeys(node.into.values())))
    sounds = (f"music:{node.music}",) if node.music else ()
    return WAITING, Inquire(what, node.within_s, sounds)


def _last_agent(caller: Caller, node: LastAgent) -> Entry:
    return WAITING, Inquire(asks.LastAgent(caller.variables["caller"], node.days), node.within_s)


def _comment(caller: Caller, node: Comment) -> Entry:
    return PROMPTING, Utter(say.prompts(caller.language, node.prompts))


def choices(node: ChooseLanguage) -> tuple[str, ...]:
    """Return the sounds of a choice of languages, each in its own."""
    return tuple(
        sound
        for key, language in node.keys.items()
        for sound in (say.prompt(language, f"language-{language}"), *say.digits(key, language))
    )


def _choose(_: Caller, node: ChooseLanguage) -> Entry:
    return ASKING, Utter(choices(node))


def _split(caller: Caller, node: Split) -> Entry:
    by = caller.fill(node.by)
    point = crc32(by.encode()) % 100 if by else caller.chance() * 100
    for name, share in node.shares.items():
        point -= share
        if point < 0:
            return name
    return name  # shares of a checked flow are 100 in all


def _goto(_: Caller, node: Goto) -> Entry:
    return PASSING, Enter(node.flow)


def _sub(_: Caller, node: Sub) -> Entry:
    return PASSING, Enter(node.flow, node.next)


def _return(caller: Caller, node: Return) -> Entry:
    if node.result is not None:
        caller.variables["result"] = caller.fill(node.result)
    return PASSING, GoBack()


def _hangup(_: Caller, node: Hangup) -> Entry:
    return OVER, Finish(node.cause)


ENTER: Final[dict[type[Any], Callable[[Caller, Any], Entry]]] = {
    Play: _play,
    Say: _say,
    Menu: _ask,
    Collect: _ask,
    Branch: _branch,
    Compare: _compare,
    Add: _add,
    TimePlan: _plan,
    Set: _set,
    Queue: _queue,
    Dial: _dial,
    Voicemail: _voicemail,
    Lookup: _lookup,
    LastAgent: _last_agent,
    Rate: _ask,
    Comment: _comment,
    Split: _split,
    ChooseLanguage: _choose,
    Goto: _goto,
    Sub: _sub,
    Return: _return,
    Hangup: _hangup,
}
