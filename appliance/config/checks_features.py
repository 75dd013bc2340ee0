# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the phone features and the ways outside. One function a question, as in `checks`."""

from collections.abc import Iterable, Iterator
from typing import Final, get_args

from appliance.config.agents import PauseReasonConfig, WrapUpCodeConfig
from appliance.config.errors import Mistake
from appliance.config.hours import parse_hours
from appliance.config.known import among
from appliance.config.model import BoxConfig, Signalling
from appliance.contract.address import TRUNK, LineAddress
from appliance.i18n import _


def ways(config: BoxConfig) -> Iterator[Mistake]:
    """Check that routes to the outside name existing trunk groups and lines, and hours that can be read."""
    groups = {group.name for group in config.trunk_group}
    for place, route in enumerate(config.outgoing):
        for at, name in enumerate(route.via):
            if name not in groups:
                yield from line_mistakes(config, f"outgoing[{place}].via[{at}]", name, groups)
        try:
            parse_hours(route.hours)
        except ValueError as error:
            message, hint = _("are no hours"), _('allowed: days and times, e.g. "mon-fri 08:00-18:00, sat 09:00-12:00"')
            yield Mistake(f"outgoing[{place}].hours", str(error), message, hint)
        if not route.via:
            yield Mistake(
                f"outgoing[{place}].via",
                None,
                _("names no line"),
                _("allowed: a trunk group's name, pri:<group> or trunk:<name>"),
            )
    for place, group in enumerate(config.trunk_group):
        for at, line in enumerate(group.lines):
            yield from line_mistakes(config, f"trunk_group[{place}].lines[{at}]", line, ())
    for place, rule in enumerate(config.trunk_rule):
        yield from line_mistakes(config, f"trunk_rule[{place}].line", rule.line, ())


def line_mistakes(config: BoxConfig, key: str, line: str, others: Iterable[str]) -> Iterator[Mistake]:
    """Check that a line leads outside and exists."""
    scheme, name = LineAddress.of(line)
    spans = {str(LineAddress(span.signalling, span.group)) for span in config.span}
    if scheme in get_args(Signalling) and name:
        if spans and line not in spans:
            yield Mistake(key, line, _("no span is in this group"), among(sorted({*spans, *others}), line))
    elif scheme == TRUNK and name:
        trunks = {str(LineAddress(TRUNK, trunk.name)) for trunk in config.trunk}
        if line not in trunks:
            yield Mistake(key, line, _("there is no such trunk"), among(sorted({*trunks, *others}), line))
    else:
        hint = _("allowed: a trunk group's name, pri:<group> or trunk:<name>")
        yield Mistake(key, line, _("is no way outside"), hint)


def groups(config: BoxConfig) -> Iterator[Mistake]:
    """Check that hunt groups ring existing phones, each once."""
    phones = dict.fromkeys(extension.number for extension in config.extension)
    for place, group in enumerate(config.hunt):
        seen: set[str] = set()
        for at, number in enumerate(group.extensions):
            key = f"hunt[{place}].extensions[{at}]"
            if number not in phones:
                yield Mistake(key, number, _("there is no such extension"), among(phones, number))
            elif number in seen:
                yield Mistake(key, number, _("is there twice"), _("every extension only once in a group"))
            seen.add(number)


def pauses(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each reason for a pause has a key of its own, and so each wrap-up code."""
    yield from _keys_twice("agents.pause_reasons", config.agents.pause_reasons)
    yield from _keys_twice("agents.wrap_up_codes", config.agents.wrap_up_codes)


def _keys_twice(table: str, keys: Iterable[PauseReasonConfig | WrapUpCodeConfig]) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for place, each in enumerate(keys):
        first = seen.setdefault(each.key, each.name)
        if first != each.name:
            message = _("is the key of {name} as well").format(name=first)
            yield Mistake(f"{table}[{place}].key", each.key, message, _("every key only once"))


FEATURE_CHECKS: Final = (ways, groups, pauses)
