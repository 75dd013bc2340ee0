# SPDX-License-Identifier: GPL-2.0-or-later
"""A telephone fetches its settings: once, with its one-time secret, under its own file's name.

Its password is made in that moment and stands in the file alone: only its digest is kept. So no file of the box allows
a registration. A second reader of the address gets nothing; if it was the first, the telephone does not work, which the
technician notices.
"""

from dataclasses import dataclass
from pathlib import Path

from appliance.config.load import load_box
from appliance.config.model import BoxConfig
from appliance.phones.book import Handset, PhoneBook
from appliance.phones.schema import FILE
from appliance.provisioning.makers import MAKERS
from appliance.provisioning.settings import Settings


@dataclass(frozen=True)
class Fetch:
    """A file on its way to a telephone. `handset`: whose; `finish` ends the fetch."""

    handset: Handset
    content_type: str
    body: bytes


def host_of(config: BoxConfig) -> str:
    """Return the name or address by which telephones reach the box."""
    return config.provisioning.host or config.edge.public or config.edge.domain


def address(config: BoxConfig, secret: str, maker: str, mac: str) -> str:
    """Return the address of a telephone's file. It holds the secret: the technician sees it once, and no log has it."""
    host = host_of(config)
    return f"https://{host}:{config.provisioning.port}/{secret}/{MAKERS[maker].file_name(mac)}"


class Desk:
    """The maker of telephones' files. The configuration is read anew each time: a newly added person has a name.

    Args:
        config: file of the box's configuration.
        edge_db: of `appliance.phones.schema`.
    """

    def __init__(self, config: Path, edge_db: Path) -> None:
        self._config, self._edge_db = config, edge_db

    @classmethod
    def of(cls, config: Path) -> "Desk":
        """Return the desk of the box with that configuration. Raises ConfigError."""
        return cls(config, load_box(config)[1].state / FILE)

    def knows(self, secret: str) -> bool:
        """Return whether a telephone has, or had, this secret."""
        with PhoneBook(self._edge_db) as book:
            return book.who(secret) is not None

    def offers(self, secret: str, file: str) -> str:
        """Return the content type of the file to be fetched by that secret under that name; '' if there is none."""
        with PhoneBook(self._edge_db) as book:
            known = book.who(secret)
        if known is None or known.state != "open" or not _is_file(known, file):
            return ""
        return MAKERS[known.maker].content_type

    def begin(self, secret: str, file: str, now_ms: int) -> Fetch | None:
        """Make the file and a new password; None if there is nothing to fetch by that secret under that name.

        Raises ApplianceError if the configuration cannot be read now; the secret can then be used again.
        """
        with PhoneBook(self._edge_db) as book:
            known = book.who(secret)
            if known is None or not _is_file(known, file):
                return None
            config, _paths = load_box(self._config)
            with book.all_or_nothing():
                handset = book.claim(secret)
                if handset is None:
                    return None
                password = book.set_password(handset.extension, config.edge.domain, now_ms)
        maker = MAKERS[handset.maker]
        settings = _settings(config, handset, password, now_ms)
        return Fetch(handset, maker.content_type, maker.write(settings).encode())

    def finish(self, fetch: Fetch, now_ms: int, *, arrived: bool) -> None:
        """Mark the secret as used if the file arrived; else allow the telephone another try."""
        with PhoneBook(self._edge_db) as book:
            if arrived:
                book.used(fetch.handset, now_ms)
            else:
                book.give_back(fetch.handset)

    def tidy(self) -> None:
        """Reopen the fetches that a dead server left half done."""
        with PhoneBook(self._edge_db) as book:
            book.give_back()


def _is_file(handset: Handset, file: str) -> bool:
    return file.lower() == MAKERS[handset.maker].file_name(handset.mac)


def _settings(config: BoxConfig, handset: Handset, password: str, now_ms: int) -> Settings:
    edge, transport = config.edge, config.provisioning.transport
    names = {extension.number: extension.name for extension in config.extension}
    return Settings(
        mac=handset.mac,
        extension=handset.extension,
        name=names.get(handset.extension, ""),
        password=password,
        domain=edge.domain,
        server=host_of(config),
        port=edge.tls_port if transport == "tls" else edge.port,
        transport=transport,
        version=now_ms // 1000,
    )
