# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the fields that agents key in."""

from collections.abc import Iterator
from typing import Final

from appliance.config.checks_numbers import IN_TALK
from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig
from appliance.i18n import _


def queues(config: BoxConfig) -> Iterator[Mistake]:
    """Check that fields name existing queues."""
    known = [queue.name for queue in config.queue]
    for place, field in enumerate(config.keyed):
        for at, name in enumerate(field.queues):
            if name not in known:
                yield Mistake(f"keyed[{place}].queues[{at}]", name, _("there is no such queue"), among(known, name))


def lengths(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the shortest value of a field is not longer than the longest."""
    for place, field in enumerate(config.keyed):
        if field.most < field.least:
            hint = _("allowed: {least} or more").format(least=field.least)
            yield Mistake(f"keyed[{place}].most", field.most, _("is less than least"), hint)


def codes(config: BoxConfig) -> Iterator[Mistake]:
    """Check that codes of fields can be pressed during a talk, and that each field is asked for at all."""
    others = {name: code for name in (*IN_TALK, "conference") if (code := getattr(config.codes, name))}
    for place, field in enumerate(config.keyed):
        key = f"keyed[{place}].code"
        if not field.code and not field.after_hang_up:
            message = _("is never asked for")
            yield Mistake(key, None, message, _("give it a code, or set after_hang_up = true"))
        for name, code in others.items() if field.code else ():
            if field.code.startswith(code) or code.startswith(field.code):
                message = _("begins like codes.{name} = {code}").format(name=name, code=code)
                yield Mistake(key, field.code, message, _("choose a code that begins otherwise"))


KEYED_CHECKS: Final = (queues, lengths, codes)
