# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of a flow that can be read, before it is used."""

from collections.abc import Callable, Iterator
from pathlib import Path

from appliance.config.document import lined
from appliance.config.duty import DutyConfig
from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig, ExtensionConfig
from appliance.config.queues import QueueConfig
from appliance.config.rules import PlanConfig
from appliance.config.voicemail import VoicemailConfig
from appliance.i18n import _
from appliance.ivr.check_site import Site, site_mistakes
from appliance.ivr.check_text import text_mistakes
from appliance.ivr.errors import FlowError
from appliance.ivr.flow import (
    PASSING,
    ChooseLanguage,
    Dial,
    Flow,
    Language,
    Node,
    Queue,
    Say,
    Set,
    TimePlan,
    Voicemail,
    prompts_of,
    ways_of,
)
from appliance.ivr.linked import Linked, known_variables, link_mistakes, linked
from appliance.ivr.load import load_flow, look, look_at
from appliance.ivr.spoken import words_of
from appliance.ivr.texts import BRACES
from appliance.numbering import plain

__all__ = ["FlowError", "check_file", "check_flow", "load_flow"]


def check_file(
    path: Path,
    prompts: Callable[[str], bool],
    config: BoxConfig | None,
    site: Site | None = None,
    text: str | None = None,
) -> list[Mistake]:
    """Return the mistakes of a flow's file, of shape and of sense at once; an empty list is a flow that may be used.

    Args:
        path: the file.
        prompts: returns whether '<language>/<name>' exists.
        config: for queues, extensions and the box's language; None: all that the flow names exists.
        site: for tables and music; None: they exist.
        text: is checked as if it were in the file; None: that of the file.
    """
    try:
        found = look(path) if text is None else look_at(text, path)
    except FlowError as error:
        return [*error.mistakes]
    sense: list[Mistake] = []
    if found.flow is not None:
        known = _whatever_it_names(found.flow) if config is None else config
        site_flows = site.flows if site is not None else None
        others = linked(path.stem, found.flow, site_flows) if site_flows is not None else None
        sense = check_flow(found.flow, prompts, known, found.nodes, others, path.stem)
        sense += site_mistakes(found.flow, site) if site is not None else ()
    return lined((*found.shape, *found.mended.mistakes(found.shape, sense)), found.text)


def check_flow(
    flow: Flow,
    prompts: Callable[[str], bool],
    config: BoxConfig,
    nodes: tuple[str, ...] = (),
    others: Linked | None = None,
    name: str = "",
) -> list[Mistake]:
    """Return the mistakes of a flow that can be read.

    Args:
        flow: the flow.
        prompts: returns whether '<language>/<name>' exists.
        config: for queues, extensions and the box's language.
        nodes: names of all nodes of the document, of which some may be unreadable.
        others: the flows to which it leads; None: they exist.
        name: that of the flow.
    """
    whole = {*nodes} <= flow.node.keys()
    ways = [*_ways(flow, {*flow.node, *nodes})]
    followed = (
        [] if ways or not whole else [*_unreached(flow)]
    )  # consequences of a wrong way are no mistakes of their own
    known = known_variables(flow, others) if whole else None
    return [
        *ways, *followed, *_loops(flow), *_names(flow, config), *text_mistakes(flow, known),
        *(link_mistakes(name, flow, others) if others is not None else ()),
        *_prompts(flow, prompts, config),
    ]  # fmt: skip


def _whatever_it_names(flow: Flow) -> BoxConfig:
    """Return a configuration that has every queue and extension the flow names, for a check of the flow alone."""
    nodes = flow.node.values()
    queues = {node.queue for node in nodes if isinstance(node, Queue) and "{" not in node.queue}
    boxes = {node.box for node in nodes if isinstance(node, Voicemail) and "{" not in node.box}
    duties = {node.duty for node in nodes if isinstance(node, Dial) and "{" not in node.duty} - {""}
    plans = {node.plan for node in nodes if isinstance(node, TimePlan) and "{" not in node.plan}
    extensions = {plain(node.extension) or "" for node in nodes if isinstance(node, Dial)} - {""}
    return BoxConfig(
        queue=tuple(QueueConfig(name=name) for name in sorted(queues)),
        duty=tuple(DutyConfig(name=name) for name in sorted(duties)),
        plan=tuple(PlanConfig(name=name) for name in sorted(plans)),
        extension=tuple(ExtensionConfig(number=number, line=f"station:{number}") for number in sorted(extensions)),
        voicemail=tuple(VoicemailConfig(name=name) for name in sorted(boxes)),
    )


def _at(node: str, key: str = "") -> str:
    return f"node.{node}.{key}" if key else f"node.{node}"


def _ways(flow: Flow, nodes: set[str]) -> Iterator[Mistake]:
    ways = [("start", flow.start)]
    ways += [(_at(name, key), way) for name, node in flow.node.items() for key, way in ways_of(node)]
    for place, way in ways:
        if way not in nodes:
            yield Mistake(place, way, _("there is no node {name}").format(name=way), among(sorted(nodes), way))


def _unreached(flow: Flow) -> Iterator[Mistake]:
    reached, todo = set(), [flow.start]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [way for _key, way in ways_of(flow.node[name])]
    for name in flow.node:
        if name not in reached:
            yield Mistake(_at(name), None, _("no way leads here"), _("lead one here, or take the node out"))


def _loops(flow: Flow) -> Iterator[Mistake]:
    """Return a mistake for each ring of passing nodes, by its first node in the document."""
    told: set[str] = set()
    for name in flow.node:
        ring = _ring(flow, name)
        if ring and not told & set(ring):
            told |= set(ring)
            message = _("callers go round for ever: {ring}").format(ring=" -> ".join([*ring, name]))
            yield Mistake(_at(name), None, message, _("put a menu, a queue or a hangup into the ring"))


def _ring(flow: Flow, start: str) -> list[str]:
    """Return the nodes of a ring of passing nodes through `start`, [] without one."""
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


def _names(flow: Flow, config: BoxConfig) -> Iterator[Mistake]:
    queues = dict.fromkeys(queue.name for queue in config.queue)
    phones = dict.fromkeys(extension.number for extension in config.extension)
    plans = dict.fromkeys(plan.name for plan in config.plan)
    for name, node in flow.node.items():
        if isinstance(node, TimePlan) and "{" not in node.plan and node.plan not in plans:
            yield Mistake(_at(name, "plan"), node.plan, _("there is no such plan"), among(plans, node.plan))
        if isinstance(node, Queue) and "{" not in node.queue and node.queue not in queues:
            message = _("there is no queue {name}").format(name=node.queue)
            yield Mistake(_at(name, "queue"), node.queue, message, among(queues, node.queue))
        if isinstance(node, Queue) and config.agent:
            yield from _skills(name, node, config)
            yield from _fixed_agent(name, node, config)
        if isinstance(node, Voicemail):
            yield from _box(name, node, config)
        if isinstance(node, Dial):
            yield from _dialled(name, node, phones, dict.fromkeys(duty.name for duty in config.duty))


def _skills(name: str, node: Queue, config: BoxConfig) -> Iterator[Mistake]:
    for skill, level in node.needs.items():
        if not any(agent.skills.get(skill, 0) >= level for agent in config.agent):
            message = _("no agent has this skill at this level")
            yield Mistake(_at(name, f"needs.{skill}"), level, message, _("set agent.skills, or less here"))


def _fixed_agent(name: str, node: Queue, config: BoxConfig) -> Iterator[Mistake]:
    known = dict.fromkeys(agent.number for agent in config.agent)
    if node.agent and "{" not in node.agent and node.agent not in known:
        yield Mistake(_at(name, "agent"), node.agent, _("there is no such agent"), among(known, node.agent))


def _box(name: str, node: Voicemail, config: BoxConfig) -> Iterator[Mistake]:
    names = [box.name for box in config.voicemail]
    numbers = [number for box in config.voicemail for number in (box.extension, box.number) if number]
    if "{" not in node.box and node.box not in names and plain(node.box) not in numbers:
        message = _("there is no box {name} for messages").format(name=node.box)
        yield Mistake(_at(name, "box"), node.box, message, among(names, node.box))


def _dialled(name: str, node: Dial, phones: dict[str, None], duties: dict[str, None]) -> Iterator[Mistake]:
    if sum(map(bool, (node.extension, node.outside, node.duty))) != 1:
        hint = _("give either extension, outside or duty")
        yield Mistake(_at(name, "extension"), node.extension, _("it does not say whom to dial"), hint)
    elif node.extension and "{" not in node.extension and plain(node.extension) not in phones:
        message = _("there is no extension {name}").format(name=node.extension)
        yield Mistake(_at(name, "extension"), node.extension, message, among(phones, node.extension))
    elif node.duty and "{" not in node.duty and node.duty not in duties:
        message = _("there is no duty list {name}").format(name=node.duty)
        yield Mistake(_at(name, "duty"), node.duty, message, among(duties, node.duty))
    elif node.outside and plain(BRACES.sub("0", node.outside)) is None:
        hint = _("allowed: 1 to 32 of 0-9 * # +; spaces and - . ( ) / may stand between them")
        yield Mistake(_at(name, "outside"), node.outside, _("is no number"), hint)


def _prompts(flow: Flow, prompts: Callable[[str], bool], config: BoxConfig) -> Iterator[Mistake]:
    spoken = {node.language for node in flow.node.values() if isinstance(node, Set) and node.language}
    spoken |= {
        language for node in flow.node.values() if isinstance(node, ChooseLanguage) for language in node.keys.values()
    }
    languages = [flow.language or config.language]
    languages += sorted(spoken - set(languages))
    folder = config.paths.sounds or "<paths.sounds>"
    for name, node in flow.node.items():
        for language in languages:
            words = _words(node, language)
            for prompt in dict.fromkeys((*prompts_of(node), *words)):
                if not prompts(f"{language}/{prompt}"):
                    message = _("there is no prompt {name}").format(name=f"{language}/{prompt}")
                    hint = _("put a recording at {file}").format(file=f"{folder}/{language}/{prompt}.wav")
                    yield Mistake(_at(name, "prompts"), prompt, message, hint)


def _words(node: Node, language: Language) -> tuple[str, ...]:
    """Return the prompts of a language that a node puts together."""
    if isinstance(node, Say):
        return words_of(node.style, language, node.unit or "")
    if isinstance(node, ChooseLanguage) and language in node.keys.values():
        return (f"language-{language}", *words_of("digits", language))
    return ()
