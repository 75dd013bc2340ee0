# SPDX-License-Identifier: GPL-2.0-or-later
"""Open entries of each call in the books, by the records themselves: with them a call is closed after a bug.

The engine's own state may be half changed when a bug shows; written records are not.
"""

from collections.abc import Iterable
from typing import Any, Final

from appliance.contract.books import OpenBooks
from appliance.contract.records import (
    AnyRecord,
    CallAnswered,
    CallClosed,
    CallNotAnswered,
    CallOpened,
    CallReleased,
    LegClosed,
    LegOpened,
    OfferEnded,
    OfferMade,
    QueueEntered,
    QueueLeft,
    SegmentClosed,
    SegmentOpened,
    SurveyClosed,
    SurveyOpened,
)

Fact = tuple[str, int | str]
"""Kind and number (name, of a queue)."""

_OPENS: Final[dict[type[Any], str]] = {
    CallAnswered: "call",
    LegOpened: "leg",
    SegmentOpened: "segment",
    OfferMade: "offer",
    QueueEntered: "queue",
    SurveyOpened: "survey",
}
_CLOSES: Final[dict[type[Any], str]] = {
    CallReleased: "call",
    CallNotAnswered: "call",
    LegClosed: "leg",
    SegmentClosed: "segment",
    OfferEnded: "offer",
    QueueLeft: "queue",
    SurveyClosed: "survey",
}
"""By kind of record: the field that names what opens or closes, which is the kind of the fact as well.

The open fact of kind 'call' is its charging."""


class OpenFacts:
    """Open facts by call; a call is there as long as it is open itself."""

    def __init__(self, books: OpenBooks) -> None:
        self._of: dict[int, set[Fact]] = {call: set() for call in books.calls}
        for leg in books.legs:
            self._of[leg.call].add(("leg", leg.leg))
        for segment in books.segments:
            self._of[segment.call].add(("segment", segment.segment))
        for offer in books.offers:
            self._of[offer.call].add(("offer", offer.offer))
        for entry in books.entries:
            self._of[entry.call].add(("queue", entry.queue))
        for survey in books.surveys:
            self._of[survey.call].add(("survey", survey.survey))

    def note(self, records: Iterable[AnyRecord]) -> None:
        """Apply records that were written."""
        for record in records:
            kind = type(record)
            if (name := _OPENS.get(kind)) is not None:
                self._facts(record).add((name, getattr(record, name)))
            elif (name := _CLOSES.get(kind)) is not None:
                self._facts(record).discard((name, getattr(record, name)))
            elif kind is CallOpened:
                self._facts(record)
            elif isinstance(record, CallClosed):
                self._of.pop(record.call, None)

    def of(self, call: int) -> set[Fact] | None:
        """Return the open facts of a call, None if the call is not open."""
        found = self._of.get(call)
        return None if found is None else set(found)

    def _facts(self, record: Any) -> set[Fact]:
        return self._of.setdefault(record.call, set())
