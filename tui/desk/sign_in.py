# SPDX-License-Identifier: GPL-2.0-or-later
"""Signing in before a desk is shown, by plain questions: user, password, the code of a second factor."""

import contextlib
import getpass
from pathlib import Path
from typing import Final

from appliance.api.client import Client
from appliance.api.messages import Done, Hello, SignedIn, SignIn, SignOut, UseTicket
from appliance.contract.errors import ApiError
from appliance.i18n import N_, _

NEEDS_CODE: Final = N_("this user signs in with a second factor")
"""As `appliance.access.users` words it."""


def sign_in(socket: Path, user: str) -> SignedIn:
    """Ask for what is missing, and sign in. Raises ApiError: the box refuses, or the user is no agent."""
    user = user or input(_("user: ")).strip()
    password = getpass.getpass(_("password: "))
    with Client(socket) as box:
        try:
            inside = box.ask(SignIn(user=user, password=password), SignedIn)
        except ApiError as error:
            if error.message != _(NEEDS_CODE):
                raise
            code = input(_("code: ")).strip()
            inside = box.ask(SignIn(user=user, password=password, code=code), SignedIn)
    if not inside.agent:
        sign_out(socket, inside.ticket)
        message = _("user {user} is no agent").format(user=user)
        raise ApiError(message, _("`mxbox user change {user} --agent NUMBER` says which one").format(user=user))
    return inside


def sign_out(socket: Path, ticket: str) -> None:
    """Make a ticket void. It is no error if the box does not answer: a ticket ends by itself as well."""
    with contextlib.suppress(ApiError), Client(socket) as box:
        box.ask(UseTicket(ticket=ticket), Hello)
        box.ask(SignOut(), Done)
