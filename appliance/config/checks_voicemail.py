# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the boxes for messages."""

from collections.abc import Iterator
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig
from appliance.config.voicemail import VoicemailConfig
from appliance.i18n import _


def names(config: BoxConfig) -> Iterator[Mistake]:
    """Check that boxes name existing extensions, queues and plans."""
    phones = [each.number for each in config.extension]
    queues = [each.name for each in config.queue]
    plans = [each.name for each in config.plan]
    for place, box in enumerate(config.voicemail):
        key = f"voicemail[{place}]"
        if box.extension and box.extension not in phones:
            message = _("there is no such extension")
            yield Mistake(f"{key}.extension", box.extension, message, among(phones, box.extension))
        if box.queue and box.queue not in queues:
            yield Mistake(f"{key}.queue", box.queue, _("there is no such queue"), among(queues, box.queue))
        if box.plan and box.plan not in plans:
            yield Mistake(f"{key}.plan", box.plan, _("there is no such plan"), among(plans, box.plan))
        for at, number in enumerate(box.lamps):
            if number not in phones:
                message = _("there is no such extension")
                yield Mistake(f"{key}.lamps[{at}]", number, message, among(phones, number))


def one_box(config: BoxConfig) -> Iterator[Mistake]:
    """Check that an extension has one box, and that nothing is said of an extension where a box has none."""
    seen: dict[str, int] = {}
    for place, box in enumerate(config.voicemail):
        key = f"voicemail[{place}]"
        if box.extension and seen.setdefault(box.extension, place) != place:
            message = _("has a box already, {place}").format(place=f"voicemail[{seen[box.extension]}]")
            hint = _("one box for each extension: take one out, or name the extension in lamps")
            yield Mistake(f"{key}.extension", box.extension, message, hint)
        if box.plan and not (box.extension and "after_hours" in box.takes):
            message = _("changes nothing: no calls come here after hours")
            yield Mistake(f"{key}.plan", box.plan, message, _('set extension, and name "after_hours" in takes'))
        yield from _times(key, box)


def _times(key: str, box: VoicemailConfig) -> Iterator[Mistake]:
    if box.shortest_s >= box.longest_s:
        hint = _("allowed: less than longest_s")
        yield Mistake(f"{key}.shortest_s", box.shortest_s, _("no message would be kept"), hint)


def mail(config: BoxConfig) -> Iterator[Mistake]:
    """Check that there is a mail server where messages are sent by mail, with a sender and a password."""
    server = config.mail
    for place, box in enumerate(config.voicemail):
        if box.mail and not server.server:
            message = _("no mail server is configured")
            yield Mistake(f"voicemail[{place}].mail", box.mail[0], message, _("set mail.server"))
    if server.server and not server.sender:
        hint = _("name the address from which letters come, e.g. box@example.com")
        yield Mistake("mail.sender", server.sender, _("letters need a sender"), hint)
    if server.user and not server.password_file:
        message, hint = _("needs a password"), _("name a file with the password alone, for the box's user only")
        yield Mistake("mail.password_file", server.password_file, message, hint)


VOICEMAIL_CHECKS: Final = (names, one_box, mail)
