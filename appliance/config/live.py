# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings that are put in force while the box runs, and those that wait for a restart: one table.

The call server takes what it alone reads from one moment to the next, and no call is touched. Other processes read the
configuration when they start.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from appliance.config.hidden import hidden
from appliance.config.model import BoxConfig
from appliance.contract.address import PHONE, LineAddress
from appliance.contract.restarts import Restart

LIVE: Final[tuple[Restart, ...]] = ()
_EDGE: Final[tuple[Restart, ...]] = ("edge",)
_BOX: Final[tuple[Restart, ...]] = ("box",)

NEEDS: Final[Mapping[str, tuple[Restart, ...]]] = {
    **dict.fromkeys(("profile", "country", "paths", "span", "sip", "edge", "trunk"), _BOX),
    **dict.fromkeys(("site.coding", "recording.min_free_mb", "recording.archive", "api.sign_in"), _BOX),
    **dict.fromkeys(("extension.send_keys",), _BOX),
    **dict.fromkeys(("codes.agent_sign_in", "codes.agent_sign_out"), _EDGE),
    **dict.fromkeys(("codes.agent_resume", "codes.agent_pause"), _EDGE),
    "provisioning": ("provisioning",),
    "mail": ("mailing",),
    "web": ("web",),
    **dict.fromkeys(("provisioning.enabled", "web.enabled", "mail.server"), _BOX),  # whether a process is there at all
    "voicemail": ("mailing",),
    "language": ("mailing",),
    **dict.fromkeys(("extension", "agent", "agents", "queue", "keyed", "role", "plan", "calendar", "route"), LIVE),
    **dict.fromkeys(("hunt", "duty", "conference", "conference_keys", "outside", "site", "outgoing"), LIVE),
    **dict.fromkeys(("trunk_group", "trunk_rule", "lists", "codes", "parking", "recording", "recording_rule"), LIVE),
    **dict.fromkeys(("scorecard", "quality_plan", "books", "api"), LIVE),
}
"""By key, the longest beginning counts. `codes.agent_*` count at once when dialled, and for lamps when the edge starts
again; `voicemail` and `language` likewise, but for letters by mail."""

_NAMES: Final = ("number", "name", "line", "key", "called")
"""Keys by which the tables of a list are told apart."""


class Changed(NamedTuple):
    """A setting that differs: its key, as `extension[1001].name`, both values as TOML has them, and what it needs.

    '' is none. `needs` is empty where it counts at once.
    """

    key: str
    before: str
    after: str
    needs: tuple[Restart, ...] = ()


def needs(key: str, before: Any = None, after: Any = None) -> tuple[Restart, ...]:
    """Return what has to be started again for a key without places, as `extension.line`; none: nothing."""
    if key == "extension.line":
        return LIVE if all(_registers(each) for each in (before, after) if each) else _BOX
    found = NEEDS.get(key)
    while found is None:
        key, dot, _last = key.rpartition(".")
        found = NEEDS.get(key) if dot else _BOX
    return found


def changes(before: BoxConfig, after: BoxConfig, *, hide: bool) -> list[Changed]:
    """Return what differs between two configurations, in the order of the keys; `hide`: without secrets."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return [_shown(each, hide=hide) for each in _differ(old, new, "", "")]


def differences(before: Any, after: Any) -> list[Changed]:
    """Return what differs between two documents that count at once, e.g. flows."""
    return [Changed(each.key, _text(each.before), _text(each.after)) for each in _differ(before, after, "", "")]


def _shown(each: "_Difference", *, hide: bool) -> Changed:
    name = each.plain.rpartition(".")[2]
    old, new = ((hidden(side, name) if hide else side) for side in (each.before, each.after))
    return Changed(each.key, _text(old), _text(new), needs(each.plain, each.before, each.after))


class _Difference(NamedTuple):
    key: str
    plain: str
    before: Any
    after: Any


def _differ(old: Any, new: Any, key: str, plain: str) -> Iterator[_Difference]:
    if old == new:
        return
    if _tables(old) and _tables(new) and (named := _by_name(old, new)) is not None:
        yield from _lists(*named, key, plain)
    elif isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            below = f"{key}.{name}" if key else name
            yield from _differ(old.get(name), new.get(name), below, f"{plain}.{name}" if plain else name)
    else:
        yield _Difference(key, plain, old, new)


def _lists(old: dict[str, Any], new: dict[str, Any], key: str, plain: str) -> Iterator[_Difference]:
    """Compare lists of tables: those that are gone, changed, new, and whether the others changed places."""
    for name in dict.fromkeys([*old, *new]):
        if name in old and name in new:
            yield from _differ(old[name], new[name], f"{key}[{name}]", plain)
        else:
            yield from _one_sided(old.get(name), new.get(name), f"{key}[{name}]", plain)
    kept = [name for name in old if name in new], [name for name in new if name in old]
    if kept[0] != kept[1]:
        yield _Difference(key, plain, ", ".join(kept[0]), ", ".join(kept[1]))


def _one_sided(old: Any, new: Any, key: str, plain: str) -> Iterator[_Difference]:
    """Return a table that is there on one side alone; where its line needs more than the table does, that is told."""
    yield _Difference(key, plain, old, new)
    line = (old or new).get("line") if plain == "extension" else None
    if line and not _registers(line):
        yield _Difference(f"{key}.line", "extension.line", (old or {}).get("line"), (new or {}).get("line"))


def _tables(data: Any) -> bool:
    return isinstance(data, list | tuple) and all(isinstance(each, dict) for each in data)


def _by_name(old: list[Any], new: list[Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return both lists by the names of their tables; None if no key tells them apart."""
    for key in _NAMES:
        sides = [{str(each[key]): each for each in side if each.get(key)} for side in (old, new)]
        if len(sides[0]) == len(old) and len(sides[1]) == len(new):
            return sides[0], sides[1]
    return None


def _registers(line: Any) -> bool:
    return LineAddress.of(str(line)).scheme == PHONE


def _text(value: Any) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()


def merged(running: BoxConfig, written: BoxConfig) -> BoxConfig:
    """Return what counts from now on: the written configuration, with the tables that wait for a restart as before."""
    kept = {key: getattr(running, key) for key in BoxConfig.__struct_fields__ if NEEDS[key] == _BOX}
    return msgspec.structs.replace(written, **kept)
