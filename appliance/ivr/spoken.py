# SPDX-License-Identifier: GPL-2.0-or-later
"""Values spoken in a style, with recorded words: what a `say` node plays."""

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, Protocol, get_args

from appliance.ivr import say, words_en, words_zh
from appliance.ivr.rhythm import groups
from appliance.ivr.values import Moment, moment_of, number_of

Style = Literal["digits", "phone", "spell", "number", "quantity", "money", "date", "time", "datetime", "weekday"]
STYLES: Final[tuple[Style, ...]] = get_args(Style)
MOST: Final = 10**12
"""Numbers from here on are not spoken as such."""
PAUSE: Final = "silence:300"
"""Sound between the groups of a telephone number."""
MOST_CHARACTERS: Final = 64
"""Of a longer text the rest is not spelt."""


class Words(Protocol):
    """The words of a language, as names of prompts."""

    def pieces(self, style: str, /) -> tuple[str, ...]:
        """Return the prompts that a style may use, besides those of its unit."""

    def units(self, unit: str, /) -> tuple[str, ...]:
        """Return the prompts of a unit."""

    def amount(self, n: Decimal, fraction: str, /) -> list[str]:
        """Return a number with its figures after the point."""

    def quantity(self, n: Decimal, fraction: str, unit: str, /) -> list[str]:
        """Return so many of a unit."""

    def money(self, fen: int, /) -> list[str]:
        """Return an amount of money."""

    def day(self, when: date, /) -> list[str]:
        """Return a day."""

    def clock(self, when: time, /) -> list[str]:
        """Return a time of day."""


_WORDS: Final[dict[str, Words]] = {"en": words_en, "zh": words_zh}
_SIGNS: Final = {
    "-": "letter-dash", ".": "letter-dot", "/": "letter-slash", "@": "letter-at", "_": "letter-underscore",
    "+": "letter-plus", " ": PAUSE,
}  # fmt: skip
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=1024)
def speak(style: Style, text: str, language: str, unit: str = "") -> tuple[str, ...] | None:
    """Return the sounds of a text in a style, () for an empty one; None if it is no value of that style."""
    text = text.strip()
    if not text:
        return ()
    if style == "digits":
        return say.digits(text, language)
    words = _phone(text) if style == "phone" else _spelt(text) if style == "spell" else None
    if words is None:
        words = _valued(style, text, _WORDS[language], unit)
    return None if words is None else tuple(PAUSE if word == PAUSE else say.prompt(language, word) for word in words)


def words_of(style: Style, language: str, unit: str = "") -> tuple[str, ...]:
    """Return all prompts that a style may use, to find missing ones."""
    if style in ("digits", "phone"):
        return say.words_of(language, "digits")
    if style == "spell":
        signs = (sign for sign in _SIGNS.values() if sign != PAUSE)
        return (*say.words_of(language, "digits"), *(f"letter-{letter}" for letter in _LETTERS), *signs)
    words = _WORDS[language]
    return (*words.pieces(style), *(words.units(unit) if style == "quantity" and unit else ()))


def _phone(text: str) -> list[str] | None:
    words: list[str] = []
    for group in groups(text):
        words += ([PAUSE] if words else []) + [_key(key) for key in group]
    return words or None


def _key(key: str) -> str:
    return {"*": "digit-star", "#": "digit-hash"}.get(key, f"digit-{key}")


def _spelt(text: str) -> list[str] | None:
    words = [_character(each) for each in text[:MOST_CHARACTERS].lower()]
    return [word for word in words if word] or None


def _character(each: str) -> str:
    if each in _LETTERS:
        return f"letter-{each}"
    return _key(each) if each in "0123456789*#" else _SIGNS.get(each, "")


def _valued(style: Style, text: str, words: Words, unit: str) -> list[str] | None:
    if style in ("number", "quantity", "money"):
        number = number_of(text)
        return None if number is None or abs(number) >= MOST else _number(style, number, words, unit)
    return _moment(style, moment_of(text), words) if style in ("date", "time", "datetime", "weekday") else None


def _number(style: Style, number: Decimal, words: Words, unit: str) -> list[str] | None:
    if style == "money":
        fen = number * 100
        return words.money(int(fen)) if fen == int(fen) else None
    fraction = f"{number:f}".partition(".")[2].rstrip("0")
    return words.quantity(number, fraction, unit) if style == "quantity" else words.amount(number, fraction)


def _moment(style: Style, when: Moment | None, words: Words) -> list[str] | None:
    day = when if isinstance(when, date) else None
    clock = when.time() if isinstance(when, datetime) else when if isinstance(when, time) else None
    if style == "weekday":
        return None if day is None else [f"weekday-{day.isoweekday()}"]
    said: list[str] = []
    if style != "time":
        if day is None:
            return None
        said += words.day(day)
    if style != "date":
        if clock is None:
            return None
        said += words.clock(clock)
    return said
