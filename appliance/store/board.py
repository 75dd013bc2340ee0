# SPDX-License-Identifier: GPL-2.0-or-later
"""The colours of a queue on a board, by the values that the configuration gives it."""

from collections.abc import Sequence

from appliance.contract.rows import Colour, WaitingRow
from appliance.contract.views import Watch


def of_waiting(watch: Watch, waiting: Sequence[WaitingRow]) -> Colour:
    """Return the colour of a queue by how many callers wait, and how long the first of them has waited."""
    longest_s = max((each.wait_s for each in waiting), default=0.0)
    return worse(_at_least(watch.waiting, len(waiting)), _at_least(watch.longest_s, longest_s))


def of_service_level(watch: Watch, share: float | None) -> Colour:
    """Return the colour of a share of callers, 0 to 1, who were answered in time."""
    yellow, red = watch.service_level
    if share is None or not (yellow or red):
        return ""
    return "red" if 100 * share <= red else "yellow" if 100 * share <= yellow else ""


def worse(one: Colour, other: Colour) -> Colour:
    """Return the worse of two colours."""
    return "red" if "red" in (one, other) else one or other


def _at_least(limits: tuple[float, float], value: float) -> Colour:
    yellow, red = limits
    if red and value >= red:
        return "red"
    return "yellow" if yellow and value >= yellow else ""
