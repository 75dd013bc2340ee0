# SPDX-License-Identifier: GPL-2.0-or-later
"""Secrets in a configuration: passwords of trunks. They are shown to few."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from appliance.contract.errors import RequestError
from appliance.i18n import N_

KEYS: Final = frozenset({"password"})
HIDDEN: Final = "***"
_VALUE: Final = re.compile(
    rf"""\b({"|".join(sorted(KEYS))})(["']?\s*=\s*)"""
    r"""(\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''.*?'''|"(?:[^"\\]|\\.)*"|'[^']*')""",
    re.DOTALL,
)


def hidden(data: Any, name: str = "") -> Any:
    """Return the value of a key without the secrets in it."""
    if isinstance(data, dict):
        return {key: hidden(value, key) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [hidden(each, name) for each in data]
    return HIDDEN if data and name in KEYS else data


def hidden_text(text: str) -> str:
    """Return a text of TOML without its secrets. Raises RequestError if they cannot be told from the rest."""
    shown = _VALUE.sub(lambda found: f'{found[1]}{found[2]}"{HIDDEN}"', text)
    try:
        safe = set(_secrets(tomllib.loads(shown), "")) <= {HIDDEN, ""}
    except tomllib.TOMLDecodeError:
        safe = False
    if not safe:
        raise RequestError.of(N_("the text cannot be shown without the secrets in it"), N_("ask a technician"))
    return shown


def _secrets(data: Any, name: str) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _secrets(value, key)
    elif isinstance(data, list):
        for each in data:
            yield from _secrets(each, name)
    elif name in KEYS:
        yield str(data)
