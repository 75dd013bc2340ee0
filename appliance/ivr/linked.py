# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows that lead to other flows, by `sub` and `goto`: which these are, and checks of what they are together."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.i18n import _
from appliance.ivr.check_text import set_in, variables
from appliance.ivr.errors import FlowError
from appliance.ivr.flow import PASSING, Flow, Goto, Node, Return, Sub, ways_of
from appliance.ivr.load import look

T = TypeVar("T")


class Linked(NamedTuple):
    """The flows that a flow may lead to, itself among them, by name; `names` are those of all files."""

    flows: Mapping[str, Flow]
    names: tuple[str, ...]


def links(flow: Flow) -> dict[str, Sub | Goto]:
    """Return the nodes that lead to other flows."""
    return {name: node for name, node in flow.node.items() if isinstance(node, Sub | Goto)}


def linked(name: str, flow: Flow, folder: Path) -> Linked:
    """Return a flow with those to which it may lead; files that cannot be read have their own mistakes."""
    flows = {each: found for each, found in _followed({name: flow}, folder).items() if found is not None}
    return Linked(flows, tuple(sorted(path.stem for path in folder.glob("*.toml"))))


def reached(names: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Return the names of flows, and of all that these lead to, where they are there."""
    return tuple(_followed({name: _read(folder / f"{name}.toml") for name in names}, folder))


def _followed(flows: dict[str, Flow | None], folder: Path) -> dict[str, Flow | None]:
    """Return flows with those to which they lead and whose files are there; None for one that cannot be read."""
    todo = [*flows.values()]
    while todo:
        flow = todo.pop()
        for node in links(flow).values() if flow is not None else ():
            path = folder / f"{node.flow}.toml"
            if node.flow not in flows and path.is_file():
                flows[node.flow] = _read(path)
                todo.append(flows[node.flow])
    return flows


def _read(path: Path) -> Flow | None:
    try:
        return look(path).flow if path.is_file() else None
    except FlowError:
        return None


def known_variables(flow: Flow, site: Linked | None) -> set[str] | None:
    """Return the variables that are set when a flow reads them; None: it leads to flows that are not known."""
    known = variables(flow)
    if not links(flow):
        return known
    if site is None or any(
        node.flow not in site.flows for each in site.flows.values() for node in links(each).values()
    ):
        return None
    return known.union(*map(variables, site.flows.values()))


def link_mistakes(name: str, flow: Flow, site: Linked) -> Iterator[Mistake]:
    """Return the mistakes of a flow's ways to others."""
    known = variables(flow).union(*(set_in(each) for each in site.flows.values()))
    for place, node in links(flow).items():
        if node.flow not in site.flows:
            if node.flow not in site.names:
                message = _("there is no flow {name}").format(name=node.flow)
                yield Mistake(f"node.{place}.flow", node.flow, message, among(site.names, node.flow))
            continue
        for variable in site.flows[node.flow].takes:
            if variable not in known:
                message = _("flow {name} takes the variable {variable}, which nothing sets here")
                told = message.format(name=node.flow, variable=variable)
                yield Mistake(f"node.{place}.flow", node.flow, told, _("set, collect or look it up first"))
        yield from _rings(name, place, node, site.flows)


def _rings(name: str, place: str, node: Sub | Goto, flows: Mapping[str, Flow]) -> Iterator[Mistake]:
    if isinstance(node, Sub) and (ring := _ring_of_flows(name, node.flow, flows)):
        message = _("flows enter each other for ever: {ring}").format(ring=" -> ".join(ring))
        yield Mistake(f"node.{place}.flow", node.flow, message, _("come back by return, or leave by goto"))
    elif passed := _ring_of_nodes((name, place), flows):
        told = " -> ".join("/".join(at) for at in passed)
        message = _("callers go round for ever: {ring}").format(ring=told)
        yield Mistake(f"node.{place}", None, message, _("put a menu, a queue or a hangup into the ring"))


def _ring_of_flows(name: str, first: str, flows: Mapping[str, Flow]) -> list[str]:
    """Return the flows through which a sub-flow leads back to its own, [] if it does not."""
    ways = {each: [node.flow for node in links(flow).values()] for each, flow in flows.items()}
    return [name, *found] if (found := _path([first], name, ways.get)) else []


At = tuple[str, str]
"""A flow and a node."""


def _ring_of_nodes(start: At, flows: Mapping[str, Flow]) -> list[At]:
    """Return the passing nodes through which a way to another flow leads back to itself, [] if it does not."""
    found = _path(_after(start, flows), start, lambda at: _after(at, flows))
    return [start, *found] if found else []


def _path(begins: list[T], end: T, ways: Callable[[T], list[T] | None]) -> list[T]:
    """Return a way to `end`, [] if there is none."""
    came: dict[T, T | None] = dict.fromkeys(begins)
    todo = [*came]
    while todo:
        at = todo.pop()
        if at == end:
            path = [at]
            while (before := came[path[-1]]) is not None:
                path.append(before)
            return path[::-1]
        for each in ways(at) or ():
            if each not in came:
                came[each] = at
                todo.append(each)
    return []


def _after(at: At, flows: Mapping[str, Flow]) -> list[At]:
    """Return the nodes to which a node leads without time for the caller."""
    name, place = at
    node: Node | None = flows[name].node.get(place)
    if isinstance(node, Sub | Goto):
        inside = [(node.flow, flows[node.flow].start)] if node.flow in flows else []
        return [*inside, (name, node.next)] if isinstance(node, Sub) and _passes(node.flow, flows) else inside
    return [(name, way) for _key, way in ways_of(node)] if isinstance(node, PASSING) else []


def _passes(name: str, flows: Mapping[str, Flow], inside: frozenset[str] = frozenset()) -> bool:
    """Return whether a sub-flow may come back without time for the caller."""
    if name not in flows or name in inside:
        return False
    todo, seen = [(name, flows[name].start)], set()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        node = flows[at[0]].node.get(at[1])
        if isinstance(node, Return):
            return True
        if isinstance(node, Goto):
            todo += [(node.flow, flows[node.flow].start)] if node.flow in flows else []
        elif isinstance(node, Sub):
            todo += [(at[0], node.next)] if _passes(node.flow, flows, inside | {name}) else []
        elif isinstance(node, PASSING):
            todo += [(at[0], way) for _key, way in ways_of(node)]
    return False
