# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of one table of a configuration's text: an extension, a queue, `[parking]`. All else stays byte for byte.

Comments and order are kept, as by an editor: only lines of keys that change are written. The result is read again, and
must be the old document with just that change; where the text is written in another way (inline tables, keys with
dots), it is refused, and a person changes the text. (tomlkit keeps comments too; it is a second reader of TOML beside
the standard library's, with which the box starts.)
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import tomli_w

from appliance.contract.errors import RequestError
from appliance.i18n import N_

NAMES: Final = ("number", "name", "line", "called")
"""Keys by which the tables of a list are told apart."""
_HEADER: Final = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")
_ASIDE: Final = re.compile(r"^\s*(#.*)?$")


class _Block(NamedTuple):
    """Lines of a table: its header's, the one behind its own keys, and the one behind its last sub-table."""

    first: int
    own: int
    last: int


def with_entry(text: str, table: str, name: str, values: Mapping[str, Any]) -> str:
    """Return the text with `values` set in the table of that name, or in a new one. None: the key is taken out.

    `name` '' is for tables that are no list. Raises RequestError.
    """
    data = tomllib.loads(text)
    wanted = _wanted(data, table, name, values)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    block = _find(data, lines, table, name)
    new = _inserted(lines, table, name, values) if block is None else _changed(lines, block, values)
    return _proved("".join(new), wanted)


def without_entry(text: str, table: str, name: str) -> str:
    """Return the text without the table of that name; the blank line before it goes, too. Raises RequestError."""
    data = tomllib.loads(text)
    lines = text.splitlines(keepends=True)
    block = _find(data, lines, table, name)
    if block is None:
        raise RequestError.of(N_("there is no [[{table}]] {name}"), table=table, name=name)
    first = block.first
    while first and not lines[first - 1].strip():
        first -= 1
    wanted = {**data, table: [each for each in data[table] if _name(each) != name]}
    if not wanted[table]:
        del wanted[table]
    return _proved("".join(lines[:first] + lines[block.last :]), wanted)


def _wanted(data: dict[str, Any], table: str, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    if not name:
        return {**data, table: _merged(data.get(table, {}), values)}
    listed = data.get(table, [])
    if any(_name(each) == name for each in listed):
        changed = [_merged(each, values) if _name(each) == name else each for each in listed]
    else:
        changed = [*listed, _merged({}, values)]
    return {**data, table: changed}


def _merged(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**before, **values}.items() if value is not None}


def _name(entry: Mapping[str, Any]) -> str:
    return next((str(entry[key]) for key in NAMES if key in entry), "")


def _find(data: Mapping[str, Any], lines: list[str], table: str, name: str) -> _Block | None:
    found = _blocks(lines, table)
    if not name:
        return found[0] if found else None
    places = [place for place, each in enumerate(data.get(table, [])) if _name(each) == name]
    if len(places) > 1:
        raise RequestError.of(N_("there are several [[{table}]] {name}: change the text"), table=table, name=name)
    return found[places[0]] if places and places[0] < len(found) else None


def _blocks(lines: list[str], table: str) -> list[_Block]:
    """Return the tables of a name; comments before the next table belong to that one."""
    heads = [(n, found[1]) for n, line in enumerate(lines) if (found := _HEADER.match(line.rstrip("\r\n")))]
    blocks = []
    for at, (first, name) in enumerate(heads):
        if name == table:
            after = [n for n, _name in heads[at + 1 :]]
            outside = [n for n, other in heads[at + 1 :] if not other.startswith(f"{table}.")]
            own = _trimmed(lines, after[0] if after else len(lines))
            blocks.append(_Block(first, own, _trimmed(lines, outside[0] if outside else len(lines))))
    return blocks


def _trimmed(lines: list[str], last: int) -> int:
    while last and _ASIDE.match(lines[last - 1].rstrip("\r\n")):
        last -= 1
    return last


def _inserted(lines: list[str], table: str, name: str, values: Mapping[str, Any]) -> list[str]:
    """Return the lines with a new table behind the last one of its kind, or at the end."""
    found = _blocks(lines, table)
    place = found[-1].last if found else len(lines)
    head = f"[[{table}]]\n" if name else f"[{table}]\n"
    return [*lines[:place], "\n" * bool(lines), head, _written(values), *lines[place:]]


def _changed(lines: list[str], block: _Block, values: Mapping[str, Any]) -> list[str]:
    own, at = lines[block.first + 1 : block.own], 0
    left, new = dict(values), list[str]()
    while at < len(own):
        found = _KEY.match(own[at])
        length = _length(own, at) if found else 1
        if found is None or found[1] not in left:
            new += own[at : at + length]
        elif (value := left.pop(found[1])) is not None:
            new.append(_line(own[at : at + length], found[1], value))
        at += length
    rest = {key: value for key, value in left.items() if value is not None}
    return [*lines[: block.first + 1], *new, _written(rest), *lines[block.own :]]


def _length(own: list[str], at: int) -> int:
    """Return how many lines a value takes: as many as make it whole."""
    for n in range(1, len(own) - at + 1):
        try:
            tomllib.loads("".join(own[at : at + n]))
        except tomllib.TOMLDecodeError:
            continue
        return n
    return 1


def _line(before: list[str], key: str, value: Any) -> str:
    """Return the new line of a key; the comment behind a value of one line stays."""
    old = before[0].rstrip("\r\n")
    spaces = old[: len(old) - len(old.lstrip())]
    return spaces + _written({key: value}).rstrip("\n") + (_comment(old) if len(before) == 1 else "") + "\n"


def _comment(line: str) -> str:
    """Return the comment behind a value, with the blanks before it."""
    for found in re.finditer(r"\s*#", line):
        try:
            tomllib.loads(line[: found.start()])
        except tomllib.TOMLDecodeError:
            continue  # it is in the value
        return line[found.start() :]
    return ""


def _written(values: Mapping[str, Any]) -> str:
    return tomli_w.dumps({key: value for key, value in values.items() if value is not None})


def _proved(text: str, wanted: Mapping[str, Any]) -> str:
    """Return a text that is what was wanted. Raises RequestError if it is not."""
    try:
        if tomllib.loads(text) == wanted:
            return text
    except tomllib.TOMLDecodeError:
        pass
    hint = N_("change the text of the configuration: mxbox config apply FILE")
    raise RequestError.of(N_("the table is written in a way that cannot be changed by itself"), hint)
