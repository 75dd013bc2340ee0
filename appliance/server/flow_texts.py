# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of flows that are looked at and changed by requests: which file, what differs."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from appliance.api import messages as m
from appliance.config import edit
from appliance.config.live import Changed, differences
from appliance.config.load import look_at
from appliance.config.paths import ResolvedPaths
from appliance.config.shape import fits
from appliance.contract.errors import RequestError
from appliance.i18n import N_


class Place(NamedTuple):
    """A file whose text is changed, and the folder of the texts that it had; `flow` '': the configuration."""

    file: Path
    history: Path
    flow: str = ""


def place_of(flow: str, paths: ResolvedPaths) -> Place:
    """Return the place of a flow's text; '': of the configuration's."""
    history = paths.state / edit.HISTORY
    return Place(paths.flow(flow), history / "flows", flow) if flow else Place(paths.config, history)


def text_in(place: Place) -> str:
    """Return the text that is there. Raises RequestError for a flow without a file."""
    try:
        return edit.read(place.file)
    except FileNotFoundError:
        if not place.flow:
            raise
        hint = N_("flows are files <name>.toml in the folder of flows")
        raise RequestError.of(N_("there is no flow {flow}"), hint, flow=place.flow) from None


def last_in(place: Place) -> str:
    """Return the text that is there, '' of a flow that was taken away. Raises RequestError for one that never was."""
    taken_away = place.flow and not place.file.exists() and edit.kept(place.file, place.history)
    return "" if taken_away else text_in(place)


def flows_there(paths: ResolvedPaths) -> tuple[str, ...]:
    """Return the names of all flows that have a file, whether a call may enter them or not."""
    return tuple(sorted(each.stem for each in paths.flows.glob("*.toml") if fits(each.stem, m.FlowFile)))


def free(place: Place, in_force: Iterable[str], paths: ResolvedPaths) -> None:
    """Raise RequestError if the configuration names a flow, the one in force or the one that waits for a start."""
    waiting, _mistakes = look_at(edit.read(paths.config), paths.config)
    if place.flow in (*in_force, *waiting.flows):
        hint = N_("take it out of routes and queues first")
        raise RequestError.of(N_("the configuration names the flow {flow}"), hint, flow=place.flow)


def changes_in(old: str, new: str) -> list[Changed]:
    """Return what differs between two texts of a flow; one that is no TOML has nothing in it."""
    return differences(_document(old), _document(new))


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
