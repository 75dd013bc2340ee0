# SPDX-License-Identifier: GPL-2.0-or-later
"""Secrets of phones that register, each shown once: a password, the address of a telephone's settings by QR code."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from appliance.api.messages import NewPassword, PasswordReply, Provision, ProvisionReply
from appliance.contract.phone_row import PhoneRow
from appliance.i18n import _
from tui.actions import Action, Field, Values
from tui.dialogs import Dialog, Help
from tui.link import Asks
from tui.mouse import Keys
from tui.qr import qr_lines
from tui.skin import Skin

Push = Callable[[Screen[Any]], Awaitable[object]]
"""Shows a dialog until it is left."""
RIGHT: Final = "configure"
_WORDS_WIDTH: Final = 31
"""Columns for the words beside a code."""


class SettingsAddress(Dialog):
    """The address from which a telephone fetches its settings once: a QR code where it can be drawn, and words."""

    DEFAULT_CSS = """
    SettingsAddress #code { width: auto; max-width: 100%; height: auto; background: $surface; }
    SettingsAddress #code Static { width: auto; height: auto; }
    SettingsAddress #words { width: 31; height: auto; padding: 0 1; }
    SettingsAddress #words Static { width: 29; margin-bottom: 1; }
    """

    def __init__(self, reply: ProvisionReply, skin: Skin) -> None:
        super().__init__()
        self._reply, self._skin = reply, skin

    def compose(self) -> ComposeResult:
        """Return the code and the words beside it; without a code a dialog as others are."""
        room = self.app.size
        code = qr_lines(self._reply.address, self._skin, room.width - _WORDS_WIDTH, room.height)
        if not code:
            with Vertical(classes="dialog"):
                yield from self._words()
            return
        with Horizontal(id="code"):
            yield Static(Text("\n".join(code), self._skin.roles["paper"], no_wrap=True))
            with Vertical(id="words"):
                yield from self._words(_("The code holds the address."))

    def _words(self, *more: str) -> ComposeResult:
        it = self._reply
        yield Static(_("settings of phone {number}").format(number=it.extension), classes="title", markup=False)
        yield Static(f"{it.maker} {it.mac}\n{it.address}", markup=False)
        once = _("It works once and is not shown again. A browser that opens it uses it up: copy it to the telephone.")
        yield Static(" ".join((*more, once)), markup=False)
        if not it.served:
            yield Static(_("nobody serves them yet: set provisioning.enabled = true"), markup=False)
        yield Keys(_("Esc: back"), "escape")


def settings_for(it: PhoneRow, push: Push, skin: Skin) -> Action:
    """Return the action that makes and shows the address of a telephone's settings."""

    async def do(link: Asks, values: Values) -> str:
        reply = await link.ask(Provision(it.extension, values["maker"], values["mac"]), ProvisionReply)
        await push(SettingsAddress(reply, skin))
        return ""

    fields = (
        Field("maker", _("maker: yealink, grandstream, fanvil, snom; empty: as before"), needed=False),
        Field("mac", _("MAC address, as on its label; empty: as before"), needed=False),
    )
    text = _(
        "Makes an address from which the telephone of {phone} fetches its settings once; an older one works no more. "
        "The telephone gets a new password with them."
    )
    return Action("q", _("settings for its telephone, by QR code"), sentence=text.format(phone=it.extension),
                  fields=fields, right=RIGHT, do=do)  # fmt: skip


def password_of(it: PhoneRow, push: Push) -> Action:
    """Return the action that makes and shows a new password of a phone."""

    async def do(link: Asks, _values: Values) -> str:
        reply = await link.ask(NewPassword(it.extension), PasswordReply)
        told = _("It is shown only this once. User name: {user}\n\nDomain: {domain}\n\nPassword: {password}")
        told = told.format(user=reply.extension, domain=reply.realm, password=reply.password)
        await push(Help(_("password of phone {number}").format(number=it.extension), told, ()))
        return ""

    text = _("The phone of {phone} registers with its new password only, once its registration of now ends.")
    return Action("p", _("new password of the phone"), sentence=text.format(phone=it.extension), right=RIGHT, do=do)
