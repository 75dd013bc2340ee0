# SPDX-License-Identifier: GPL-2.0-or-later
"""The frame around each screen: the head line, the tabs, the keys at the foot."""

from collections.abc import Sequence
from datetime import datetime

from appliance.cli.output import length
from appliance.i18n import _, ngettext
from tui.cells import Cell, Line, width_of
from tui.live import joined
from tui.picture import Picture
from tui.screens.base import HouseScreen
from tui.skin import Skin


def head(picture: Picture, skin: Skin, wall: datetime, *, paused: bool) -> Line:
    """Return the head line: the box, its health, calls, callers that wait, the time."""
    parts: list[Cell | str] = [Cell(" " + (picture.status.profile.upper() if picture.status else "MXBox"), "accent")]
    if (silent := picture.silent_s) is not None:
        parts.append(silence(picture, silent))
    elif picture.status is not None:
        good = picture.status.healthy
        parts.append(Cell(_("healthy"), "good") if good else Cell(_("needs attention"), "bad"))
    calls, waiting = len(picture.calls), picture.waiting
    parts.append(ngettext("{n} call", "{n} calls", calls).format(n=calls))
    parts.append(waits(waiting))
    return clocked(parts, skin, wall, paused=paused)


def waits(callers: int) -> Cell:
    """Return how many callers wait."""
    return Cell(_("{n} waiting").format(n=callers), "warn" if callers else "")


def clocked(parts: Sequence[Cell | str], skin: Skin, wall: datetime, *, paused: bool) -> Line:
    """Return parts of a head line, with the time and whether the screen stands still behind them."""
    still = (Cell(_("stands still: p goes on"), "warn"),) if paused else ()
    return joined([*parts, wall.strftime("%H:%M:%S"), *still], f" {skin.rule} ")


def silence(picture: Picture, silent: float) -> Cell:
    """Return for how long the box has not answered."""
    if not picture.known:
        return Cell(_("no box answers") + (": " + picture.why_gone if picture.why_gone else ""), "bad")
    return Cell(_("no answer since {time}").format(time=length(silent)), "bad")


def tabs(shown: Sequence[type[HouseScreen]], now: HouseScreen | None, mode: str, width: int) -> Line:
    """Return the names of the screens, that of now marked; digits only where there is no room."""
    screens = [each for each in shown if each.DIGIT]
    names = [f" {each.DIGIT} {_(each.LABEL)} " for each in screens]
    if sum(map(width_of, names)) > width:
        names = [n if isinstance(now, each) else f" {each.DIGIT} " for n, each in zip(names, screens, strict=True)]
    return [Cell(name, "head" if mode == each.NAME else "dim") for name, each in zip(names, screens, strict=True)]


def foot(keys: Sequence[tuple[str, str]], width: int) -> Line:
    """Return the keys that are true here and now; those that all know are left out first, if there is no room."""
    for known in ("s", "Space", ":", "/", "Esc"):
        if sum(width_of(key) + width_of(what) + 3 for key, what in keys) > width:
            keys = [each for each in keys if each[0] != known]
    return [part for key, what in keys for part in (" ", Cell(key, "head"), f" {what} ")]
