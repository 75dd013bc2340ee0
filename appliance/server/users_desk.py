# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests about users who sign in. Files are read and written on other threads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from appliance.access import totp, users
from appliance.access.errors import AccessError
from appliance.access.tickets import Ticket
from appliance.access.users import Account
from appliance.api import messages as m
from appliance.config.known import among
from appliance.config.roles import RoleConfig, access, names
from appliance.contract.access import UserRow
from appliance.contract.errors import ApplianceError, RequestError
from appliance.i18n import N_
from appliance.server.visitor import Visitor


class Changed(NamedTuple):
    """Words of the operation log about a change: on what, and what was before and after."""

    on: str
    before: str = ""
    after: str = ""


class EndTickets(Protocol):
    """Ends the tickets of a user, but for one."""

    def __call__(self, user: str, but: Ticket | None = None) -> Awaitable[None]:
        """End them."""


class UsersDesk:
    """Answers to requests about users.

    Args:
        path: `access.db`.
        roles: returns the roles in force.
        end_tickets: of a user who was changed.
        prove: compares the password of a user who changes it; raises AccessError.
        wall: returns the time of day, Unix milliseconds.
    """

    def __init__(
        self,
        path: Path,
        roles: Callable[[], Iterable[RoleConfig]],
        end_tickets: EndTickets,
        prove: Callable[[str, str, str, str | None], Awaitable[None]],
        wall: Callable[[], int],
    ) -> None:
        self._path, self._roles, self._end, self._prove, self._wall = path, roles, end_tickets, prove, wall

    async def answer(self, request: m.UserRequest, visitor: Visitor) -> tuple[m.AnyReply, Changed | None]:
        """Return the reply, and what was changed. What cannot be done gets an `Error`."""
        try:
            return await self._answer(request, visitor)
        except ApplianceError as error:
            return m.Error.of(error.msgid or error.message, error.hint_id or error.hint, **error.values), None

    async def _answer(self, request: m.UserRequest, visitor: Visitor) -> tuple[m.AnyReply, Changed | None]:
        match request:
            case m.Users():
                return await self._list(), None
            case m.AddUser():
                return await self._add(request)
            case m.ChangeUser():
                return await self._change(request)
            case m.RemoveUser(user):
                before = await asyncio.to_thread(users.remove, self._path, user)
                await self._end(user)
                return m.Done(), Changed(user, _told(before))
            case m.SetPassword():
                return await self._password(request, visitor)
            case m.SetSecondFactor():
                return await self._second_factor(request, visitor)

    async def _list(self) -> m.AnyReply:
        roles = tuple(self._roles())
        held = [(name, access(name, roles)) for name in names(roles)]
        rows = tuple(m.RoleRow(name, dict(role.rights), role.own) for name, role in held if role is not None)
        return m.UsersReply(await asyncio.to_thread(users.listed, self._path), rows)

    async def _add(self, request: m.AddUser) -> tuple[m.AnyReply, Changed]:
        self._look(request.role, request.agent)
        account = Account(request.user, request.role, request.agent)
        await asyncio.to_thread(users.add, self._path, account, request.name, request.password, self._wall())
        return m.Done(), Changed(request.user, "", f"role {request.role}, agent {request.agent or '-'}")

    async def _change(self, request: m.ChangeUser) -> tuple[m.AnyReply, Changed]:
        known = {each.user: each for each in await asyncio.to_thread(users.listed, self._path)}
        if request.user not in known:
            raise users.unknown(request.user)
        was = known[request.user]
        self._look(request.role or was.role, was.agent if request.agent is None else request.agent)
        before, after = await asyncio.to_thread(
            users.change, self._path, request.user, request.role, request.name, request.agent, locked=request.locked
        )
        await self._end(request.user)
        return m.Done(), Changed(request.user, _told(before), _told(after))

    async def _password(self, request: m.SetPassword, visitor: Visitor) -> tuple[m.AnyReply, Changed]:
        user = await self._whose(request.user, request.old, visitor)
        await asyncio.to_thread(users.set_password, self._path, user, request.password, self._wall())
        await self._end(user, but=visitor.ticket if user == visitor.user else None)
        return m.Done(), Changed(user)

    async def _second_factor(self, request: m.SetSecondFactor, visitor: Visitor) -> tuple[m.AnyReply, Changed]:
        user = await self._whose(request.user, request.password, visitor)
        secret = totp.new_secret() if request.on else ""
        await asyncio.to_thread(users.set_secret, self._path, user, secret)
        address = totp.address(user, secret) if secret else ""
        return m.SecondFactorReply(user, secret, address), Changed(user, "", "on" if request.on else "off")

    async def _whose(self, user: str, password: str, visitor: Visitor) -> str:
        """Return the user whose proof is changed; one's own takes the password there is."""
        if user:
            return user
        if visitor.ticket is None:
            raise RequestError.of(N_("nobody has signed in on this connection"), N_("name the user"))
        await self._prove(visitor.user, password, visitor.door, None)
        return visitor.user

    def _look(self, role: str, agent: str) -> None:
        """Raise an error if there is no such role, or if a role for one's own things has no agent."""
        roles = tuple(self._roles())
        held = access(role, roles)
        if held is None:
            raise AccessError.of(N_("there is no role {role}"), among(names(roles), role), role=role)
        if held.own and not agent:
            text = N_("the role {role} is for the user's own calls: it takes the number of an agent")
            raise AccessError.of(text, N_("name the agent that the user is"), role=role)


def _told(row: UserRow) -> str:
    return f"role {row.role}, agent {row.agent or '-'}, name {row.name or '-'}" + ", locked" * row.locked
