# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding what is wrong with a flow that can be read, before it goes live."""

from collections.abc import Callable, Iterator
from typing import Final

from appliance.config.model import BoxConfig
from appliance.i18n import _
from appliance.ivr import say
from appliance.ivr.errors import FlowError, Problem
from appliance.ivr.flow import Branch, Collect, Dial, Flow, Node, Play, Queue, Say, Set, prompts_of, ways_of
from appliance.ivr.load import load_flow
from appliance.ivr.nodes import VARIABLE

__all__ = ["FlowError", "Problem", "check_flow", "load_flow"]

GIVEN: Final = ("called", "caller", "result")
"""Variables that the box sets."""

PASSING: Final = (Play, Say, Branch, Set)
"""Nodes at which nobody can do anything: a loop of these alone is never left."""


def check_flow(flow: Flow, prompts: Callable[[str], bool], config: BoxConfig, file: str = "") -> list[Problem]:
    """List what is wrong in a flow; an empty list is a flow that may go live.

    Args:
        flow: what `load_flow` gave.
        prompts: tells whether '<language>/<name>' exists.
        config: for queues, extensions and the box's language.
        file: named in the problems.
    """
    structure = (*_ways(flow, file), *_unreached(flow, file), *_loops(flow, file))
    return [*structure, *_names(flow, config, file), *_variables(flow, file), *_prompts(flow, prompts, config, file)]


def _ways(flow: Flow, file: str) -> Iterator[Problem]:
    known = _("nodes are: {names}").format(names=", ".join(flow.node))
    if flow.start not in flow.node:
        yield Problem(file, "", "start", _("there is no node {name}").format(name=flow.start), known)
    for name, node in flow.node.items():
        for key, way in ways_of(node):
            if way not in flow.node:
                yield Problem(file, name, key, _("there is no node {name}").format(name=way), known)


def _unreached(flow: Flow, file: str) -> Iterator[Problem]:
    reached, todo = set(), [flow.start]
    while todo:
        name = todo.pop()
        if name in flow.node and name not in reached:
            reached.add(name)
            todo += [way for _key, way in ways_of(flow.node[name])]
    for name in flow.node:
        if name not in reached:
            yield Problem(file, name, "", _("no way leads here"), _("lead one here, or take the node out"))


def _loops(flow: Flow, file: str) -> Iterator[Problem]:
    """Find rings of passing nodes, each named once, by its first node in the document."""
    told: set[str] = set()
    for name in flow.node:
        ring = _ring(flow, name)
        if ring and not told & set(ring):
            told |= set(ring)
            message = _("callers go round for ever: {ring}").format(ring=" -> ".join([*ring, name]))
            yield Problem(file, name, "", message, _("put a menu, a queue or a hangup into the ring"))


def _ring(flow: Flow, start: str) -> list[str]:
    """Give the nodes of a ring of passing nodes through `start`, [] without one."""
    came: dict[str, str] = {}
    todo = [start]
    while todo:
        name = todo.pop()
        node = flow.node.get(name)
        if not isinstance(node, PASSING):
            continue
        for _key, way in ways_of(node):
            if way == start:
                ring = [name]
                while ring[-1] != start:
                    ring.append(came[ring[-1]])
                return ring[::-1]
            if way not in came:
                came[way] = name
                todo.append(way)
    return []


def _names(flow: Flow, config: BoxConfig, file: str) -> Iterator[Problem]:
    queues = [queue.name for queue in config.queue]
    phones = [extension.number for extension in config.extension]
    configured = _("configured: {names}")
    for name, node in flow.node.items():
        if isinstance(node, Queue) and node.queue not in queues:
            hint = configured.format(names=", ".join(queues) or _("none"))
            yield Problem(file, name, "queue", _("there is no queue {name}").format(name=node.queue), hint)
        if isinstance(node, Dial):
            if bool(node.extension) == bool(node.outside):
                hint = _("give either extension or outside")
                yield Problem(file, name, "extension", _("it does not say whom to dial"), hint)
            elif node.extension and "{" not in node.extension and node.extension not in phones:
                hint = configured.format(names=", ".join(phones) or _("none"))
                message = _("there is no extension {name}").format(name=node.extension)
                yield Problem(file, name, "extension", message, hint)


def _variables(flow: Flow, file: str) -> Iterator[Problem]:
    known = {*GIVEN}
    for node in flow.node.values():
        known |= {*node.values} if isinstance(node, Set) else {node.into} if isinstance(node, Collect) else set()
    hint = _("set or collect it first; there are: {names}").format(names=", ".join(sorted(known)))
    for name, node in flow.node.items():
        for key, variable in _uses(node):
            if variable not in known:
                yield Problem(file, name, key, _("nothing sets the variable {name}").format(name=variable), hint)


def _uses(node: Node) -> list[tuple[str, str]]:
    """List the variables that a node reads: pairs of (key in the document, variable)."""
    match node:
        case Branch():
            return [("on", node.on)]
        case Say():
            texts = {"text": node.text}
        case Dial():
            texts = {"extension": node.extension, "outside": node.outside}
        case Set():
            texts = {f"values.{name}": text for name, text in node.values.items()}
        case _:
            return []
    return [(key, variable) for key, text in texts.items() for variable in VARIABLE.findall(text)]


def _prompts(flow: Flow, prompts: Callable[[str], bool], config: BoxConfig, file: str) -> Iterator[Problem]:
    spoken = {node.language for node in flow.node.values() if isinstance(node, Set) and node.language}
    languages = [flow.language or config.language]
    languages += sorted(spoken - set(languages))
    folder = config.paths.sounds or "<paths.sounds>"
    for name, node in flow.node.items():
        for language in languages:
            words = say.words_of(language, node.style) if isinstance(node, Say) else ()
            for prompt in dict.fromkeys((*prompts_of(node), *words)):
                if not prompts(f"{language}/{prompt}"):
                    message = _("there is no prompt {name}").format(name=f"{language}/{prompt}")
                    hint = _("put a recording at {file}").format(file=f"{folder}/{language}/{prompt}.wav")
                    yield Problem(file, name, "prompts", message, hint)
