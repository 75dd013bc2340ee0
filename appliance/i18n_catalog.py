# SPDX-License-Identifier: GPL-2.0-or-later
"""The catalogues of translated texts, made by `python -m appliance.i18n_catalog [compile|update]`.

`compile` (the default, part of set-up) makes the .mo files that are older than their .po. `update` brings every .po up
to date with the texts in the sources: new ones appear untranslated, and a test of the house asks for them. Needs Babel,
which only development has.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from appliance.i18n import DOMAIN, LOCALE_DIR
from appliance.version import VERSION

ROOT: Final = Path(__file__).parent.parent
SOURCES: Final = ("appliance", "tui", "firmware_tools", "hw_sim")
NO_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # git knows when a text changed; a date here would only make noise
LICENCE: Final = "# SPDX-License-Identifier: GPL-2.0-or-later"
ARGPARSE_LATER: Final = (
    "%(heading)s:",
    "%(prog)s: warning: %(message)s\n",
    " (default: %(default)s)",
    "argument '%(argument_name)s' is deprecated",
    "command '%(parser_name)s' is deprecated",
    "option '%(option)s' is deprecated",
    "show program's version number and exit",
    "subcommands",
)
"""Texts of argparse in Python 3.12 and 3.13 that 3.11 has not: one catalogue serves all."""
KEYWORDS: Final = {"_": None, "N_": None, "ngettext": (1, 2)}


def source_files() -> Iterator[Path]:
    """Return every Python file that may hold texts for people, in order."""
    for package in SOURCES:
        yield from sorted((ROOT / package).rglob("*.py"))


def extract() -> Catalog:
    """Return the texts of the sources, and those of argparse, which are part of our command's output."""
    found = Catalog(project=DOMAIN, version=VERSION, charset="utf-8")
    for path in (*source_files(), Path(argparse.__file__)):
        place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        for _line, message, comments, context in extract_from_file("python", path, KEYWORDS, ("i18n:",)):
            # No line numbers: they would change the catalogue with every edit of a source.
            found.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    for message in ARGPARSE_LATER:
        found.add(message, None, [("argparse.py", 0)])
    return found


def catalogues() -> list[Path]:
    """Return the .po files, in order."""
    return sorted(LOCALE_DIR.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(po: Path) -> Catalog:
    """Read one catalogue; its locale is its folder's name."""
    with po.open("rb") as file:
        return read_po(file, locale=po.parts[-3], domain=DOMAIN)


def update(po: Path) -> None:
    """Update `po`: texts that are gone are removed, new ones enter untranslated, without fuzzy matching."""
    old, new = read(po), extract()
    for message in new:
        known = old.get(message.id, message.context) if message.id else None
        if known is not None and not known.fuzzy:
            message.string = known.string
    new.locale = old.locale
    with po.open("wb") as file:
        write_po(file, _head(new), width=120, omit_header=False, include_lineno=False)


def _head(catalogue: Catalog) -> Catalog:
    catalogue.fuzzy = False
    catalogue.header_comment = "\n".join((LICENCE, f"# MXBox: texts for people, {catalogue.locale}."))
    catalogue.last_translator = catalogue.language_team = "MXBox"
    catalogue.msgid_bugs_address = ""
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    return catalogue


def compile_catalogue(po: Path) -> bool:
    """Write the .mo beside `po` if that is newer; return whether it was."""
    mo = po.with_suffix(".mo")
    if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
        return False
    part = mo.with_suffix(".part")
    with part.open("wb") as file:
        write_mo(file, read(po))
    part.replace(mo)
    return True


def main() -> int:
    """Run the job that the first argument names."""
    job = sys.argv[1] if len(sys.argv) > 1 else "compile"
    for po in catalogues():
        if job == "update":
            update(po)
        compile_catalogue(po)
    return 0


if __name__ == "__main__":
    sys.exit(main())
