# SPDX-License-Identifier: GPL-2.0-or-later
"""Picture of a flow: its nodes as a tree of lines, each node drawn once, and those to which no way leads."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from appliance.i18n import _
from appliance.ivr.errors import FlowError
from appliance.ivr.flow import Flow, Node, ways_of
from appliance.ivr.load import look_at
from tui.cells import Cell, Line
from tui.forms import inline
from tui.skin import Skin


def picture_of(text: str, name: str, skin: Skin) -> Sequence[Line]:
    """Return the picture of a flow's text; of one with mistakes, what can be read of it."""
    try:
        flow = look_at(text, Path(f"{name}.toml")).flow
    except FlowError as error:
        return [[Cell(each.message, "bad")] for each in error.mistakes]
    if flow is None:
        return [[Cell(_("nothing of it can be drawn; its text tells more"), "bad")]]
    return list(_Drawing(flow, skin).lines())


class _Drawing:
    """The drawing under way; `drawn` are the nodes that are there already."""

    def __init__(self, flow: Flow, skin: Skin) -> None:
        self._flow, self._skin = flow, skin
        self._drawn: set[str] = set()

    def lines(self) -> Iterator[Line]:
        if self._flow.description:
            yield [Cell(self._flow.description, "dim")]
        yield from self._node(self._flow.start, "", "")
        for name in self._flow.node:
            if name not in self._drawn:
                yield []
                yield [Cell(_("no way leads here:"), "warn")]
                yield from self._node(name, "", "")

    def _node(self, name: str, before: str, way: str) -> Iterator[Line]:
        """Return a node behind the way that leads to it, and below it all that follows."""
        lead = f"{way} {self._skin.arrow} " if way else ""
        node = self._flow.node.get(name)
        if node is None or name in self._drawn:
            told = _("there is no such node") if node is None else _("see above")
            yield [Cell(before, "dim"), Cell(lead, "warn"), name, Cell(f"  ({told})", "dim" if node else "bad")]
            return
        self._drawn.add(name)
        head: list[Cell | str] = [Cell(before, "dim"), Cell(lead, "warn"), Cell(name, "accent")]
        told = _told(node)
        yield [*head, Cell(f"  {_kind(node)}", "good"), f" {told}" if told else ""]
        yield from self._ways(node, _below(before, self._skin))

    def _ways(self, node: Node, before: str) -> Iterator[Line]:
        """Return the ways out of a node: of a single one no further to the right, so that long flows stay in sight."""
        ways = [(key.partition(".")[2] or key, to) for key, to in ways_of(node)]
        if len(ways) == 1:
            way, to = ways[0]
            yield from self._node(to, before, "" if way == "next" else way)
            return
        for place, (way, to) in enumerate(ways):
            turn = self._skin.corner if place == len(ways) - 1 else self._skin.branch
            yield from self._node(to, before + turn + self._skin.dash, way)


def _below(before: str, skin: Skin) -> str:
    """Return what stands before the lines below a node: rails of the branches that go on."""
    if before.endswith(skin.corner + skin.dash):
        return before[:-2] + "   "
    if before.endswith(skin.branch + skin.dash):
        return before[:-2] + skin.rail + "  "
    return before


def _kind(node: Node) -> str:
    return str(node.__struct_config__.tag)


def _told(node: Node) -> str:
    """Return what a node says besides its ways, which the picture shows as its lines; defaults are left out."""
    values: Mapping[str, object] = msgspec.to_builtins(node)
    defaults = {each.name: each.default for each in msgspec.structs.fields(type(node))}
    drawn = {"do", *(key.partition(".")[0] for key, _to in ways_of(node))}
    told = [
        _value(name, value)
        for name, value in values.items()
        if name not in drawn and value not in ([], {}, "", None) and not _same(value, defaults.get(name))
    ]
    return "  ".join(told)


def _same(value: object, default: object) -> bool:
    return (tuple(value) if isinstance(value, list) else value) == default


def _value(name: str, value: object) -> str:
    if name == "prompts" and isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if name in ("queue", "extension", "outside", "box", "plan", "text") and isinstance(value, str):
        return value
    return f"{name} {inline(value)}"
