# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses of spans: ``scheme:place?name=value&...``."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from drivers.errors import SpanAddressError


@dataclass(frozen=True)
class SpanAddress:
    """A span's address in its parts; printed as it was written."""

    text: str
    scheme: str
    place: str
    parameters: dict[str, str]

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str) -> "SpanAddress":
        """Parse an address.

        Raises:
            SpanAddressError: it has no scheme, or its parameters are not ``name=value``.
        """
        scheme, colon, rest = text.partition(":")
        if not colon or not scheme:
            raise SpanAddressError(
                f"{text!r} is not the address of a span", hint="write scheme:place, for example dahdi:1"
            )
        place, _, query = rest.partition("?")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        except ValueError as error:
            raise SpanAddressError(f"{text}: {error}", hint="write ?name=value&name=value") from error
        if len(dict(pairs)) < len(pairs):
            raise SpanAddressError(f"{text}: a parameter stands there twice")
        return cls(text, scheme, place, dict(pairs))

    def allow(self, *names: str) -> None:
        """Refuse parameters of other names.

        Raises:
            SpanAddressError: naming the first that is not allowed.
        """
        for name in self.parameters:
            if name not in names:
                allowed = ", ".join(names) if names else "none"
                raise SpanAddressError(
                    f"{self}: {self.scheme}: knows no parameter {name!r}", hint=f"allowed: {allowed}"
                )

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Return a parameter that is a whole number.

        Raises:
            SpanAddressError: it is no number, or not within `low` to `high`.
        """
        value = self.parameters.get(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise SpanAddressError(f"{self}: {name}={value!r}", hint=f"{name} is a whole number from {low} to {high}")
        return int(value)
