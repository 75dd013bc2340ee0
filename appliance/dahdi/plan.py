# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's configuration in the DAHDI driver's terms: spans by number, source of the clock, use of the channels."""

from dataclasses import dataclass
from typing import Final, Literal

from appliance.config.model import BoxConfig, SpanConfig
from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from drivers.span import TIMESLOTS
from drivers.span_address import SpanAddress

Signalling = Literal["pri", "r2", "clear", "stations", "trunks"]
"""Use of a span's channels.

pri: ISDN. r2: bits of timeslot 16 to software (China No. 1). clear: octets alone. stations, trunks: a channel bank with
telephones, or with an exchange's analogue lines, which the driver signals with by itself.
"""
SCHEME: Final = "dahdi"
ZONES: Final = {"gb": "uk"}
"""Countries with another code in DAHDI."""
NO_ZONE: Final = frozenset({"kr", "hk"})
"""Countries of which DAHDI has no tones."""
ZONE_ELSE: Final = "us"


class DahdiSetupError(ApplianceError):
    """The driver cannot be set up as it is configured, or its files cannot be written."""


@dataclass(frozen=True)
class PlannedSpan:
    """A span as the driver sees it. `timing`: 1 is the first whose far end gives the clock; 0: the box gives it."""

    number: int
    signalling: Signalling = "pri"
    timing: int = 0
    line_build_out: int = 0
    coding: str = "hdb3"
    crc4: bool = True
    echo_canceller: str = "none"
    dynamic: str = ""

    @property
    def first_channel(self) -> int:
        """Number of timeslot 1's channel: all spans before this one are E1 as well."""
        return (self.number - 1) * TIMESLOTS + 1

    @property
    def framing(self) -> str:
        """Common channel signalling ('ccs'), or timeslot 16 with the bits of all channels ('cas')."""
        return "ccs" if self.signalling in {"pri", "clear"} else "cas"


@dataclass(frozen=True)
class Plan:
    """All spans, by number, and the country of the driver's tones."""

    spans: tuple[PlannedSpan, ...]
    zone: str


def plan(config: BoxConfig) -> Plan:
    """Return the plan of the driver's spans.

    Raises:
        DahdiSetupError: the configuration has none.
    """
    lines = sorted(_dahdi_lines(config).items())
    if not lines:
        hint = _('a line through a card has address = "dahdi:1", "dahdi:2", ...')
        raise DahdiSetupError(_("no span in this configuration is DAHDI's"), hint)
    spans, sources = [], 0
    for number, line in lines:
        followed = line.clock == "far" and not line.dynamic.startswith("loc,")  # which has no clock of its own
        sources += followed
        spans.append(_planned(number, line, sources if followed else 0))
    zone = ZONE_ELSE if config.country in NO_ZONE else ZONES.get(config.country, config.country)
    return Plan(tuple(spans), zone)


def _planned(number: int, line: SpanConfig, timing: int) -> PlannedSpan:
    return PlannedSpan(
        number,
        line.signalling,
        timing,
        line.line_build_out,
        line.coding,
        line.crc4,
        "none" if line.echo_canceller == "box" else line.echo_canceller,
        line.dynamic,
    )


def _dahdi_lines(config: BoxConfig) -> dict[int, SpanConfig]:
    """Return the lines by the number in their addresses."""
    addresses = ((SpanAddress.parse(line.address), line) for line in config.span)
    return {
        int(address.place): line
        for address, line in addresses
        if address.scheme == SCHEME and address.place.isascii() and address.place.isdigit()
    }
