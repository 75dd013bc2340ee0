# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of tones of the national networks (ITU-T E.180/Q.35 and its Supplement 2), without their sound.

It is `tones.toml` beside this file; its head explains the notation. Processes that only read it load no numpy.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from dsp.errors import ToneTableError, UnknownCountry, UnknownTone

DEFAULT_LEVEL_DBM0: Final = -10.0
_FIELDS: Final = {"frequencies", "cadence", "level_dbm0", "once"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of sound and the silence after it; `on_s` is infinite in a continuous tone.

    `modulation_hz` is the frequency that modulates the amplitude of the first one (0: none).
    """

    frequencies_hz: tuple[int, ...]
    modulation_hz: int
    on_s: float
    off_s: float


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone of a network: its pieces in order, the level of each frequency in dBm0, whether it starts over."""

    country: str
    name: str
    pieces: tuple[Piece, ...]
    level_dbm0: float = DEFAULT_LEVEL_DBM0
    repeat: bool = True

    @property
    def frequencies_hz(self) -> tuple[int, ...]:
        """All frequencies that occur, in order of their first occurrence."""
        return tuple(dict.fromkeys(f for piece in self.pieces for f in piece.frequencies_hz))

    @property
    def cadence(self) -> tuple[tuple[float, float], ...]:
        """Pairs of seconds on and off; () when continuous."""
        return () if self.continuous else tuple((piece.on_s, piece.off_s) for piece in self.pieces)

    @property
    def continuous(self) -> bool:
        """Whether it sounds without a pause."""
        return math.isinf(self.pieces[0].on_s)

    @property
    def period_s(self) -> float:
        """Seconds until it starts over (infinite when continuous)."""
        return sum(piece.on_s + piece.off_s for piece in self.pieces)


def countries() -> tuple[str, ...]:
    """Return the codes (ISO 3166-1 alpha-2, lower case) of the countries in the table."""
    return tuple(_table())


def country_name(country: str) -> str:
    """Return the country's English name. Raises UnknownCountry."""
    return str(_entry(country)["name"])


def tone_names(country: str | None = None) -> tuple[str, ...]:
    """Return the names of the tones of one country, or of all; every country has at least the five of E.180.

    Raises UnknownCountry.
    """
    chosen = countries() if country is None else (country,)
    return tuple(dict.fromkeys(name for code in chosen for name in _entry(code) if name != "name"))


@cache
def load_tone(country: str, name: str) -> Tone:
    """Return the tone `name` of `country`. Raises UnknownCountry, UnknownTone, ToneTableError."""
    entry = _entry(country)
    if name == "name" or name not in entry:
        raise UnknownTone(country, name, tone_names(country))
    return _parse(country, name, entry[name])


def table_hash() -> str:
    """Return a hash of the table: samples rendered from another table are stale."""
    return hashlib.sha256(_text().encode()).hexdigest()[:16]


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_text())


def _text() -> str:
    return resources.files(__package__).joinpath("tones.toml").read_text(encoding="utf-8")


def _entry(country: str) -> dict[str, Any]:
    try:
        return _table()[country]
    except KeyError:
        raise UnknownCountry(country, countries()) from None


def _parse(country: str, name: str, fields: dict[str, Any]) -> Tone:
    where = f"{country}.{name}"
    if not isinstance(fields, dict) or not {"frequencies"} <= fields.keys() <= _FIELDS:
        raise ToneTableError(
            where, f"fields {fields!r}", f"give 'frequencies' and at most {', '.join(sorted(_FIELDS))}"
        )
    sounds = [_parse_sound(where, text) for text in str(fields["frequencies"]).split("/")]
    spans = fields.get("cadence", [math.inf, 0.0])
    if len(spans) % 2 or min(spans) < 0 or len(spans) // 2 % len(sounds):
        raise ToneTableError(
            where, f"cadence {spans}", "give pairs of seconds on and off, as many as frequencies or one set"
        )
    pieces = tuple(
        Piece(*sounds[i % len(sounds)], on_s=float(on), off_s=float(off))
        for i, (on, off) in enumerate(zip(spans[::2], spans[1::2], strict=True))
    )
    level = float(fields.get("level_dbm0", DEFAULT_LEVEL_DBM0))
    return Tone(country, name, pieces, level, repeat=not fields.get("once", False))


def _parse_sound(where: str, text: str) -> tuple[tuple[int, ...], int]:
    """Return frequencies and modulation of "450", "350+440" or "400x16"."""
    try:
        plain, _, modulation = text.partition("x")
        return tuple(int(part) for part in plain.split("+")), int(modulation or 0)
    except ValueError:
        raise ToneTableError(where, f"frequencies '{text}'", "write whole Hz as f, f1+f2 or f1xf2") from None
