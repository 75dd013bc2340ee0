# SPDX-License-Identifier: GPL-2.0-or-later
"""Registered phones, as the command lists them."""

import sqlite3
import time
from pathlib import Path

import pytest

from appliance.cli.main import main
from appliance.cli.output import plain
from appliance.edge.databases import FILE, prepare
from appliance.edge.registered import contacts
from tests.appliance.edge.rig import End, running


def now_ms() -> int:
    return int(time.time() * 1000)


def test_before_the_edge_first_runs_nobody_is_registered(tmp_path: Path) -> None:
    assert contacts(tmp_path, now_ms()) == {}


def test_who_is_registered_where_and_until_when(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tmp_path) as edge, End(edge) as phone, End(edge, "1002") as behind_nat:
        assert phone.register(300).status == 200
        assert behind_nat.register(3000, contact="<sip:1002@192.168.77.5:5060>").status == 200
        known = contacts(edge.folder / "state", now_ms())
        assert {number: [each.address for each in held] for number, held in known.items()} == {
            "1001": [phone.here],
            "1002": [behind_nat.here],
        }
        assert known["1001"][0].transport == "udp"
        assert 290_000 < known["1001"][0].until - now_ms() < 310_000
        assert contacts(edge.folder / "state", now_ms() + 310_000).keys() == {"1002"}
        config = edge.folder / "box.toml"
        config.write_text(config.read_text() + '[[extension]]\nnumber = "1001"\nline = "phone:1001"\n')
        assert main(["extension", "list", "--config", str(config)]) == 0
        assert f"{phone.here} udp" in capsys.readouterr().out
        assert phone.register(0).status == 200
        assert "1001" not in contacts(edge.folder / "state", now_ms())


def test_a_phone_whose_words_are_no_utf_8_hides_no_other(tmp_path: Path) -> None:
    prepare(tmp_path / FILE)
    database = sqlite3.connect(tmp_path / FILE)
    for n, agent in enumerate((b"\xff\xfe", b"\xd5\xc5\xce\xb0", b"Desk 2")):
        database.execute(
            "INSERT INTO location (ruid, username, contact, expires, q, callid, cseq, last_modified, flags, cflags,"
            " user_agent, reg_id) VALUES (?, ?, ?, 9999999, 1, 'c', 1, 0, 0, 0, CAST(? AS TEXT), 0)",
            (str(n), f"100{n}", f"sip:100{n}@192.0.2.{n}:5060", agent),
        )
    database.commit()
    database.close()
    known = contacts(tmp_path, now_ms())
    assert [held[0].agent for held in known.values()] == ["\ufffd\ufffd", "张伟", "Desk 2"]


def test_a_name_that_others_chose_cannot_command_the_terminal() -> None:
    assert (
        plain("\x1b]0;mine\x07\x9b2J王\n")
        == "\N{REPLACEMENT CHARACTER}]0;mine\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}2J王\n"
    )
