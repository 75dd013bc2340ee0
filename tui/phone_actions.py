# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions on phones: add several, new passwords of several, forwards and switches."""

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from appliance.api.messages import (
    AnyRequest,
    ApplyConfig,
    ConfigChangesReply,
    ConfigReply,
    GetConfig,
    NewPassword,
    Originate,
    PasswordReply,
    SetPhone,
)
from appliance.config.edit import with_extensions
from appliance.config.model import ExtensionConfig
from appliance.contract.errors import ApiError
from appliance.contract.records import Setting
from appliance.i18n import N_, _, ngettext
from tui.actions import Action, Field, Values, each
from tui.draft import language, why
from tui.link import Asks

MAX_ADDED: Final = 100
"""Phones that are added at once."""
_RANGE: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_FORWARDS: Final[tuple[tuple[str, Setting, str], ...]] = (
    ("a", "forward_always", N_("forward all calls")),
    ("b", "forward_busy", N_("forward calls when busy")),
    ("n", "forward_no_answer", N_("forward calls when not answered")),
)

Show = Callable[[str, str], Awaitable[object]]
"""Shows a title and a text until the reader has read them."""


def on_phones(numbers: Sequence[str], named: str) -> Sequence[Action]:
    """Return what is changed of extensions; `named`: their name, or how many they are."""
    quiet = _("Callers of {phones} hear busy from now on.").format(phones=named)
    return [
        *(_forward(key, setting, name, numbers, named) for key, setting, name in _FORWARDS),
        Action("d", _("do not disturb"), each(_set(numbers, "do_not_disturb", "1")), quiet),
        Action("D", _("disturb again"), each(_set(numbers, "do_not_disturb", ""))),
        Action("w", _("call waiting on"), each(_set(numbers, "call_waiting", "1"))),
        Action("W", _("call waiting off"), each(_set(numbers, "call_waiting", ""))),
    ]


def originate(extension: str) -> Action:
    """Return the action that calls a number from a phone."""
    to = Field("to", _("number, as a phone dials it"))
    text = _("Rings {phone}, and calls {to} for it when it answers.").format(phone=extension, to="{to}")
    return Action("c", _("call a number from there"), lambda values: (Originate(extension, values["to"]),), text, (to,))


def add(known: Collection[str], show: Show) -> Action:
    """Return the action that adds phones which register; `known`: numbers that are there."""
    fields = (
        Field("numbers", _("numbers: 1005, or 1011-1020")),
        Field("name", _("name; of several, each with its number"), needed=False),
        why(""),
    )

    async def do(link: Asks, values: Values) -> str:
        numbers = _numbers(values["numbers"], known)
        new = _extensions(numbers, values["name"].strip())
        base = await link.ask(GetConfig(), ConfigReply)
        text = with_extensions(base.text, new)
        asked = ApplyConfig(text, base.version, why=values["why"], language=language())
        await link.ask(asked, ConfigChangesReply)
        await _passwords(link, numbers, show)
        return _added(len(numbers))

    text = _("Adds phones {numbers}. Each gets a password, shown only once.")
    return Action("A", _("add phones"), sentence=text, fields=fields, right="configure", do=do)


def passwords(numbers: Sequence[str], named: str, show: Show) -> Action:
    """Return the action that makes new passwords of several phones."""

    async def do(link: Asks, _values: Values) -> str:
        await _passwords(link, numbers, show)
        return ""

    text = _("The old password of {phones} no longer works; the new one is shown only once.").format(phones=named)
    return Action("p", _("new password"), sentence=text, right="configure", do=do)


async def _passwords(link: Asks, numbers: Sequence[str], show: Show) -> None:
    """Make passwords, and show those that were made, whatever comes in between. Raises ApiError."""
    made: list[PasswordReply] = []
    try:
        for number in numbers:
            made.append(await link.ask(NewPassword(number), PasswordReply))  # noqa: PERF401 - those before a refusal count
    finally:
        if made:
            lines = [f"  {it.extension:10} {it.password}" for it in made]
            domain = _("They are shown only this once. Domain: {domain}").format(domain=made[0].realm)
            await show(_("passwords of phones"), "\n".join([*lines, "", domain]))


def _numbers(text: str, known: Collection[str]) -> list[str]:
    """Return the numbers that are written, each once. Raises ApiError."""
    found: list[str] = []
    for word in text.replace(",", " ").replace("，", " ").split():
        if (span := _RANGE.fullmatch(word)) is None:
            found.append(word)
        elif int(span[1]) > int(span[2]) or len(span[1]) != len(span[2]):
            raise ApiError(_("{text} is no range").format(text=word), _("write the lower number first: 1011-1020"))
        else:
            last = min(int(span[2]), int(span[1]) + MAX_ADDED)
            found += [f"{number:0{len(span[1])}}" for number in range(int(span[1]), last + 1)]
    found = list(dict.fromkeys(found))
    if taken := sorted(set(found) & set(known)):
        raise ApiError(_("there already: {numbers}").format(numbers=", ".join(taken)), _("choose other numbers"))
    if len(found) > MAX_ADDED:
        raise ApiError(_("these are too many"), _("at most {n} at once").format(n=MAX_ADDED))
    return found


def _extensions(numbers: Sequence[str], name: str) -> list[ExtensionConfig]:
    several = name and len(numbers) > 1
    names = [f"{name} {number}" if several else name for number in numbers]
    return [ExtensionConfig(number=n, line=f"phone:{n}", name=named) for n, named in zip(numbers, names, strict=True)]


def _added(count: int) -> str:
    return ngettext("{n} phone is added", "{n} phones are added", count).format(n=count)


def _forward(key: str, setting: Setting, name: str, numbers: Sequence[str], named: str) -> Action:
    to = Field("to", _("to which number, as the phone dials it; empty: no more"), needed=False)
    text = _("{name}: {phones} to {to}; without a number no more.").format(name=_(name), phones=named, to="{to}")

    def requests(values: Values) -> Sequence[AnyRequest]:
        return _set(numbers, setting, values["to"])

    return Action(key, _(name), requests, text, (to,))


def _set(numbers: Sequence[str], setting: Setting, value: str) -> list[SetPhone]:
    return [SetPhone(number, setting, value) for number in numbers]
