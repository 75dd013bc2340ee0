# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk's requests for secrets of phones that register: new passwords, addresses of settings for telephones."""

import asyncio
from pathlib import Path

from appliance.api import messages as m
from appliance.config.model import BoxConfig, ExtensionConfig
from appliance.contract.address import LineAddress
from appliance.contract.errors import RequestError
from appliance.i18n import N_
from appliance.phones.book import Handset, PhoneBook
from appliance.phones.schema import FILE
from appliance.provisioning.fetch import address
from appliance.provisioning.makers import MAKERS
from appliance.provisioning.settings import plain_mac
from appliance.server.server import CallServer

OfPhones = m.NewPassword | m.Provision


class PhoneSecrets:
    """Answers to requests for secrets of phones.

    Args:
        server: the running call server.
        config: the box's.
        state: the folder of the phones' digests; None: there are none.
    """

    def __init__(self, server: CallServer, config: BoxConfig, state: Path | None) -> None:
        self._server, self._config, self._state = server, config, state

    def reload(self, config: BoxConfig) -> None:
        """Answer by this configuration from now on."""
        self._config = config

    async def answer(self, request: OfPhones) -> m.AnyReply:
        """Answer a request. Raises RequestError, PhoneError, sqlite3.Error."""
        match request:
            case m.NewPassword(extension):
                phone, state = self._registering(extension), self._folder()
                realm, now = self._config.edge.domain, self._now()
                password = await asyncio.to_thread(_new_password, state, phone.number, realm, now)
                return m.PasswordReply(extension=phone.number, realm=realm, password=password)
            case m.Provision():
                return await self._provision(request)

    async def _provision(self, asked: m.Provision) -> m.ProvisionReply:
        phone, state, config = self._registering(asked.extension), self._folder(), self._config
        known = await asyncio.to_thread(_telephone, state, phone.number)
        maker = asked.maker or (known.maker if known else "")
        mac = plain_mac(asked.mac) if asked.mac else known.mac if known else None
        if maker not in MAKERS:
            hint = N_("makers: {makers}")
            text = N_("the box writes no settings for telephones of {maker}")
            raise RequestError.of(text, hint, maker=repr(maker), makers=", ".join(MAKERS))
        if not mac:
            hint = N_("it is on the telephone's label: twelve of 0-9 and a-f")
            raise RequestError.of(N_("{mac} is no MAC address"), hint, mac=repr(asked.mac))
        secret = await asyncio.to_thread(_invite, state, phone.number, config.edge.domain, maker, mac, self._now())
        return m.ProvisionReply(
            extension=phone.number,
            maker=maker,
            mac=mac,
            address=address(config, secret, maker, mac),
            served=config.provisioning.enabled,
        )

    def _registering(self, extension: str) -> ExtensionConfig:
        """Return an extension whose phone registers. Raises RequestError."""
        found = next((each for each in self._config.extension if each.number == extension), None)
        if found is None:
            raise RequestError.of(N_("there is no extension {what}"), N_("see `mxbox extension list`"), what=extension)
        if not LineAddress.of(found.line).registers:
            text, hint = N_("extension {number} is known by a fixed address: {line}"), N_("its phone has no password")
            raise RequestError.of(text, hint, number=extension, line=found.line)
        return found

    def _folder(self) -> Path:
        if self._state is None or not self._config.edge.enabled:
            raise RequestError.of(N_("the box has no edge"), N_("set edge.enabled = true"))
        return self._state

    def _now(self) -> int:
        return self._server.store.label(self._server.now)


def _telephone(state: Path, extension: str) -> Handset | None:
    """Return the telephone that fetches the settings of an extension."""
    with PhoneBook(state / FILE) as book:
        return book.handsets().get(extension)


def _new_password(state: Path, extension: str, realm: str, now: int) -> str:
    with PhoneBook(state / FILE) as book:
        return book.set_password(extension, realm, now)


def _invite(state: Path, extension: str, realm: str, maker: str, mac: str, now: int) -> str:
    """Return a one-time secret with which a telephone fetches its settings. Raises PhoneError."""
    with PhoneBook(state / FILE) as book, book.all_or_nothing():
        if extension not in book.phones():
            book.add(extension, realm, now)
        return book.invite(extension, maker, mac, now)
