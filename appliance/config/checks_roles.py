# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of supervisors' roles."""

from collections.abc import Iterator
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig
from appliance.i18n import _


def roles(config: BoxConfig) -> Iterator[Mistake]:
    """Check that roles are of supervisors, one for each, and that their queues exist."""
    queues = [queue.name for queue in config.queue]
    phones = {extension.number: extension.supervisor for extension in config.extension}
    rights = config.api.users
    seen: dict[str, str] = {}
    for place, role in enumerate(config.role):
        for at, queue in enumerate(role.queues):
            if queue not in queues:
                key = f"role[{place}].queues[{at}]"
                yield Mistake(key, queue, _("there is no such queue"), among(queues, queue))
        for at, number in enumerate(role.extensions):
            key = f"role[{place}].extensions[{at}]"
            if number not in phones:
                yield Mistake(key, number, _("there is no such extension"), among(phones, number))
            elif not phones[number]:
                hint = _("set supervisor = true at extension {number}").format(number=number)
                yield Mistake(key, number, _("is no phone of a supervisor"), hint)
            yield from _second(seen, key, number, role.name)
        for at, user in enumerate(role.users):
            key = f"role[{place}].users[{at}]"
            if user in rights and "supervise" not in rights[user]:
                hint = _('add "supervise" to api.users.{user}').format(user=user)
                yield Mistake(key, user, _("has not the right supervise"), hint)
            yield from _second(seen, key, user, role.name)


def _second(seen: dict[str, str], key: str, who: str, role: str) -> Iterator[Mistake]:
    first = seen.setdefault(who, role)
    if first != role:
        yield Mistake(key, who, _("has role {role} already").format(role=first), _("one role for each"))


ROLE_CHECKS: Final = (roles,)
