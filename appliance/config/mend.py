# SPDX-License-Identifier: GPL-2.0-or-later
"""The meaning of a document with mistakes of shape, so that its mistakes of sense are found in the same pass.

A value of another type is read as meant (`number = 1001`), a misspelt key as the one it is like; a value that cannot be
read is left out. If a table cannot lack it, a stand-in takes its place; mistakes found there are not reported.
"""

import re
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from appliance.config.errors import Mistake
from appliance.config.known import nearest
from appliance.config.shape import branch, fields_of, fits, join

_GONE: Final = object()
_STAND_INS: Final[tuple[Any, ...]] = ("0", 1, True, [], {"0": "0"}, {})
_DOT: Final = re.compile(r"\.")
_NAME: Final = re.compile(r"[^.\[]+")
_PLACE: Final = re.compile(r"\[(\d+)\]")


class Mended:
    """A document without its mistakes of shape.

    Attributes:
        data: the values that are left; None if there are none.
    """

    def __init__(self, data: Any, wanted: Any) -> None:
        self._places: dict[str, list[int]] = {}
        self._stood: dict[str, set[str]] = {}
        mended = self._mend(data, wanted, "")
        self.data = None if mended is _GONE else mended

    def mistakes(self, shape: Iterable[Mistake], sense: Iterable[Mistake]) -> tuple[Mistake, ...]:
        """Return the mistakes of sense, with the keys of the document, that are not reported as mistakes of shape."""
        told = tuple(each.key for each in shape)
        placed = (replace(each, key=self.key(each.key)) for each in sense)
        return tuple(each for each in placed if not _below(each.key, told) and not self._made_up(each.key))

    def _made_up(self, key: str) -> bool:
        """Return whether a key is in a default of a table that holds a stand-in: its mistake may come from that."""
        tables = [key[: found.start()] for found in _DOT.finditer(key)]
        names = ((table, _NAME.match(key, len(table) + 1 if table else 0)) for table in ("", *tables))
        return any(name[0] not in self._stood.get(table, {name[0]}) for table, name in names if name is not None)

    def key(self, key: str) -> str:
        """Return the key in the document itself of `key` in the mended one: places in lists may differ."""
        told, after = "", 0
        for found in _PLACE.finditer(key):
            told += key[after : found.start()]
            place, places = int(found[1]), self._places.get(told, [])
            told += f"[{places[place] if place < len(places) else place}]"
            after = found.end()
        return told + key[after:]

    def _mend(self, data: Any, wanted: Any, key: str) -> Any:
        wanted, whole = branch(data, wanted), wanted
        origin, parts = typing.get_origin(wanted), typing.get_args(wanted)
        if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
            return self._table(data, wanted, key) if isinstance(data, Mapping) else _GONE
        if origin is tuple and isinstance(data, list):
            return _as_long(self._list(data, parts[0], key), parts[0], _limits(whole))
        if origin is dict and isinstance(data, Mapping):
            kept = {name: self._mend(value, parts[1], join(key, name)) for name, value in data.items()}
            return {name: value for name, value in kept.items() if value is not _GONE and fits(name, parts[0])}
        return _meant(data, whole)

    def _table(self, data: Mapping[str, Any], wanted: type[msgspec.Struct], key: str) -> Any:
        fields, tag = fields_of(wanted), wanted.__struct_config__.tag_field
        meant = {name if name in fields else nearest(name, fields.keys() - data.keys()): name for name in data}
        made = {tag: data[tag]} if tag else {}
        for name, (kind, required) in fields.items():
            value = self._mend(data[meant[name]], kind, join(key, name)) if name in meant else _GONE
            if value is not _GONE:
                made[name] = value
            elif required:
                made[name] = _stand_in(kind)
                self._stood[key] = {*data}
        return _GONE if _GONE in made.values() else made

    def _list(self, data: list[Any], wanted: Any, key: str) -> list[Any]:
        """Return the mended items of a list; keep their places in the document."""
        items = [(place, self._mend(item, wanted, f"{key}[{place}]")) for place, item in enumerate(data)]
        kept = [(place, item) for place, item in items if item is not _GONE]
        self._places[key] = [place for place, _item in kept]
        return [item for _place, item in kept]


def _below(key: str, told: tuple[str, ...]) -> bool:
    return any(key == each or key.startswith((f"{each}.", f"{each}[")) for each in told)


def _stand_in(wanted: Any) -> Any:
    """Return any value of a type; of a literal its first value, of a list with a least length so many."""
    limits, kind = _limits(wanted), branch(None, wanted)
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        kind = typing.get_args(kind)[0]
    parts = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        return _as_long([], parts[0], limits)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _stand_in_table(kind)
    literal = parts if typing.get_origin(kind) is typing.Literal else ()
    least = [each for limit in limits for each in (limit.ge, "0" * (limit.min_length or 0))]
    return next((each for each in (*literal, *_STAND_INS, *least) if fits(each, wanted)), _GONE)


def _stand_in_table(wanted: type[msgspec.Struct]) -> Any:
    """Return a table with stand-ins for what it cannot lack."""
    tag, value = wanted.__struct_config__.tag_field, wanted.__struct_config__.tag
    made = {tag: value} if tag else {}
    made |= {name: _stand_in(kind) for name, (kind, required) in fields_of(wanted).items() if required}
    return _GONE if _GONE in made.values() else made


def _limits(wanted: Any) -> tuple[msgspec.Meta, ...]:
    """Return the limits that are written at a type."""
    return tuple(each for each in getattr(wanted, "__metadata__", ()) if isinstance(each, msgspec.Meta))


def _as_long(items: list[Any], wanted: Any, limits: tuple[msgspec.Meta, ...]) -> Any:
    """Return a list as long as it may be: cut, or with stand-ins at its end."""
    least = max((limit.min_length or 0 for limit in limits), default=0)
    most = min((limit.max_length for limit in limits if limit.max_length is not None), default=len(items))
    items = items[:most]
    made = [*items, *(_stand_in(wanted) for _place in range(least - len(items)))]
    return _GONE if _GONE in made[len(items) :] else made


def _meant(data: Any, wanted: Any) -> Any:
    """Return a value as its type may have meant it."""
    for value in (data, str(data)) if not isinstance(data, Mapping | list) else (data,):
        try:
            return msgspec.to_builtins(msgspec.convert(value, wanted, strict=False))
        except msgspec.ValidationError:
            continue
    return _GONE
