# SPDX-License-Identifier: GPL-2.0-or-later
"""Hints that list known names: the nearest name first, never more names than a person reads."""

import difflib
from collections.abc import Iterable
from typing import Final

from appliance.i18n import _

MAX_LISTED: Final = 12
"""Names that a hint lists."""
COMPARED: Final = 1000
"""Names among which the nearest is searched: each comparison costs time, and each name may have a mistake."""


def nearest(name: str, known: Iterable[str], *, lower: bool = True) -> str:
    """Return the known name most like `name`, '' if none is like it; `lower`: known names are in small letters."""
    names = [*known]
    near = difflib.get_close_matches(name.lower() if lower else name, names, n=1) if len(names) <= COMPARED else []
    return near[0] if near else ""


def among(names: Iterable[str], name: str = "") -> str:
    """Return a hint that lists the known names, each once, and the one that `name` may be meant to be."""
    there = list(dict.fromkeys(names))
    if not there:
        return _("none is configured yet")
    told = _("known: {names}").format(names=some(there))
    near = nearest(name, there) if name else ""
    return _("did you mean {name}?").format(name=near) + " " + told if near else told


def some(names: Iterable[str]) -> str:
    """Return the first names, and how many more there are."""
    there = [*names]
    told = ", ".join(there[:MAX_LISTED])
    return _("{names} and {n} more").format(names=told, n=len(there) - MAX_LISTED) if len(there) > MAX_LISTED else told
