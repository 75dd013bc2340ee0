# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of the site that flows look up: CSV (RFC 4180) in UTF-8, the first line names the columns.

Keys that are numbers are compared as numbers: `138 0013 8000` is found by 13800138000. Of several rows with one key the
first counts.
"""

import csv
import io
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from appliance.contract.errors import ApplianceError
from appliance.i18n import N_
from appliance.numbering import plain

MAX_BYTES: Final = 8 << 20
MOST_LINES_TOLD: Final = 12
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_SHAPE: Final = N_("put cells that hold a comma in quotation marks; give every line as many cells as the first")
_SAVE: Final = N_("save the table as CSV in UTF-8 (in Excel: CSV UTF-8)")
_THERE: Final = N_("put the table there; see the guide for technicians")


class TableError(ApplianceError):
    """A table that cannot be used; the message names file and line."""


class Table:
    """A table that was read: names of its columns, and its rows."""

    def __init__(self, where: str, columns: tuple[str, ...], rows: list[list[str]]) -> None:
        self._where = where
        self.columns = columns
        self._rows = rows
        self._indexes: dict[int, dict[str, list[str]]] = {}

    def find(self, column: str, key: str, wanted: Iterable[str]) -> dict[str, str] | None:
        """Return the values of the wanted columns from the first row with a key; None: there is none.

        Raises TableError if there is no such column.
        """
        places = {name: self._place(name) for name in wanted}
        row = self._index(self._place(column) if column else 0).get(_plain(key))
        return None if row is None else {name: row[place] for name, place in places.items()}

    def _place(self, column: str) -> int:
        if column in self.columns:
            return self.columns.index(column)
        hint, known = N_("its columns: {known}"), ", ".join(filter(None, self.columns))
        raise TableError.of(N_("{file} has no column {column}"), hint, file=self._where, column=column, known=known)

    def _index(self, place: int) -> dict[str, list[str]]:
        if place not in self._indexes:
            index: dict[str, list[str]] = {}
            for row in self._rows:
                if key := _plain(row[place]):
                    index.setdefault(key, row)
            self._indexes[place] = index
        return self._indexes[place]


def _plain(key: str) -> str:
    return plain(key) or key.strip()


class Found(NamedTuple):
    """The result of a lookup: values of a row, None without one.

    `trouble`: why the file cannot be used now; the values are from the table that was read before.
    """

    values: dict[str, str] | None
    trouble: TableError | None = None


class Tables:
    """The tables of a folder, each read when it is first used and when its file has changed. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, _Kept] = {}

    def find(self, name: str, column: str, key: str, wanted: Iterable[str]) -> Found:
        """Look up a row. Raises TableError: there is no such table or column, or it never could be read."""
        kept = self._kept.get(name) or self._kept.setdefault(name, _Kept(table_file(self._folder, name)))
        with kept.lock:
            table, trouble = kept.current()
            return Found(table.find(column, key, wanted), trouble)


class _Kept:
    """One table as it was last read."""

    def __init__(self, file: Path) -> None:
        self.lock = Lock()
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._table: Table | None = None
        self._error: TableError | None = None

    def current(self) -> tuple[Table, TableError | None]:
        """Return the table, and why it is not the newest one. Raises TableError: it never could be read."""
        trouble = self._trouble()
        if self._table is None:
            raise trouble or TableError(str(self._file))
        return self._table, trouble

    def _trouble(self) -> TableError | None:
        """Read the file if it has changed; return why it cannot be used."""
        try:
            seen = _signature(self._file)
        except TableError as error:
            return error
        if seen != self._seen:
            self._seen = seen  # taken before: a change while it is read is one more
            try:
                self._table, self._error = read_table(self._file), None
            except TableError as error:
                self._error = error
        return self._error


def table_file(folder: Path, name: str) -> Path:
    """Return the file of a table. Raises TableError for a name that is none: no name leads out of the folder."""
    if not _NAME.fullmatch(name):
        hint = N_("names have 1 to 32 of the characters a-z 0-9 _ -")
        raise TableError.of(N_("there is no table {name}"), hint, name=repr(name))
    return folder / f"{name}.csv"


def _signature(file: Path) -> tuple[int, int, int]:
    """Return values that change with the file. Raises TableError: it cannot be read."""
    try:
        found = file.stat()
    except OSError as error:
        raise TableError.of(N_("{file} cannot be read: {why}"), _THERE, file=file, why=error) from error
    if not stat.S_ISREG(found.st_mode):
        raise TableError.of(N_("{file} is no file"), _THERE, file=file)
    if found.st_size > MAX_BYTES:
        hint = N_("up to {n} MiB: leave out columns and rows that no flow needs")
        raise TableError.of(N_("{file} is too large"), hint, file=file, n=MAX_BYTES >> 20)
    return found.st_mtime_ns, found.st_size, found.st_ino


def read_table(file: Path) -> Table:
    """Read a table. Raises TableError, with file and line."""
    _signature(file)
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES).decode("utf-8-sig")  # spreadsheets begin a file with a byte order mark
    except OSError as error:
        raise TableError.of(N_("{file} cannot be read: {why}"), _THERE, file=file, why=error) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TableError.of(N_("{file}:{line}: is not written in UTF-8"), _SAVE, file=file, line=line) from error
    return _parsed(text, str(file))


def _parsed(text: str, where: str) -> Table:
    head = text.lstrip().partition("\n")[0]
    comma = next((each for each in ",;\t" if each in head), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    columns: tuple[str, ...] = ()
    rows: list[list[str]] = []
    odd: list[int] = []
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if not any(row):
                continue
            if not columns:
                columns = _columns(row, where, reader.line_num)
            elif len(row) == len(columns):
                rows.append(row)
            else:
                odd.append(reader.line_num)
    except csv.Error as error:
        raise TableError.of(
            N_("{file}:{line}: is no CSV: {why}"), _SHAPE, file=where, line=reader.line_num, why=error
        ) from error
    if not columns:
        raise TableError.of(N_("{file} is empty"), N_("its first line names the columns"), file=where)
    if odd:
        raise _uneven(where, odd, len(columns))
    return Table(where, columns, rows)


def _columns(row: list[str], where: str, line: int) -> tuple[str, ...]:
    named = [name for name in row if name]
    if len(set(named)) < len(named) or not row[0]:
        hint = N_("its first line names the columns, each once")
        raise TableError.of(N_("{file}:{line}: these are no names of columns"), hint, file=where, line=line)
    return tuple(row)


def _uneven(where: str, odd: list[int], wanted: int) -> TableError:
    lines = ", ".join(map(str, odd[:MOST_LINES_TOLD])) + (", …" if len(odd) > MOST_LINES_TOLD else "")
    text = N_("{file}:{line}: not as many cells as the first line has, {n}; so in lines {lines}")
    return TableError.of(text, _SHAPE, file=where, line=odd[0], n=wanted, lines=lines)
