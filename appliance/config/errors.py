# SPDX-License-Identifier: GPL-2.0-or-later
"""A mistake in the configuration, and the error that carries all mistakes to the person who made them.

ApplianceError
+-- ConfigError     a configuration that cannot be used
"""

from dataclasses import dataclass
from typing import Any, Final

from appliance.contract.errors import ApplianceError
from appliance.i18n import N_, _


@dataclass(frozen=True)
class Mistake:
    """One mistake: `key` as in `span[0].address`, its `value` (None: missing), what is wrong, what is allowed."""

    key: str
    value: Any
    message: str
    hint: str
    line: int = 0  # 1.., 0: not known
    file: str = ""  # another document than the checked one, e.g. a flow that a route names
    column: int = 0  # 1.., of a wrong piece: in the value, once lined in its line

    def text(self, where: str) -> str:
        """Return the mistake as a compiler prints it: file, line, column, key, value, what is wrong, the remedy."""
        place = f"{self.file or where}:{self.line}" if self.line else self.file or where
        if self.line and self.column:
            place += f":{self.column}"
        name = self.key + (f" = {shown(self.value)}" if self.value is not None else "")
        told = f"{name}: {self.message}" if self.key else self.message
        return f"{place}: {told}" + (f" ({self.hint})" if self.hint else "")


class ConfigError(ApplianceError):
    """A configuration that cannot be used. `mistakes` holds all mistakes; `key`, `value`, `line` are the first one's.

    Args:
        where: name of the file.
        mistakes: at least one.
    """

    remedy = N_("correct the file, then run: mxbox config check {file}")

    def __init__(self, where: str, *mistakes: Mistake) -> None:
        self.where = where
        self.mistakes = mistakes
        self.key, self.value, self.line = mistakes[0].key, mistakes[0].value, mistakes[0].line
        hint = _(self.remedy).format(file=where)
        super().__init__("\n".join(mistake.text(where) for mistake in mistakes), hint)


def shown(value: Any) -> str:
    """Return a value as TOML would write it, cut short."""
    if isinstance(value, dict):
        return _("[table]")
    if isinstance(value, list):
        return _("[list]")
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    if isinstance(value, str):
        text = '"' + "".join(map(_written, value)) + '"'
    return text if len(text) <= 60 else text[:59] + "…"


def _written(letter: str) -> str:
    """Return a letter as TOML writes it, in one line."""
    if letter in '\\"':
        return "\\" + letter
    return letter if letter.isprintable() else _ESCAPES.get(letter, f"\\u{ord(letter):04X}")


_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
