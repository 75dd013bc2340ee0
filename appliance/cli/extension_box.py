# SPDX-License-Identifier: GPL-2.0-or-later
"""A box's extensions: its configuration file and its phones' digests, changed together or not at all."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from appliance.cli.file_log import note
from appliance.contract.address import LineAddress
from appliance.contract.errors import ApplianceError
from appliance.i18n import _

if TYPE_CHECKING:  # loaded at the first use: the other commands start in a tenth of the time
    from appliance.cli.extension_csv import Row
    from appliance.config.model import BoxConfig, ExtensionConfig
    from appliance.config.paths import ResolvedPaths
    from appliance.contract.edge import EdgeBlock

CONFIG: Final = Path("box.toml")
SYSTEM_CONFIG: Final = Path("/etc/mxbox/box.toml")


class ExtensionError(ApplianceError):
    """An extension is not in the state that the command needs."""


@dataclass(frozen=True)
class Made:
    """Secret of a new extension, shown only once: the phone's password, or the address of its telephone's file."""

    number: str
    name: str
    line: str
    domain: str
    password: str = ""
    address: str = ""


def config_path(named: str | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the configuration: `named`, $MXBOX_CONFIG, ./box.toml, that of the running box, the system's.

    Raises ExtensionError if there is none of these.
    """
    if named or environ.get("MXBOX_CONFIG"):
        return Path(named or environ["MXBOX_CONFIG"])
    if CONFIG.exists():
        return CONFIG
    if found := _of_the_running_box():
        return found
    if SYSTEM_CONFIG.exists():
        return SYSTEM_CONFIG
    here = ", ".join(sorted(str(file) for file in Path().glob("*.toml")))
    hint = _("name it: --config FILE") + (" " + _("(here: {files})").format(files=here) if here else "")
    raise ExtensionError(_("no configuration is named, and no box runs here"), hint)


def _of_the_running_box() -> Path | None:
    from appliance.api.client import Client
    from appliance.api.messages import Status, StatusReply
    from appliance.cli.ask import socket_path
    from appliance.contract.errors import ApiError

    try:
        with Client(socket_path(None)) as box:
            file = box.ask(Status(), StatusReply).config
    except ApiError:
        return None
    return Path(file) if file else None


class Box:
    """A configuration file and its phones."""

    def __init__(self, args: argparse.Namespace) -> None:
        from appliance.config.edit import read
        from appliance.config.load import load_shape
        from appliance.phones.book import PhoneBook
        from appliance.phones.schema import FILE
        from appliance.wall import system_wall

        self.file = config_path(args.config)
        self.config: BoxConfig
        self.paths: ResolvedPaths
        self.config, self.paths = load_shape(self.file)
        self.text = read(self.file)
        self.mistakes = 0  # in the file, after it was edited
        self.book: PhoneBook = PhoneBook(self.paths.state / FILE)
        self.now = system_wall(0)

    def numbers(self) -> list[str]:
        """Return all numbers."""
        return [extension.number for extension in self.config.extension]

    def place(self, number: str) -> int:
        """Return the place of an extension in the configuration, 0.. . Raises ExtensionError."""
        if number not in self.numbers():
            from appliance.config.known import among

            told = _("there is no extension {number}").format(number=number)
            raise ExtensionError(told, among(self.numbers(), number))
        return self.numbers().index(number)

    def add(self, rows: "Sequence[Row]") -> list[Made]:
        """Add all rows to the configuration and to the phones, or none to either. Raises ApplianceError."""
        from appliance.config.edit import save, with_extensions

        new = [row.extension() for row in rows]
        wanted = msgspec.structs.replace(self.config, extension=(*self.config.extension, *new))
        with self.book.all_or_nothing():
            made = [self._make(row) for row in rows]
            self.mistakes = save(self.file, self.paths, self.text, with_extensions(self.text, new), wanted)
        told = "\n".join(f"{each.number} {each.line} {each.name}".strip() for each in new)
        note(self.paths, "extension_add", " ".join(each.number for each in new), after=told)
        return made

    def tell(self, *lines: str) -> bool:
        """Make the running box read its extensions again; return whether it knows `lines` now, without a new start."""
        from appliance.api.client import Client
        from appliance.api.messages import ExtensionsReply, ReloadExtensions
        from appliance.contract.errors import ApiError

        try:
            with Client(self.paths.control_socket) as box:
                box.ask(ReloadExtensions(), ExtensionsReply)
        except ApiError:  # the box does not run, or is older than this command
            return False
        return all(LineAddress.of(line).registers for line in lines)

    def blocked(self) -> "dict[str, list[EdgeBlock]]":
        """Return the blocks of the running box's edge, by extension; none if no box runs."""
        from appliance.api.client import Client
        from appliance.api.messages import EdgeBlocked, EdgeBlockedReply
        from appliance.contract.errors import ApiError

        found: dict[str, list[EdgeBlock]] = {}
        try:
            with Client(self.paths.control_socket) as box:
                for each in box.ask(EdgeBlocked(), EdgeBlockedReply).blocked:
                    found.setdefault(each.extension, []).append(each)
        except ApiError:  # the box does not run, has no edge, or is older than this command
            return {}
        return found

    def _make(self, row: "Row") -> Made:
        password = address = ""
        if row.registers:
            password = self.book.add(row.number, self.config.edge.domain, self.now, row.password)
            if row.mac:
                password, address = "", self.invite(row.number, row.maker, row.mac)
        return Made(row.number, row.name, row.line, self.config.edge.domain, password, address)

    def invite(self, number: str, maker: str, mac: str) -> str:
        """Make a one-time address; return it. Raises PhoneError."""
        from appliance.provisioning.fetch import address

        return address(self.config, self.book.invite(number, maker, mac, self.now), maker, mac)

    def remove(self, number: str) -> None:
        """Remove an extension from the configuration and from the phones. Raises ApplianceError."""
        from appliance.config.edit import save, without_extension

        self._refuse_if_used(number)
        place, extensions = self.place(number), list(self.config.extension)
        del extensions[place]
        wanted = msgspec.structs.replace(self.config, extension=tuple(extensions))
        with self.book.all_or_nothing():
            self.book.remove(number)
            self.mistakes = save(self.file, self.paths, self.text, without_extension(self.text, place), wanted)
        gone = self.config.extension[place]
        note(self.paths, "extension_remove", number, before=f"{gone.line} {gone.name}".strip())

    def _refuse_if_used(self, number: str) -> None:
        from appliance.config.edit import users

        self.place(number)
        if found := [*users(self.config, number), *self._flows_to(number)]:
            told = _("extension {number} is still used by {names}").format(number=number, names=", ".join(found))
            raise ExtensionError(told, _("take it out there first; nothing was changed"))

    def _flows_to(self, number: str) -> list[str]:
        """Return the flows that dial an extension; a flow that cannot be read is left out."""
        from appliance.ivr.errors import FlowError
        from appliance.ivr.flow import Dial
        from appliance.ivr.linked import reached
        from appliance.ivr.load import load_flow
        from appliance.numbering import plain

        found = []
        for name in reached(self.config.flows, self.paths.flows):
            try:
                nodes = load_flow(self.paths.flow(name)).node.values()
            except FlowError:
                continue
            if any(isinstance(node, Dial) and plain(node.extension) == number for node in nodes):
                found.append(f"flow {name}")
        return found

    def registered(self, number: str) -> "ExtensionConfig":
        """Return an extension whose phone registers. Raises ExtensionError."""
        extension = self.config.extension[self.place(number)]
        if not LineAddress.of(extension.line).registers:
            told = _("extension {number} is known by a fixed address: {line}").format(
                number=number, line=extension.line
            )
            raise ExtensionError(told, _('for a phone that registers: line = "phone:{number}"').format(number=number))
        return extension
