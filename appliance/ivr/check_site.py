# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of a flow against the files of its site: tables and music."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.paths import ResolvedPaths, there_is_music
from appliance.i18n import _
from appliance.ivr.flow import Flow, Lookup
from appliance.ivr.tables import Table, TableError, read_table, table_file


class Site(NamedTuple):
    """Folders of a site's files.

    `tables` and `flows` None: they are not checked; `sounds` None: it has none of its own.
    """

    sounds: Path | None
    tables: Path | None
    flows: Path | None = None


def site_of(paths: ResolvedPaths, *, tables: bool = True) -> Site:
    """Return the site of a box; without `tables` for its start, which a broken table must not hinder."""
    return Site(paths.sounds, paths.tables if tables else None, paths.flows)


def site_mistakes(flow: Flow, site: Site) -> Iterator[Mistake]:
    """Return a mistake for each table, column and music that is missing."""
    for name, node in flow.node.items():
        if isinstance(node, Lookup):
            if node.music and not there_is_music(site.sounds, node.music):
                hint = _('allowed: "default", or a name with a file {file}').format(
                    file="<paths.sounds>/music/<name>.wav"
                )
                yield Mistake(f"node.{name}.music", node.music, _("there is no such music"), hint)
            if site.tables is not None:
                yield from _table(f"node.{name}", node, site.tables)


def _table(place: str, node: Lookup, folder: Path) -> Iterator[Mistake]:
    try:
        table = read_table(table_file(folder, node.table))
    except TableError as error:
        yield Mistake(f"{place}.table", node.table, error.message, error.hint)
        return
    wanted = {f"{place}.into.{variable}": column for variable, column in node.into.items()}
    if node.column:
        wanted[f"{place}.column"] = node.column
    yield from _columns(wanted, table, node.table)


def _columns(wanted: dict[str, str], table: Table, name: str) -> Iterator[Mistake]:
    for key, column in wanted.items():
        if column not in table.columns:
            message = _("table {name} has no column {column}").format(name=name, column=column)
            yield Mistake(key, column, message, among(filter(None, table.columns), column))
