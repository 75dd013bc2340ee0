# SPDX-License-Identifier: GPL-2.0-or-later
"""PINs of agents: made, compared, replaced, removed; for their owner only, and nowhere in clear."""

from pathlib import Path

import pytest

from appliance.contract.errors import StoreError
from appliance.phones import pins


def test_a_pin_is_right_until_it_is_replaced_or_removed(tmp_path: Path) -> None:
    path = tmp_path / "state" / pins.FILE
    assert pins.check(path, "8001", "") == "none"
    first = pins.renew(path, "8001", 1)
    assert len(first) == pins.DIGITS
    assert pins.check(path, "8001", first) == "right"
    assert (pins.check(path, "8001", ""), pins.check(path, "8001", first + "0")) == ("wrong", "wrong")
    assert pins.check(path, "8002", first) == "none"
    second = pins.renew(path, "8001", 2)
    assert pins.check(path, "8001", second) == "right"
    assert second == first or pins.check(path, "8001", first) == "wrong"
    pins.remove(path, "8001")
    assert pins.check(path, "8001", second) == "none"


def test_the_file_is_its_owners_and_holds_no_pin(tmp_path: Path) -> None:
    path = tmp_path / pins.FILE
    pin = pins.renew(path, "8001", 1)
    assert path.stat().st_mode & 0o777 == 0o600
    assert pin.encode() not in path.read_bytes()


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / pins.FILE
    path.write_text("no database " * 100)
    with pytest.raises(StoreError, match=r"pins\.db cannot be opened"):
        pins.check(path, "8001", "1")


def test_a_pin_of_the_agents_own_and_a_lock_code_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / pins.FILE
    pins.keep(path, "8001", "580217", 1)
    assert pins.check_lock(path, "8001", "580217") == "none"
    pins.keep_lock(path, "8001", "55", 2)
    assert (pins.check(path, "8001", "580217"), pins.check(path, "8001", "55")) == ("right", "wrong")
    assert (pins.check_lock(path, "8001", "55"), pins.check_lock(path, "8001", "")) == ("right", "wrong")
    pins.keep_lock(path, "8001", "66", 3)
    assert pins.check_lock(path, "8001", "55") == "wrong", "the code is chosen anew each time"
