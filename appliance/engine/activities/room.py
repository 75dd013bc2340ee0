# SPDX-License-Identifier: GPL-2.0-or-later
"""A conference: any number of members, some of them hosts, who also command by keys.

The call is that of the first member; others come into it. One that began in a talk is a talk again when two are left.
"""

from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import ClassVar, Final

from appliance.contract.records import RoomChange, RoomChanged
from appliance.contract.switch import Cause
from appliance.engine.parts import ending, lines, recording
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Mixed, Said, Stretch
from appliance.engine.parts.conference import FOR_ALL, Conference, Member, Order, spoken
from appliance.engine.parts.conferring import Invited, may_be_called, shown
from appliance.engine.parts.inputs import In
from appliance.engine.parts.parking import Leaving
from appliance.engine.parts.prompts import note_missing
from appliance.engine.parts.rows import asked, nothing, refuse
from appliance.engine.parts.starts import StartRoom, StartTalk
from appliance.ivr import say

JOIN_TONE: Final = "tone:busy"
LEAVE_TONE: Final = "tone:congestion"
"""One period of each: a short and a long one, which every country has."""
MAX_ANNOUNCEMENTS: Final = 3
"""Announcements that wait: when many come at once, further ones are left out."""
MAX_SPOKEN: Final = 20
"""Members whom a host is told by voice; all are in `mxbox conference show`."""


class RoomState(IntEnum):
    """States of the activity."""

    TALKING = 0


_S = RoomState
Sounds = tuple[str, ...]


class Room(Activity):
    """A conference under way."""

    VIEWS: ClassVar = {_S.TALKING: "conference"}
    MIXES: ClassVar = True
    __slots__ = ("_announcements", "_announcer", "_first", "conference", "invited")

    def __init__(self, board: Board, call: Call, start: StartRoom) -> None:
        super().__init__(board, call, _S.TALKING, *start.members)
        self.conference = Conference(call.number, start.plan, board.now)
        self.invited: list[Invited] = []
        self._announcements: deque[Sounds] = deque()
        self._announcer: Leg | None = None
        self._first = start

    def enter(self) -> None:
        """Connect the members."""
        board, call, first = self.board, self.call, self._first.members[0]
        number = self.conference.plan.number
        if number:
            board.rooms[number] = (self.conference, call)
        for leg in self._first.members:
            lines.hush(board, leg)
            self._add(leg, host=leg is self._first.host)
        if not first.answered:
            lines.proceed(board, first)
            lines.answer(board, first)
        call.disposition = "answered"
        lines.charge(board, call, first)
        if number:
            self._tell(self.conference.members[first.number], "room-alone")

    def leave(self, ending: Ending | None) -> None:
        """Stop calling others, and free the number."""
        super().leave(ending)
        for each in self.invited:
            if ending is None:
                each.reach.stop(Cause.NORMAL_CLEARING)
            else:
                each.reach.drop()
        self.invited.clear()
        for member in self.conference:
            self._note("left", member)
        if self.board.rooms.get(self.conference.plan.number, (None,))[0] is self.conference:
            del self.board.rooms[self.conference.plan.number]

    # --- the conference as others see it

    @property
    def recorded(self) -> bool | None:
        """Whether it is recorded, None: as the rules say."""
        return {"always": True, "never": False}.get(self.conference.plan.record)

    def parties(self) -> tuple[Leg, ...]:
        """Return the members, and the legs that ring."""
        ringing = [leg for each in self.invited for leg in each.reach.legs()]
        return (*[each.leg for each in self.conference], *ringing)

    def mix(self) -> Mixed:
        """Return the gains."""
        return self.conference.mix(self._announcer)

    def stretch(self) -> Stretch | None:
        """Return the talk, with all its members; none while one waits alone."""
        members = [each.leg for each in self.conference]
        if len(members) < 2:
            return None
        what = self.conference.plan.number or " ".join([leg.agent or leg.who for leg in members[1:]])
        return Stretch("talk", tuple([leg.number for leg in members]), what)

    def whole(self) -> bool:
        """Return whether a member is there, and of one that began in a talk more than two."""
        enough = bool(self.conference.plan.number) or len(self.conference.members) > 2 or bool(self.invited)
        return bool(self.conference.members) and enough and all(each.reach.whole() for each in self.invited)

    # --- what members hear beside each other

    def _prompts(self, *names: str) -> Sounds:
        return say.prompts(self.board.config.language, names)

    def _tell(self, member: Member, *names: str, before: Sounds = (), after: Sounds = ()) -> None:
        """Play words to one member."""
        if member.leg is self._announcer:
            self._announcer = None
        lines.play(self.board, member.leg, (*before, *self._prompts(*names), *after))

    def _announce(self, tone: str, leg: Leg, name: str) -> None:
        """Play to all that a member comes or goes."""
        plan, who = self.conference.plan, spoken(leg, self.board.config.language)
        words = (*who, *self._prompts(name)) if plan.announce and who else ()
        sounds = ((tone,) if plan.tones else ()) + words
        if sounds and len(self._announcements) < MAX_ANNOUNCEMENTS:
            self._announcements.append(sounds)
        self._announce_next()

    def _announce_next(self) -> None:
        """Play what waits to a member who hears nothing else; the conference hears it, too."""
        free = next((each.leg for each in self.conference if not each.leg.playing), None)
        if self._announcer is None and self._announcements and free is not None:
            self._announcer = free
            lines.play(self.board, free, self._announcements.popleft())

    def _played(self, said: Said) -> None:
        if said.leg is self._announcer:
            self._announcer = None
        note_missing(self.board, f"conference {self.conference.plan.number}", said.what.missing)
        self._announce_next()

    # --- members come and go

    def _add(self, leg: Leg, *, host: bool) -> Member:
        member = self.conference.add(leg, host=host)
        self._note("joined", member)
        return member

    def _joined(self, joining: tuple[Leg, bool]) -> None:
        """Add a member, who hears what it may do, and the others who it is."""
        leg, host = joining
        leg.at = self
        member = self._add(leg, host=host)
        self._tell(member, "room-welcome" if member.floor else "room-listening")
        self._announce(JOIN_TONE, leg, "room-joined")

    def _cleared(self, said: Said) -> None:
        self._remove(said.leg, said.what)

    def _remove(self, leg: Leg, cause: int) -> None:
        """Remove a member who left."""
        member = self.conference.members.pop(leg.number)
        self._note("left", member)
        recording.stop(self.board, leg)
        if leg is self._announcer:
            self._announcer = None
        if self._settled(cause):
            return
        if self.call.charged is leg:
            lines.charge(self.board, self.call, next(iter(self.conference)).leg)
        self._announce(LEAVE_TONE, leg, "room-left")

    def _settled(self, cause: int) -> bool:
        """End the conference without members, or make it a talk if it was one; return whether it is over."""
        members = [each.leg for each in self.conference]
        if not members:
            ending.caller_gone(self.board, self.call, cause)
        elif not self.conference.plan.number and len(members) == 2 and not self.invited:
            a, b = members
            self.board.begin(self.call, StartTalk(a, b, tell="both"))
        else:
            return len(members) < 2 and self._ends_alone(cause)
        return True

    def _ends_alone(self, cause: int) -> bool:
        """End a conference that began in a talk when one is left; return whether it is over."""
        if self.conference.plan.number or self.invited:
            return False
        ending.callee_gone(self.board, self.call, cause)
        return True

    # --- others are called in

    def _call_in(self, calling: tuple[str, Leg | None]) -> None:
        """Call a number into the conference; no-op if it cannot be called (`may_be_called`)."""
        number, by = calling
        invited = Invited(self.board, self.call, self, number, by)
        self.invited.append(invited)
        self.call.shown = shown(self.conference.plan, by, self.call.shown)
        self._note("called", by=by.number if by is not None else 0)
        invited.reach.seek()

    def _reached(self, result: tuple[Invited, Leg]) -> None:
        invited, leg = result
        self.invited.remove(invited)
        self._joined((leg, False))

    def _unreached(self, result: tuple[Invited, int]) -> None:
        invited, cause = result
        self.invited.remove(invited)
        host = self.conference.members.get(invited.by.number) if invited.by is not None else None
        if host is not None:
            self._tell(host, "room-not-reached")
        self._settled(cause)

    # --- keys

    def _key(self, said: Said) -> None:
        member = self.conference.members[said.leg.number]
        pressed = member.press(said.what.key, self.board.config.conference_keys)
        if pressed is None:
            return
        name, number = pressed
        if member.host or name in FOR_ALL:
            _KEYS[name](self, member, number)
        else:
            self._tell(member, "not-possible")

    def _press_ask(self, member: Member, _: str) -> None:
        """Ask to speak, or take that back; hosts are told who asks."""
        if member.floor:
            self._tell(member, "room-may-speak")
        elif member.asks:
            member.asks = 0
            self._note("withdrew", member)
            self._tell(member, "room-withdrawn")
        else:
            self.conference.ask(member)
            self._note("asked", member)
            self._tell(member, "room-asked")
            who = (*self._prompts("room-place"), *self._number(member.place))
            for host in [each for each in self.conference if each.host]:
                self._tell(host, "room-asks", before=who)

    def _press_mute(self, member: Member, _: str) -> None:
        self._change("unmuted" if member.muted else "muted", member, member.leg.number)

    def _press_who(self, member: Member, _: str) -> None:
        """Play how many are there; to a host, also their names."""
        who: Sounds = ()
        for each in [*self.conference][: MAX_SPOKEN if member.host else 0]:
            who += (*self._prompts("room-place"), *self._number(each.place))
            who += spoken(each.leg, self.board.config.language)
        self._tell(member, "room-members", after=(*self._number(len(self.conference.members)), *who))

    def _press_mute_member(self, host: Member, number: str) -> None:
        order = Order("muted", _place(number), host.leg.number)
        self._ordered(host, order._replace(do="unmuted") if self.conference.refuses(order) else order)

    def _press_remove(self, host: Member, number: str) -> None:
        self._ordered(host, Order("removed", _place(number), host.leg.number))

    def _press_grant(self, host: Member, number: str) -> None:
        self._ordered(host, Order("granted", _place(number), host.leg.number))

    def _press_revoke(self, host: Member, number: str) -> None:
        self._ordered(host, Order("revoked", _place(number), host.leg.number))

    def _press_lock(self, host: Member, _: str) -> None:
        self._ordered(host, Order("unlocked" if self.conference.locked else "locked", 0, host.leg.number))

    def _press_call_in(self, host: Member, number: str) -> None:
        if self.takes_more() and may_be_called(self.board, self.call, number, host.leg):
            self._call_in((number, host.leg))
        else:
            self._tell(host, "not-possible")

    def _press_end(self, host: Member, _: str) -> None:
        self._ordered(host, Order("ended", 0, host.leg.number))

    def _number(self, n: int) -> Sounds:
        return say.number(n, self.board.config.language)

    # --- orders

    def takes_more(self) -> bool:
        """Return whether one more can be called in."""
        return len(self.conference.members) + len(self.invited) < self.conference.plan.members

    def _ordered(self, host: Member, order: Order) -> None:
        """Carry out an order that a host gave by keys; confirm it, or say that it is not possible."""
        if self.conference.refuses(order):
            self._tell(host, "not-possible")
            return
        self._conduct(order)
        if order.do in _CONFIRMED:
            self._tell(host, _CONFIRMED[order.do])

    def _conduct(self, order: Order) -> None:
        """Carry out an order that is not refused (`Conference.refuses`)."""
        if order.do in ("locked", "unlocked"):
            self.conference.locked = order.do == "locked"
            self._note(order.do, by=order.by)
        elif order.do == "ended":
            self._note("ended", by=order.by)
            ending.hang_up(self.board, self.call)
        else:
            for member in self.conference.chosen(order):
                self._change(order.do, member, order.by)

    def _change(self, do: RoomChange, member: Member, by: int) -> None:
        """Change a member, who is told."""
        self._note(do, member, by)
        if do in ("muted", "unmuted"):
            member.muted = do == "muted"
            self._tell(member, "room-muted" if member.muted else "room-unmuted")
        elif do == "removed":
            self._tell(member, "room-removed")
            member.leg.at = Leaving(self.board, member.leg)
            self._remove(member.leg, Cause.NORMAL_CLEARING)
        else:
            member.floor, member.asks = do == "granted", 0
            self._tell(member, "room-may-speak" if member.floor else "room-listening")

    def _note(self, what: RoomChange, member: Member | None = None, by: int = 0) -> None:
        leg = member.leg.number if member is not None else 0
        host = member is not None and member.host
        self.board.records.append(RoomChanged(self.call.number, self.conference.plan.number, what, leg, by, host=host))

    TABLE: ClassVar[Table] = {
        _S.TALKING: {
            **asked(),
            In.KEY: (_S.TALKING, _key),
            In.PLAYED: (_S.TALKING, _played),
            In.HELD: (_S.TALKING, nothing),
            In.RESUMED: (_S.TALKING, nothing),
            In.TRANSFER: (_S.TALKING, refuse),
            In.CLEARED: (_S.TALKING, _cleared),
            In.JOINED: (_S.TALKING, _joined),
            In.CALL_IN: (_S.TALKING, _call_in),
            In.CONDUCT: (_S.TALKING, _conduct),
            In.REACHED: (_S.TALKING, _reached),
            In.UNREACHED: (_S.TALKING, _unreached),
        }
    }


_CONFIRMED: Final[dict[RoomChange, str]] = {"locked": "room-locked", "unlocked": "room-unlocked"}


def _place(number: str) -> int:
    """Return the place that was pressed, 0 for none, -1 for one that is no number."""
    return int(number) if number.isdecimal() and len(number) < 6 else -1 if number else 0


_KEYS: Final[dict[str, Callable[[Room, Member, str], None]]] = {
    "ask": Room._press_ask,  # noqa: SLF001 - the table of its own methods
    "mute": Room._press_mute,  # noqa: SLF001
    "who": Room._press_who,  # noqa: SLF001
    "mute_member": Room._press_mute_member,  # noqa: SLF001
    "remove": Room._press_remove,  # noqa: SLF001
    "grant": Room._press_grant,  # noqa: SLF001
    "revoke": Room._press_revoke,  # noqa: SLF001
    "lock": Room._press_lock,  # noqa: SLF001
    "call_in": Room._press_call_in,  # noqa: SLF001
    "end": Room._press_end,  # noqa: SLF001
}
"""Action of each key of `[conference_keys]`."""
