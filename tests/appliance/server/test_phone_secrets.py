# SPDX-License-Identifier: GPL-2.0-or-later
"""New passwords of phones and settings for telephones, asked for by the control API."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.api import messages as api
from appliance.contract.errors import ApplianceError
from appliance.engine.engine import Engine
from appliance.phones.book import PhoneBook, digests
from appliance.phones.schema import FILE
from appliance.server.phone_secrets import PhoneSecrets
from appliance.server.server import CallServer
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.api.running import EPOCH_MS
from tests.appliance.engine.box import config, flow

EXTENSIONS = [
    {"number": "1001", "name": "李娜", "line": "phone:1001"},
    {"number": "1002", "line": "phone:1002"},
    {"number": "1003", "line": "sip:1003@192.0.2.9:5060"},
]
AGENTS = [{"number": "101", "extension": "1001", "start": "ready"}]


class House:
    """A desk, its files, and the call server behind it."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        edge = {"enabled": True, "domain": "mx.example"}
        given: dict[str, Any] = {"extension": EXTENSIONS, "agent": AGENTS, "edge": edge, "queue": [], "hunt": []}
        self.config = config(**given | changes)
        self.store = Store.in_memory(lockstep_wall(EPOCH_MS))
        engine = Engine(self.config, {"hotline": flow()}, self.store.open_books())
        self.server = CallServer(engine, self.store)
        self.desk = PhoneSecrets(self.server, self.config, folder)

    def ask(self, request: Any) -> Any:
        return asyncio.run(self.desk.answer(request))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.store.close()


def test_a_new_password_takes_the_place_of_the_old_one(house: House) -> None:
    old, new = house.ask(api.NewPassword("1001")), house.ask(api.NewPassword("1001"))
    assert (new.extension, new.realm) == ("1001", "mx.example")
    assert old.password != new.password
    with sqlite3.connect(house.folder / FILE) as database:
        kept = database.execute("SELECT ha1, ha1b FROM phones WHERE extension = '1001'").fetchall()
    database.close()
    assert kept == [digests("1001", "mx.example", new.password)]


def test_an_address_works_once_for_the_telephone_that_is_named_or_known(house: House) -> None:
    made = house.ask(api.Provision("1002", "snom", "00:04:13:AA:bb:cc"))
    assert (made.extension, made.maker, made.mac, made.served) == ("1002", "snom", "000413aabbcc", False)
    secret = made.address.split("/")[3]
    again = house.ask(api.Provision("1002"))
    assert again.mac == "000413aabbcc"
    with PhoneBook(house.folder / FILE) as book:
        assert book.who(secret) is None, "the older address no longer works"
        assert book.claim(again.address.split("/")[3]) is not None


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (api.NewPassword("9"), "there is no extension 9"),
        (api.NewPassword("1003"), "is known by a fixed address"),
        (api.Provision("1001"), "no settings for telephones of"),
        (api.Provision("1001", "snom", "no"), "is no MAC address"),
        (api.Provision("1001", "acme", "000413aabbcc"), "no settings for telephones of 'acme'"),
    ],
)
def test_what_cannot_be_done_is_said(house: House, request_: Any, why: str) -> None:
    with pytest.raises(ApplianceError, match=why):
        house.ask(request_)


def test_without_an_edge_there_are_no_passwords(tmp_path: Path) -> None:
    house = House(tmp_path, edge={"enabled": False})
    with pytest.raises(ApplianceError, match="the box has no edge"):
        house.ask(api.NewPassword("1001"))
