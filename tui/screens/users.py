# SPDX-License-Identifier: GPL-2.0-or-later
"""Users of the box who sign in: roles and what they hold, passwords, second factors, locks."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import (
    AddUser,
    ChangeUser,
    Done,
    RemoveUser,
    RoleRow,
    SecondFactorReply,
    SetPassword,
    SetSecondFactor,
    Users,
    UsersReply,
)
from appliance.contract.access import Kind, UserRow
from appliance.contract.errors import ApiError
from appliance.i18n import N_, _
from tui.actions import Action, Field, Values, each
from tui.cells import Cell, Line, fit
from tui.dialogs import Help
from tui.link import Asks
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.screens.base import Every, HouseScreen
from tui.screens.troubles import when

RIGHT: Final = "configure"
ROLES: Final = "technician, supervisor, agent, auditor"
"""Built-in roles; the box names those of the configuration, where one is unknown."""
_WHY: Final = "why"


KINDS: Final[Mapping[Kind, str]] = {
    "status": N_("status"), "calls": N_("calls"), "history": N_("past calls"), "agents": N_("agents"),
    "queues": N_("queues"), "supervision": N_("supervision"), "phones": N_("phones"), "routes": N_("routes"),
    "recordings": N_("recordings"), "quality": N_("reviews"), "messages": N_("messages"),
    "collected": N_("data keyed in"), "conferences": N_("conferences"), "edge": N_("edge"), "settings": N_("settings"),
    "users": N_("users"), "operations": N_("operations"),
}  # fmt: skip
"""Kinds of things for which a role holds rights, in the words of people."""


class UsersScreen(HouseScreen):
    """The users."""

    NAME, LABEL = "users", N_("users")
    HELP_TEXT = N_(
        "Users who sign in, here, in the browser and by the API; below, what the role of the chosen one holds. x adds "
        "one, changes role, name or agent, sets a password or a second factor, locks, unlocks, removes. A user who is "
        "changed signs in again."
    )
    ASKS = (Every(10.0, Users(), UsersReply),)

    def body(self) -> Iterable[Widget]:
        """Return the users above what the role of the chosen one holds."""
        self._users: LiveTable[UserRow] = LiveTable(
            _columns(), self._rows, lambda it: it.user, N_("no user is known yet: x adds one"), id="users"
        )
        self._pane = Pane(self._holds)
        return (Vertical(self._users, self._pane),)

    def _rows(self) -> Sequence[UserRow]:
        reply = self.picture.last(UsersReply)
        return reply.users if reply is not None else ()

    def _roles(self) -> Mapping[str, RoleRow]:
        reply = self.picture.last(UsersReply)
        return {row.role: row for row in reply.roles} if reply is not None else {}

    def _holds(self, width: int) -> Sequence[Line]:
        user = self._users.row
        role = self._roles().get(user.role) if user is not None else None
        if role is None:
            return ()
        own = _(": of one's own calls, agent, phone and queues alone") if role.own else ""
        column, kinds = 26, [kind for kind in KINDS if kind in role.access]
        each_line = max(1, width // column)
        lines: list[Line] = [[Cell(" " + _("role {role}").format(role=role.role) + own, "head")]]
        for first in range(0, len(kinds), each_line):
            parts = [f"{_(KINDS[kind])}: {_brief(role.access[kind])}" for kind in kinds[first : first + each_line]]
            lines.append([" ", *(fit(part, column) for part in parts)])
        return [*lines, [Cell(" " + _("v view   a add   c change   d delete"), "dim")]]

    # --- what can be done

    def heading(self) -> str:
        """Return the chosen user."""
        user = self._users.row
        return _("user {user}").format(user=user.user) if user is not None else _(self.LABEL)

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the chosen user, and how one is added."""
        roles = ", ".join(self._roles()) or ROLES
        added = _add(roles)
        user = self._users.row
        return (added,) if user is None else (added, *self._on(user, roles))

    def _on(self, it: UserRow, roles: str) -> Iterable[Action]:
        why = Field(_WHY, _("why, for the operation log"), needed=False)
        yield _change(it, roles, why)
        yield _password(it)
        told = _("User {user} needs a code at each sign-in from the next one on; the key is shown only once.")
        yield Action("f", _("new second factor"), sentence=told.format(user=it.user), fields=(why,), right=RIGHT,
                     do=self._second_factor(it.user))  # fmt: skip
        if it.second_factor:
            told = _("User {user} signs in with the password alone from now on.")
            yield Action("F", _("end the second factor"), sentence=told.format(user=it.user), right=RIGHT,
                         do=_end_second_factor(it.user))  # fmt: skip
        out = _("User {user} is signed out everywhere, and cannot sign in.").format(user=it.user)
        yield Action("l", _("lock"), lambda values: (ChangeUser(it.user, locked=True, why=values[_WHY]),), out, (why,),
                     RIGHT)  # fmt: skip
        if it.locked or it.locked_until:
            yield Action("u", _("unlock"), each([ChangeUser(it.user, locked=False)]), right=RIGHT)
        gone = _("Removes user {user}; what the user did stays in the operation log.").format(user=it.user)
        yield Action(
            "d", _("remove the user"), lambda values: (RemoveUser(it.user, why=values[_WHY]),), gone, (why,), RIGHT
        )

    def _second_factor(self, user: str) -> Callable[[Asks, Values], Awaitable[str]]:
        async def do(link: Asks, values: Values) -> str:
            reply = await link.ask(SetSecondFactor(on=True, user=user, why=values[_WHY]), SecondFactorReply)
            text = _("It is shown only this once. Key: {key}\n\nAddress for authenticators: {address}")
            told = text.format(key=reply.secret, address=reply.address)
            await self.app.push_screen_wait(Help(_("second factor of {user}").format(user=user), told, ()))
            return ""

        return do


def _end_second_factor(user: str) -> Callable[[Asks, Values], Awaitable[str]]:
    async def do(link: Asks, _values: Values) -> str:
        await link.ask(SetSecondFactor(on=False, user=user), SecondFactorReply)
        return ""

    return do


def _add(roles: str) -> Action:
    fields = (
        Field("user", _("user's name, small letters")),
        Field("role", _("role: {roles}").format(roles=roles)),
        Field("name", _("full name"), needed=False),
        Field("agent", _("number of the agent that the user is"), needed=False),
        *_twice(),
    )

    async def do(link: Asks, values: Values) -> str:
        password = _same(values)
        await link.ask(AddUser(values["user"], values["role"], password, values["name"], values["agent"]), Done)
        return _("user {user} is added").format(user=values["user"])

    return Action("a", _("add a user"), fields=fields, right=RIGHT, do=do)


def _change(it: UserRow, roles: str, why: Field) -> Action:
    fields = (
        Field("role", _("role: {roles}").format(roles=roles), it.role),
        Field("name", _("full name"), it.name, needed=False),
        Field("agent", _("number of the agent that the user is"), it.agent, needed=False),
        why,
    )
    text = _("User {user}: role {role}, name {name}, agent {agent}; the user is signed out, and signs in again.")
    sentence = text.format(user=it.user, role="{role}", name="{name}", agent="{agent}")

    def requests(values: Values) -> Sequence[ChangeUser]:
        return (ChangeUser(it.user, values["role"], values["name"], values["agent"], why=values[_WHY]),)

    return Action("c", _("change"), requests, sentence, fields, RIGHT)


def _password(it: UserRow) -> Action:
    async def do(link: Asks, values: Values) -> str:
        await link.ask(SetPassword(_same(values), user=it.user), Done)
        return _("user {user} has a new password").format(user=it.user)

    text = _("User {user} is signed out, and signs in with the new password.").format(user=it.user)
    return Action("p", _("new password"), sentence=text, fields=_twice(), right=RIGHT, do=do)


def _twice() -> tuple[Field, Field]:
    first = Field("password", _("password, 10 characters or more"), secret=True)
    return first, Field("again", _("password once more"), secret=True)


def _same(values: Values) -> str:
    """Return the password that was typed twice. Raises ApiError."""
    if values["password"] != values["again"]:
        raise ApiError(_("the passwords differ"), _("type it once more"))
    return values["password"]


def _columns() -> Sequence[Column[UserRow]]:
    return (
        Column(N_("user"), 8, lambda it: it.user, grow=1),
        Column(N_("name"), 8, lambda it: it.name, grow=1),
        Column(N_("role"), 10, lambda it: it.role, grow=1),
        Column(N_("agent"), 5, lambda it: it.agent),
        Column(N_("2nd factor"), 6, lambda it: _("yes") if it.second_factor else Cell(_("no"), "dim")),
        Column(N_("last sign-in"), 11, lambda it: when(it.signed_in_at) if it.signed_in_at else Cell(_("never"), "dim"),
               spare=1),
        Column(N_("state"), 18, _state),
    )  # fmt: skip


def _state(it: UserRow) -> Cell:
    if it.locked:
        return Cell(_("locked"), "bad")
    if it.locked_until:
        return Cell(_("locked until {time}").format(time=when(it.locked_until)[-5:]), "warn")
    return Cell(_("signed in now"), "good") if it.tickets else Cell("")


def _brief(doings: Sequence[str]) -> str:
    return " ".join(each[0] for each in doings)
