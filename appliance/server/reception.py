# SPDX-License-Identifier: GPL-2.0-or-later
"""The reception, between the control socket and the desk.

Users sign in here, are shown what their role holds, and what they change goes into the operation log.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

from appliance.access import tickets as kept_tickets
from appliance.access import users
from appliance.access.tickets import Ticket, Tickets
from appliance.access.tries import Bounds
from appliance.api import messages as m
from appliance.api.needs import needs
from appliance.config.model import ApiConfig
from appliance.config.roles import RoleConfig, access
from appliance.contract.errors import ApplianceError, RequestError
from appliance.contract.rights import Right
from appliance.engine.engine import Engine
from appliance.i18n import N_
from appliance.server.config_desk import ConfigDesk
from appliance.server.oplog import OperationLog
from appliance.server.own import Own, OwnUpdates
from appliance.server.prompts_desk import PromptsDesk
from appliance.server.users_desk import UsersDesk
from appliance.server.visitor import MACHINE, Visitor

SWEEP_S: Final = 60.0
_GIVE_RIGHTS: Final = N_("rights are given in [api.users] of the configuration")
_ASK_ROLE: Final = N_("a technician changes roles: mxbox user, and [[role]] of the configuration")


class Reception:
    """Users, tickets and rights of one box.

    Args:
        path: `access.db`.
        rules: of the configuration.
        roles: returns the roles in force.
        engine: all calls.
        desk: answers a request of a user by name.
        log: of operations.
        wall: returns the time of day, Unix milliseconds.

    Attributes:
        config: answers requests about the configuration; None: there is no file.
        prompts: the same about prompts.
    """

    def __init__(
        self,
        path: Path,
        rules: ApiConfig,
        roles: Callable[[], Iterable[RoleConfig]],
        engine: Engine,
        desk: Callable[[m.AnyRequest, str], Awaitable[m.AnyReply]],
        log: OperationLog,
        wall: Callable[[], int],
    ) -> None:
        self._path, self._roles, self._engine, self._desk, self._log, self._wall = path, roles, engine, desk, log, wall
        self.tickets = Tickets(path, kept_tickets.Lives())
        self.be(rules)
        self._one = asyncio.Lock()
        self.log = log
        self.config: ConfigDesk | None = None
        self.prompts: PromptsDesk | None = None
        self._users = UsersDesk(path, roles, self._end_tickets, self._prove, wall)

    def be(self, rules: ApiConfig) -> None:
        """Set bounds of tries and lives of tickets from now on."""
        self._bounds = Bounds(rules.wrong_passwords, rules.wrong_passwords_address, rules.lock_s)
        self.tickets.lives = kept_tickets.Lives(rules.ticket_idle_s, rules.ticket_s)

    async def sign(self, request: m.SignRequest, visitor: Visitor) -> tuple[m.AnyReply, Visitor]:
        """Answer a request about the connection; return the reply, and its user from now on."""
        try:
            match request:
                case m.SignIn():
                    return await self._sign_in(request, visitor)
                case m.UseTicket(ticket):
                    return await self._use(ticket, visitor)
                case m.SignOut():
                    return await self._sign_out(visitor), visitor
        except ApplianceError as error:
            return _error(error), visitor

    def permitted(self, request: m.AnyRequest, visitor: Visitor) -> m.AnyRequest:
        """Return the request as its user may make it. Raises RequestError."""
        if visitor.ticket is None:
            return _of_machine(request, visitor)
        if not self.tickets.use(visitor.ticket, self._wall()):
            raise RequestError.of(N_("you are signed out"), N_("sign in again"))
        role = access(visitor.account.role, self._roles())
        needed = needs(request)
        if role is None or needed is None or not all(role.holds(each) for each in needed):
            lacks = [each for each in needed or () if role is None or not role.holds(each)]
            told = ", ".join(f"{each.do} {each.kind}" for each in lacks)
            text = N_("{user} may not ask this: the role {role} does not hold {needed}")
            raise RequestError.of(text, _ASK_ROLE, user=visitor.user, role=visitor.account.role, needed=told)
        visitor.access = role
        self._engine.admit(visitor.user, visitor.account.role)
        return self._own(visitor).narrow(request) if role.own else request

    async def answer(self, request: m.AnyRequest, visitor: Visitor) -> m.AnyReply:
        """Return the reply to a request that is permitted."""
        before = self._log.before(request)
        if isinstance(request, m.OperationRequest):
            return await self._log.look(request)
        if isinstance(request, m.ConfigRequest) and self.config is not None:
            reply, row = await self.config.answer(request, visitor)
        elif isinstance(request, m.PromptRequest) and self.prompts is not None:
            reply, row = await self.prompts.answer(request, visitor)
        elif isinstance(request, m.UserRequest):
            reply, row = await self._users.answer(request, visitor)
        else:
            reply, row = await self._desk(request, visitor.user), None
        if not isinstance(reply, m.Error):
            await self._log.asked(request, visitor, before, row)
        if isinstance(reply, m.LedgerReply):
            reply = await self._log.audited(reply)
        role = visitor.access if visitor.ticket is not None else None
        return self._own(visitor).part(reply) if role is not None and role.own else reply

    def sees(self, visitor: Visitor) -> Callable[[m.Update], bool] | None:
        """Return which updates a subscriber sees; None: all of its topics."""
        if visitor.ticket is None or visitor.access is None or not visitor.access.own:
            return None
        return OwnUpdates(self._own(visitor), visitor.account.agent)

    async def run(self) -> None:
        """End tickets that are over, and write which are used, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            self.tickets.sweep(self._wall())
            await self._log.keep(self._write)

    def _own(self, visitor: Visitor) -> Own:
        return Own(visitor.account.agent, self._engine)

    async def _sign_in(self, request: m.SignIn, visitor: Visitor) -> tuple[m.AnyReply, Visitor]:
        door = request.address if request.address and visitor.trusted else visitor.door
        address = request.address if request.address and visitor.trusted else f"{MACHINE}:{visitor.peer.user}"
        try:
            await self._prove(request.user, request.password, address, request.code)
        except ApplianceError as error:
            await self._log.row(request.user[:64], door, "sign_in", after=error.message)
            raise
        account = await asyncio.to_thread(users.account, self._path, request.user)
        text, ticket = self.tickets.make(account.user, door, self._wall())
        await self._write()
        await self._log.row(account.user, door, "sign_in")
        inside = self._inside(visitor, ticket, account)
        hello = self._hello(inside)
        return m.SignedIn(
            ticket=text, idle_s=self.tickets.lives.idle_s, until=self.tickets.until(ticket), user=hello.user,
            role=hello.role, access=hello.access, own=hello.own, agent=hello.agent,
        ), inside  # fmt: skip

    async def _use(self, text: str, visitor: Visitor) -> tuple[m.AnyReply, Visitor]:
        ticket = self.tickets.find(text, self._wall())
        if ticket is None:
            raise RequestError.of(N_("the ticket is no longer good"), N_("sign in again"))
        account = await asyncio.to_thread(users.account, self._path, ticket.user)
        inside = self._inside(visitor, ticket, account)
        return self._hello(inside), inside

    def _inside(self, visitor: Visitor, ticket: Ticket, account: users.Account) -> Visitor:
        self.left(visitor)
        ticket.connections += 1
        return Visitor(visitor.peer, ticket, account, access(account.role, self._roles()))

    def _hello(self, inside: Visitor) -> m.Hello:
        role = inside.access
        return m.Hello(
            version="", user=inside.user, rights=(), role=inside.account.role,
            access=dict(role.rights) if role is not None else {}, own=role is not None and role.own,
            agent=inside.account.agent,
        )  # fmt: skip

    def left(self, visitor: Visitor) -> None:
        """Note that a connection ended, or goes on as another user."""
        if visitor.ticket is not None:
            visitor.ticket.connections -= 1
            self.tickets.use(visitor.ticket, self._wall())

    async def _sign_out(self, visitor: Visitor) -> m.AnyReply:
        if visitor.ticket is None:
            raise RequestError.of(N_("nobody has signed in on this connection"), N_("a machine's user needs no ticket"))
        await self._log.row(visitor.user, visitor.door, "sign_out")
        await self._end_tickets(visitor.user, only=visitor.ticket)
        return m.Done()

    async def _prove(self, user: str, password: str, address: str, code: str | None) -> None:
        async with self._one:  # a guess costs a core some time: one at once
            await asyncio.to_thread(users.prove, self._path, user, password, address, self._wall(), self._bounds, code)

    async def _end_tickets(self, user: str, but: Ticket | None = None, only: Ticket | None = None) -> None:
        self.tickets.end(*[each for each in self.tickets.of(user) if each is not but and only in (None, each)])
        await self._write()

    async def _write(self) -> None:
        await asyncio.to_thread(kept_tickets.write, self._path, self.tickets.unwritten())


def _of_machine(request: m.AnyRequest, visitor: Visitor) -> m.AnyRequest:
    supervises = isinstance(request, m.Subscribe) and "supervision" in request.topics
    right: Right = "supervise" if supervises else request.right
    if right not in visitor.peer.rights:
        text = N_("{user} may not ask this: it takes the right {right}")
        raise RequestError.of(text, _GIVE_RIGHTS, user=visitor.user, right=right)
    return request


def _error(error: ApplianceError) -> m.Error:
    return m.Error.of(error.msgid or error.message, error.hint_id or error.hint, **error.values)
