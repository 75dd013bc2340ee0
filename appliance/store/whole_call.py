# SPDX-License-Identifier: GPL-2.0-or-later
"""All that the books know of one call, as rows for people."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from appliance.contract.rtp import Rtp, rated
from appliance.contract.ticks import seconds
from appliance.contract.whole_call import HeldChannel, KeyRow, OfferRow, SegmentRow, StayRow, WaitRow

_rtp: Final = msgspec.json.Decoder(Rtp)
_legs: Final = msgspec.json.Decoder(tuple[int, ...])


class WholeCall:
    """The parts of a call.

    Args:
        books: to read from.
        call: its number.
    """

    def __init__(self, books: sqlite3.Connection, call: int) -> None:
        self._books, self._call = books, call
        found = books.execute("SELECT opened FROM calls WHERE call = ?", (call,)).fetchone()
        self._opened: int = found[0] if found else 0

    def stays(self) -> Iterator[StayRow]:
        """Yield the stays of its legs, in the order of coming."""
        channels = self._channels()
        columns = "leg, line, role, number, agent, redirecting, opened, answered, closed, cause, rtp"
        for leg, line, role, number, agent, by, opened, answered, closed, cause, packets in self._rows(
            f"SELECT {columns} FROM legs WHERE call = ? ORDER BY opened, leg"  # noqa: S608 - names of ours
        ):
            yield StayRow(
                leg=leg, line=line, role=role, number=number, agent=agent, redirecting=by, cause=cause,
                from_s=self._at(opened), answered_s=self._end(answered), to_s=self._end(closed),
                channels=tuple(
                    HeldChannel(span=span, timeslot=slot, from_s=self._at(seized), to_s=self._end(released))
                    for span, slot, seized, released in channels[leg]
                    if seized >= opened and (closed is None or seized <= closed)
                ),
                rtp=rated(_rtp.decode(packets)) if packets else None,
            )  # fmt: skip

    def segments(self) -> Iterator[SegmentRow]:
        """Yield its segments, in the order of time."""
        for segment, kind, what, legs, opened, closed in self._rows(
            "SELECT segment, kind, what, legs, opened, closed FROM segments WHERE call = ? ORDER BY opened, segment"
        ):
            yield SegmentRow(
                segment=segment, kind=kind, what=what, legs=_legs.decode(legs),
                from_s=self._at(opened), to_s=self._end(closed),
            )  # fmt: skip

    def keys(self) -> Iterator[KeyRow]:
        """Yield the keys that were pressed in it."""
        for leg, key, node, accepted, pressed in self._rows(
            "SELECT leg, key, node, accepted, pressed FROM keys WHERE call = ? ORDER BY pressed, leg"
        ):
            yield KeyRow(leg=leg, key=key, node=node, accepted=bool(accepted), at_s=self._at(pressed))

    def waits(self) -> Iterator[WaitRow]:
        """Yield its stays in queues."""
        for queue, position, predicted, entered, left, reason in self._rows(
            "SELECT queue, position, predicted, entered, left, reason FROM queue_entries WHERE call = ?"
            " ORDER BY entered"
        ):
            yield WaitRow(
                queue=queue, position=position, predicted_s=None if predicted is None else seconds(predicted),
                from_s=self._at(entered), to_s=self._end(left), reason=reason,
            )  # fmt: skip

    def offers(self) -> Iterator[OfferRow]:
        """Yield the offers to agents."""
        for offer, queue, agent, leg, made, ended, result in self._rows(
            "SELECT offer, queue, agent, leg, made, ended, result FROM offers WHERE call = ? ORDER BY made, offer"
        ):
            yield OfferRow(
                offer=offer, queue=queue, agent=agent, leg=leg, from_s=self._at(made), to_s=self._end(ended),
                result=result,
            )  # fmt: skip

    def legs(self) -> tuple[int, ...]:
        """Return the numbers of its legs."""
        return tuple(leg for (leg,) in self._rows("SELECT DISTINCT leg FROM legs WHERE call = ?"))

    def _channels(self) -> defaultdict[int, list[tuple[int, int, int, int | None]]]:
        held = defaultdict[int, list[tuple[int, int, int, int | None]]](list)
        for leg, *channel in self._rows(
            "SELECT leg, span, timeslot, seized, released FROM seizures WHERE call = ? ORDER BY seized"
        ):
            held[leg].append(tuple(channel))
        return held

    def _rows(self, sql: str) -> list[Any]:
        return self._books.execute(sql, (self._call,)).fetchall()

    def _at(self, tick: int) -> float:
        return seconds(tick - self._opened)

    def _end(self, tick: int | None) -> float | None:
        return None if tick is None else self._at(tick)
