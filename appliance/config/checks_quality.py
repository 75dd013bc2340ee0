# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of score cards and plans of quality marks."""

from collections.abc import Iterator
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig
from appliance.i18n import _


def items(config: BoxConfig) -> Iterator[Mistake]:
    """Check that score cards have items, each name once."""
    for place, card in enumerate(config.scorecard):
        key = f"scorecard[{place}]"
        if not card.item:
            yield Mistake(key, card.name, _("has no item"), _("write a [[scorecard.item]] below it"))
        seen: set[str] = set()
        for at, item in enumerate(card.item):
            if item.name in seen:
                yield Mistake(f"{key}.item[{at}].name", item.name, _("is there twice"), _("every name only once"))
            seen.add(item.name)


def plans(config: BoxConfig) -> Iterator[Mistake]:
    """Check that plans name existing queues and agents."""
    queues, agents = [each.name for each in config.queue], [each.number for each in config.agent]
    for place, plan in enumerate(config.quality_plan):
        for key, named, known, message in (
            ("queues", plan.queues, queues, _("there is no such queue")),
            ("agents", plan.agents, agents, _("there is no such agent")),
        ):
            for at, name in enumerate(named):
                if name not in known:
                    yield Mistake(f"quality_plan[{place}].{key}[{at}]", name, message, among(known, name))


QUALITY_CHECKS: Final = (items, plans)
