# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of what the nodes of a flow say and calculate: expressions, their variables, and styles of speech."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.i18n import _
from appliance.ivr import expression, texts
from appliance.ivr.evaluate import Kind
from appliance.ivr.expression import Expression
from appliance.ivr.flow import (
    Add,
    Branch,
    Collect,
    Compare,
    Dial,
    Flow,
    LastAgent,
    Lookup,
    Node,
    Queue,
    Rate,
    Return,
    Say,
    Set,
    Split,
    TimePlan,
    Voicemail,
)
from appliance.ivr.tokens import ExpressionError

BOX_VARIABLES: Final = ("called", "caller", "result")
"""Variables that the box sets."""


def text_mistakes(flow: Flow, known: set[str] | None) -> Iterator[Mistake]:
    """Return the mistakes of expressions and of styles; `known`: the variables that are set.

    None: some cannot be known, as where a node could not be read, so unknown ones are not told.
    """
    for name, node in flow.node.items():
        if isinstance(node, Say):
            yield from _unit(name, node)
        if isinstance(node, Split):
            yield from _shares(name, node)
        for each in _found(node):
            place = f"node.{name}.{each.key}"
            if isinstance(each.found, ExpressionError):
                error = each.found
                column = each.at + error.at + 1
                yield Mistake(place, each.text, error.message, error.hint, column=column)
            elif known is not None:
                yield from _unknown(place, each.found, known)


def _unit(name: str, node: Say) -> Iterator[Mistake]:
    if (node.style == "quantity") != (node.unit is not None):
        hint = _('quantity needs a unit, such as unit = "ticket"; other styles have none')
        yield Mistake(f"node.{name}.unit", node.unit, _("style and unit do not fit together"), hint)


def _shares(name: str, node: Split) -> Iterator[Mistake]:
    total = sum(node.shares.values())
    if total != 100:
        hint = _("give the nodes 100 percent in all")
        yield Mistake(f"node.{name}.shares", None, _("the shares are {n} percent in all").format(n=total), hint)


def _unknown(place: str, found: Expression, known: set[str]) -> Iterator[Mistake]:
    for variable in dict.fromkeys(use.name for use in found.uses):
        if variable not in known:
            hint = _("set, collect or look it up first") + "; " + among(sorted(known), variable)
            yield Mistake(place, variable, _("nothing sets the variable {name}").format(name=variable), hint)


def variables(flow: Flow) -> set[str]:
    """Return the variables that are set in a flow, by the box or by its nodes, or that it takes."""
    return {*BOX_VARIABLES, *flow.takes, *set_in(flow)}


def set_in(flow: Flow) -> set[str]:
    """Return the variables that the nodes of a flow set."""
    return set().union(*map(_sets, flow.node.values()))


def _sets(node: Node) -> set[str]:
    """Return the variables that a node sets."""
    match node:
        case Set():
            return {*node.values}
        case Lookup():
            return {*node.into}
        case Collect() | Rate() | LastAgent():
            return {node.into}
        case Add():
            return {node.to}
        case _:
            return set()


class _Found(NamedTuple):
    """An expression, or its mistake: the key and the text that hold it, and its place there."""

    key: str
    text: str
    at: int
    found: Expression | ExpressionError


def _found(node: Node) -> Iterator[_Found]:
    match node:
        case Branch():
            yield _Found("on", node.on, 0, _read(node.on, Kind.ANY))
        case Compare():
            yield _Found("when", node.when, 0, _read(node.when, Kind.BOOLEAN))
        case Add():
            yield _Found("amount", node.amount, 0, _read(node.amount, Kind.NUMBER))
        case _:
            for key, text in _texts(node).items():
                for at, found in texts.read_text(text):
                    yield _Found(key, text, at, found)


def _read(text: str, wanted: Kind) -> Expression | ExpressionError:
    try:
        return expression.read(text, wanted)
    except ExpressionError as error:
        return error


_TEXTS: Final[dict[type[Any], tuple[str, ...]]] = {
    Say: ("text",),
    Dial: ("extension", "outside", "duty"),
    Queue: ("queue", "agent"),
    Voicemail: ("box",),
    TimePlan: ("plan",),
    Lookup: ("key",),
    Split: ("by",),
}
"""Keys of nodes whose texts may hold expressions."""


def _texts(node: Node) -> Mapping[str, str]:
    """Return the texts of a node that may hold expressions, by their keys."""
    if isinstance(node, Set):
        return {f"values.{name}": text for name, text in node.values.items()}
    if isinstance(node, Return):
        return {"result": node.result or ""}
    return {key: getattr(node, key) for key in _TEXTS.get(type(node), ())}
