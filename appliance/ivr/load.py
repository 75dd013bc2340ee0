# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading flows: from a TOML document to the types of `flow`, with every mistake named by node and key."""

import tomllib
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from appliance.i18n import _
from appliance.ivr.errors import FlowError, Problem
from appliance.ivr.flow import Flow, Node

KINDS: Final = {str(kind.__struct_config__.tag): kind for kind in get_args(Node)}
"""The types of nodes by what they `do`."""


def load_flow(path: Path) -> Flow:
    """Read a flow; its name is the file's name without '.toml'.

    Raises:
        FlowError: the file cannot be read, is no TOML, or has unknown, missing or wrong keys.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FlowError([Problem(str(path), "", "", str(error), _("mend the line named; see toml.io"))]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise FlowError([Problem(str(path), "", "", str(error), _("name a readable file in UTF-8"))]) from None
    return read_flow(document, str(path))


def read_flow(document: dict[str, Any], file: str) -> Flow:
    """Make a flow of a document.

    Raises:
        FlowError: names every node that is wrong.
    """
    nodes = document.get("node")
    problems = [] if not isinstance(nodes, dict) else [p for each in nodes.items() if (p := _wrong_node(file, *each))]
    if problems:
        raise FlowError(problems)
    try:
        return msgspec.convert(document, Flow)
    except msgspec.ValidationError as error:
        message, key = _split(error)
        allowed = ", ".join(field.encode_name for field in msgspec.structs.fields(Flow))
        raise FlowError([Problem(file, "", key, message, _("a flow has: {keys}").format(keys=allowed))]) from None


def _wrong_node(file: str, name: str, node: object) -> Problem | None:
    """Tell what is wrong in one node: the library names no keys of tables of tables, so each is tried alone."""
    try:
        msgspec.convert(node, Node)
    except msgspec.ValidationError as error:
        message, key = _split(error)
        return Problem(file, name, key, message, _hint(node))
    return None


def _split(error: msgspec.ValidationError) -> tuple[str, str]:
    """Part '... - at `$.keys[...]`' into what and where."""
    message, _at, place = str(error).partition(" - at `")
    return message, place.rstrip("`").removeprefix("key in `").removeprefix("$").removeprefix(".")


def _hint(node: object) -> str:
    kind = KINDS.get(str(node.get("do"))) if isinstance(node, dict) else None
    if kind is None:
        return _('say what it does: do = one of "{kinds}"').format(kinds='", "'.join(KINDS))
    fields = msgspec.structs.fields(kind)
    keys = ", ".join(field.encode_name + ("" if field.required else "?") for field in fields)
    return _("a {kind} node has: {keys} (with ? may be left out)").format(kind=node["do"], keys=keys)  # type: ignore[index]
