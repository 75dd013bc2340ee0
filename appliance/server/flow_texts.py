# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of flows that are looked at and changed by requests: which file, what differs."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from appliance.config import edit
from appliance.config.live import Changed, differences
from appliance.config.paths import ResolvedPaths
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


def changes_in(old: str, new: str) -> list[Changed]:
    """Return what differs between two texts of a flow; one that is no TOML has nothing in it."""
    return differences(_document(old), _document(new))


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
