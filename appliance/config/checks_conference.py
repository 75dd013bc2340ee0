# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of conferences. One function a question, as in `checks`."""

from collections.abc import Iterator
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig
from appliance.i18n import _


def hosts(config: BoxConfig) -> Iterator[Mistake]:
    """Check that hosts are extensions."""
    phones = [each.number for each in config.extension]
    for n, each in enumerate(config.conference):
        for at, number in enumerate(each.hosts):
            if number not in phones:
                key, message = f"conference[{n}].hosts[{at}]", _("there is no such extension")
                yield Mistake(key, number, message, among(phones, number))


def keys(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each key of conferences does one thing."""
    seen: dict[str, str] = {}
    for name in config.conference_keys.__struct_fields__:
        key = getattr(config.conference_keys, name)
        if key and seen.setdefault(key, name) != name:
            message = _("is the key of {name} as well").format(name=seen[key])
            hint = _('every key only once; "" switches one off')
            yield Mistake(f"conference_keys.{name}", key, message, hint)


CONFERENCE_CHECKS: Final = (hosts, keys)
