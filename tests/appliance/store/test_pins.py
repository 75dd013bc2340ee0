# SPDX-License-Identifier: GPL-2.0-or-later
"""PINs of agents: made, compared, replaced, removed; for their owner only, and nowhere in clear."""

import io
import json
from pathlib import Path

import pytest

from appliance.cli.main import main
from appliance.config.errors import ConfigError
from appliance.config.load import parse_config
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


CONFERENCE = '[sip]\nenabled = false\n[[conference]]\nnumber = "8500"\nguest_pin = true\nhost_pin = true\n'


def test_the_pins_of_a_conference_are_made_typed_in_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, path = tmp_path / "box.toml", tmp_path / "state" / pins.FILE
    file.write_text(CONFERENCE)

    def run(*words: str, status: int = 0) -> str:
        assert main(["conference", "pin", "8500", *words, "--config", str(file)]) == status
        return capsys.readouterr().out

    made = json.loads(run("--json"))["pin"]
    assert pins.check(path, "conference:guest:8500", made) == "right"
    assert pins.check(path, "conference:host:8500", made) == "none"
    monkeypatch.setattr("sys.stdin", io.StringIO("4711\n"))
    assert "4711" not in run("--host", "--choose")
    assert pins.check(path, "conference:host:8500", "4711") == "right"
    monkeypatch.setattr("sys.stdin", io.StringIO("47\n"))
    run("--choose", status=1)
    assert pins.check(path, "conference:guest:8500", made) == "right", "the old one counts"
    run("--host", "--remove")
    assert pins.check(path, "conference:host:8500", "4711") == "none"
    assert main(["conference", "pin", "8501", "--config", str(file)]) == 1
    assert b"4711" not in path.read_bytes()
    with pytest.raises(ConfigError, match="host_pin"):
        parse_config(CONFERENCE.replace("host_pin = true", 'host_pin = "4711"'), "box.toml")
