# SPDX-License-Identifier: GPL-2.0-or-later
"""The rhythm of telephone numbers: the groups in which they are spoken in China."""

from typing import Final

_CITIES: Final = ("010", "02")
"""Area codes of three figures: 010, and 02x; all others have four."""


def groups(number: str) -> list[str]:
    """Return a number in its spoken groups: 138 0013 8000, 010 8888 6666, 400 810 1234, 96900."""
    keys = "".join(key for key in number if key in "0123456789*#")
    if not keys.isdecimal():
        return [keys] if keys else []
    if number.lstrip().startswith("+"):
        return ["86", *groups(keys[2:])] if keys.startswith("86") and len(keys) > 2 else _threes(keys)
    if len(keys) == 11 and keys.startswith("1"):
        return [keys[:3], keys[3:7], keys[7:]]
    if len(keys) == 10 and keys.startswith(("400", "800")):
        return [keys[:3], keys[3:6], keys[6:]]
    if keys.startswith("0") and not keys.startswith("00") and len(keys) > 9:
        area = 3 if keys.startswith(_CITIES) else 4
        return [keys[:area], *_local(keys[area:])]
    return _local(keys) if len(keys) in (7, 8) else _threes(keys)


def _local(keys: str) -> list[str]:
    """Return the number of a line: 8888 6666, 888 6666; other lengths as any number."""
    return [keys[:-4], keys[-4:]] if len(keys) in (7, 8) else _threes(keys)


def _threes(keys: str) -> list[str]:
    """Return a number of no known pattern: whole up to five figures, else by three; the last has two to four."""
    if len(keys) <= 5:
        return [keys]
    cut = len(keys) - (4 if len(keys) % 3 == 1 else len(keys) % 3 or 3)
    return [*(keys[at : at + 3] for at in range(0, cut, 3)), keys[cut:]]
