# SPDX-License-Identifier: GPL-2.0-or-later
"""Extensions as a table that spreadsheets read and write: CSV with a head, one extension a line (RFC 4180).

Every mistake is reported with its line, and one mistake keeps all rows out.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from appliance.config.model import ExtensionConfig
from appliance.contract.address import PHONE, LineAddress
from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from appliance.numbering import plain
from appliance.phones.book import Handset
from appliance.provisioning.makers import MAKERS
from appliance.provisioning.settings import one_line, plain_mac

COLUMNS: Final = ("number", "name", "line", "maker", "mac", "password")
EXPORTED: Final = COLUMNS[:-1]
NAME_MAX: Final = 64
PASSWORD: Final = re.compile(r"[!-~]{8,64}")
_LINE: Final = re.compile(r"sip:[^@:\s]+@[^@:\s]+:[0-9]{1,5}|station:[0-9*#+]{1,32}")


class CsvError(ApplianceError):
    """A table that cannot be imported."""


@dataclass(frozen=True)
class Row:
    """One extension. `mac` is plain; `password` is one that its phone has already, or ''."""

    number: str
    name: str = ""
    line: str = ""
    maker: str = ""
    mac: str = ""
    password: str = ""

    @property
    def registers(self) -> bool:
        """Whether its phone registers; else it has a fixed address."""
        return self.line == str(LineAddress(PHONE, self.number))

    def extension(self) -> ExtensionConfig:
        """Return the extension's table of the configuration."""
        return ExtensionConfig(number=self.number, line=self.line, name=self.name)


def row(number: str, name: str, line: str, maker: str, mac: str, password: str = "") -> Row:
    """Return a row of typed values; an empty line means a phone that registers."""
    number = plain(number) or number
    line = line or str(LineAddress(PHONE, number))
    return Row(number, one_line(name), line, maker.lower(), plain_mac(mac) or mac, password)


def mistakes(given: Row) -> Iterator[str]:
    """Return the mistakes of one extension."""
    if plain(given.number) is None:
        yield _("number {value!r}: 1 to 32 of the characters 0-9 * # + are wanted").format(value=given.number)
    if len(given.name) > NAME_MAX:
        yield _("name {value!r}: {n} characters at most").format(value=given.name, n=NAME_MAX)
    if not given.registers and not _LINE.fullmatch(given.line):
        told = _("line {value!r}: phone:{number}, sip:<user>@<host>:<port>, station:<number> or nothing is wanted")
        yield told.format(value=given.line, number=given.number)
    if bool(given.maker) != bool(given.mac):
        yield _("maker and mac belong together: both or neither")
    if given.maker and given.maker not in MAKERS:
        yield _("maker {value!r}: known are {names}").format(value=given.maker, names=", ".join(MAKERS))
    if given.mac and not plain_mac(given.mac):
        yield _("mac {value!r}: 12 hexadecimal digits of a telephone are wanted").format(value=given.mac)
    if given.password and not PASSWORD.fullmatch(given.password):
        yield _("password: 8 to 64 ASCII characters without spaces are wanted")
    if (given.password or given.mac) and not given.registers:
        yield _("password and mac are for phones that register")
    if given.password and given.mac:
        yield _("a telephone that fetches its settings gets a new password: leave it out")


def read_rows(text: str, where: str, numbers: Iterable[str], macs: Iterable[str]) -> list[Row]:
    """Read a table; `numbers` and `macs` are in use already. Raises CsvError with every mistake."""
    found: list[Row] = []
    wrong: list[str] = []
    taken = {"number": set(numbers), "mac": set(macs)}
    for line, given in _records(text, where):
        told = list(mistakes(given))
        for key, seen in taken.items():
            value = getattr(given, key)
            if value and value in seen:
                told.append(_("{key} {value!r} is there already").format(key=key, value=value))
            seen.add(value)
        wrong += [f"{where}:{line}: {each}" for each in told]
        found.append(given)
    if wrong:
        raise CsvError("\n".join(wrong), _("nothing was imported: correct the lines and import again"))
    return found


def _records(text: str, where: str) -> Iterator[tuple[int, Row]]:
    head = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in head and "," not in head else ",", strict=True
    )
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells, where)
            elif len(cells) != len(columns):
                told = _("{n} columns are wanted, here are {found}").format(n=len(columns), found=len(cells))
                raise CsvError(
                    f"{where}:{reader.line_num}: {told}", _("put cells that hold a comma in quotation marks")
                )
            else:
                given = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
                yield reader.line_num, row(*(given.get(name, "") for name in COLUMNS))
    except csv.Error as error:
        told = _("is no CSV: {why}").format(why=error)
        raise CsvError(f"{where}:{reader.line_num}: {told}") from error
    if not columns:
        raise CsvError(_("{file} is empty").format(file=where), _head_hint())


def _columns(cells: list[str], where: str) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown or "number" not in columns or len(set(columns)) < len(columns):
        told = _("the first line must name the columns, each once")
        raise CsvError(f"{where}:1: {told}" + (f": {', '.join(unknown)}" if unknown else ""), _head_hint())
    return columns


def _head_hint() -> str:
    return _("columns: {names}; only number is needed").format(names=", ".join(COLUMNS))


def write_rows(extensions: Iterable[ExtensionConfig], handsets: dict[str, Handset]) -> str:
    """Return a table that can be imported again; it lacks the passwords, which the box does not know."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(EXPORTED)
    for each in extensions:
        handset = handsets.get(each.number)
        telephone = (handset.maker, handset.mac) if handset else ("", "")
        table.writerow((each.number, each.name, each.line, *telephone))
    return out.getvalue()
