# SPDX-License-Identifier: GPL-2.0-or-later
"""Lock codes of pauses at a desk: chosen and told by programs, one with those that are keyed at a phone."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.api import messages as api
from appliance.contract.errors import RequestError
from appliance.engine.engine import Engine
from appliance.phones import pins
from appliance.server.own import Own
from appliance.server.pause_locks import PauseLocks
from appliance.server.server import CallServer
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.api.running import EPOCH_MS
from tests.appliance.engine.box import config, flow

AGENT = "101"


class House:
    """A call server on books in memory; its agent pauses with a lock code."""

    def __init__(self, folder: Path, **rules: Any) -> None:
        self.file = folder / pins.FILE
        self.store = Store.in_memory(lockstep_wall(EPOCH_MS))
        rules = {"lock_pause": True, **rules}
        self.engine = Engine(config(agents=rules), {"hotline": flow()}, self.store.open_books())
        self.server = CallServer(self.engine, self.store)
        self.locks = PauseLocks(self.server, folder)

    def ask(self, status: Any, lock: str = "", reason: str = "", *, own: bool = True) -> None:
        """Ask as the desk of the agent does."""
        asked: Any = api.SetAgent(AGENT, status, reason, lock=lock)
        if own:
            asked = Own(AGENT, self.engine).narrow(asked)
        asyncio.run(self.locks.prove(asked))
        self.server.change(asked, "wang")

    @property
    def agent(self) -> tuple[str, bool]:
        view = next(view for view in self.engine.agents() if view.agent == AGENT)
        return view.status, view.locked


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.ask("ready")
    yield house
    house.store.close()


def test_a_pause_with_a_code_ends_with_it_alone(house: House) -> None:
    house.ask("paused", "5512", "meal")
    assert house.agent == ("paused", True)
    for status in ("ready", "signed_out"):
        with pytest.raises(RequestError, match="locked"):
            house.ask(status)
        with pytest.raises(RequestError, match="not the lock code"):
            house.ask(status, "5513")
    with pytest.raises(RequestError, match="locked"):
        house.ask("paused", "", "break")
    with pytest.raises(RequestError, match="locked"):
        house.ask("paused", "1", "break")
    assert house.agent == ("paused", True)
    house.ask("ready", "5512")
    assert house.agent == ("ready", False)


def test_the_code_is_the_one_that_is_keyed_at_a_phone(house: House) -> None:
    house.ask("paused", "5512")
    assert pins.check_lock(house.file, AGENT, "5512") == "right"
    pins.keep_lock(house.file, AGENT, "77", 0)
    house.ask("ready", "77")
    assert house.agent == ("ready", False)


def test_a_pause_without_a_code_ends_without_one_and_so_does_one_whose_code_was_lost(house: House) -> None:
    house.ask("paused", "", "meal")
    assert house.agent == ("paused", False)
    house.ask("ready")
    house.ask("paused", "5512")
    house.file.unlink()
    house.ask("ready", "1")
    assert house.agent == ("ready", False)


def test_a_supervisor_ends_a_locked_pause_without_its_code(house: House) -> None:
    house.ask("paused", "5512")
    house.ask("ready", own=False)
    assert house.agent == ("ready", False)


def test_wrong_codes_are_few_and_are_counted_with_those_of_phones(house: House) -> None:
    house.ask("paused", "5512")
    for _n in range(5):
        with pytest.raises(RequestError, match="not the lock code"):
            house.ask("ready", "1")
    with pytest.raises(RequestError, match="too many wrong codes"):
        house.ask("ready", "5512")
    assert house.agent == ("paused", True)
    assert house.engine.refuses_pins(AGENT)
    house.store.flush()
    with closing(house.store.reader()) as books:
        assert "wrong PINs" in " ".join(row.text for row in Reads(books).troubles(10))


def test_where_pauses_take_no_code_one_that_is_told_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path, lock_pause=False)
    house.ask("ready")
    with pytest.raises(RequestError, match="no lock code"):
        house.ask("paused", "5512")
    assert house.agent == ("ready", False)
    assert not house.file.exists()
    house.store.close()


@pytest.mark.parametrize("lock", ["12a", "1" * 17, "１２", "1\n"])
def test_a_code_is_of_digits_that_a_phone_has(lock: str) -> None:
    line = msgspec.json.encode({"ask": "set_agent", "agent": AGENT, "status": "paused", "lock": lock})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(line, type=api.AnyRequest)


def test_no_record_holds_the_code(house: House) -> None:
    house.ask("paused", "5512", "meal")
    house.ask("ready", "5512")
    house.store.flush()
    with closing(house.store.reader()) as books:
        dump = "\n".join(books.iterdump())
    assert "meal" in dump
    assert "5512" not in dump
