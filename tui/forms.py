# SPDX-License-Identifier: GPL-2.0-or-later
"""Forms made from the configuration's types: its tables, their keys, and values as people write them and back."""

import json
import tomllib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, Literal, NamedTuple

import msgspec

from appliance.config.entries import NAMES
from appliance.config.live import needs
from appliance.config.model import BoxConfig
from appliance.config.shape import allowed, branch, fields_of, fits, shape_mistakes
from appliance.contract.restarts import Restart
from appliance.i18n import N_

LABELS: Final[Mapping[str, str]] = {
    "": N_("the box"),
    "paths": N_("folders"),
    "span": N_("E1 lines"),
    "sip": N_("SIP"),
    "edge": N_("SIP outside"),
    "trunk": N_("SIP trunks"),
    "extension": N_("extensions"),
    "agent": N_("agents"),
    "agents": N_("agents' rules"),
    "queue": N_("queues"),
    "keyed": N_("keyed fields"),
    "role": N_("roles"),
    "plan": N_("time plans"),
    "calendar": N_("holidays"),
    "route": N_("routes in"),
    "hunt": N_("hunt groups"),
    "duty": N_("duty lists"),
    "conference": N_("conferences"),
    "conference_keys": N_("keys there"),
    "voicemail": N_("voicemail"),
    "mail": N_("mail"),
    "outside": N_("calls outside"),
    "site": N_("where it is"),
    "outgoing": N_("routes out"),
    "trunk_group": N_("trunk groups"),
    "trunk_rule": N_("trunk limits"),
    "lists": N_("callers' lists"),
    "codes": N_("feature codes"),
    "parking": N_("parking"),
    "recording": N_("recording"),
    "recording_rule": N_("what to record"),
    "scorecard": N_("score cards"),
    "quality_plan": N_("reviews"),
    "books": N_("books"),
    "provisioning": N_("provisioning"),
    "web": N_("browsers"),
    "api": N_("programs"),
}
"""Names of the tables; '' is that of the keys above the first one."""


@dataclass(frozen=True)
class Key:
    """A key of a table.

    Attributes:
        table: the table's type.
        kind: the type of its values.
        required: the table is a mistake without it.
        default: its value where it is not written; None: it has none.
        choices: the values that it takes, as they are written, where these are few.
        needs: what has to be started again when it changes.
    """

    name: str
    table: type[msgspec.Struct]
    kind: Any
    required: bool
    default: Any
    choices: tuple[str, ...]
    needs: tuple[Restart, ...]

    def shown(self, value: Any) -> str:
        """Return a value as it is written in a form: texts and lists of texts without marks; None: ''."""
        if value is None:
            return ""
        if isinstance(value, str) and not value.startswith(('"', "[")):
            return value
        if isinstance(value, list | tuple) and value and all(map(_plain, value)):
            return ", ".join(value)
        return inline(value)

    def value(self, text: str) -> Any:
        """Return the value that a text stands for; one that is of no use is left as a text. None: the key is out."""
        text = text.strip()
        if not text:
            return None
        kind = branch(None, self.kind)
        if kind is str or (text in self.choices and kind is not bool):
            return _read(text) if text.startswith('"') else _number_or(text, self.kind)
        if typing.get_origin(kind) is tuple and not text.startswith("["):
            return _items(text, typing.get_args(kind)[0])
        return _read(text)

    def mistakes(self, value: Any) -> list[str]:
        """Return what is wrong with a value by itself, each with what is allowed; nothing: nothing."""
        if value is None or fits(value, self.kind):
            return []
        found = [each for each in shape_mistakes({self.name: value}, self.table) if each.key.startswith(self.name)]
        return [f"{each.key}: {each.message} ({each.hint})" for each in found] or [allowed(self.kind)]


class Entry(NamedTuple):
    """A table as it is written: `name` tells it apart from others of its list, '' if nothing does or it is no list."""

    table: str
    name: str
    place: int
    values: Mapping[str, Any]


class Table(NamedTuple):
    """A table of the schema with what is written of it: one entry, or those of a list."""

    name: str
    listed: bool
    entries: tuple[Entry, ...]


class Form(NamedTuple):
    """All tables of a text; `mistake`: why it cannot be read, '' if it can."""

    tables: tuple[Table, ...]
    mistake: str = ""

    def table(self, name: str) -> Table:
        """Return a table of the schema."""
        return next(each for each in self.tables if each.name == name)


@lru_cache(maxsize=4)
def form_of(text: str) -> Form:
    """Return the tables of a configuration's text, in the order of the schema, those of a broken one empty."""
    try:
        data, mistake = tomllib.loads(text), ""
    except tomllib.TOMLDecodeError as error:
        data, mistake = {}, str(error)
    top = {name: value for name, value in data.items() if name in keys_at_top()}
    tables = [Table("", listed=False, entries=(Entry("", "", 0, top),))]
    tables += [Table(name, is_list(name), _entries(name, data.get(name))) for name in kinds()]
    return Form(tuple(tables), mistake)


@cache
def kinds() -> Mapping[str, type[msgspec.Struct]]:
    """Return the type of each table of the schema."""
    found = {name: _table_kind(kind) for name, (kind, _required) in fields_of(BoxConfig).items()}
    return {name: kind for name, kind in found.items() if kind is not None}


@cache
def keys_at_top() -> tuple[str, ...]:
    """Return the keys that stand above the first table."""
    return tuple(name for name in fields_of(BoxConfig) if name not in kinds())


@cache
def is_list(table: str) -> bool:
    """Return whether a table may be there several times."""
    return bool(table) and typing.get_origin(fields_of(BoxConfig)[table][0]) is tuple


@cache
def keys_of(table: str) -> tuple[Key, ...]:
    """Return the keys of a table, in the order of the schema."""
    kind = kinds()[table] if table else BoxConfig
    defaults = {each.encode_name: each for each in msgspec.structs.fields(kind)}
    return tuple(
        Key(name, kind, of, required, _default(defaults[name]), _choices(of), needs(f"{table}.{name}".strip(".")))
        for name, (of, required) in fields_of(kind).items()
        if table or name in keys_at_top()
    )


def name_key(table: str) -> str:
    """Return the key by which a new entry of a list is known, '' if its entries are not told apart."""
    if not is_list(table):
        return ""
    found = [name for name in NAMES if name in fields_of(kinds()[table])]
    return next((name for name in found if fields_of(kinds()[table])[name][1]), found[0] if found else "")


def known_by(values: Mapping[str, Any]) -> str:
    """Return the key by which an entry is told apart from others of its list, '' if there is none."""
    return next((name for name in NAMES if name in values), "")


def inline(value: Any) -> str:
    """Return a value as TOML writes it in one line."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(name)} = {inline(each)}" for name, each in value.items())
        return "{ " + inside + " }" if inside else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _plain(value: Any) -> bool:
    """Return whether a value of a list can stand between commas."""
    return isinstance(value, str) and bool(value) and not set(value) & set(' ,"[]')


def _table_kind(kind: Any) -> type[msgspec.Struct] | None:
    kind = branch(None, kind)
    if typing.get_origin(kind) is tuple:
        kind = branch(None, typing.get_args(kind)[0])
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def _entries(table: str, written: Any) -> tuple[Entry, ...]:
    if not is_list(table):
        return (Entry(table, "", 0, written if isinstance(written, dict) else {}),)
    listed = [each for each in written if isinstance(each, dict)] if isinstance(written, list) else []
    return tuple(Entry(table, str(each.get(known_by(each), "")), place, each) for place, each in enumerate(listed))


def _choices(kind: Any) -> tuple[str, ...]:
    kind = branch(None, kind)
    if kind is bool:
        return ("true", "false")
    return tuple(map(str, typing.get_args(kind))) if typing.get_origin(kind) is Literal else ()


def _default(field: Any) -> Any:
    made = field.default_factory is not msgspec.NODEFAULT
    value = field.default_factory() if made else field.default
    return None if value is msgspec.NODEFAULT else msgspec.json.decode(msgspec.json.encode(value))


def _items(text: str, kind: Any) -> list[Any]:
    """Return a list of what stands between commas and blanks."""
    return [_number_or(each, kind) for each in text.replace(",", " ").split()]


def _number_or(text: str, kind: Any) -> Any:
    """Return a text, or what TOML reads of it where texts do not fit but that does."""
    if fits(text, kind):
        return text
    found = _read(text)
    return found if fits(found, kind) else text


def _read(text: str) -> Any:
    """Return what TOML reads of a value, else the text."""
    try:
        return tomllib.loads(f"x = {text}")["x"] if "\n" not in text else text
    except tomllib.TOMLDecodeError:
        return text


def summary(values: Mapping[str, Any], without: str) -> Sequence[tuple[str, str]]:
    """Return keys and values of an entry, as they are written in one line."""
    return [(name, inline(value)) for name, value in values.items() if name != without]
