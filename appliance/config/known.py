# SPDX-License-Identifier: GPL-2.0-or-later
"""Hints that name what there is: the nearest name first, never more names than a person reads."""

import difflib
from collections.abc import Iterable
from typing import Final

from appliance.i18n import _

MOST: Final = 12
"""Names that are told."""
COMPARED: Final = 1000
"""Names among which the nearest is looked for: each comparison costs, and there may be a mistake for each name."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name most like `name`, '' if none is like it."""
    names = [*known]
    near = difflib.get_close_matches(name.lower(), names, n=1) if len(names) <= COMPARED else []
    return near[0] if near else ""


def among(names: Iterable[str], name: str = "") -> str:
    """Return a hint that tells the names there are, each once; and which of them `name` may be meant to be."""
    there = list(dict.fromkeys(names))
    if not there:
        return _("none is configured yet")
    told = _("known: {names}").format(names=some(there))
    near = nearest(name, there) if name else ""
    return _("did you mean {name}?").format(name=near) + " " + told if near else told


def some(names: Iterable[str]) -> str:
    """Return the first names, and how many more there are."""
    there = [*names]
    told = ", ".join(there[:MOST])
    return _("{names} and {n} more").format(names=told, n=len(there) - MOST) if len(there) > MOST else told
