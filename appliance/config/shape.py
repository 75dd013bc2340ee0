# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks whether a document has the shape of its type: every mistake at once, each with what is allowed."""

import types
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec
import msgspec.inspect as mi

from appliance.config.errors import Mistake, shown
from appliance.config.known import nearest
from appliance.i18n import N_, _

_PATTERNS: Final = {
    r"^[0-9*#+]{1,32}$": N_("allowed: 1 to 32 of the characters 0-9 * # +, in quotation marks"),
    r"^([0-9*#+]{1,32}|duty:[a-z0-9][a-z0-9_-]{0,31})$": N_(
        'allowed: 1 to 32 of the characters 0-9 * # +, in quotation marks, or "duty:" and the name of a [[duty]]'
    ),
    r"^([0-9*#+]{0,32}|duty:[a-z0-9][a-z0-9_-]{0,31})$": N_(
        'allowed: up to 32 of the characters 0-9 * # +, in quotation marks, or "duty:" and the name of a [[duty]]'
    ),
    r"^(duty:)?[a-z0-9][a-z0-9_-]{0,31}$": N_(
        'allowed: a name of 1 to 32 of the characters a-z 0-9 _ -, or "duty:" and the name of a [[duty]]'
    ),
    r"^[0-9]{0,5}$": N_("allowed: up to 5 digits, in quotation marks"),
    r"^[0-9]{0,4}$": N_("allowed: up to 4 digits, in quotation marks"),
    r"^[1-9][0-9]{0,2}$": N_('allowed: a country code of 1 to 3 digits, in quotation marks, e.g. "86"'),
    r"^[0-9]{1,8}$": N_("allowed: 1 to 8 digits, in quotation marks"),
    r"^[0-9*#+]{0,32}$": N_("allowed: up to 32 of the characters 0-9 * # +, in quotation marks"),
    r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$": N_("allowed: a domain of a-z 0-9 . -, e.g. pbx.example.com"),
    r"^[a-z0-9][a-z0-9_-]{0,31}$": N_("allowed: a name of 1 to 32 of the characters a-z 0-9 _ -"),
    r"^(|(eth|ethmf|loc),[^,\s#]{1,39})$": N_('allowed: "eth,<interface>/<MAC address of the far end>/<number>"'),
    r"^[0-9#+]*\*?$": N_("allowed: digits, with a * at the end for any further digits"),
    r"^([0-9#+]*\*?|anonymous|vip)$": N_(
        'allowed: digits, with a * at the end for any further ones; "anonymous", "vip"'
    ),
    r"^([a-z0-9][a-z0-9_-]{0,31})?$": N_("allowed: the name of a [[plan]]"),
    r"^[A-Za-z0-9][A-Za-z0-9_/-]{0,63}$": N_("allowed: a prompt's name of the characters A-Z a-z 0-9 _ / -"),
    r"^[a-z][a-z0-9_]{0,31}$": N_("allowed: a variable's name of the characters a-z 0-9 _, a letter first"),
    r"^[0-9*#A-D]$": N_("allowed: one key, 0-9 * # A-D, in quotation marks"),
    r"^\+?[0-9*#A-D]{0,31}\Z": N_("allowed: up to 31 of the characters 0-9 * # A-D, + before them, in quotation marks"),
}

_PLAIN: Final = {
    mi.StrType: N_("allowed: text in quotation marks"),
    mi.BoolType: N_("allowed: true or false"),
    mi.VarTupleType: N_("allowed: a list [...]"),
}


def shape_mistakes(data: Any, wanted: type[msgspec.Struct]) -> Iterator[Mistake]:
    """Compare a document, as read from TOML, with the type `wanted`; return its mistakes."""
    top = [name for name, (kind, _required) in fields_of(wanted).items() if not _is_table(kind)]
    yield from _mistakes(data, wanted, "", top)


def _mistakes(data: Any, wanted: Any, key: str, top: list[str]) -> Iterator[Mistake]:
    """Return the mistakes of a value; `top`: keys that stand above the first table of the document."""
    if fits(data, wanted):
        return
    inside = list(_inside(data, branch(data, wanted), key, top))
    yield from inside or [Mistake(key, data, _("not allowed here"), allowed(wanted))]


def _is_table(kind: Any) -> bool:
    return isinstance(mi.type_info(kind), mi.StructType | mi.VarTupleType | mi.DictType)


def fits(data: Any, wanted: Any) -> bool:
    """Return whether `data` is of the type `wanted`."""
    try:
        msgspec.convert(data, wanted)
    except msgspec.ValidationError:
        return False
    return True


def branch(data: Any, wanted: Any) -> Any:
    """Return the type without its annotations; of several types the one that `data` is meant to be."""
    if typing.get_origin(wanted) is typing.Annotated:
        wanted = typing.get_args(wanted)[0]
    if typing.get_origin(wanted) not in (types.UnionType, typing.Union):
        return wanted
    kinds = [each for each in typing.get_args(wanted) if each is not type(None)]
    if tags := tags_of(kinds):
        return tags.get(data.get(tag_field(kinds)) if isinstance(data, Mapping) else None, wanted)
    lists = [each for each in kinds if typing.get_origin(each) is tuple]
    return lists[0] if lists and isinstance(data, list) else kinds[0]


def tags_of(kinds: list[Any]) -> dict[object, type[msgspec.Struct]]:
    """Return tables that differ by a tag, by its value; empty if they do not."""
    if not all(isinstance(each, type) and issubclass(each, msgspec.Struct) for each in kinds):
        return {}
    return {each.__struct_config__.tag: each for each in kinds}


def tag_field(kinds: list[Any]) -> str:
    """Return the key of the tag of these tables."""
    return str(kinds[0].__struct_config__.tag_field)


def _inside(data: Any, wanted: Any, key: str, top: list[str]) -> Iterator[Mistake]:
    """Return the mistakes inside a value; none if the value itself is the mistake."""
    origin, parts = typing.get_origin(wanted), typing.get_args(wanted)
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        yield from _table(data, wanted, key, top)
    elif origin in (types.UnionType, typing.Union):
        yield from _untold(data, list(parts), key)
    elif origin is tuple and isinstance(data, list):
        for place, item in enumerate(data):
            yield from _mistakes(item, parts[0], f"{key}[{place}]", top)
    elif origin is tuple and isinstance(data, Mapping):
        yield Mistake(key, data, _("a list of tables is wanted here"), _("write [[{key}]]").format(key=key))
    elif origin is dict and isinstance(data, Mapping):
        for name, value in data.items():
            if not fits(name, parts[0]):
                yield Mistake(join(key, name), value, _("is no key that can be here"), allowed(parts[0]))
            yield from _mistakes(value, parts[1], join(key, name), top)


def _untold(data: Any, kinds: list[Any], key: str) -> Iterator[Mistake]:
    """Return the mistake of a table without a valid tag."""
    field, tags = tag_field(kinds), list(map(str, tags_of(kinds)))
    hint = _("allowed: {values}").format(values=_(" or ").join(map(shown, tags)))
    if not isinstance(data, Mapping):
        yield Mistake(key, data, _("a table is wanted here"), _("write [{key}]").format(key=key))
    elif field not in data:
        yield Mistake(join(key, field), None, _("is missing"), hint)
    else:
        near = nearest(str(data[field]), tags)
        hint = _("did you mean {name}?").format(name=near) + " " + hint if near else hint
        yield Mistake(join(key, field), data[field], _("not allowed here"), hint)


def _table(data: Any, wanted: type[msgspec.Struct], key: str, top: list[str]) -> Iterator[Mistake]:
    if not isinstance(data, Mapping):
        yield Mistake(key, data, _("a table is wanted here"), _("write [{key}]").format(key=key))
        return
    fields = fields_of(wanted)
    for name in [name for name in data if name not in fields and name != wanted.__struct_config__.tag_field]:
        yield Mistake(
            join(key, name), data[name], _("there is no such key"), _nearest(name, list(fields), top if key else [])
        )
    for name, (kind, required) in fields.items():
        if name in data:
            yield from _mistakes(data[name], kind, join(key, name), top)
        elif required:
            yield Mistake(join(key, name), None, _("is missing"), allowed(kind))


@cache
def fields_of(table: type[msgspec.Struct]) -> dict[str, tuple[Any, bool]]:
    """Return a table's keys, each with its type and whether it is required."""
    hints = typing.get_type_hints(table, include_extras=True)
    return {each.encode_name: (hints[each.name], each.required) for each in msgspec.structs.fields(table)}


def join(table: str, name: str) -> str:
    """Return the path of a key in a table."""
    return f"{table}.{name}" if table else name


def _nearest(name: str, known: list[str], top: list[str]) -> str:
    if near := nearest(name, known):
        return _("did you mean {name}?").format(name=near)
    if near := nearest(name, top):
        return _("{name} stands above the first [table] of the file").format(name=near)
    return _("known here: {names}").format(names=", ".join(known))


def allowed(wanted: Any) -> str:
    """Return in words the values that a type takes."""
    kind = mi.type_info(wanted)
    if isinstance(kind, mi.Metadata):
        kind = kind.type
    if isinstance(kind, mi.UnionType):
        kind = next(each for each in kind.types if not isinstance(each, mi.NoneType))
    if isinstance(kind, mi.LiteralType):
        return _("allowed: {values}").format(values=_(" or ").join(map(shown, kind.values)))
    if isinstance(kind, mi.IntType | mi.FloatType):
        return _number(kind)
    if isinstance(kind, mi.StrType) and kind.pattern in _PATTERNS:
        return _(_PATTERNS[kind.pattern])
    if isinstance(kind, mi.TupleType):
        return _("allowed: a list [...] of {n} values").format(n=len(kind.item_types))
    if isinstance(kind, mi.VarTupleType) and kind.min_length:
        return _("allowed: a list [...] that is not empty")
    return _(_PLAIN.get(type(kind), N_("allowed: a table")))


def _number(kind: mi.IntType | mi.FloatType) -> str:
    whole = isinstance(kind, mi.IntType)
    if kind.ge is not None and kind.le is not None:
        text = (
            _("allowed: a whole number from {low} to {high}") if whole else _("allowed: a number from {low} to {high}")
        )
        return text.format(low=kind.ge, high=kind.le)
    if kind.gt is not None:
        return _("allowed: a number above {low}").format(low=f"{kind.gt:g}")
    if kind.ge is not None:
        text = _("allowed: a whole number, {low} or more") if whole else _("allowed: a number, {low} or more")
        return text.format(low=f"{kind.ge:g}")
    return _("allowed: a whole number") if whole else _("allowed: a number")
