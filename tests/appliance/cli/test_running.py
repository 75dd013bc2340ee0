# SPDX-License-Identifier: GPL-2.0-or-later
"""The command at a call server that serves calls, with the real engine, books and control API."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.cli.main import main
from tests.appliance.api.running import RunningBox

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningBox]:
    monkeypatch.setenv("LANGUAGE", "en")
    with RunningBox(tmp_path) as box:
        monkeypatch.setenv("MXBOX_SOCKET", str(box.path))
        box.calls(8)
        yield box


def told(capsys: Capture, *words: str) -> Any:
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_calls_are_seen_while_they_are_up_and_hung_up(box: RunningBox, capsys: Capture) -> None:
    [*_, last] = told(capsys, "calls")["calls"]
    assert main(["calls"]) == 0
    assert f"\n{last['call']:>4} " in capsys.readouterr().out
    assert told(capsys, "hangup", str(last["call"]))["call"] == last["call"]
    assert main(["hangup", "999999"]) == 1
    assert "there is no call 999999 now" in capsys.readouterr().err


def test_past_calls_recordings_and_the_ledger_agree(box: RunningBox, capsys: Capture) -> None:
    box.drain()
    past = told(capsys, "calls", "--past", "--limit", "10000")["calls"]
    assert len(past) == 8
    assert len(told(capsys, "calls", "--number", past[0]["caller"])["calls"]) >= 1
    assert told(capsys, "calls", "--past", "--until", "2020-01-01")["calls"] == []
    recorded = told(capsys, "recordings")["recordings"]
    assert {each["path"] for each in recorded} >= {each["recording"] for each in past if each["recording"]}
    assert main(["ledger"]) == 0
    assert "the books balance" in capsys.readouterr().out
    (box.folder / "recordings" / recorded[0]["path"]).unlink()
    assert main(["ledger"]) == 1
    said = capsys.readouterr().out
    assert "do NOT balance: 1 finding" in said
    assert recorded[0]["path"] in said
    assert main(["ledger", "--no-files"]) == 0


def test_an_agent_is_paused_and_made_ready(box: RunningBox, capsys: Capture) -> None:
    agent = told(capsys, "agents")["agents"][0]["agent"]
    assert main(["agent", "pause", agent, "--reason", "午餐"]) == 0
    assert (told(capsys, "agents")["agents"][0]["status"], told(capsys, "agents")["agents"][0]["reason"]) == (
        "paused",
        "午餐",
    )
    assert main(["agent", "ready", agent]) == 0
    assert told(capsys, "agents")["agents"][0]["status"] == "ready"
    assert main(["agent", "ready", "77777"]) == 1
    assert "there is no agent 77777" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["status", "spans", "queues", "agents", "calls", "recordings", "troubles"])
def test_every_view_can_be_drawn_in_both_languages(
    line: str, box: RunningBox, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    for language in ("en", "zh_CN"):
        monkeypatch.setenv("LANGUAGE", language)
        assert main([line]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0].strip()
    assert shown[0] != shown[1]


def test_past_calls_are_written_as_csv_in_the_words_of_the_books(box: RunningBox, capsys: Capture) -> None:
    box.drain()
    past = told(capsys, "calls", "--past")["calls"]
    assert main(["calls", "--past", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [int(row["call"]) for row in rows] == [each["call"] for each in past]
    assert [row["disposition"] for row in rows] == [each["disposition"] for each in past]
    assert datetime.fromisoformat(rows[0]["started_at"]).timestamp() == past[0]["started_at"] // 1000
