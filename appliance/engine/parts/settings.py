# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings that a phone's user may change, from the phone or by the command: forwards, do not disturb, call waiting.

And the state of its lamp: voice messages that wait, as reported by the program that keeps them. All is kept in the
books; unchanged settings are the configuration's.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from appliance.config.model import ExtensionConfig
from appliance.contract.books import LastSetting
from appliance.contract.errors import RequestError
from appliance.contract.records import Setting, SettingChanged
from appliance.i18n import N_
from appliance.numbering import number

NUMBERS: Final[tuple[Setting, ...]] = ("forward_always", "forward_busy", "forward_no_answer")
SWITCHES: Final[tuple[Setting, ...]] = ("do_not_disturb", "call_waiting")
"""Settings that are on or off; on is '1', off ''."""
MESSAGES: Final[Setting] = "messages"
"""Voice messages, new and heard, as '2/1'; '' for none of either."""
ALL: Final[tuple[Setting, ...]] = (*NUMBERS, *SWITCHES, MESSAGES)
_COUNTS: Final = re.compile(r"([0-9]{1,4})(?:/([0-9]{1,4}))?", re.ASCII)


class Settings:
    """Settings of one phone."""

    __slots__ = ALL

    forward_always: str
    forward_busy: str
    forward_no_answer: str
    do_not_disturb: str
    call_waiting: str
    messages: str

    def __init__(self, extension: ExtensionConfig) -> None:
        for name in NUMBERS:
            setattr(self, name, getattr(extension, name))
        for name in SWITCHES:
            setattr(self, name, "1" if getattr(extension, name) else "")
        self.messages = ""


def make(phones: Mapping[str, ExtensionConfig], last: Iterable[LastSetting]) -> dict[str, Settings]:
    """Return the configuration's settings, with later changes."""
    made = {number: Settings(extension) for number, extension in phones.items()}
    for each in last:
        if each.extension in made and each.setting in ALL:
            setattr(made[each.extension], each.setting, each.value)
    return made


def settings_of(settings: Settings) -> dict[Setting, str]:
    """Return the settings of a phone by name."""
    return {name: getattr(settings, name) for name in ALL}


def follow(made: Mapping[str, Settings], before: Iterable[ExtensionConfig], now: Iterable[ExtensionConfig]) -> None:
    """Set what the configuration changed of a phone, where its user had not changed it."""
    old = {each.number: Settings(each) for each in before}
    for each in now:
        if each.number in made and each.number in old:
            was, new, own = old[each.number], Settings(each), made[each.number]
            for name in (*NUMBERS, *SWITCHES):
                if getattr(own, name) == getattr(was, name):
                    setattr(own, name, getattr(new, name))


def change(settings: Settings, extension: str, setting: Setting, value: str) -> SettingChanged | None:
    """Change a setting; return the record, None if it had that value already."""
    if getattr(settings, setting) == value:
        return None
    setattr(settings, setting, value)
    return SettingChanged(extension, setting, value)


def counts(value: str) -> tuple[int, int] | None:
    """Parse 'new/heard' or 'new'; '' is none of either. None if it is neither."""
    found = _COUNTS.fullmatch(value or "0")
    return (int(found[1]), int(found[2] or 0)) if found else None


def normal(setting: Setting, value: str) -> str:
    """Return a value as it is kept: numbers without separators, switches as '1' or '', messages as 'new/heard' or ''.

    Raises:
        NumberError: it should be a number and is none.
        RequestError: the setting does not take this value.
    """
    if setting == MESSAGES:
        return _messages(value)
    if setting in NUMBERS:
        return number(value) if value else ""
    if value not in ("", "1"):
        allowed = N_('allowed: "1" for on, "" for off')
        raise RequestError.of(N_("{value} is neither on nor off"), allowed, value=repr(value))
    return value


def _messages(value: str) -> str:
    found = counts(value)
    if found is None:
        hint = N_("write new ones, or new and heard ones: 2 or 2/1, up to 9999")
        raise RequestError.of(N_("{value} does not count messages"), hint, value=value)
    return "{}/{}".format(*found) if any(found) else ""
