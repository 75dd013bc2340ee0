# SPDX-License-Identifier: GPL-2.0-or-later
"""Read a box's configuration and check it: all mistakes at once, each with its line, key, value and what is allowed."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from appliance.config.checks import sense_mistakes
from appliance.config.errors import ConfigError, Mistake
from appliance.config.lines import key_lines, line_of
from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths, place_mistakes, resolve
from appliance.config.shape import shape_mistakes
from appliance.i18n import _
from appliance.schemas import json_schema


def load_config(path: Path) -> BoxConfig:
    """Read and check the file at `path`, also against what lies on disk. Raises `ConfigError`."""
    text = _read(path)
    config = parse_config(text, str(path))
    _raise_if_any(place_mistakes(config, resolve(config, path)), text, str(path))
    return config


def load_box(path: Path) -> tuple[BoxConfig, ResolvedPaths]:
    """Read and check the file at `path`; give it with its paths made absolute. Raises `ConfigError`."""
    config = load_config(path)
    return config, resolve(config, path)


def parse_config(text: str, where: str) -> BoxConfig:
    """Read and check a configuration's text, without a look at the disk; `where` names it. Raises `ConfigError`."""
    data = _toml(text, where)
    _raise_if_any(shape_mistakes(data, BoxConfig), text, where)
    config = msgspec.convert(data, BoxConfig)
    _raise_if_any(sense_mistakes(config), text, where)
    return config


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration, for editors; published as `schema.json` beside this file."""
    return json_schema(BoxConfig)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # editors on Windows put a mark before it
    except OSError as error:
        hint = _("name a configuration that is there; the examples in appliance/config/examples are a start")
        raise ConfigError(
            str(path), Mistake("", None, _("cannot be read: {why}").format(why=error.strerror), hint)
        ) from error
    except UnicodeDecodeError as error:
        mistake = Mistake("", None, _("is not written in UTF-8"), _("save the file as UTF-8"))
        raise ConfigError(str(path), mistake) from error


def _toml(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number = int(line[1]) if line else len(text.splitlines())
        hint = _("texts stand in quotation marks, tables in [ ], lists of tables in [[ ]]")
        mistake = Mistake("", None, _("is not TOML: {why}").format(why=error), hint, number)
        raise ConfigError(where, mistake) from error


def _raise_if_any(mistakes: Iterable[Mistake], text: str, where: str) -> None:
    lines = key_lines(text)
    found = sorted(
        (replace(mistake, line=line_of(mistake.key, lines)) for mistake in mistakes), key=lambda each: each.line
    )
    if found:
        raise ConfigError(where, *found)
