# SPDX-License-Identifier: GPL-2.0-or-later
"""Users of the box who sign in: `mxbox user list`, `add`, `change`, `password`, `second-factor`, `lock`, `remove`."""

import argparse
import getpass
import sys
from typing import Any, Final

from appliance.api.messages import (
    AddUser,
    ChangeUser,
    RemoveUser,
    SecondFactorReply,
    SetPassword,
    SetSecondFactor,
    Users,
    UsersReply,
)
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.doing import do
from appliance.cli.output import clock, facts, show, show_json, table
from appliance.contract.access import UserRow
from appliance.contract.errors import ApplianceError
from appliance.i18n import N_, _


def listing(args: argparse.Namespace) -> int:
    """List the users."""
    with client(args) as box:
        reply = box.ask(Users(), UsersReply)
    if args.json:
        show_json(reply)
        return 0
    heads = (_("user"), _("name"), _("role"), _("agent"), _("second factor"), _("signed in"), _("state"))
    show(table(heads, [_row(each) for each in reply.users], empty=_("no user is added yet: mxbox user add")))
    return 0


def _row(user: UserRow) -> tuple[str, ...]:
    signed_in = clock(user.signed_in_at) if user.signed_in_at else _("never")
    state = _("locked") if user.locked else _("signed in now") if user.tickets else ""
    if user.locked_until:
        state = _("locked until {time}").format(time=clock(user.locked_until))
    second = _("yes") if user.second_factor else _("no")
    return user.user, user.name, user.role, user.agent, second, signed_in, state


def roles(args: argparse.Namespace) -> int:
    """List the roles and what each holds."""
    with client(args) as box:
        reply = box.ask(Users(), UsersReply)
    if args.json:
        show_json(reply)
        return 0
    kinds = sorted({kind for role in reply.roles for kind in role.access})
    heads = (_("kind"), *(role.role for role in reply.roles))
    rows = [(kind, *(" ".join(role.access.get(kind, ())) for role in reply.roles)) for kind in kinds]
    own = [role.role for role in reply.roles if role.own]
    show(
        table(heads, rows), _("of one's own calls, agent, phone and queues alone: {roles}").format(roles=", ".join(own))
    )
    return 0


def add(args: argparse.Namespace) -> int:
    """Add a user, whose password is asked for."""
    request = AddUser(args.user, args.role, _new_password(), args.name, args.agent, why=args.why)
    return do(args, request, _("user {user} is added").format(user=args.user))


def change(args: argparse.Namespace) -> int:
    """Change a user's role, name or agent."""
    request = ChangeUser(args.user, args.role, args.name, args.agent, why=args.why)
    return do(args, request, _("user {user} is changed, and signs in again").format(user=args.user))


def password(args: argparse.Namespace) -> int:
    """Set a new password."""
    request = SetPassword(_new_password(), user=args.user, why=args.why)
    return do(args, request, _("user {user} has a new password").format(user=args.user))


def lock(args: argparse.Namespace) -> int:
    """Lock a user out."""
    told = _("user {user} is locked, and signed out").format(user=args.user)
    return do(args, ChangeUser(args.user, locked=True, why=args.why), told)


def unlock(args: argparse.Namespace) -> int:
    """Lift the lock of a user."""
    told = _("user {user} may sign in").format(user=args.user)
    return do(args, ChangeUser(args.user, locked=False, why=args.why), told)


def remove(args: argparse.Namespace) -> int:
    """Remove a user."""
    return do(args, RemoveUser(args.user, why=args.why), _("user {user} is removed").format(user=args.user))


def second_factor(args: argparse.Namespace) -> int:
    """Make a new second factor, or end it."""
    with client(args) as box:
        reply = box.ask(SetSecondFactor(not args.off, user=args.user, why=args.why), SecondFactorReply)
    if args.json:
        show_json(reply)
    elif args.off:
        show(_("user {user} signs in with the password alone").format(user=args.user))
    else:
        show(_("user {user} has a new second factor; it is shown only this once").format(user=args.user))
        show(facts(((_("secret"), reply.secret), (_("address"), reply.address))))
    return 0


def _new_password() -> str:
    """Return a password that is typed twice, or the first line of what is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed = getpass.getpass(_("new password: "))
    if getpass.getpass(_("once more: ")) != typed:
        raise ApplianceError(_("the passwords differ"), _("type it once more"))
    return typed


def _user(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user", metavar="USER", help=_("the user's name, small letters"))
    parser.add_argument("--why", default="", help=_("why, for the operation log"))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    _user(parser)
    parser.add_argument("--role", required=True, help=_role_help())
    _about(parser, "")


def _change_arguments(parser: argparse.ArgumentParser) -> None:
    _user(parser)
    parser.add_argument("--role", help=_role_help())
    _about(parser, None)


def _about(parser: argparse.ArgumentParser, default: Any) -> None:
    parser.add_argument("--name", default=default, help=_("the full name"))
    parser.add_argument("--agent", metavar="NUMBER", default=default, help=_("the agent that the user is"))


def _role_help() -> str:
    return _("technician, supervisor, agent, auditor, or a [[role]] of the configuration")


def _second_factor_arguments(parser: argparse.ArgumentParser) -> None:
    _user(parser)
    parser.add_argument("--off", action="store_true", help=_("the password alone is enough from now on"))


_PASSWORD: Final = N_("The password is asked for twice; from a pipe, its first line is taken.")
USER: Final = Group(
    "user",
    N_("users of the box: who may sign in at the terminal, in the browser and by the API"),
    (
        Command("list", N_("list the users"), listing, ("mxbox user list",), asks=True),
        Command("roles", N_("list the roles, and what each may see and do"), roles, ("mxbox user roles",), asks=True),
        Command(
            "add",
            N_("add a user who signs in with a password"),
            add,
            (
                "mxbox user add wang --role technician",
                'mxbox user add lina --role agent --agent 8001 --name "Li Na"',
            ),
            _PASSWORD,
            arguments=_add_arguments,
            asks=True,
        ),
        Command(
            "change",
            N_("change a user's role, name or agent"),
            change,
            ("mxbox user change lina --role supervisor",),
            N_("The user is signed out."),
            arguments=_change_arguments,
            asks=True,
        ),
        Command(
            "password",
            N_("set a new password"),
            password,
            ("mxbox user password lina",),
            _PASSWORD,
            arguments=_user,
            asks=True,
        ),
        Command(
            "second-factor",
            N_("make a new second factor: codes of an authenticator (RFC 6238)"),
            second_factor,
            ("mxbox user second-factor wang", "mxbox user second-factor wang --off"),
            arguments=_second_factor_arguments,
            asks=True,
        ),
        Command(
            "lock", N_("lock a user out, and sign the user out"), lock, ("mxbox user lock lina",),
            arguments=_user, asks=True,
        ),
        Command(
            "unlock", N_("let a user sign in again, also after wrong passwords"), unlock, ("mxbox user unlock lina",),
            arguments=_user, asks=True,
        ),
        Command(
            "remove", N_("remove a user"), remove, ("mxbox user remove lina",), arguments=_user, asks=True,
        ),
    ),
)  # fmt: skip
