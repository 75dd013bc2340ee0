# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the settings of cards and of the DAHDI driver. One function a question."""

from collections.abc import Callable, Iterator
from typing import Final

from appliance.config.errors import Mistake
from appliance.config.model import BoxConfig
from appliance.i18n import _
from drivers.errors import SpanAddressError
from drivers.span_address import SpanAddress


def only_dahdi(config: BoxConfig) -> Iterator[Mistake]:
    """Check that settings which only DAHDI has are used for its spans alone."""
    for place, span in enumerate(config.span):
        if _number(span.address) is not None or not _is_address(span.address):
            continue
        for key, anywhere in (("echo_canceller", {"none", "box"}), ("dynamic", {""})):
            if getattr(span, key) not in anywhere:
                message = _("only a span of the DAHDI driver has this")
                hint = _('take it out, or set address = "dahdi:1"')
                yield Mistake(f"span[{place}].{key}", getattr(span, key), message, hint)


def numbers(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each of DAHDI's spans has a number of its own, and that dynamic ones come last, as in the driver."""
    seen: dict[int, int] = {}
    cards = [n for span in config.span if (n := _number(span.address)) is not None and not span.dynamic]
    for place, span in enumerate(config.span):
        number = _number(span.address)
        if number is None:
            continue
        key = f"span[{place}].address"
        if number in seen:
            message = _("is the span of {place} again").format(place=f"span[{seen[number]}]")
            yield Mistake(key, span.address, message, _("every span only once"))
        seen.setdefault(number, place)
        if span.dynamic and any(number < other for other in cards):
            message = _("the driver numbers dynamic spans after those of cards")
            yield Mistake(key, span.address, message, _("allowed: {n} and above").format(n=max(cards) + 1))


def _is_address(text: str) -> bool:
    try:
        SpanAddress.parse(text)
    except SpanAddressError:
        return False
    return True


def _number(text: str) -> int | None:
    """Return the number in a dahdi: address, None for all other texts."""
    scheme, _colon, rest = text.partition(":")
    place = rest.partition("?")[0]
    return int(place) if scheme == "dahdi" and place.isascii() and place.isdigit() else None


DAHDI_CHECKS: Final[tuple[Callable[[BoxConfig], Iterator[Mistake]], ...]] = (only_dahdi, numbers)
