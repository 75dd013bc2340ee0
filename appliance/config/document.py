# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading of TOML documents written by people: one set of words for configurations, flows and scenarios."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from appliance.config.errors import ConfigError, Mistake
from appliance.config.lines import key_lines, line_of
from appliance.contract.reasons import why
from appliance.i18n import N_, _

_AT: Final = re.compile(r" \(at line (\d+), column (\d+)\)| \(at end of document\)")
_BARE: Final = re.compile(r"\s*(\[\[?)?\s*[^\s\"'#=\[\]]*[^\x00-\x7f][^\"'=]*(=|\])")
"""A key or table with letters that TOML takes in quotation marks only."""


_REASONS: Final = frozenset(
    (
        N_("Invalid statement"),
        N_("Invalid value"),
        N_("Cannot overwrite a value"),
        N_("Expected '=' after a key in a key/value pair"),
        N_("Expected newline or end of document after a statement"),
        N_("Expected ']' at the end of a table declaration"),
        N_("Expected ']]' at the end of an array declaration"),
        N_("Unclosed array"),
        N_("Unclosed inline table"),
        N_("Unterminated string"),
        N_("Invalid initial character for a key part"),
        N_("Illegal character '\\n'"),
    )
)
"""Reasons of Python's TOML reader, for the catalogue; its other reasons stay English."""


def read_text(path: Path, hint: str) -> str:
    """Return a document's text; `hint` is the remedy if there is none. Raises `ConfigError`."""
    try:
        octets = path.read_bytes()
    except OSError as error:
        mistake = Mistake("", None, _("cannot be read: {why}").format(why=why(error)), hint)
        raise ConfigError(str(path), mistake) from error
    return decoded(octets, str(path)).replace("\r\n", "\n").replace("\r", "\n")


def decoded(octets: bytes, where: str) -> str:
    """Return the text of a document, with its line ends; `where` names it. Raises `ConfigError` with the line."""
    try:
        return octets.decode("utf-8-sig")  # editors on Windows begin a file with a byte order mark
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        mistake = Mistake("", None, _("is not written in UTF-8"), _("save the file as UTF-8"), line)
        raise ConfigError(where, mistake) from error


def read_toml(text: str, where: str) -> dict[str, Any]:
    """Parse TOML; `where` names the document. Raises `ConfigError`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        lines = text.splitlines()
        found = _AT.search(str(error))
        number = int(found[1]) if found and found[1] else len(lines)
        why = _AT.sub("", str(error))
        wrong = lines[number - 1] if 0 < number <= len(lines) else ""
        raise ConfigError(
            where,
            Mistake(
                "", None, _("is not TOML: {why}").format(why=_(why) if why in _REASONS else why), _hint(wrong), number
            ),
        ) from error


def _hint(line: str) -> str:
    if _BARE.match(line):
        return _('a key with other letters than A-Z a-z 0-9 _ - stands in quotation marks: "键" = ...')
    return _("texts stand in quotation marks, tables in [ ], lists of tables in [[ ]]")


def lined(mistakes: Iterable[Mistake], text: str) -> list[Mistake]:
    """Return the mistakes with their lines, in the order of these."""
    mistakes = list(mistakes)
    lines = key_lines(text) if mistakes else {}
    placed = [replace(each, line=each.line or line_of(each.key, lines)) for each in mistakes]
    if any(each.column for each in placed):
        whole = text.splitlines()
        placed = [replace(each, column=_column(each, whole)) for each in placed]
    return sorted(placed, key=lambda each: each.line)


def _column(mistake: Mistake, lines: list[str]) -> int:
    """Return the column in the line of a piece of the value; 0 if the value is not written there as it is."""
    line = lines[mistake.line - 1] if 0 < mistake.line <= len(lines) and mistake.column else ""
    at = max(line.find(f'"{mistake.value}"'), line.find(f"'{mistake.value}'"))
    return at + 1 + mistake.column if at >= 0 else 0
