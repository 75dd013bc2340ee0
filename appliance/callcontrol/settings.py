# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user of a phone may change, from the phone or by the command: forwards, do not disturb, call waiting.

Kept in the books; what was never changed is as the configuration says.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from appliance.callcontrol.books import LastSetting
from appliance.config.model import ExtensionConfig
from appliance.records import Setting, SettingChanged

NUMBERS: Final[tuple[Setting, ...]] = ("forward_always", "forward_busy", "forward_no_answer")
SWITCHES: Final[tuple[Setting, ...]] = ("do_not_disturb", "call_waiting")
"""Settings that are on or off; on is '1', off ''."""
ALL: Final = (*NUMBERS, *SWITCHES)


class Settings:
    """One phone's."""

    __slots__ = ALL

    forward_always: str
    forward_busy: str
    forward_no_answer: str
    do_not_disturb: str
    call_waiting: str

    def __init__(self, extension: ExtensionConfig) -> None:
        for name in NUMBERS:
            setattr(self, name, getattr(extension, name))
        for name in SWITCHES:
            setattr(self, name, "1" if getattr(extension, name) else "")


def make(phones: Mapping[str, ExtensionConfig], last: Iterable[LastSetting]) -> dict[str, Settings]:
    """Take the configuration's, then what was changed since."""
    made = {number: Settings(extension) for number, extension in phones.items()}
    for each in last:
        if each.extension in made and each.setting in ALL:
            setattr(made[each.extension], each.setting, each.value)
    return made


def change(settings: Settings, extension: str, setting: Setting, value: str) -> SettingChanged | None:
    """Change one; give the record, None if it was so already."""
    if getattr(settings, setting) == value:
        return None
    setattr(settings, setting, value)
    return SettingChanged(extension, setting, value)
