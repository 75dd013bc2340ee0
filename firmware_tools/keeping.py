# SPDX-License-Identifier: GPL-2.0-or-later
"""`--keep-data`: the partitions with what a customer has made stay as they are, and so does the table of partitions."""

from typing import Final

from firmware_tools import gpt
from firmware_tools.errors import ToolError
from firmware_tools.gpt import Partition
from firmware_tools.i18n import _
from firmware_tools.image import Plan
from firmware_tools.sizes import MIB

DATA: Final = ("state", "recordings")
"""Partitions that hold what belongs to the customer."""
SECTOR: Final = 512
TABLE: Final = 34 * SECTOR
"""Bytes of boot code and table at the beginning of a disk; the code is in the first sector."""


def kept(plan: Plan, disk_head: bytes) -> tuple[Plan, bytes]:
    """Return the plan for a disk that keeps its data, and its first MiB while it is written: without boot code.

    Raise:
        ToolError: the partitions of the disk are others than those of the image.
    """
    ours, theirs = gpt.partitions(plan.head), gpt.partitions(disk_head)
    _compare(ours, theirs)
    head = plan.head[:SECTOR] + disk_head[SECTOR:TABLE] + plan.head[TABLE:]
    areas = [(part.begin, part.end) for part in theirs if part.name in DATA]
    areas += [(part.begin, part.end) for part in ours if part.name in DATA]
    end = max(part.end for part in ours)
    areas.append((end, 1 << 63))  # the second table, at the end of the image
    return plan.without(areas, head), bytes(SECTOR) + head[SECTOR:]


def _compare(ours: list[Partition], theirs: list[Partition]) -> None:
    if not any(part.name in DATA for part in ours):
        raise _other(_("the image has no partition for data"))
    if not theirs:
        raise _other(_("the disk has no partitions of an MXBox"))
    there = {part.name: part for part in theirs}
    for part in ours:
        found = there.get(part.name)
        grown = part.name in DATA and found is not None and found.end >= part.end
        if found is None or found.begin != part.begin or not (grown or found.end == part.end):
            raise _other(_("partition {name} lies elsewhere on the disk").format(name=part.name))
        if part.begin % MIB:
            raise _other(_("partition {name} does not begin at a whole MiB").format(name=part.name))


def _other(text: str) -> ToolError:
    return ToolError("cannot_keep", text, _("without --keep-data all that is on the disk is lost"))
