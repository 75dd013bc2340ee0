# SPDX-License-Identifier: GPL-2.0-or-later
"""Public holidays: those of the configuration, of the file that it names, or the box's own of its country."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from appliance.config.document import lined, read_text, read_toml
from appliance.config.errors import ConfigError, Mistake
from appliance.config.model import BoxConfig
from appliance.config.plans import parse_dates
from appliance.config.rules import CalendarConfig
from appliance.config.shape import fits, shape_mistakes
from appliance.i18n import _

SHIPPED: Final = Path(__file__).parent / "holidays"
_NONE: Final = CalendarConfig()


class ReadCalendar(NamedTuple):
    """A calendar and the mistakes of its file."""

    calendar: CalendarConfig
    mistakes: tuple[Mistake, ...] = ()


def with_calendar(config: BoxConfig, home: Path) -> tuple[BoxConfig, tuple[Mistake, ...]]:
    """Return a configuration with its public holidays, and the mistakes of their file; `home`: the folder of paths."""
    if config.calendar.known:
        return config, ()
    shipped = SHIPPED / f"{config.country}.toml"
    if config.calendar.file:
        found = read_calendar(home / config.calendar.file)
    else:
        found = read_calendar(shipped) if shipped.is_file() else ReadCalendar(_NONE)
    calendar = msgspec.structs.replace(found.calendar, file=config.calendar.file)
    return msgspec.structs.replace(config, calendar=calendar), found.mistakes


def read_calendar(path: Path) -> ReadCalendar:
    """Read and check a file of public holidays."""
    try:
        text = read_text(path, _("write the file, or take calendar.file out to have the box's own"))
        data = read_toml(text, str(path))
    except ConfigError as error:
        return ReadCalendar(_NONE, tuple(replace(each, file=str(path)) for each in error.mistakes))
    if fits(data, CalendarConfig):
        calendar = msgspec.convert(data, CalendarConfig)
        found = list(day_mistakes(calendar))
    else:
        calendar, found = _NONE, list(shape_mistakes(data, CalendarConfig))
    return ReadCalendar(
        _NONE if found else calendar, tuple(replace(each, file=str(path)) for each in lined(found, text))
    )


def day_mistakes(calendar: CalendarConfig, table: str = "") -> Iterator[Mistake]:
    """Check that the days of a calendar can be read; `table` is put before their keys."""
    hint = _('allowed: days, e.g. "2026-10-01", "2026-10-01..2026-10-07", or of every year "12-25"')
    days = [(f"{table}{name}[{at}]", text) for name in ("holidays", "workdays") for at, text in _days(calendar, name)]
    if calendar.announced:
        days.append((f"{table}announced", calendar.announced))
    for key, text in days:
        try:
            parse_dates(text)
        except ValueError:
            yield Mistake(key, text, _("are no days"), hint)


def _days(calendar: CalendarConfig, name: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(getattr(calendar, name))
