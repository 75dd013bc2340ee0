# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a document have the shape of its type? Every mistake at once, each with what is allowed."""

import difflib
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import msgspec.inspect as mi

from appliance.config.errors import Mistake, shown
from appliance.i18n import N_, _

_PATTERNS: Final = {
    r"^[0-9*#+]{1,32}$": N_("allowed: 1 to 32 of the characters 0-9 * # +, in quotation marks"),
    r"^[0-9]{0,5}$": N_("allowed: up to 5 digits, in quotation marks"),
    r"^[1-9][0-9]{0,2}$": N_('allowed: a country code of 1 to 3 digits, in quotation marks, e.g. "86"'),
    r"^[0-9]{1,8}$": N_("allowed: 1 to 8 digits, in quotation marks"),
    r"^[0-9*#+]{0,32}$": N_("allowed: up to 32 of the characters 0-9 * # +, in quotation marks"),
    r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$": N_("allowed: a domain of a-z 0-9 . -, e.g. pbx.example.com"),
    r"^[a-z0-9][a-z0-9_-]{0,31}$": N_("allowed: a name of 1 to 32 of the characters a-z 0-9 _ -"),
    r"^(|(eth|ethmf|loc),[^,\s#]{1,39})$": N_('allowed: "eth,<interface>/<MAC address of the far end>/<number>"'),
    r"^[0-9#+]*\*?$": N_("allowed: digits, with a * at the end for any further digits"),
}

_PLAIN: Final = {
    mi.StrType: N_("allowed: text in quotation marks"),
    mi.BoolType: N_("allowed: true or false"),
    mi.VarTupleType: N_("allowed: a list [...]"),
}


def shape_mistakes(data: Any, wanted: Any, key: str = "") -> Iterator[Mistake]:
    """Compare `data`, as read from TOML, with the type `wanted`; give what does not fit."""
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        yield from _table(data, wanted, key)
    elif typing.get_origin(wanted) is tuple and isinstance(data, list):
        for place, item in enumerate(data):
            yield from shape_mistakes(item, typing.get_args(wanted)[0], f"{key}[{place}]")
    elif typing.get_origin(wanted) is tuple and isinstance(data, Mapping):
        yield Mistake(key, data, _("a list of tables is wanted here"), _("write [[{key}]]").format(key=key))
    else:
        try:
            msgspec.convert(data, wanted)
        except msgspec.ValidationError:
            yield Mistake(key, data, _("not allowed here"), allowed(wanted))


def _table(data: Any, wanted: type[msgspec.Struct], key: str) -> Iterator[Mistake]:
    if not isinstance(data, Mapping):
        yield Mistake(key, data, _("a table is wanted here"), _("write [{key}]").format(key=key))
        return
    hints = typing.get_type_hints(wanted, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(wanted)}
    for name in data.keys() - fields.keys():
        yield Mistake(_join(key, name), data[name], _("there is no such key"), _nearest(name, list(fields)))
    for name, field in fields.items():
        if name in data:
            yield from shape_mistakes(data[name], hints[field.name], _join(key, name))
        elif field.required:
            yield Mistake(_join(key, name), None, _("is missing"), allowed(hints[field.name]))


def _join(table: str, name: str) -> str:
    return f"{table}.{name}" if table else name


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name.lower(), known, n=1)
    if near:
        return _("did you mean {name}?").format(name=near[0])
    return _("known here: {names}").format(names=", ".join(known))


def allowed(wanted: Any) -> str:
    """Say in words which values a type takes."""
    kind = mi.type_info(wanted)
    if isinstance(kind, mi.Metadata):
        kind = kind.type
    if isinstance(kind, mi.LiteralType):
        return _("allowed: {values}").format(values=_(" or ").join(map(shown, typing.get_args(wanted))))
    if isinstance(kind, mi.IntType | mi.FloatType):
        return _number(kind)
    if isinstance(kind, mi.StrType) and kind.pattern:
        return _(_PATTERNS[kind.pattern])
    return _(_PLAIN.get(type(kind), N_("allowed: a table")))


def _number(kind: mi.IntType | mi.FloatType) -> str:
    whole = isinstance(kind, mi.IntType)
    if kind.ge is not None and kind.le is not None:
        text = (
            _("allowed: a whole number from {low} to {high}") if whole else _("allowed: a number from {low} to {high}")
        )
        return text.format(low=kind.ge, high=kind.le)
    if kind.ge is not None:
        text = _("allowed: a whole number, {low} or more") if whole else _("allowed: a number, {low} or more")
        return text.format(low=f"{kind.ge:g}")
    return _("allowed: a whole number") if whole else _("allowed: a number")
