# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the phone features and the ways outside make sense? One function per question, as in `checks`."""

from collections.abc import Iterable, Iterator
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.hours import parse_hours
from appliance.config.model import BoxConfig
from appliance.i18n import _


def _known(names: Iterable[str]) -> str:
    return _("known: {names}").format(names=", ".join(sorted(names)) or "-")


def ways(config: BoxConfig) -> Iterator[Mistake]:
    """Do routes to the outside name trunk groups and lines that there are, and hours that can be read?"""
    groups = {group.name for group in config.trunk_group}
    for place, route in enumerate(config.outgoing):
        for at, name in enumerate(route.via):
            if name not in groups:
                yield from _line(config, f"outgoing[{place}].via[{at}]", name, groups)
        try:
            parse_hours(route.hours)
        except ValueError as error:
            message, hint = _("are no hours"), _('allowed: days and times, e.g. "mon-fri 08:00-18:00, sat 09:00-12:00"')
            yield Mistake(f"outgoing[{place}].hours", str(error), message, hint)
        if not route.via:
            yield Mistake(f"outgoing[{place}].via", None, _("names no line"), _known(groups))
    for place, group in enumerate(config.trunk_group):
        for at, line in enumerate(group.lines):
            yield from _line(config, f"trunk_group[{place}].lines[{at}]", line, ())
    for place, rule in enumerate(config.trunk_rule):
        yield from _line(config, f"trunk_rule[{place}].line", rule.line, ())


def _line(config: BoxConfig, key: str, line: str, others: Iterable[str]) -> Iterator[Mistake]:
    scheme, _colon, name = line.partition(":")
    spans = {f"pri:{span.group}" for span in config.span}
    if scheme == "pri" and name:
        if spans and line not in spans:
            yield Mistake(key, line, _("no span is in this group"), _known({*spans, *others}))
    elif scheme == "trunk" and name:
        trunks = {f"trunk:{trunk.name}" for trunk in config.trunk}
        if line not in trunks:
            yield Mistake(key, line, _("there is no such trunk"), _known({*trunks, *others}))
    else:
        hint = _("allowed: a trunk group's name, pri:<group> or trunk:<name>")
        yield Mistake(key, line, _("is no way outside"), hint)


def groups(config: BoxConfig) -> Iterator[Mistake]:
    """Do hunt groups ring phones that there are?"""
    phones = {extension.number for extension in config.extension}
    for place, group in enumerate(config.hunt):
        for at, number in enumerate(group.extensions):
            if number not in phones:
                yield Mistake(
                    f"hunt[{place}].extensions[{at}]", number, _("there is no such extension"), _known(phones)
                )
        if group.number in phones:
            message, hint = _("is an extension as well"), _("every number inside the house only once")
            yield Mistake(f"hunt[{place}].number", group.number, message, hint)


def codes(config: BoxConfig) -> Iterator[Mistake]:
    """Is each feature code there once, and is it no extension?"""
    taken = {extension.number: "extension" for extension in config.extension}
    for name in config.codes.__struct_fields__:
        code = getattr(config.codes, name)
        if code and code in taken:
            message = _("is {other} as well").format(other=taken[code])
            yield Mistake(f"codes.{name}", code, message, _('every code only once; "" switches a feature off'))
        taken.setdefault(code, f"codes.{name}")


FEATURE_CHECKS: Final = (ways, groups, codes)
