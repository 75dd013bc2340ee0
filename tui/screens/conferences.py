# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences under way: members, who speaks and who asks to, what happened; mute, grant, call in, lock, end."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import (
    CallIntoConference,
    ChangeConference,
    ConferenceChange,
    ConferenceLog,
    ConferenceLogReply,
    Conferences,
    ConferencesReply,
)
from appliance.cli.words import word
from appliance.contract.views import ConferenceView, MemberView
from appliance.i18n import N_, _, ngettext
from tui.actions import Action, Field, each
from tui.cells import Cell, Line, brief
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.screens.base import Every, HouseScreen
from tui.screens.troubles import when

MAX_SEEN: Final = 6
"""Conferences that are seen at once."""


class ConferencesScreen(HouseScreen):
    """The conferences."""

    NAME, LABEL = "conferences", N_("conferences")
    HELP_TEXT = N_(
        "Above the conferences under way, below the members of the chosen one, and what happened in it. Tab goes from "
        "one to the next; x mutes, grants, calls in, locks or ends what is chosen there. Enter goes to the call."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.focus_next", N_("next part"), key_display="Tab")]

    def body(self) -> Iterable[Widget]:
        """Return the conferences above the members of one and its log."""
        self._rooms: LiveTable[ConferenceView] = LiveTable(
            _room_columns(), self._room_rows, lambda it: it.call, N_("no conference is under way"), id="rooms"
        )
        self._members: LiveTable[MemberView] = LiveTable(
            _member_columns(), self._member_rows, lambda it: it.leg, N_("no member"), id="members"
        )
        self._log = Pane(self._happened)
        self._members.styles.height = "2fr"
        return (Vertical(self._rooms, self._members, self._log),)

    def beat(self) -> None:
        """Draw what changed; the table of conferences is as high as it has rows."""
        self._rooms.styles.height = min(MAX_SEEN, len(self._room_rows()) or 1) + 1
        super().beat()

    def asks(self) -> Sequence[Every]:
        """Return the requests: the log of the chosen conference too."""
        every = (Every(1.0, Conferences(), ConferencesReply),)
        room = self._rooms.row
        return (*every, Every(3.0, ConferenceLog(room.call), ConferenceLogReply)) if room is not None else every

    def _room_rows(self) -> Sequence[ConferenceView]:
        reply = self.picture.last(ConferencesReply)
        return reply.conferences if reply is not None else ()

    def _member_rows(self) -> Sequence[MemberView]:
        room = self._rooms.row
        return room.members if room is not None else ()

    def _happened(self, _width: int) -> Sequence[Line]:
        """Return what happened in the chosen conference, the newest first."""
        reply, room = self.picture.last(ConferenceLogReply), self._rooms.row
        if reply is None or room is None:
            return ()
        lines: list[Line] = [[Cell(" " + _("what happened"), "head")]]
        for it in reversed([row for row in reply.changes if row.call == room.call]):
            by = _("by {party}").format(party=it.done_by) if it.done_by else ""
            host = _("(host)") if it.host else ""
            text = "  ".join(part for part in (it.member, host, word(it.what), by) if part)
            lines.append([Cell(f" {when(it.at, seconds=True)}  ", "dim"), text])
        return lines

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        """Go from a conference to its members, and from a member to the call."""
        if isinstance(event.row, ConferenceView):
            self._members.focus()
        elif self._rooms.row is not None:
            self.terminal.show("calls", self._rooms.row.call)

    # --- what can be done

    def heading(self) -> str:
        """Return what is chosen."""
        room = self._rooms.row
        if room is None:
            return _(self.LABEL)
        members = self._members.chosen if self.table is self._members else []
        return _people(members) if members else _("conference {name}").format(name=_name(room))

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the conference, or with the members that are chosen."""
        room = self._rooms.row
        if room is None:
            return ()
        if self.table is self._members and self._members.chosen:
            return on_members(room, self._members.chosen)
        return on_conference(room)


def on_conference(room: ConferenceView) -> Sequence[Action]:
    """Return what can be done with a conference."""
    name, number = _name(room), Field("number", _("number, as a phone dials it"))
    lock: ConferenceChange = "unlock" if room.locked else "lock"
    ends = _("Ends conference {name} for all: {people}.").format(name=name, people=_people(room.members))
    quiet = _("All guests of conference {name} are heard no more.").format(name=name)
    return [
        Action("c", _("call in"), lambda values: (CallIntoConference(_id(room), values["number"]),), "", (number,)),
        Action("l", _("let others in again") if room.locked else _("let only hosts in"), each(_do(room, lock))),
        Action("m", _("mute all guests"), each(_do(room, "mute")), quiet),
        Action("u", _("unmute all guests"), each(_do(room, "unmute"))),
        Action("g", _("let the one speak who asked first"), each(_do(room, "grant"))),
        Action("r", _("let guests only listen again"), each(_do(room, "revoke"))),
        Action("e", _("end it"), each(_do(room, "end")), ends),
    ]


def on_members(room: ConferenceView, members: Sequence[MemberView]) -> Sequence[Action]:
    """Return what can be done with members of a conference."""
    places = [it.place for it in members]
    gone = _("Removes {people} from conference {name}.").format(people=_people(members), name=_name(room))
    return [
        Action("m", _("mute"), each(_do(room, "mute", *places))),
        Action("u", _("unmute"), each(_do(room, "unmute", *places))),
        Action("g", _("let speak"), each(_do(room, "grant", *places))),
        Action("r", _("let only listen"), each(_do(room, "revoke", *places))),
        Action("d", _("remove"), each(_do(room, "remove", *places)), gone),
    ]


def _do(room: ConferenceView, change: ConferenceChange, *places: int) -> list[ChangeConference]:
    return [ChangeConference(_id(room), change, place) for place in places or (0,)]


def _id(room: ConferenceView) -> str:
    return room.number or str(room.call)


def _name(room: ConferenceView) -> str:
    return f"{room.number} {room.name}".strip() or _("of call {n}").format(n=room.call)


def _people(members: Sequence[MemberView]) -> str:
    if len(members) == 1:
        return f"{members[0].number} {members[0].name}".strip()
    return ngettext("{n} member", "{n} members", len(members)).format(n=len(members))


def _room_columns() -> Sequence[Column[ConferenceView]]:
    return (
        Column(N_("no."), 6, lambda it: it.number or "-"),
        Column(N_("name"), 10, lambda it: it.name, grow=1),
        Column(N_("for"), 6, lambda it: brief(it.up_s), right=True),
        Column(N_("members"), 7, lambda it: str(len(it.members)), right=True),
        Column(N_("ask to speak"), 6, _asking, right=True),
        Column(N_("door"), 8, lambda it: Cell(_("locked"), "warn") if it.locked else Cell(_("not locked"), "dim")),
        Column(N_("being called"), 10, lambda it: Cell(" ".join(it.ringing), "accent"), grow=1),
        Column(N_("call"), 6, lambda it: str(it.call), right=True, spare=1),
    )


def _asking(it: ConferenceView) -> Cell:
    asks = sum(bool(member.asks) for member in it.members)
    return Cell(str(asks or "-"), "warn" if asks else "dim")


def _member_columns() -> Sequence[Column[MemberView]]:
    return (
        Column("", 2, lambda it: str(it.place), right=True, order=lambda it: it.place),
        Column(N_("number"), 11, lambda it: it.number or _("unknown"), grow=1),
        Column(N_("name"), 10, lambda it: it.name, grow=1),
        Column(N_("is"), 6, lambda it: Cell(_("host"), "accent") if it.host else _("guest")),
        Column(N_("may"), 12, _may, grow=1),
        Column(N_("now"), 8, lambda it: Cell(_("speaks"), "good") if it.speaking else ""),
    )


def _may(it: MemberView) -> Cell:
    if it.muted:
        return Cell(_("muted"), "bad")
    if it.asks:
        return Cell(_("asks to speak ({n})").format(n=it.asks), "warn")
    return Cell(_("speak"), "") if it.floor else Cell(_("listen"), "dim")
