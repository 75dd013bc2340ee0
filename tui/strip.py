# SPDX-License-Identifier: GPL-2.0-or-later
"""Strip of a recording: how loud each side is over its length, the time below, and what happened where."""

from collections.abc import Iterable, Sequence
from typing import Final

from tui.cells import brief
from tui.skin import Skin

QUIET_DBM0: Final = -50
LOUD_DBM0: Final = -8
"""Levels of the lowest and the highest glyph; a talker is between -30 and -10 dBm0."""
_TICK: Final = 12
"""Columns from one time to the next, at least."""
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def strip(skin: Skin, levels: Sequence[int], width: int) -> str:
    """Return the levels as glyphs: in each column the loudest of its stretch."""
    if not levels:
        return " " * width
    steps, line = len(skin.sparks) - 1, ""
    for column in range(width):
        first = column * len(levels) // width
        last = max(first + 1, (column + 1) * len(levels) // width)
        share = (max(levels[first:last]) - QUIET_DBM0) / (LOUD_DBM0 - QUIET_DBM0)
        line += skin.sparks[max(0, min(steps, round(share * steps)))]
    return line


def place(at_s: float, length_s: float, width: int) -> int:
    """Return the column of a moment; -1 if it is not in the recording."""
    return min(width - 1, int(at_s / length_s * width)) if 0 <= at_s <= length_s and length_s > 0 else -1


def ruler(length_s: float, width: int) -> str:
    """Return the times below a strip, at round seconds."""
    least = length_s * _TICK / width if width else 0.0
    step = next((each for each in _STEPS_S if each >= least), 0) or max(1, round(least))
    line, at = "", 0
    while (column := place(at, length_s, width)) >= 0 and column + len(brief(at)) <= width:
        line = line.ljust(column) + brief(at)
        at += step
    return line.ljust(width)


def marks(width: int, length_s: float, points: Iterable[tuple[float, str]]) -> str:
    """Return a line with a sign at each moment; of two in one column the later one is seen."""
    line = [" "] * width
    for at_s, sign in points:
        if (column := place(at_s, length_s, width)) >= 0:
            line[column] = sign
    return "".join(line)


def stretches(width: int, length_s: float, spans: Iterable[tuple[float, float, str]]) -> str:
    """Return a line with a sign along each stretch of time, of one column at least."""
    line = [" "] * width
    for from_s, to_s, sign in spans:
        first = place(max(0.0, from_s), length_s, width)
        last = max(first, place(min(to_s, length_s), length_s, width))
        if first >= 0:
            line[first : last + 1] = sign * (last + 1 - first)
    return "".join(line)
