# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of queues' steps, reserve and announcements. One function a question, as in `checks`."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.model import BoxConfig
from appliance.i18n import _


def steps(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the steps of each queue come one after the other, and that each changes something."""
    for place, queue in enumerate(config.queue):
        for at, (before, step) in enumerate(pairwise(queue.step), 1):
            if step.after_s <= before.after_s:
                message = _("does not come after the step before it")
                hint = _("allowed: above {seconds}").format(seconds=f"{before.after_s:g}")
                yield Mistake(f"queue[{place}].step[{at}].after_s", step.after_s, message, hint)
        for at, step in enumerate(queue.step):
            if not step.needs and not step.reserve:
                message, hint = _("changes nothing"), _("set needs, or reserve = true")
                yield Mistake(f"queue[{place}].step[{at}]", None, message, hint)


def levels(config: BoxConfig) -> Iterator[Mistake]:
    """Check that agents of the queue have the levels that steps need."""
    skills = {agent.number: agent.skills for agent in config.agent}
    for place, queue in enumerate(config.queue):
        of_members = [skills.get(agent, {}) for agent in (*queue.agents, *queue.reserve)]
        for at, step in enumerate(queue.step):
            for skill, level in step.needs.items():
                if of_members and level and not any(has.get(skill, 0) >= level for has in of_members):
                    message = _("no agent of the queue has this skill at this level")
                    hint = _("set agent.skills, or less here")
                    yield Mistake(f"queue[{place}].step[{at}].needs.{skill}", level, message, hint)


def reserves(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the reserve of each queue is of others than its agents, and that steps have one to bring."""
    for place, queue in enumerate(config.queue):
        for at, agent in enumerate(queue.reserve):
            if agent in queue.agents:
                message, hint = _("is among the queue's agents"), _("every agent only once in a queue")
                yield Mistake(f"queue[{place}].reserve[{at}]", agent, message, hint)
        for at, step in enumerate(queue.step):
            if step.reserve and not queue.reserve:
                message, hint = _("the queue has no reserve"), _("name agents in queue.reserve")
                yield Mistake(f"queue[{place}].step[{at}].reserve", step.reserve, message, hint)


def texts(config: BoxConfig) -> Iterator[Mistake]:
    """Check that there are announcements of the position between which texts are said."""
    for place, queue in enumerate(config.queue):
        if queue.announce_texts and not queue.announce_position_every_s:
            message, hint = _("are said between announcements of the position"), _("set announce_position_every_s")
            yield Mistake(f"queue[{place}].announce_texts", queue.announce_texts[0], message, hint)


def boards(config: BoxConfig) -> Iterator[Mistake]:
    """Check that a queue's board turns yellow before it turns red."""
    for place, queue in enumerate(config.queue):
        board = queue.board
        pairs = (("waiting", board.waiting), ("longest_s", board.longest_s), ("service_level", board.service_level))
        for name, (yellow, red) in pairs:
            early, late = (red, yellow) if name == "service_level" else (yellow, red)
            if yellow and red and early >= late:
                message, hint = _("yellow does not come before red"), _("first the value of yellow, then that of red")
                yield Mistake(f"queue[{place}].board.{name}", (yellow, red), message, hint)


def keys(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each key of a queue does one thing."""
    for place, queue in enumerate(config.queue):
        if queue.callback is not None and queue.callback.key in queue.detours:
            message, hint = _("is the key of a detour as well"), _("choose another key for one of them")
            yield Mistake(f"queue[{place}].callback.key", queue.callback.key, message, hint)


QUEUE_CHECKS: Final = (steps, levels, reserves, texts, boards, keys)
