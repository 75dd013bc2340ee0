# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the rules by which calls are recorded."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from appliance.config.checks_features import line_mistakes
from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig
from appliance.config.recordings import OUT_DAYS_MIN
from appliance.i18n import _


def names(config: BoxConfig) -> Iterator[Mistake]:
    """Check that recording rules name existing queues, agents and lines."""
    queues = [queue.name for queue in config.queue]
    agents = [agent.number for agent in config.agent]
    groups = [group.name for group in config.trunk_group]
    phones = {extension.line for extension in config.extension}
    for place, rule in enumerate(config.recording_rule):
        key = f"recording_rule[{place}]"
        yield from _unknown(f"{key}.queues", rule.queues, queues, _("there is no such queue"))
        yield from _unknown(f"{key}.agents", rule.agents, agents, _("there is no such agent"))
        for at, line in enumerate(rule.lines):
            if line not in groups and line not in phones:
                yield from line_mistakes(config, f"{key}.lines[{at}]", line, groups)


def _unknown(key: str, named: Iterable[str], known: list[str], message: str) -> Iterator[Mistake]:
    for at, name in enumerate(named):
        if name not in known:
            yield Mistake(f"{key}[{at}]", name, message, among(known, name))


def reached(config: BoxConfig) -> Iterator[Mistake]:
    """Check that no rule comes after one that fits every call."""
    rules = config.recording_rule
    for place, (rule, after) in enumerate(pairwise(rules)):
        if not rule.conditional:
            message = _("never decides: {first} fits every call").format(first=f"recording_rule[{place}]")
            hint = _("put the rule for every call last")
            yield Mistake(f"recording_rule[{place + 1}]", after.name, message, hint)
            return


def needless(config: BoxConfig) -> Iterator[Mistake]:
    """Check that nothing is said of recordings that a rule does not make."""
    for place, rule in enumerate(config.recording_rule):
        if not rule.record and (rule.announce or rule.one_in != 1 or rule.keep_days):
            key = "announce" if rule.announce else "one_in" if rule.one_in != 1 else "keep_days"
            message = _("says how calls are recorded, and the rule records none")
            yield Mistake(f"recording_rule[{place}].{key}", getattr(rule, key), message, _("take it out"))


def kept(config: BoxConfig) -> Iterator[Mistake]:
    """Check that recordings of calls to the outside are kept long enough."""
    recording = config.recording
    message = _("deletes recordings of calls to the outside before they are {n} days old").format(n=OUT_DAYS_MIN)
    if 0 < recording.days("out") < OUT_DAYS_MIN:
        key = "recording.keep.out_days" if recording.keep.out_days else "recording.keep_days"
        hint = _("set recording.keep.out_days = {n} or more").format(n=OUT_DAYS_MIN)
        yield Mistake(key, recording.days("out"), message, hint)
    for place, rule in enumerate(config.recording_rule):
        if rule.record and 0 < rule.keep_days < OUT_DAYS_MIN and rule.direction in ("any", "out"):
            hint = _('{n} or more, or direction = "in" or "internal"').format(n=OUT_DAYS_MIN)
            yield Mistake(f"recording_rule[{place}].keep_days", rule.keep_days, message, hint)


def moved(config: BoxConfig) -> Iterator[Mistake]:
    """Check that recordings are moved while their calls are in the books."""
    away, books = config.recording.archive, config.books.keep_days
    if away.folder and 0 < books <= away.after_days:
        message = _("recordings are moved when their calls have left the books (books.keep_days = {n})").format(n=books)
        hint = _("fewer days than books.keep_days")
        yield Mistake("recording.archive.after_days", away.after_days, message, hint)


RECORDING_CHECKS: Final = (names, reached, needless, kept, moved)
