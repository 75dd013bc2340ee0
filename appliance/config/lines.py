# SPDX-License-Identifier: GPL-2.0-or-later
"""The line of a TOML text that holds a key: the standard library's reader does not report it.

A help for people, not a second reader: it knows tables, arrays of tables and plain `key = value` lines, which is how
people write configurations. A key inside an inline table is found at the line where that table begins.
"""

import re
from typing import Final

_HEADER: Final = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)


def key_lines(text: str) -> dict[str, int]:
    """Return the line, 1.., of every key path found (`span[0].address`, and tables: `span[0]`)."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = header[2].replace('"', "")
            found.setdefault(table, number)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}[{counts[table]}]"
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key[1].replace('"', "").replace("'", "")
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def line_of(key: str, lines: dict[str, int]) -> int:
    """Return the line of `key`, or of the nearest table around it; 0 if there is none."""
    while key:
        if key in lines:
            return lines[key]
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return 0
