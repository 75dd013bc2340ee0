# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading of flows: from a TOML document to the types of `flow`, with every mistake named by line and key."""

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from appliance.config.document import lined, read_text, read_toml
from appliance.config.errors import ConfigError, Mistake
from appliance.config.mend import Mended
from appliance.config.shape import fits, shape_mistakes
from appliance.i18n import _
from appliance.ivr.errors import FlowError
from appliance.ivr.flow import Flow

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class Read(NamedTuple):
    """A flow as it was read; with mistakes of shape, as it was meant to be (None if nothing is left of it).

    `nodes` are the names of all its nodes, `text` is the document's.
    """

    flow: Flow | None
    shape: tuple[Mistake, ...]
    nodes: tuple[str, ...]
    mended: Mended
    text: str = ""


def load_flow(path: Path) -> Flow:
    """Read a flow; its name is the file's name without '.toml'.

    Raises:
        FlowError: the file cannot be read, is no TOML, or has unknown, missing or wrong keys.
    """
    found = look(path)
    if found.shape or found.flow is None:
        raise FlowError(str(path), *lined(found.shape, found.text))
    return found.flow


def look(path: Path) -> Read:
    """Read a flow with all its mistakes of shape. Raises FlowError if it cannot be read at all."""
    try:
        text = read_text(path, _("name a file that is there; the examples in appliance/ivr/examples are a start"))
    except ConfigError as error:
        raise FlowError(error.where, *error.mistakes) from None
    return look_at(text, path)


def look_at(text: str, path: Path) -> Read:
    """Read a text as if it were in the file at `path`. Raises FlowError if it cannot be read at all."""
    try:
        found = read_flow(read_toml(text, str(path)))
    except ConfigError as error:
        raise FlowError(error.where, *error.mistakes) from None
    return found._replace(text=text, shape=(*_name_mistakes(path), *found.shape))


def read_flow(document: dict[str, Any]) -> Read:
    """Read a flow from its document, with all its mistakes of shape."""
    nodes = document.get("node")
    names = tuple(nodes) if isinstance(nodes, dict) else ()
    mended = Mended(document, Flow)
    flow = msgspec.convert(mended.data, Flow) if fits(mended.data, Flow) else None
    return Read(flow, tuple(shape_mistakes(document, Flow)), names, mended)


def _name_mistakes(path: Path) -> tuple[Mistake, ...]:
    """Return a mistake if no route can name a flow by this file's name."""
    if path.suffix == ".toml" and _NAME.fullmatch(path.stem):
        return ()
    message = _("{name} can be named by no route").format(name=path.name)
    hint = _("call the file <name>.toml, with a name of 1 to 32 of the characters a-z 0-9 _ -")
    return (Mistake("", None, message, hint),)
