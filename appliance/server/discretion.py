# SPDX-License-Identifier: GPL-2.0-or-later
"""Discretion: calls and legs of supervisors in talks of others are not shown to users who may not supervise.

Otherwise an agent's program could tell the agent of a supervisor that listens.
"""

from typing import Final

from msgspec.structs import replace

from appliance.api import messages as m
from appliance.contract import records as r
from appliance.contract.rows import CdrRow, LiveCall

SUPERVISOR: Final = "supervisor"


class Discretion:
    """Supervisors' calls and legs, as the records tell them.

    Args:
        listen: the code by which a phone listens (`codes.listen`), '' without one; the number of such a call begins so.
    """

    def __init__(self, listen: str = "") -> None:
        self._listen = listen
        self._calls: set[int] = set()
        self._legs: set[int] = set()

    def be(self, listen: str) -> None:
        """Set the code by which a phone listens from now on."""
        self._listen = listen

    def hides(self, record: object) -> bool:
        """Return whether a record is for supervisors alone. All records are passed in, in their order."""
        kind = type(record)
        if kind is r.LegOpened and record.role == SUPERVISOR:  # type: ignore[attr-defined]
            self._legs.add(record.leg)  # type: ignore[attr-defined]
            return True
        if kind is r.CallOpened and self._listens(record.called):  # type: ignore[attr-defined]
            self._calls.add(record.call)  # type: ignore[attr-defined]
        if not (self._calls or self._legs):
            return False
        hidden = getattr(record, "call", 0) in self._calls or getattr(record, "leg", 0) in self._legs
        if kind is r.CallClosed:
            self._calls.discard(record.call)  # type: ignore[attr-defined]
        return hidden

    def reply(self, reply: m.AnyReply) -> m.AnyReply:
        """Return a reply as it is shown to users who may not supervise."""
        match reply:
            case m.CallsReply():
                shown = [self._call(call) for call in reply.calls if not self._listens(call.called)]
                return replace(reply, calls=tuple(shown))
            case m.CdrReply():
                return replace(reply, calls=tuple([self._past(row) for row in reply.calls]))
            case m.WholeCallReply():
                return self._whole(reply)
            case m.SipLadderReply() | m.TraceReply():
                return replace(reply, messages=tuple([each for each in reply.messages if each.leg not in self._legs]))
        return reply

    def _whole(self, whole: m.WholeCallReply) -> m.WholeCallReply:
        if self._listens(whole.call.called):
            call = self._past(whole.call)
            return m.WholeCallReply(
                call=call, live=None, stays=(), segments=(), keys=(), waits=(), offers=(), recordings=()
            )
        stays = tuple([stay for stay in whole.stays if stay.role != SUPERVISOR])
        legs = {stay.leg for stay in stays}
        heard = [replace(each, legs=tuple([leg for leg in each.legs if leg in legs])) for each in whole.segments]
        return replace(
            whole,
            live=self._call(whole.live) if whole.live is not None else None,
            stays=stays,
            segments=tuple([each for each in heard if each.legs]),
            keys=tuple([key for key in whole.keys if key.leg in legs]),
        )

    def _listens(self, called: str) -> bool:
        return bool(self._listen) and called.startswith(self._listen)

    @staticmethod
    def _call(call: LiveCall) -> LiveCall:
        return replace(call, legs=tuple([leg for leg in call.legs if leg.role != SUPERVISOR]))

    def _past(self, row: CdrRow) -> CdrRow:
        """Return the row of a call without the agent who was listened to. It stays: lists go on below its number."""
        return replace(row, called="") if self._listens(row.called) else row
