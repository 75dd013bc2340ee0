# SPDX-License-Identifier: GPL-2.0-or-later
"""The error tree of `dsp`.

DspError ├── ShapeError            an array has not the shape the function documents ├── ToneError │   ├──
UnknownCountry    no such country in the table of tones │   ├── UnknownTone       the country has no tone of that name │
└── ToneTableError    the table itself is malformed └── UnknownKey            a character that no keypad has

The texts are plain English; code that shows them to a person translates by type and attributes.
"""

from __future__ import annotations

from collections.abc import Iterable


class DspError(Exception):
    """Root of all errors that this package raises on purpose."""


class ShapeError(DspError, ValueError):
    """An array whose shape does not fit: `expected` in words, `got` as a shape."""

    def __init__(self, expected: str, got: tuple[int, ...]) -> None:
        super().__init__(f"expected an array {expected}, got shape {list(got)}")
        self.expected, self.got = expected, got


class ToneError(DspError):
    """A fault about the table of tones."""


class UnknownCountry(ToneError, KeyError):  # noqa: N818 - named for its fault, as all of this tree
    """No such country in the table; `known` lists the existing ones."""

    def __init__(self, country: str, known: Iterable[str]) -> None:
        self.country, self.known = country, tuple(known)
        super().__init__(f"no tones for country '{country}'; known are: {', '.join(self.known)}")

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownTone(ToneError, KeyError):  # noqa: N818
    """No tone of that name in the country; `known` lists the existing ones."""

    def __init__(self, country: str, name: str, known: Iterable[str]) -> None:
        self.country, self.name, self.known = country, name, tuple(known)
        super().__init__(f"country '{country}' has no tone '{name}'; it has: {', '.join(self.known)}")

    def __str__(self) -> str:
        return str(self.args[0])


class ToneTableError(ToneError, ValueError):
    """An entry of the table of tones that cannot be read; `where` is `country.tone`."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(f"tones.toml, {where}: {problem}; {remedy}")
        self.where, self.problem, self.remedy = where, problem, remedy


class UnknownKey(DspError, ValueError):  # noqa: N818
    """A character that is no key; `key` and the `known` ones."""

    def __init__(self, key: str, known: str) -> None:
        super().__init__(f"'{key}' is no key; keys are: {known}")
        self.key, self.known = key, known
