# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading and checks of a box's configuration: all mistakes at once, each with line, key, value and what is allowed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

import msgspec

from appliance.config.base import CallerPattern, Digits, MayOnward, Number, Onward, Pattern
from appliance.config.checks import sense_mistakes
from appliance.config.document import lined, read_text, read_toml
from appliance.config.errors import ConfigError, Mistake
from appliance.config.mend import Mended
from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths, place_mistakes, resolve
from appliance.config.public_holidays import with_calendar
from appliance.config.shape import fields_of, fits, shape_mistakes
from appliance.i18n import _
from appliance.numbering import plain
from appliance.schemas import json_schema

_NUMBERS: Final = frozenset((Number, Digits, Onward, MayOnward, Pattern, CallerPattern))


class Read(NamedTuple):
    """A configuration as it was read; if it has mistakes of shape, as it was meant to be."""

    config: BoxConfig
    shape: tuple[Mistake, ...]
    sense: tuple[Mistake, ...]
    empty: bool


def load_config(path: Path) -> BoxConfig:
    """Read and check the file at `path`, also against the files that it names. Raises `ConfigError`."""
    config, mistakes = look(path)
    if mistakes:
        raise ConfigError(str(path), *mistakes)
    return config


def load_box(path: Path) -> tuple[BoxConfig, ResolvedPaths]:
    """Read and check the file at `path`; return the configuration, with public holidays, and its absolute paths.

    Raises `ConfigError`.
    """
    config, _mistakes = with_calendar(load_config(path), path.absolute().parent)
    return config, resolve(config, path)


def load_shape(path: Path) -> tuple[BoxConfig, ResolvedPaths]:
    """Read a file for editing; its mistakes of sense are ignored. Raises `ConfigError` for mistakes of shape."""
    text = _text(path)
    found = read_config(text, str(path))
    if found.shape:
        raise ConfigError(str(path), *lined(found.shape, text))
    return found.config, resolve(found.config, path)


def look(path: Path) -> tuple[BoxConfig, list[Mistake]]:
    """Read the file at `path`; return it with all its mistakes. Raises `ConfigError` if it cannot be read at all."""
    return look_at(_text(path), path)


def look_at(text: str, path: Path) -> tuple[BoxConfig, list[Mistake]]:
    """Read a text as if it were in the file at `path`; return it with all its mistakes. Raises `ConfigError`."""
    found = read_config(text, str(path))
    empty = (_empty(),) if found.empty else ()
    places = place_mistakes(found.config, resolve(found.config, path))
    _config, of_days = with_calendar(found.config, path.absolute().parent)
    return found.config, [*lined((*empty, *found.shape, *found.sense, *places), text), *of_days]


def parse_config(text: str, where: str) -> BoxConfig:
    """Read and check a configuration's text, without files; `where` names it. Raises `ConfigError`."""
    found = read_config(text, where)
    if found.shape or found.sense:
        raise ConfigError(where, *lined(found.shape + found.sense, text))
    return found.config


def read_config(text: str, where: str) -> Read:
    """Read a configuration's text; return it with its mistakes, without lines. Raises `ConfigError` for no TOML."""
    data = _plain_numbers(read_toml(text, where), BoxConfig)
    if fits(data, BoxConfig):
        config = msgspec.convert(data, BoxConfig)
        return Read(config, (), tuple(sense_mistakes(config)), not data)
    shape, mended = tuple(shape_mistakes(data, BoxConfig)), Mended(data, BoxConfig)
    config = msgspec.convert(mended.data, BoxConfig)
    return Read(config, shape, mended.mistakes(shape, sense_mistakes(config)), not data)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration, for editors; published as `schema.json` beside this file."""
    return json_schema(BoxConfig)


def _text(path: Path) -> str:
    return read_text(
        path, _("name a configuration that is there; the examples in appliance/config/examples are a start")
    )


def _empty() -> Mistake:
    hint = _("copy an example from appliance/config/examples, then change it")
    return Mistake("", None, _("is empty: it configures nothing"), hint)


def _plain_numbers(data: Any, wanted: Any) -> Any:
    """Return the data with separators removed from numbers; a text that is no number stays, and is a mistake."""
    if isinstance(data, str):
        return plain(data) or data if wanted in _NUMBERS else data
    if isinstance(data, list) and (parts := get_args(wanted)):
        return [_plain_numbers(each, parts[0]) for each in data]
    if isinstance(data, Mapping) and isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        kinds = fields_of(wanted)
        return {name: _plain_numbers(value, kinds.get(name, (None, False))[0]) for name, value in data.items()}
    return data
